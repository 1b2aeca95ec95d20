"""One commission in the studio: its drawing, what was measured, asked and answered on it, and what may be done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.brief import Brief, BriefPicture, Sketch
from bespoke.models.design import Examination, Pin, Revision, RevisionPicture
from bespoke.models.event import Event
from bespoke.models.job import Job, JobState
from bespoke.models.message import Message
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneHold, StoneOption
from bespoke.queries.commissions import NotFound
from bespoke.queries.desk import Line, require_drawable
from bespoke.queries.drawing import Check, Weight, checks_of, unit_doubtful, weights_of
from bespoke.queries.history import sentence
from bespoke.queries.marks import MarkView, marks_of
from bespoke.queries.portal import described, picture_of, strip_of
from bespoke.queries.quotes import accepted
from bespoke.queries.whole import Whole
from bespoke.templating.catalogue import _
from workflows.actions import Change, Complete, HandIn, Record
from workflows.decide import decide
from workflows.errors import WorkflowError
from workflows.milestone import Facet
from workflows.offers import NEW, Offer, offers
from workflows.roles import Actor, Role
from workflows.sentences import word
from workflows.snapshot import Snapshot, Status

MONEY_ROLES = frozenset({Role.OFFICE, Role.OWNER})
DRAWING, SHOWING = "cad", "render_approval"
RUNNING = frozenset({Examination.RUNNING, Examination.MEASURED})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the examination of a revision is: a hundred parts, rounded to five, and words."""

    part: int
    words: str


@dataclass(frozen=True, slots=True)
class RevisionView:
    """A revision as the studio looks at it."""

    row: Revision
    by: str
    dark: RevisionPicture | None
    paper: RevisionPicture | None
    strip: tuple[RevisionPicture, ...]
    checks: tuple[Check, ...]
    weights: tuple[Weight, ...]
    weights_reason: str
    unit_doubtful: bool
    progress: Progress | None
    open_pins: int

    @property
    def running(self) -> bool:
        """Whether its examination is still under way."""
        return self.row.examination in RUNNING

    @property
    def blocking(self) -> tuple[Check, ...]:
        """What keeps it from being published."""
        return tuple(check for check in self.checks if check.blocks)


@dataclass(frozen=True, slots=True)
class StoneView:
    """One stone put forward, and whether it is kept for us."""

    option: StoneOption
    hold: StoneHold | None
    ours: bool


@dataclass(frozen=True, slots=True)
class Approved:
    """The client's yes to the design, as it locks it."""

    who: str
    at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """The page of one piece.

    Attributes:
        hand_in_reason, publish_reason: why it cannot be done now; None where it can.
        remarks: pins of every revision, those still open first.
    """

    whole: Whole
    piece: Piece
    described: str
    marks: tuple[MarkView, ...]
    revision: RevisionView | None
    others: tuple[Revision, ...]
    remarks: tuple[tuple[Revision, Pin], ...]
    messages: tuple[Message, ...]
    brief: Brief | None
    sketches: tuple[Sketch, ...]
    stones: tuple[StoneView, ...]
    offers: tuple[Offer, ...]
    hand_in_reason: str | None
    publish_reason: str | None
    approved: Approved | None

    def status(self, milestone: str) -> Status | None:
        """How far a milestone of the piece is; None where its workflow has none of that name."""
        return self.piece.milestone(milestone).status if milestone in self.piece.template else None

    def offer(self, name: str, milestone: str) -> Offer | None:
        """The step of that name this person may take there, or would."""
        return next((one for one in self.offers if one.name == name and one.milestone == milestone), None)


def workspace(
    session: Session, whole: Whole, letter: str, actor: Actor, *, at: datetime, number: int | None = None
) -> Workspace:
    """One piece of a commission: its newest revision, or the one of that number.

    Raises:
        NotFound: no such piece or revision.
    """
    piece = piece_of(whole, letter)
    snapshot = piece.snapshot(whole.house.rules())
    revision = _chosen(piece, number)
    today = at.astimezone(ZoneInfo(whole.house.time_zone)).date()
    running = revision is not None and revision.examination in RUNNING
    jobs = _jobs(session, piece) if running else {}
    view = None if revision is None else _revision(whole, piece, revision, jobs)
    return Workspace(
        whole=whole,
        piece=piece,
        described=described(piece),
        marks=marks_of(piece, ZoneInfo(whole.house.time_zone), today),
        revision=view,
        others=tuple(one for one in reversed(piece.revisions) if one is not revision),
        remarks=_remarks(piece),
        messages=tuple(reversed(whole.rows.of(Message))),
        brief=whole.commission.briefs[-1] if whole.commission.briefs else None,
        sketches=tuple(one for one in whole.rows.of(Sketch) if one.piece_id == piece.id),
        stones=tuple(_stone(option) for option in piece.options),
        offers=offers(snapshot, actor, at=at),
        hand_in_reason=_refusal(lambda: require_drawable(snapshot, actor, at)),
        publish_reason=_publish_reason(snapshot, piece, view, actor, at),
        approved=_approved(whole, piece),
    )


def pictures_of(session: Session, whole: Whole) -> dict[int, list[BriefPicture]]:
    """The pictures of every version of the brief, by the number of its row."""
    briefs = [brief.id for brief in whole.commission.briefs]
    statement = select(BriefPicture).where(BriefPicture.brief_id.in_(briefs)).order_by(BriefPicture.id)
    found: dict[int, list[BriefPicture]] = {}
    for picture in session.scalars(statement):
        found.setdefault(picture.brief_id, []).append(picture)
    return found


def piece_of(whole: Whole, letter: str) -> Piece:
    """A piece of a commission that is loaded; the first where no letter is told.

    Raises:
        NotFound: there is none.
    """
    for piece in whole.commission.pieces:
        if not letter or piece.letter == letter.upper():
            return piece
    raise NotFound(word("piece"))


def lines_of(whole: Whole, actor: Actor) -> tuple[Line, ...]:
    """The history of a commission in sentences, the newest first; about money only for those who see it."""
    sees_money, zone = actor.role in MONEY_ROLES, ZoneInfo(whole.house.time_zone)
    currency, found = whole.commission.currency, []
    for event in sorted(whole.rows.of(Event), key=lambda one: -one.position):
        who = whole.name_of(event.actor)
        said = sentence(event.kind, event.facts, currency=currency, sees_money=sees_money, who=who, zone=zone)
        if said is not None:
            found.append(Line(event.at, who, said))
    return tuple(found)


def _chosen(piece: Piece, number: int | None) -> Revision | None:
    if number is None:
        return piece.revision
    for revision in piece.revisions:
        if revision.number == number:
            return revision
    raise NotFound(word("revision"))


def _revision(whole: Whole, piece: Piece, revision: Revision, jobs: Mapping[str, Job]) -> RevisionView:
    answered = {
        one.code: _("%(who)s: %(reason)s", who=whole.name_of(one.person_id), reason=one.reason)
        for one in piece.overrides
        if one.covers(revision)
    }
    quote = accepted(whole.commission)
    assumed = None if quote is None else quote.assumption(piece.letter)
    report = revision.report
    return RevisionView(
        row=revision,
        by=whole.name_of(revision.handed_in_by_id),
        dark=picture_of(revision, "dark"),
        paper=picture_of(revision, "paper"),
        strip=strip_of(revision),
        checks=checks_of(revision, piece, answered),
        weights=weights_of(revision, piece, whole.house, assumed),
        weights_reason="" if report is None else report.weights_reason or "",
        unit_doubtful=unit_doubtful(revision),
        progress=_progress(revision, jobs.get(f"{piece.reference} revision {revision.number}")),
        open_pins=sum(pin.settled_at is None for pin in revision.pins),
    )


def _progress(revision: Revision, job: Job | None) -> Progress | None:
    if revision.examination not in RUNNING:
        return None
    if job is None or job.state is JobState.QUEUED:
        return Progress(0, _("Waits for its turn"))
    return Progress(5 * round(job.progress_percent / 5), job.progress_words or _("Begun"))


def _jobs(session: Session, piece: Piece) -> dict[str, Job]:
    reference = piece.commission.reference
    live = select(Job).where(Job.commission_reference == reference, Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
    return {job.subject_reference or "": job for job in session.scalars(live)}


def _remarks(piece: Piece) -> tuple[tuple[Revision, Pin], ...]:
    found = [(revision, pin) for revision in piece.revisions for pin in revision.pins]
    return tuple(sorted(found, key=lambda one: (one[1].settled_at is not None, -one[1].id)))


def _stone(option: StoneOption) -> StoneView:
    hold = option.stone.held
    return StoneView(option, hold, hold is not None and hold.commission_id == option.piece.commission_id)


def _approved(whole: Whole, piece: Piece) -> Approved | None:
    if SHOWING not in piece.template or piece.milestone(SHOWING).status is not Status.DONE:
        return None
    given = [row for row in piece.approvals if row.milestone == SHOWING]
    if not given:
        return None
    row = given[-1]
    return Approved(whole.name_of(row.person_id), row.at, row.digest)


def _publish_reason(
    snapshot: Snapshot, piece: Piece, view: RevisionView | None, actor: Actor, at: datetime
) -> str | None:
    """Why the newest revision cannot be put before the client now, in the rules' own words; None when it can."""
    if SHOWING not in piece.template:
        return _("This kind of piece is made without a drawing to approve.")
    if view is None:
        return _("No drawing has been handed in yet.")
    if view.row.examination is Examination.REFUSED:
        return _("The file cannot be used.")
    if view.running:
        return _("The drawing is still being examined.")
    if view.unit_doubtful:
        return _("Somebody has to confirm the unit of the file first.")
    return _refusal(lambda: _try_to_publish(snapshot, actor, at))


def _try_to_publish(snapshot: Snapshot, actor: Actor, at: datetime) -> None:
    """Take the steps publishing takes, on paper."""
    piece = snapshot
    if piece.status(DRAWING) is not Status.DONE:
        piece = decide(piece, Change(Facet.DESIGN, NEW), actor, at=at).after
        for kind in piece.required(DRAWING):
            piece = decide(piece, Record(DRAWING, kind), actor, at=at).after
        piece = decide(piece, Complete(DRAWING), actor, at=at).after
    piece = decide(piece, Record(SHOWING, "renders"), actor, at=at).after
    decide(piece, HandIn(SHOWING), actor, at=at)


def _refusal(attempt: Callable[[], None]) -> str | None:
    try:
        attempt()
    except WorkflowError as refusal:
        return str(refusal)
    return None
