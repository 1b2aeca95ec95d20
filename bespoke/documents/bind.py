"""The entry of the limited child that binds a dossier: `python -m bespoke.documents.bind FACTS.json FOLDER`.

Reads only what lies in the folder; leaves `dossier.pdf` there, unsigned.
"""

import sys
from pathlib import Path

from bespoke.documents import codec, dossier
from bespoke.documents.facts import DossierFacts, pictures_of, reports_of
from bespoke.documents.press import Enclosure, print_pdf
from bespoke.documents.typefaces import font_files

USAGE = "usage: python -m bespoke.documents.bind FACTS.json FOLDER\n"


def bind(facts: DossierFacts, folder: Path) -> bytes:
    """The unsigned dossier, as PDF/A-3a, from a folder that `dossier.prepare` filled.

    Raises:
        UnsafeDrawing: a drawing holds more than lines and figures.
        NotOnTheShelf: a page names something that does not lie in the folder.
    """
    pictures = {f"{dossier.PICTURES}/{name}": folder / dossier.PICTURES / name for name in pictures_of(facts)}
    enclosures = [
        _enclosure(folder / dossier.MANIFEST, "What was sealed, as data", "Data"),
        _enclosure(folder / dossier.APPROVALS, "The approvals with their digests", "Data"),
        *(_enclosure(folder / dossier.REPORTS / name, "Laboratory report", "Supplement") for name in reports_of(facts)),
    ]
    shelf: dict[str, bytes | Path] = {**font_files(), **pictures, **dossier.drawings(facts)}
    return print_pdf(dossier.html(facts), shelf, enclosures, day=facts.finished)


def main(arguments: list[str]) -> int:
    """The command line: 0 when bound, 2 when called wrongly; refusals leave as exceptions."""
    if len(arguments) != 2:
        sys.stderr.write(USAGE)
        return 2
    source, folder = (Path(argument) for argument in arguments)
    facts = codec.read(source.read_bytes(), DossierFacts)
    (folder / dossier.PDF).write_bytes(bind(facts, folder))
    return 0


def _enclosure(file: Path, description: str, relationship: str) -> Enclosure:
    return Enclosure(file.name, file.read_bytes(), description, relationship)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
