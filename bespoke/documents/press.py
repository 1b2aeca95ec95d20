"""HTML to PDF/A-3a: nothing is fetched, files come from a shelf that was filled beforehand.

Importing this loads WeasyPrint and its native libraries; only the limited child does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from weasyprint import HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

SCHEME = "shelf:"
KINDS = {".jpg": "image/jpeg", ".png": "image/png", ".svg": "image/svg+xml", ".ttf": "font/ttf"}
SIGNATURE_LINE = "%\N{BLACK HEART}\n".encode()  # the binary comment the PDF writer puts below the header
OUR_LINE = "%\N{RING}\n".encode()  # ours, of the same length, so that a dossier cut short is still known as one


class NotOnTheShelf(FatalURLFetchingError):  # type: ignore[misc]
    """A page asked for an address that was not handed over; the whole print is refused."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file carried inside the PDF; `relationship` as PDF/A-3 names it."""

    name: str
    content: bytes
    description: str
    relationship: str


class Shelf(URLFetcher):  # type: ignore[misc]
    """Hands out what was put on it, by name; never a file, never the network."""

    def __init__(self, things: Mapping[str, bytes | Path]) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)
        self.things = things

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """The thing named by `shelf:NAME`.

        Raises:
            NotOnTheShelf: any other address.
        """
        name = url.removeprefix(SCHEME)
        thing = self.things.get(name) if url.startswith(SCHEME) else None
        if thing is None:
            raise NotOnTheShelf(f"The page asks for {url[:80]}, which is not among its files.")
        body = thing.read_bytes() if isinstance(thing, Path) else thing
        kind = KINDS.get(Path(name).suffix, "application/octet-stream")
        return URLFetcherResponse(url, body=body, headers={"Content-Type": kind})


def print_pdf(html: str, things: Mapping[str, bytes | Path], enclosures: Sequence[Enclosure], *, day: date) -> bytes:
    """The pages as a tagged PDF/A-3a with its enclosures; the same input gives the same bytes.

    Raises:
        NotOnTheShelf: the HTML names something that is not among `things`.
    """
    shelf, fonts = Shelf(things), FontConfiguration()
    stamp = datetime.combine(day, time(12), tzinfo=UTC)
    attached = [
        Attachment(
            file_obj=BytesIO(enclosure.content),
            url_fetcher=shelf,
            name=enclosure.name,
            description=enclosure.description,
            relationship=enclosure.relationship,
            created=stamp,
            modified=stamp,
        )
        for enclosure in enclosures
    ]
    document = HTML(string=html, url_fetcher=shelf, base_url=SCHEME).render(font_config=fonts)
    content: bytes = document.write_pdf(
        pdf_variant="pdf/a-3a", pdf_tags=True, attachments=attached, finisher=_name_each_file_once
    )
    return content.replace(SIGNATURE_LINE, OUR_LINE, 1)


def _name_each_file_once(_document: Any, pdf: Any) -> None:
    """The library lists each associated file twice; a validator may count them."""
    listed = pdf.catalog.get("AF")
    if listed is None:
        return
    once = list(dict.fromkeys(entry for entry in listed))
    listed.clear()
    listed.extend(once)
