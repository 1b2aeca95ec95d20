"""The entry of the limited child that lays out invoices: `python -m bespoke.documents.bind_invoices FOLDER`.

Reads every `NUMBER.json` in the folder and leaves `NUMBER.pdf` beside it.
"""

import sys
from pathlib import Path

from bespoke.documents import codec
from bespoke.documents.invoice import InvoiceFacts, html
from bespoke.documents.press import print_pdf
from bespoke.documents.typefaces import font_files

USAGE = "usage: python -m bespoke.documents.bind_invoices FOLDER\n"


def main(arguments: list[str]) -> int:
    """The command line: 0 when all are laid out, 2 when called wrongly."""
    if len(arguments) != 1:
        sys.stderr.write(USAGE)
        return 2
    shelf: dict[str, bytes | Path] = {**font_files()}
    for source in sorted(Path(arguments[0]).glob("*.json")):
        facts = codec.read(source.read_bytes(), InvoiceFacts)
        source.with_suffix(".pdf").write_bytes(print_pdf(html(facts), shelf, [], day=facts.day))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
