"""STL, binary and text: triangles without unit, names or parts (text files may hold several named solids)."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from renders.errors import BrokenFile, EmptyDesign
from renders.formats import check_triangles, sniff_file
from renders.parts import Loaded, Part
from workflows.sentences import sentence

_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_NUMBER = rb"[-+.\w]+"
_VERTEX = re.compile(rb"\bvertex\s+(%b)\s+(%b)\s+(%b)" % (_NUMBER, _NUMBER, _NUMBER), re.IGNORECASE)
_SOLID = re.compile(rb"^[ \t]*solid\b[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_FACET = re.compile(rb"\bfacet\s+normal\b", re.IGNORECASE)


def read(path: Path) -> Loaded:
    """The triangles of an STL file.

    Raises:
        BrokenFile: the text stops half way, or a corner is not three numbers.
    """
    binary = sniff_file(path).triangles is not None
    parts = (_binary(path),) if binary else _text(path.read_bytes())
    return Loaded(parts)


def _binary(path: Path) -> Part:
    with path.open("rb") as stream:
        stream.seek(80)
        count = int(np.frombuffer(stream.read(4), "<u4")[0])
        records = np.frombuffer(stream.read(count * _RECORD.itemsize), _RECORD)
    return _part("design", records["corners"].reshape(-1, 3).astype(np.float64))


def _text(text: bytes) -> tuple[Part, ...]:
    if b"endsolid" not in text[-1000:].lower():
        raise BrokenFile(sentence("The STL text has no end: it was cut off. Export or upload it again."))
    begins = [*_SOLID.finditer(text)]
    ends = [*(begin.start() for begin in begins[1:]), len(text)]
    parts = []
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True), 1):
        corners = _corners(text[begin.end() : end])
        name = begin[1].decode("utf-8", "replace").strip() or f"solid {number}"
        if len(corners):
            parts.append(_part(name[:200], corners))
    if not parts:
        raise EmptyDesign(sentence("The STL holds no triangle. Export the design again with its surfaces."))
    return tuple(parts)


def _corners(text: bytes) -> NDArray[np.float64]:
    facets = len(_FACET.findall(text))
    check_triangles(facets)
    found = _VERTEX.findall(text)
    if len(found) != 3 * facets:
        raise BrokenFile(
            sentence(
                "The STL text has %(facets)s triangles and %(found)s corners. Export it again.",
                facets=facets,
                found=len(found),
            )
        )
    try:
        return np.array(found, dtype=bytes).astype(np.float64).reshape(-1, 3)
    except ValueError as error:
        raise BrokenFile(sentence("A corner in the STL text is not three numbers. Export it again.")) from error


def _part(name: str, corners: NDArray[np.float64]) -> Part:
    return Part(name, None, None, corners, np.arange(len(corners), dtype=np.int64).reshape(-1, 3))
