"""Where in a PDF a byte lies, in words a client understands: page 4, the photograph on page 6, an attachment."""

import logging
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf

from bespoke.proof.blocks import Span

OBJECT = re.compile(rb"(?:^|[\r\n])(\d{1,8}) 0 obj\b")

DRAWN = re.compile(rb"/(\S+)\s+(?:[-\d.]+\s+)?(Do|Tf)\b")

logging.getLogger("pikepdf").setLevel(logging.CRITICAL)  # it reports each repair of a damaged file


def name_spans(content: bytes, spans: tuple[Span, ...]) -> list[tuple[str, str]]:
    """For each changed run of bytes: what it belongs to, and the bytes it takes."""
    starts = [(match.start(1), int(match[1])) for match in OBJECT.finditer(content)]
    owners = _owners(content)
    named: list[tuple[str, str]] = []
    for span in spans:
        names: list[str] = []
        for index, (start, number) in enumerate(starts):
            end = starts[index + 1][0] if index + 1 < len(starts) else len(content)
            if start < span.end and end > span.start:
                name = owners.get(number, "the structure of the document")
                if name not in names:
                    names.append(name)
        place = f"between bytes {span.start:,} and {span.end:,}"
        named.append((" or ".join(names[:4]) or "the structure of the document", place))
    return named


def attachments(content: bytes) -> dict[str, bytes] | None:
    """The files attached to a PDF by name; None when it cannot be read at all."""
    try:
        with pikepdf.open(BytesIO(content), suppress_warnings=True) as pdf:
            return {str(name): pdf.attachments[name].get_file().read_bytes() for name in pdf.attachments}
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, RuntimeError):
        return None


def _owners(content: bytes) -> dict[int, str]:
    """Object number → what it is a part of, as far as a damaged file still tells."""
    owners: dict[int, str] = {}
    try:
        with pikepdf.open(BytesIO(content), suppress_warnings=True) as pdf:
            for number, name in _walk(pdf):
                owners.setdefault(number, name)
    except (pikepdf.PdfError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
        return owners
    return owners


def _walk(pdf: pikepdf.Pdf) -> Iterator[tuple[int, str]]:
    for name in pdf.attachments:
        file: Any = pdf.attachments[name].obj
        yield file.objgen[0], f"the attachment {name}"
        for stream in file.get("/EF", {}).values():
            yield stream.objgen[0], f"the attachment {name}"
    for number, sheet in enumerate(pdf.pages, start=1):
        page: Any = sheet.obj
        yield page.objgen[0], f"page {number}"
        text = page.get("/Contents", [])
        streams = list(text) if isinstance(text, (pikepdf.Array, list)) else [text]
        for stream in streams:
            yield stream.objgen[0], f"the text of page {number}"
        drawn = b"\n".join(stream.read_bytes() for stream in streams)
        yield from _used(page.get("/Resources", {}), drawn, number, deep=4)


def _used(resources: Any, drawn: bytes, number: int, *, deep: int) -> Iterator[tuple[int, str]]:
    """Pictures and typefaces that a page, or a group on it, really draws; pages may share one list of them."""
    pictures, fonts = resources.get("/XObject", {}), resources.get("/Font", {})
    for match in DRAWN.finditer(drawn):
        name = "/" + match[1].decode("latin-1")
        if match[2] == b"Do" and name in pictures:
            picture = pictures[name]
            yield picture.objgen[0], f"a picture on page {number}"
            if deep and picture.get("/Subtype") == "/Form":
                yield from _used(picture.get("/Resources", {}), picture.read_bytes(), number, deep=deep - 1)
        elif match[2] == b"Tf" and name in fonts:
            yield from _typeface(fonts[name], f"a typeface used on page {number}")


def _typeface(font: Any, name: str) -> Iterator[tuple[int, str]]:
    yield font.objgen[0], name
    for inner in font.get("/DescendantFonts", []):
        described = inner.get("/FontDescriptor", {})
        for key in ("/FontFile2", "/FontFile3"):
            if key in described:
                yield described[key].objgen[0], name
