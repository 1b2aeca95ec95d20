"""One commission as the people of the house see it, with what the role in which they came may do and see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.design import Examination, Revision, RevisionPicture
from bespoke.models.event import Event
from bespoke.models.job import Job, JobState
from bespoke.models.ledger import Payment
from bespoke.models.piece import MilestoneRow, Piece
from bespoke.models.production import Photograph, Weight
from bespoke.models.quote import Quote
from bespoke.models.stone import StoneHold, StoneOption
from bespoke.queries.history import sentence
from bespoke.queries.marks import Band, MarkView, band_of, marks_of
from bespoke.queries.portal import MoneyView, described, money_of, picture_of, strip_of
from bespoke.queries.quotes import allowed_of
from bespoke.queries.whole import Whole
from bespoke.templating.catalogue import _, lazy
from renders.report import Report
from workflows.actions import Change, Record
from workflows.alloys import ALLOYS
from workflows.decide import decide
from workflows.deposits import tax_within
from workflows.errors import WorkflowError
from workflows.milestone import Facet, Milestone
from workflows.money import Money
from workflows.offers import NEW, Offer, offers
from workflows.roles import Actor, Role
from workflows.snapshot import Snapshot, Status

MONEY_ROLES = frozenset({Role.OFFICE, Role.OWNER})
ASKED_ABOUT = ("AU750Y", "AU750W_PD", "AU750R", "PT950RU")
QUIET = frozenset({"change", "record", "override"})  # asked for by forms of their own
STATUS_WORDS = {
    Status.WAITING: lazy("to come"),
    Status.OPEN: lazy("can begin"),
    Status.ACTIVE: lazy("under way"),
    Status.ASKED: lazy("waits for an answer"),
    Status.RELEASED: lazy("released"),
    Status.DONE: lazy("done"),
    Status.SKIPPED: lazy("left out"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One milestone: how it stands, what it still needs, and what this person may do at it."""

    milestone: Milestone
    row: MilestoneRow
    words: str
    who: str
    missing: tuple[str, ...]
    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the drawing would weigh in one alloy, cast solid."""

    alloy: str
    density_g_cm3: float
    cad_g: float
    ordered: bool


@dataclass(frozen=True, slots=True)
class RevisionView:
    """One revision with its report, its pictures and how far its examination is."""

    row: Revision
    by: str
    still: RevisionPicture | None
    strip: tuple[RevisionPicture, ...]
    report: Report | None
    weights: tuple[Weighed, ...]
    overridden: frozenset[str]
    running: bool
    progress: Job | None


@dataclass(frozen=True, slots=True)
class StoneView:
    """One stone put forward, and whether it is kept."""

    option: StoneOption
    hold: StoneHold | None
    ours: bool
    cost: Money | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history as a sentence."""

    at: datetime
    who: str
    sentence: str


@dataclass(frozen=True, slots=True)
class DeskPiece:
    """One piece on the page."""

    row: Piece
    described: str
    marks: tuple[MarkView, ...]
    band: Band | None
    steps: tuple[Step, ...]
    revisions: tuple[RevisionView, ...]
    stones: tuple[StoneView, ...]
    photographs: tuple[Photograph, ...]
    weights: tuple[Weight, ...]
    hand_in_reason: str | None  # why no drawing may be handed in now; None when it may


@dataclass(frozen=True, slots=True)
class PriceView:
    """The newest price with what it costs the house; only for those who see money.

    Attributes:
        allowed: let go of the price; the margin is less by it, without its tax.
    """

    row: Quote
    gross: Money
    allowed: Money
    cost: Money | None
    margin: Money | None
    state: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The whole page."""

    whole: Whole
    pieces: tuple[DeskPiece, ...]
    price: PriceView | None
    money: MoneyView | None
    payments: tuple[Payment, ...]
    history: tuple[Line, ...]
    sees_money: bool

    @property
    def running(self) -> bool:
        """Whether something on the page is still being worked out, so that it is to be looked at again."""
        return any(revision.running for piece in self.pieces for revision in piece.revisions)


def desk(session: Session, whole: Whole, actor: Actor, *, at: datetime) -> Desk:
    """One commission for this person: money and cost only for the office and the owner."""
    commission, zone = whole.commission, ZoneInfo(whole.house.time_zone)
    sees_money = actor.role in MONEY_ROLES
    jobs = _running(session, commission.reference)
    pieces = tuple(_piece(whole, piece, actor, at, zone, jobs, sees_money) for piece in commission.pieces)
    return Desk(
        whole=whole,
        pieces=pieces,
        price=price_view(commission.quotes, at) if sees_money and commission.quotes else None,
        money=money_of(commission) if sees_money else None,
        payments=tuple(whole.rows.of(Payment)) if sees_money else (),
        history=tuple(
            Line(event.at, whole.name_of(event.actor), said)
            for event in sorted(whole.rows.of(Event), key=lambda one: -one.position)
            for said in (
                sentence(
                    event.kind,
                    event.facts,
                    currency=commission.currency,
                    sees_money=sees_money,
                    who=whole.name_of(event.actor),
                    zone=zone,
                ),
            )
            if said is not None
        ),
        sees_money=sees_money,
    )


def _piece(
    whole: Whole,
    piece: Piece,
    actor: Actor,
    at: datetime,
    zone: ZoneInfo,
    jobs: Mapping[str, Job],
    sees_money: bool,
) -> DeskPiece:
    snapshot = piece.snapshot(whole.house.rules())
    today = at.astimezone(zone).date()
    offered = offers(snapshot, actor, at=at)
    return DeskPiece(
        row=piece,
        described=described(piece),
        marks=marks_of(piece, zone, today),
        band=band_of(piece, today),
        steps=tuple(_step(whole, snapshot, piece.milestone(one.key), offered) for one in piece.template.milestones),
        revisions=tuple(_revision(whole, revision, jobs) for revision in reversed(piece.revisions)),
        stones=tuple(_stone(option, sees_money) for option in piece.options),
        photographs=tuple(one for one in whole.rows.of(Photograph) if one.piece_id == piece.id),
        weights=tuple(one for one in whole.rows.of(Weight) if one.piece_id == piece.id),
        hand_in_reason=_reason(snapshot, actor, at),
    )


def require_drawable(snapshot: Snapshot, actor: Actor, at: datetime) -> None:
    """Refuse a drawing before its bytes are kept: the design may not change, or its step is not there yet.

    Raises:
        WorkflowError: the rule's own sentence.
    """
    after = decide(snapshot, Change(Facet.DESIGN, NEW), actor, at=at).after
    decide(after, Record("cad", "cad_file"), actor, at=at)


def _reason(snapshot: Snapshot, actor: Actor, at: datetime) -> str | None:
    try:
        require_drawable(snapshot, actor, at)
    except WorkflowError as refusal:
        return str(refusal)
    return None


def _step(whole: Whole, snapshot: Snapshot, row: MilestoneRow, offered: tuple[Offer, ...]) -> Step:
    milestone = snapshot.template[row.key]
    return Step(
        milestone=milestone,
        row=row,
        words=str(STATUS_WORDS[row.status]),
        who=whole.name_of(row.done_by or row.asked_by),
        missing=tuple(name for name in snapshot.required(row.key) if name not in row.evidence),
        offers=tuple(one for one in offered if one.milestone == row.key and one.name not in QUIET),
    )


def _revision(whole: Whole, revision: Revision, jobs: Mapping[str, Job]) -> RevisionView:
    report = revision.report
    return RevisionView(
        row=revision,
        by=whole.name_of(revision.handed_in_by_id),
        still=picture_of(revision, "dark") or picture_of(revision, "paper"),
        strip=strip_of(revision),
        report=report,
        weights=_weighed(report, revision.piece.alloy),
        overridden=frozenset(one.code for one in revision.piece.overrides if one.revision_id == revision.id),
        running=revision.examination in {Examination.RUNNING, Examination.MEASURED},
        progress=jobs.get(f"{revision.piece.reference} revision {revision.number}"),
    )


def _weighed(report: Report | None, ordered: str | None) -> tuple[Weighed, ...]:
    """The ordered alloy first, then the few others clients ask about."""
    if report is None:
        return ()
    wanted = dict.fromkeys((*((ordered,) if ordered else ()), *ASKED_ABOUT))
    found = {weight.alloy: weight for weight in report.weights}
    return tuple(
        Weighed(ALLOYS[code].name, found[code].density_g_cm3, found[code].cad_g, code == ordered)
        for code in wanted
        if code in found
    )


def _stone(option: StoneOption, sees_money: bool) -> StoneView:
    stone, hold = option.stone, option.stone.held
    cost = None
    if sees_money and stone.cost_minor is not None:
        cost = Money(stone.cost_minor, stone.currency)
    return StoneView(option, hold, hold is not None and hold.commission_id == option.piece.commission_id, cost)


def price_view(quotes: list[Quote], at: datetime) -> PriceView:
    """The newest of the prices, as the office reads it."""
    quote = quotes[-1]
    gross, cost = Money(quote.gross_minor, quote.currency), None
    margin, allowed = None, allowed_of(quote)
    if quote.cost_minor is not None:
        cost = Money(quote.cost_minor, quote.currency)
        given = allowed - tax_within(allowed, gross=gross, tax=Money(quote.tax_minor, quote.currency))
        margin = Money(quote.net_minor, quote.currency) - given - cost
    return PriceView(quote, gross, allowed, cost, margin, _state(quote, at))


def _state(quote: Quote, at: datetime) -> str:
    if not quote.firm:
        return _("estimate")
    if quote.accepted_at is not None:
        return _("accepted")
    if quote.superseded_at is not None:
        return _("replaced")
    if quote.sent_at is None:
        return _("not sent yet")
    return _("sent") if at <= quote.valid_until else _("run out")


def _running(session: Session, reference: str) -> dict[str, Job]:
    live = select(Job).where(Job.commission_reference == reference, Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
    return {job.subject_reference or "": job for job in session.scalars(live)}
