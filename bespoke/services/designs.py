"""Design revisions: handed in, examined by a job, finished as drawings, published to the client."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bespoke.models.design import Examination, Revision, RevisionPicture
from bespoke.models.job import Queue, enqueue
from bespoke.models.piece import Piece
from bespoke.proof.seal import Sealable, digest_bytes
from bespoke.queries.drawing import unit_doubtful
from bespoke.services import files, steps
from bespoke.services.errors import Missing, NotPossible, ServiceError
from bespoke.storage.store import Store, Stored
from bespoke.templating.catalogue import _
from renders.formats import HEAD_BYTES, sniff
from renders.report import LengthUnit, Report
from workflows.actions import Complete, HandIn, Override, Record
from workflows.errors import OutOfOrder
from workflows.roles import Actor
from workflows.sentences import sentence, when
from workflows.snapshot import Status
from workflows.template import Facet

EXAMINE = "examine"
CAD_MEDIA_TYPE = "model/vnd.bespoke.cad"  # kept as it came; nothing serves it but the house itself


EXAMINED = frozenset({"cad_file", "cad_report", "weight_estimate"})  # shown when the drawing is finished
UNITS = frozenset(unit.value for unit in LengthUnit)


class Outdated(ServiceError):
    """What was measured or drawn is no longer what was asked for; a newer examination is on its way."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a revision, kept in the store already."""

    name: str
    kind: str
    stored: Stored
    media_type: str
    camera: str | None = None
    ground: str | None = None
    frame: str | None = None  # where the camera stood


def hand_in(
    session: Session,
    store: Store,
    piece: Piece,
    stored: Stored,
    original_name: str,
    actor: Actor,
    *,
    at: datetime,
    note: str = "",
    unit: str | None = None,
) -> Revision:
    """The next revision of the piece's design, and the job that examines it.

    A yes to the revision before no longer counts from this moment.

    Args:
        stored: the file, kept in the store; its first bytes decide what it is, not its name.
        unit: the unit of its numbers, where the designer has confirmed it.

    Raises:
        WorkflowError: the design may not change now, or not by this person.
        RenderError: no file we read.
        NotPossible: no such unit, or it is the very file of the newest revision.
    """
    if unit is not None and unit not in UNITS:
        raise NotPossible(
            sentence(
                "A drawing is in one of %(units)s; %(unit)s is none of them.",
                units=", ".join(sorted(UNITS)),
                unit=f"{unit[:20]!r}",
            )
        )
    _another_file(piece, stored, unit)
    with store.open(stored.digest) as content:
        sniff(content.read(HEAD_BYTES), stored.size)
    files.enter(session, stored, CAD_MEDIA_TYPE, at=at)
    number = len(piece.revisions) + 1
    revision = Revision(
        piece_id=piece.id,
        number=number,
        digest=stored.digest,
        original_name=original_name[-255:],
        unit=unit,
        note=note,
        handed_in_by_id=int(actor.id),
        handed_in_at=at,
        examination=Examination.RUNNING,
    )
    steps.put_content(session, piece, Facet.DESIGN, _content(revision, {}, None), actor, at=at)
    piece.revisions.append(revision)
    session.flush()
    steps.show_evidence(session, piece, "cad", "cad_file", actor, {"revision": number, "sha256": stored.digest}, at=at)
    piece.commission.record(
        "revision_handed_in",
        actor,
        at,
        piece=piece.reference,
        revision=number,
        file=revision.original_name,
        sha256=stored.digest,
        note=note,
    )
    _ask_examination(session, piece, revision, at)
    return revision


def confirm_unit(session: Session, revision: Revision, unit: str, actor: Actor, *, at: datetime) -> None:
    """Say which unit the file's numbers are in, and have it examined again.

    Raises:
        NotPossible: no such unit.
        OutOfOrder: it was published, answered for or followed by another, so it no longer changes.
    """
    piece = revision.piece
    if unit not in UNITS:
        raise NotPossible(
            sentence(
                "A drawing is in one of %(units)s; %(unit)s is none of them.",
                units=", ".join(sorted(UNITS)),
                unit=f"{unit[:20]!r}",
            )
        )
    if revision.published_at is not None:
        raise OutOfOrder(sentence("Revision %(number)s has been published; hand in a new one.", number=revision.number))
    if revision is not piece.revision:
        raise OutOfOrder(
            sentence(
                "Revision %(number)s has been followed by another; confirm the unit of that one.",
                number=revision.number,
            )
        )
    if any(answered.covers(revision) for answered in piece.overrides):
        raise OutOfOrder(
            sentence("A block of revision %(number)s was answered as it is; hand in a new one.", number=revision.number)
        )
    revision.unit, revision.examination = unit, Examination.RUNNING
    revision.report_text, revision.refusal = None, ""
    revision.pictures.clear()
    session.flush()
    steps.put_content(session, piece, Facet.DESIGN, _content(revision, {}, None), actor, at=at)
    piece.commission.record("unit_confirmed", actor, at, piece=piece.reference, revision=revision.number, unit=unit)
    _ask_examination(session, piece, revision, at)


def record_report(session: Session, revision: Revision, report: Report, actor: Actor, *, at: datetime) -> None:
    """Put down what was measured; pictures follow. Doing it twice changes nothing.

    Raises:
        NotPossible: the report is of another file.
        Outdated: another unit was confirmed since the file was read.
    """
    if report.source.sha256 != revision.digest:
        raise NotPossible(sentence("The report is of another file than this revision."))
    if revision.unit is not None and report.unit.unit.value != revision.unit:
        raise Outdated(
            sentence(
                "Revision %(number)s was read in %(unit)s; it is in %(unit2)s.",
                number=revision.number,
                unit=report.unit.unit.value,
                unit2=revision.unit,
            )
        )
    if revision.report_text is not None:
        return
    revision.report_text = report.to_json()
    revision.examination = Examination.MEASURED
    revision.piece.commission.record(
        "revision_measured",
        actor,
        at,
        piece=revision.piece.reference,
        revision=revision.number,
        report_sha256=digest_bytes(revision.report_text.encode()),
        blocks=len(report.blocks),
    )
    session.flush()


def record_pictures(
    session: Session, revision: Revision, pictures: tuple[Picture, ...], actor: Actor, *, at: datetime
) -> None:
    """Put down the pictures of a measured revision. Doing it twice changes nothing.

    Raises:
        Outdated: it is to be measured anew, so these are pictures of something else.
    """
    if revision.report_text is None:
        raise Outdated(sentence("Revision %(number)s is measured before it is drawn.", number=revision.number))
    if revision.examination is Examination.DONE:
        return
    for picture in pictures:
        files.enter(session, picture.stored, picture.media_type, at=at)
        revision.pictures.append(
            RevisionPicture(
                name=picture.name,
                kind=picture.kind,
                camera=picture.camera,
                ground=picture.ground,
                frame=picture.frame,
                digest=picture.stored.digest,
            )
        )
    revision.examination, revision.refusal = Examination.DONE, ""
    revision.piece.commission.record(
        "revision_drawn",
        actor,
        at,
        piece=revision.piece.reference,
        revision=revision.number,
        pictures=len(pictures),
    )
    session.flush()


def refuse_file(session: Session, revision: Revision, reason: str, actor: Actor, *, at: datetime) -> None:
    """Put down that the file cannot be used, and why. One that was drawn stays drawn."""
    if revision.examination in {Examination.REFUSED, Examination.DONE}:
        return
    revision.examination, revision.refusal = Examination.REFUSED, reason
    revision.piece.commission.record(
        "revision_refused", actor, at, piece=revision.piece.reference, revision=revision.number, reason=reason
    )
    session.flush()


def finish_drawing(session: Session, piece: Piece, actor: Actor, *, at: datetime) -> Revision:
    """Say that the drawing is done: the newest revision with its report and pictures is what stands.

    Raises:
        Missing: there is no revision, it is still being examined, or its unit was only inferred.
        GateClosed: the report blocks it, or it weighs other than the quote allows.
    """
    revision = _examined(piece)
    _require_unit(revision)
    report = revision.report
    pictures = {picture.name: picture.digest for picture in revision.pictures}
    if piece.milestone("cad").status is Status.DONE:
        return revision
    shown = set(piece.milestone("cad").evidence) - EXAMINED  # bails, posts, clasps: of this very file
    steps.put_content(session, piece, Facet.DESIGN, _content(revision, pictures, revision.report_text), actor, at=at)
    for kind in sorted(shown):
        steps.act(session, piece, Record("cad", kind), actor, at=at)
    facts = {"revision": revision.number, "pictures": len(pictures)}
    steps.show_evidence(session, piece, "cad", "cad_file", actor, facts, at=at)
    steps.show_evidence(session, piece, "cad", "cad_report", actor, facts, at=at)
    weight = revision.weight_of(piece.alloy)
    withheld = None if report is None else report.weights_reason
    weighed = {"weight_g": None if weight is None else str(weight), "alloy": piece.alloy, "withheld": withheld}
    steps.show_evidence(session, piece, "cad", "weight_estimate", actor, weighed, at=at)
    steps.act(session, piece, Complete("cad"), actor, at=at)
    return revision


def publish(session: Session, piece: Piece, actor: Actor, *, at: datetime, note: str = "") -> Revision:
    """Put the newest revision before the client.

    Raises:
        GateClosed: each reason why the client may not be asked yet.
    """
    revision = finish_drawing(session, piece, actor, at=at)
    facts = {"revision": revision.number, "note": note}
    steps.show_evidence(session, piece, "render_approval", "renders", actor, facts, at=at)
    steps.act(session, piece, HandIn("render_approval"), actor, at=at)
    revision.published_at = at
    if note:
        revision.note = note
    session.flush()
    return revision


def override(session: Session, piece: Piece, code: str, reason: str, actor: Actor, *, at: datetime) -> None:
    """Answer a block of the newest report by name, with a reason; printed on the job card and the dossier."""
    revision = _examined(piece)
    steps.override(session, piece, Override(code, reason), revision, actor, at=at)


def _another_file(piece: Piece, stored: Stored, unit: str | None) -> None:
    """Refuse the file that stands already, as a button pressed twice sends it.

    One that was refused may come again, and so may one that is to be read in another unit.
    """
    standing = piece.revision
    if standing is None or standing.digest != stored.digest or standing.examination is Examination.REFUSED:
        return
    if unit is not None and unit != _unit_of(standing):
        return
    raise NotPossible(
        sentence(
            "This is the file of revision %(number)s, byte for byte; it was handed in on %(day)s "
            "already. Hand in the file that was changed.",
            number=standing.number,
            day=when(standing.handed_in_at, "%-d %b"),
        )
    )


def _unit_of(revision: Revision) -> str | None:
    return revision.unit if revision.report is None else revision.report.unit.unit.value


def _examined(piece: Piece) -> Revision:
    revision = piece.revision
    if revision is None:
        raise Missing(sentence("No drawing has been handed in yet."))
    if revision.examination is Examination.REFUSED:
        raise Missing(
            sentence(
                "Revision %(number)s cannot be used: %(refusal)s", number=revision.number, refusal=revision.refusal
            )
        )
    if revision.examination is not Examination.DONE:
        raise Missing(
            sentence(
                "Revision %(number)s is still being examined; wait until its pictures are there.",
                number=revision.number,
            )
        )
    return revision


def _require_unit(revision: Revision) -> None:
    """A unit that was only inferred is confirmed by a person before anything rests on the sizes."""
    if unit_doubtful(revision) and revision.report is not None:
        unit = revision.report.unit.unit.value
        raise Missing(
            _(
                "Nobody has confirmed that revision %(n)s is in %(unit)s; it was inferred. Confirm the unit first.",
                n=revision.number,
                unit=unit,
            )
        )


def _content(revision: Revision, pictures: Mapping[str, str], report: str | None) -> dict[str, Sealable]:
    return {
        "revision": revision.number,
        "file_sha256": revision.digest,
        "unit": revision.unit,
        "report_sha256": None if report is None else digest_bytes(report.encode()),
        "pictures_sha256": dict(pictures),
    }


def _ask_examination(session: Session, piece: Piece, revision: Revision, at: datetime) -> None:
    enqueue(
        session,
        EXAMINE,
        {"revision_id": revision.id},
        queue=Queue.RENDER,
        key=f"examine-{revision.id}",
        at=at,
        commission=piece.commission.reference,
        subject=f"{piece.reference} revision {revision.number}",
    )
