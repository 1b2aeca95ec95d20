"""Examine a design revision: measure it, draw it, write both down."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy.orm import Session

from bespoke.config import Settings
from bespoke.house import House
from bespoke.jobs.errors import CannotSucceed
from bespoke.jobs.run import Failure, Run, Task
from bespoke.jobs.workplace import folder_for
from bespoke.models.design import Revision
from bespoke.queries.swatches import swatches_of
from bespoke.services import designs
from bespoke.services.designs import EXAMINE, Outdated, Picture
from bespoke.services.holds import CLOCK
from bespoke.storage.store import chunks_of
from renders import drawing, examination, sandbox
from renders.drawing import Drawn
from renders.errors import BrokenReport, ChildOutOfMemory, ChildTimedOut, NoRenderer, RenderError
from renders.report import LengthUnit
from workflows.sentences import sentence

Drawing = Callable[[], tuple[Drawn, ...]]

COVER = "cover"  # a camera that frames each drawing by itself: the dossier's first page
MEDIA_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".glb": "model/gltf-binary",
    ".svg": "image/svg+xml",
}


def examine(run: Run) -> None:
    """Measure and draw one revision; a file that cannot be used is written down as refused, with its reason."""
    house, revision_id = run.house, int(run.payload["revision_id"])
    with house.database.reading() as session:
        revision = session.get_one(Revision, revision_id)
        digest, name, unit = revision.digest, revision.original_name, revision.unit
        metal, size_mm, like = revision.piece.alloy, revision.piece.size_mm, _frames_before(revision)
        swatches = tuple(one.code for one in swatches_of(revision.piece))
    with (
        folder_for(house.settings, "examine") as folder,
        _drawing(house, folder, metal, like, swatches) as drawing_done,
    ):
        run.progress(5, "Measuring")
        try:
            with house.storage.local_path(digest) as source:
                report = examination.examine(
                    source,
                    folder,
                    name=name,
                    unit=None if unit is None else LengthUnit(unit),
                    size_mm=None if size_mm is None else float(size_mm),
                    limits=read_limits(house.settings),
                )
        except RenderError as refusal:
            _refuse(run, revision_id, str(refusal))
            return
        try:
            with run.partly() as session:  # at once, so that the designer need not wait for the pictures
                revision = session.get_one(Revision, revision_id)
                designs.record_report(session, revision, report, CLOCK, at=house.clock())
            run.progress(25, "Drawing")
            drawn = _drawn(drawing_done)
            run.progress(90, "Keeping the pictures")
            pictures = tuple(_keep(house, folder, one) for one in drawn)
            with run.record() as session:
                revision = session.get_one(Revision, revision_id)
                designs.record_pictures(session, revision, pictures, CLOCK, at=house.clock())
        except Outdated:  # another unit was confirmed meanwhile, and the job for that one waits already
            return


def given_up(session: Session, failure: Failure) -> None:
    """Say on the revision that its examination was given up, and why."""
    revision = session.get(Revision, int(failure.payload["revision_id"]))
    if revision is not None:
        reason = f"The examination was given up: {failure.reason}"
        designs.refuse_file(session, revision, reason, CLOCK, at=failure.at)


def read_limits(settings: Settings) -> sandbox.Limits:
    """What the child that reads a client's file may use."""
    seconds = settings.child_cpu_seconds
    return sandbox.Limits(
        memory_mb=settings.child_memory_mb, cpu_seconds=seconds, wall_seconds=3 * seconds, file_mb=1024
    )


def picture_limits(settings: Settings) -> sandbox.Limits:
    """What the child that draws may use; it starts with the one that reads, and may wait as long as that takes."""
    seconds = settings.picture_cpu_seconds
    wall = read_limits(settings).wall_seconds + 2 * seconds
    return sandbox.Limits(memory_mb=settings.child_memory_mb, cpu_seconds=seconds, wall_seconds=wall, file_mb=1024)


TASK = Task(EXAMINE, examine, given_up)


def _refuse(run: Run, revision_id: int, reason: str) -> None:
    with run.record() as session:
        revision = session.get_one(Revision, revision_id)
        designs.refuse_file(session, revision, reason, CLOCK, at=run.house.clock())


def _frames_before(revision: Revision) -> dict[str, str]:
    """Where the cameras stood for the drawing before, by their names: the stills of this one should lie on those."""
    earlier = (one for one in reversed(revision.piece.revisions) if one.number < revision.number)
    for one in earlier:
        found = {each.camera: each.frame for each in one.pictures if each.kind == "still" and each.camera != COVER}
        if found:
            return {camera: frame for camera, frame in found.items() if camera is not None and frame is not None}
    return {}


def _drawing(
    house: House, folder: Path, metal: str | None, like: Mapping[str, str], swatches: tuple[str, ...]
) -> AbstractContextManager[Drawing]:
    limits = picture_limits(house.settings)
    return drawing.begun(
        folder, metal=metal, frames=house.settings.turntable_frames, like=like, swatches=swatches, limits=limits
    )


def _drawn(finish: Drawing) -> tuple[Drawn, ...]:
    try:
        return finish()
    except (NoRenderer, ChildTimedOut, ChildOutOfMemory) as reason:  # as it would be the next time
        raise CannotSucceed(str(reason)) from reason


def _keep(house: House, folder: Path, one: Drawn) -> Picture:
    path = folder / one.name
    if path.parent != folder or not path.is_file():
        raise BrokenReport(
            sentence("The picture %(one)s is listed and not there. Draw the design again.", one=one.name)
        )
    with path.open("rb") as content:
        stored = house.storage.put(chunks_of(content))
    if stored.digest != one.sha256:
        raise BrokenReport(sentence("The picture %(one)s is not the one listed. Draw the design again.", one=one.name))
    return Picture(one.name, one.kind, stored, MEDIA_TYPES[path.suffix], one.camera, one.ground, one.frame)
