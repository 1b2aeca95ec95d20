"""The register of stones: what each is, its report, where it is and who has it; cost only for those who see money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from bespoke.models.commission import Commission, CommissionState
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneHold, StoneOption, StoneReport, StoneRow
from bespoke.queries.commissions import NotFound
from workflows.money import Money
from workflows.naming import disclosure, origin_statement, stone_name
from workflows.roles import Actor, Role
from workflows.sentences import sentence
from workflows.stones import Ownership, Whereabouts

PAGE = 60
MONEY_ROLES = frozenset({Role.OFFICE, Role.OWNER})
GONE = (Whereabouts.RETURNED, Whereabouts.BROKEN, Whereabouts.LOST, Whereabouts.SET)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which stones: words in a reference, species or report number; only those nobody has; after which one."""

    words: str = ""
    free: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class StoneLine:
    """One stone on the register."""

    row: StoneRow
    name: str
    origin: str
    treatment: str
    report: StoneReport | None
    hold: StoneHold | None
    holder: str  # the reference of whoever has it
    cost: Money | None

    @property
    def free(self) -> bool:
        """Whether it could be put forward."""
        return self.hold is None and self.row.whereabouts not in GONE


@dataclass(frozen=True, slots=True)
class Register:
    """A page of the register; `more` is the reference it goes on after."""

    lines: tuple[StoneLine, ...]
    more: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece a stone could be put forward for."""

    reference: str
    letter: str
    title: str


@dataclass(frozen=True, slots=True)
class StonePage:
    """One stone with everything the house knows of it.

    Attributes:
        options: where it was put forward, with the commission's reference.
    """

    line: StoneLine
    options: tuple[tuple[StoneOption, str], ...]
    candidates: tuple[Candidate, ...]


def register(session: Session, actor: Actor, wanted: Wanted) -> Register:
    """The stones in order of their reference, a page at a time."""
    statement = _all().order_by(StoneRow.reference).limit(PAGE + 1)
    if wanted.after:
        statement = statement.where(StoneRow.reference > wanted.after)
    for word in wanted.words.split()[:6]:
        like = "%" + word.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = (StoneRow.reference, StoneRow.species, StoneRow.shape, StoneRow.colour, StoneRow.country)
        reported = exists().where(
            StoneReport.stone_id == StoneRow.id, func.lower(StoneReport.number).like(like, escape="\\")
        )
        statement = statement.where(or_(reported, *(func.lower(one).like(like, escape="\\") for one in columns)))
    if wanted.free:
        taken = exists().where(and_(StoneHold.stone_id == StoneRow.id, StoneHold.ended_at.is_(None)))
        statement = statement.where(~taken, StoneRow.whereabouts.not_in(GONE))
    rows = list(session.scalars(statement).unique())
    lines = _lines(session, rows[:PAGE], actor)
    return Register(lines, rows[PAGE - 1].reference if len(rows) > PAGE else None)


def page(session: Session, reference: str, actor: Actor) -> StonePage:
    """One stone.

    Raises:
        NotFound: there is none of that reference.
    """
    row = session.scalars(_all().where(StoneRow.reference == reference)).unique().one_or_none()
    if row is None:
        raise NotFound(sentence("stone"))
    put = (
        select(StoneOption, Commission.reference)
        .join(Piece, Piece.id == StoneOption.piece_id)
        .join(Commission, Commission.id == Piece.commission_id)
        .where(StoneOption.stone_id == row.id)
        .order_by(StoneOption.id)
    )
    options = tuple((option, named) for option, named in session.execute(put))
    return StonePage(_lines(session, [row], actor)[0], options, candidates(session))


def candidates(session: Session) -> tuple[Candidate, ...]:
    """The pieces of the commissions in hand that changed last."""
    statement = (
        select(Commission.reference, Piece.letter, Commission.title)
        .join(Piece, Piece.commission_id == Commission.id)
        .where(Commission.state == CommissionState.OPEN)
        .order_by(Commission.changed_at.desc(), Piece.letter)
        .limit(100)
    )
    return tuple(Candidate(*line) for line in session.execute(statement))


def line_of(row: StoneRow, actor: Actor, holder: str = "") -> StoneLine:
    """A stone whose reports and holds are loaded, for somebody."""
    named = row.named
    cost = None
    if actor.role in MONEY_ROLES and row.cost_minor is not None and row.ownership is not Ownership.CLIENT:
        cost = Money(row.cost_minor, row.currency)
    treated = disclosure(named)
    return StoneLine(
        row, stone_name(named), origin_statement(named), treated.words, row.governing, row.held, holder, cost
    )


def is_held_until(line: StoneLine) -> datetime | None:
    """Until when it is kept for somebody; None where it is free, or locked for good."""
    return None if line.hold is None or line.hold.locked_at is not None else line.hold.until


def _all() -> Select[StoneRow]:
    return select(StoneRow).options(joinedload(StoneRow.reports), joinedload(StoneRow.holds))


def _lines(session: Session, rows: Sequence[StoneRow], actor: Actor) -> tuple[StoneLine, ...]:
    holders = {row.held.commission_id for row in rows if row.held is not None}
    named: dict[int, str] = {}
    if holders:
        statement = select(Commission.id, Commission.reference).where(Commission.id.in_(holders))
        named = dict(session.execute(statement).all())
    return tuple(line_of(row, actor, "" if row.held is None else named.get(row.held.commission_id, "")) for row in rows)
