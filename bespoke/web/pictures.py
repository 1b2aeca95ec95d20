"""Pictures people send: taken in by the limited child, written again upright and without the place they were taken."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from werkzeug.datastructures import FileStorage

from bespoke.services.errors import NotPossible
from bespoke.storage.store import Stored, chunks_of
from bespoke.templating.catalogue import _
from bespoke.web.access import the_house
from renders import sandbox
from renders.errors import ChildError, ChildFailed

REENCODE = "bespoke.documents.images"
MOST_BYTES = 30_000_000
CHUNK = 256 * 1024
KINDS = {"jpeg": "image/jpeg", "png": "image/png"}
LIMITS = sandbox.Limits(memory_mb=2048, cpu_seconds=30, wall_seconds=60, file_mb=64)


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture in the store, as we wrote it."""

    stored: Stored
    media_type: str


def is_given(upload: FileStorage | None) -> bool:
    """Whether a file was chosen at all; an empty file field comes without a name."""
    return upload is not None and bool(upload.filename)


def take(upload: FileStorage) -> Taken:
    """The picture, decoded in a child of its own and kept as JPEG or PNG.

    Raises:
        NotPossible: it is too large, or no picture we can read; the sentence says what to do.
    """
    house = the_house()
    house.settings.work_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="picture-", dir=house.settings.work_folder) as name:
        folder = Path(name).resolve()
        source, target = folder / "given", folder / "written"
        _save(upload, source)
        try:
            finished = sandbox.run(REENCODE, [str(source), str(target)], folder=folder, limits=LIMITS)
        except ChildFailed as failed:
            said = str(failed.facts.get("said") or "").strip()
            raise NotPossible(_("%(said)s Send it as JPEG, PNG, WebP or HEIC.", said=_sentence(said))) from failed
        except ChildError as failed:
            raise NotPossible(_("This picture was too much for us. Send a smaller one.")) from failed
        kind = finished.stdout.split(" ", 1)[0]
        with target.open("rb") as content:
            stored = house.storage.put(chunks_of(content))
    return Taken(stored, KINDS.get(kind, "image/jpeg"))


def _save(upload: FileStorage, source: Path) -> None:
    """The bytes as they come, and no more of them than we take."""
    size = 0
    with source.open("wb") as file:
        while chunk := upload.stream.read(CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                raise NotPossible(
                    _("This picture has more than %(n)s MB. Send a smaller one.", n=MOST_BYTES // 1_000_000)
                )
            file.write(chunk)
    if size == 0:
        raise NotPossible(_("This file is empty. Choose the picture again."))


def _sentence(said: str) -> str:
    last = said.splitlines()[-1] if said else ""
    return last if last.startswith(("The picture", "This is")) and len(last) < 160 else _("This is not a picture.")
