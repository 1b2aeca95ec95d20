"""One question, three answers: is this file as the house issued it? Offline, without the database."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from bespoke.proof.archive import check_archive
from bespoke.proof.pdf import check_pdf
from bespoke.proof.verdict import Finding, Kind, Verdict

__all__ = ["Finding", "Kind", "Verdict", "verify", "verify_bytes"]

LARGEST_PDF = 512 * 1024 * 1024  # bytes


def verify(path: Path, pinned: Sequence[x509.Certificate]) -> Verdict:
    """The verdict on a dossier (PDF) or an exported archive (zip).

    Args:
        pinned: the house's authority certificates, got from the house itself; without one nothing is `valid`.

    Raises:
        OSError: the file cannot be read at all.
    """
    with path.open("rb") as file:
        head = file.read(8)
        if head.startswith(b"PK") or (not head.startswith(b"%PDF-") and zipfile.is_zipfile(path)):
            return check_archive(path, pinned)
        file.seek(0)
        return verify_bytes(file.read(LARGEST_PDF + 1), pinned)


def verify_bytes(content: bytes, pinned: Sequence[x509.Certificate]) -> Verdict:
    """The verdict on a PDF that is in memory already."""
    if len(content) > LARGEST_PDF:
        return Verdict(Kind.UNKNOWN, ("This file is larger than any dossier; it was not read.",))
    if not content:
        return Verdict(Kind.UNKNOWN, ("This file is empty.",))
    if not content.startswith(b"%PDF-") and b"/BSPK_Blocks" not in content:
        return Verdict(Kind.UNKNOWN, ("This is neither a dossier (PDF) nor an exported archive (zip).",))
    return check_pdf(content, pinned)
