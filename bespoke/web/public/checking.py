"""A stranger's file checked in a limited child; only so many at a time."""

import tempfile
import threading
from pathlib import Path

from werkzeug.datastructures import FileStorage

from bespoke.database import Busy
from bespoke.house import House
from bespoke.proof import answer
from bespoke.proof.verdict import Kind, Verdict
from bespoke.services.errors import NotPossible
from renders import sandbox
from renders.errors import RenderError
from workflows.sentences import sentence

AT_ONCE = 2
LIMITS = sandbox.Limits(memory_mb=1024, cpu_seconds=30, wall_seconds=60, file_mb=64)
UNREADABLE = "This file could not be read to its end, so it is not a dossier as the house issued it."
_places = threading.BoundedSemaphore(AT_ONCE)


class TooMany(Busy):
    """Several files are being checked already; this one has to wait."""

    def __str__(self) -> str:
        return "Several files are being checked at this moment."


class NoFile(NotPossible):
    """Nothing was chosen."""

    def __init__(self) -> None:
        super().__init__(sentence("Choose the dossier's file first."))


def verdict_on(house: House, upload: FileStorage | None) -> Verdict:
    """Whether an uploaded file is as the house issued it; nothing of it is kept.

    Raises:
        NoFile: nothing was sent.
        TooMany: try again in a moment.
    """
    if upload is None or not upload.filename:
        raise NoFile
    if not _places.acquire(blocking=False):
        raise TooMany
    try:
        with tempfile.TemporaryDirectory(prefix="check-") as place:
            return _checked(house, upload, Path(place))
    finally:
        _places.release()


def _checked(house: House, upload: FileStorage, folder: Path) -> Verdict:
    file, certificate = folder / "file", folder / "authority.pem"
    upload.save(file)
    certificate.write_bytes((house.signing_folder / "authority.pem").read_bytes())
    try:
        finished = sandbox.run(answer.CHECK, [str(file), str(certificate)], folder=folder, limits=LIMITS)
        return answer.from_json(finished.stdout)
    except (RenderError, ValueError):
        return Verdict(Kind.UNKNOWN, (UNREADABLE,))
