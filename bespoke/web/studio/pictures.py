"""A picture somebody sends: decoded and written again in a limited child, so that only pixels are kept of it."""

from dataclasses import dataclass
from pathlib import Path

from werkzeug.datastructures import FileStorage

from bespoke.house import House
from bespoke.jobs.workplace import folder_for
from bespoke.services.errors import NotPossible
from bespoke.storage.store import CHUNK_BYTES, Stored, chunks_of
from bespoke.templating.catalogue import _
from bespoke.web.access import MEGABYTE, the_house
from renders import sandbox
from renders.errors import ChildFailed

REENCODE = "bespoke.documents.images"
MOST_BYTES = 25 * MEGABYTE
MEDIA_TYPES = {"jpeg": "image/jpeg", "png": "image/png"}
SECONDS = 20


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A picture or paper kept in the store, and what it is."""

    stored: Stored
    media_type: str


def taken_in(chosen: FileStorage | None, missing: str) -> TakenIn:
    """The picture, upright, in sRGB, at most so large, without the place it was taken.

    Args:
        missing: what to say where no file was chosen.

    Raises:
        NotPossible: nothing chosen, too many bytes, or no picture that can be read.
    """
    house = the_house()
    if chosen is None or not chosen.filename:
        raise NotPossible(missing)
    with folder_for(house.settings, "picture") as folder:
        source, target = folder / "source", folder / "target"
        _copy(chosen, source)
        try:
            sandbox.run(REENCODE, [str(source), str(target)], folder=folder, limits=_limits(house))
        except ChildFailed as reason:
            said = str(reason.facts.get("said") or reason)
            raise NotPossible(
                _("The picture cannot be used: %(reason)s", reason=said.splitlines()[-1][:300])
            ) from reason
        kind = "png" if target.read_bytes()[:4] == b"\x89PNG" else "jpeg"
        with target.open("rb") as content:
            return TakenIn(house.storage.put(chunks_of(content)), MEDIA_TYPES[kind])


def paper(chosen: FileStorage | None) -> TakenIn | None:
    """A report as the laboratory sent it, byte for byte, where one was chosen: a PDF.

    Raises:
        NotPossible: it is no PDF, or has too many bytes.
    """
    house = the_house()
    if chosen is None or not chosen.filename:
        return None
    with folder_for(house.settings, "paper") as folder:
        source = folder / "source"
        _copy(chosen, source)
        with source.open("rb") as content:
            if not content.read(5).startswith(b"%PDF-"):
                raise NotPossible(_("A report is a PDF, as the laboratory sends it."))
            content.seek(0)
            return TakenIn(house.storage.put(chunks_of(content)), "application/pdf")


def _copy(chosen: FileStorage, target: Path) -> None:
    total = 0
    with target.open("wb") as copy:
        while chunk := chosen.stream.read(CHUNK_BYTES):
            total += len(chunk)
            if total > MOST_BYTES:
                raise NotPossible(
                    _("The file is larger than %(mb)s MB; send a smaller one.", mb=MOST_BYTES // MEGABYTE)
                )
            copy.write(chunk)
    if not total:
        raise NotPossible(_("The file is empty."))


def _limits(house: House) -> sandbox.Limits:
    return sandbox.Limits(
        memory_mb=house.settings.child_memory_mb, cpu_seconds=SECONDS, wall_seconds=2 * SECONDS, file_mb=256
    )
