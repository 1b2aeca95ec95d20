"""The studio's board: the commissions in hand, whose turn each is, what is late and what comes next.

A page takes a fixed number of statements, whatever it shows: the commissions with their clients, their pieces, how far
each is, the newest drawing of each, and, for the one that is looked at, what was measured on it and last said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from bespoke.models.commission import Commission, CommissionState, Participant
from bespoke.models.design import Examination, Pin, Revision, RevisionPicture
from bespoke.models.house import HouseRow
from bespoke.models.message import Message
from bespoke.models.people import Person
from bespoke.models.piece import MilestoneRow, Piece
from bespoke.queries.board import BENCH, Turn, turn_of
from bespoke.queries.commissions import NotFound, visible_to
from bespoke.queries.marks import pips_of
from bespoke.templating.catalogue import _, lazy, ngettext
from workflows.alloys import ALLOYS
from workflows.roles import Actor, Role, may
from workflows.snapshot import Status
from workflows.template import parse

PAGE = 50
NEW_FOR = timedelta(days=3)
STILL = "still-three-quarter.png"


class Group(StrEnum):
    """Whose turn it is, seen by one person."""

    YOURS = "yours"
    CLIENT = "client"
    BENCH = "bench"
    OTHERS = "others"


HEADINGS = {
    Group.YOURS: lazy("Yours to do"),
    Group.CLIENT: lazy("With the client"),
    Group.BENCH: lazy("At the bench"),
    Group.OTHERS: lazy("With others of the house"),
}


class Tone(StrEnum):
    """How a tag is coloured; its words say the same."""

    YOU = "you"
    CARE = "warn"
    GOOD = "ok"
    NEWS = "info"
    PLAIN = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for: words in a title, reference or client's name; one group; only what is late."""

    words: str = ""
    group: Group | None = None
    late: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.words) or self.group is not None or self.late


@dataclass(frozen=True, slots=True)
class Drawn:
    """The newest drawing of a piece, as far as a list needs it."""

    id: int
    number: int
    examination: Examination
    published: bool
    picture: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One piece on the board.

    Attributes:
        letter: of the piece where the commission has several, else empty.
        due: the day it is needed or promised by, whichever is the earlier.
    """

    reference: str
    letter: str
    title: str
    client: str
    described: str
    picture: str | None
    pips: tuple[str, ...]
    next: str
    whose: str
    due: date | None
    tag: str
    tone: Tone
    late: bool
    group: Group
    notes: int
    drawn: Drawn | None
    needed_by: date | None
    promised: tuple[date, date] | None
    size: str
    piece_id: int
    commission_id: int

    @property
    def key(self) -> str:
        """What tells it from the others on the page, for addresses."""
        return f"{self.reference}-{self.letter}" if self.letter else self.reference


@dataclass(frozen=True, slots=True)
class Said:
    """What was last said about a commission."""

    who: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The piece that is looked at beside the list."""

    row: Row
    revision: Revision | None
    said: Said | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """After which commission a page goes on: many may have changed at one moment."""

    at: datetime
    number: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.number}"

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """The cursor an address carries.

        Raises:
            NotFound: it is none of ours.
        """
        moment, _line, number = text.rpartition("_")
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            raise NotFound("page of the board") from None
        if at.tzinfo is None or not (number.isascii() and number.isdecimal() and len(number) < 16):
            raise NotFound("page of the board")
        return cls(at, int(number))


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board.

    Attributes:
        older: where the next page begins; None on the last one.
    """

    groups: tuple[tuple[Group, tuple[Row, ...]], ...]
    preview: Preview | None
    older: Cursor | None

    @property
    def rows(self) -> tuple[Row, ...]:
        """All of them in the order shown."""
        return tuple(row for _group, rows in self.groups for row in rows)

    def count(self, group: Group) -> int:
        """How many there are in a group."""
        return next((len(rows) for found, rows in self.groups if found is group), 0)

    @property
    def resting(self) -> str:
        """What to say where nothing is yours."""
        waiting = self.count(Group.CLIENT)
        if not waiting:
            return _("Nothing is yours.")
        with_clients = ngettext("%(num)s is with a client.", "%(num)s are with clients.", waiting)
        return _("Nothing is yours. %(clients)s", clients=with_clients)


def board(
    session: Session,
    house: HouseRow,
    actor: Actor,
    wanted: Filter,
    *,
    at: datetime,
    selected: str = "",
    before: Cursor | None = None,
) -> Board:
    """The commissions in hand that changed last, a page at a time, grouped by whose turn it is for this person."""
    today = at.astimezone(ZoneInfo(house.time_zone)).date()
    found = _commissions(session, actor, wanted, today, before)
    last = found[PAGE - 1][0] if len(found) > PAGE else None
    older = None if last is None else Cursor(last.changed_at, last.id)
    clients = {commission.id: (commission, name or "") for commission, name in found[:PAGE]}
    pieces = _pieces(session, list(clients))
    statuses = _statuses(session, [piece.id for piece, _pins in pieces])
    drawings = _drawings(session, [piece.id for piece, _pins in pieces])
    several = {piece.commission_id for piece, _pins in pieces if piece.letter != "A"}
    groups: dict[Group, list[Row]] = {group: [] for group in Group}
    for piece, pins in pieces:
        commission, client = clients[piece.commission_id]
        standing = statuses.get(piece.id, {})
        alone = piece.commission_id not in several
        row = _row(commission, client, piece, alone, standing, drawings.get(piece.id), pins, actor, at, today)
        if (wanted.group is None or row.group is wanted.group) and (not wanted.late or row.late):
            groups[row.group].append(row)
    sorted_groups = tuple((group, tuple(sorted(rows, key=_urgency))) for group, rows in groups.items() if rows)
    shown = [row for _group, rows in sorted_groups for row in rows]
    looked_at = next((row for row in shown if row.key == selected), shown[0] if shown else None)
    return Board(sorted_groups, None if looked_at is None else _preview(session, looked_at), older)


def _commissions(
    session: Session, actor: Actor, wanted: Filter, today: date, before: Cursor | None
) -> list[tuple[Commission, str | None]]:
    client = aliased(Person)
    statement = (
        visible_to(actor)
        .outerjoin(Participant, and_(Participant.commission_id == Commission.id, Participant.role == Role.CLIENT))
        .outerjoin(client, client.id == Participant.person_id)
        .add_columns(client.name)
        .where(Commission.state == CommissionState.OPEN)
        .order_by(Commission.changed_at.desc(), Commission.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        same = and_(Commission.changed_at == before.at, Commission.id < before.number)
        statement = statement.where(or_(Commission.changed_at < before.at, same))
    if wanted.late:
        statement = statement.where(_late(today))
    for word in wanted.words.split()[:6]:
        like = f"%{_escaped(word.lower())}%"
        columns = (Commission.title, Commission.reference, client.name)
        statement = statement.where(or_(*(func.lower(column).like(like, escape="\\") for column in columns)))
    return [(line[0], line[1]) for line in session.execute(statement)]


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _late(today: date) -> ColumnElement[bool]:
    """The day it is needed or promised by has passed, or the promise is later than the need."""
    return or_(
        Commission.needed_by < today,
        Commission.promised_to < today,
        Commission.promised_to > Commission.needed_by,
    )


def _pieces(session: Session, numbers: Sequence[int]) -> list[tuple[Piece, int]]:
    open_pins = (
        select(func.count(Pin.id))
        .join(Revision, Revision.id == Pin.revision_id)
        .where(Revision.piece_id == Piece.id, Pin.settled_at.is_(None))
        .scalar_subquery()
    )
    statement = (
        select(Piece, open_pins).where(Piece.commission_id.in_(numbers)).order_by(Piece.commission_id, Piece.letter)
    )
    return [(piece, pins) for piece, pins in session.execute(statement)]


def _statuses(session: Session, pieces: Sequence[int]) -> dict[int, dict[str, tuple[Status, datetime | None]]]:
    found: dict[int, dict[str, tuple[Status, datetime | None]]] = {}
    columns = (MilestoneRow.piece_id, MilestoneRow.key, MilestoneRow.status, MilestoneRow.opened_at)
    for number, key, status, since in session.execute(select(*columns).where(MilestoneRow.piece_id.in_(pieces))):
        found.setdefault(number, {})[key] = (status, since)
    return found


def _drawings(session: Session, pieces: Sequence[int]) -> dict[int, Drawn]:
    """The newest revision of each piece, with its still or that of the last one that has one."""
    still = and_(RevisionPicture.revision_id == Revision.id, RevisionPicture.name == STILL)
    columns = (
        Revision.id,
        Revision.piece_id,
        Revision.number,
        Revision.examination,
        Revision.published_at,
        RevisionPicture.digest,
    )
    statement = select(*columns).outerjoin(RevisionPicture, still).where(Revision.piece_id.in_(pieces))
    found: dict[int, Drawn] = {}
    for line in session.execute(statement.order_by(Revision.number)):
        before = found.get(line.piece_id)
        picture = line.digest or (None if before is None else before.picture)
        found[line.piece_id] = Drawn(line.id, line.number, line.examination, line.published_at is not None, picture)
    return found


def _row(
    commission: Commission,
    client: str,
    piece: Piece,
    alone: bool,
    standing: Mapping[str, tuple[Status, datetime | None]],
    drawn: Drawn | None,
    pins: int,
    actor: Actor,
    at: datetime,
    today: date,
) -> Row:
    template = parse(piece.template_text)
    states = {key: status for key, (status, _since) in standing.items()}
    turn = turn_of(template, states, dict(standing))
    group = _group(turn, actor)
    days = [day for day in (commission.needed_by, commission.promised_to) if day is not None]
    due = min(days) if days else None
    late = due is not None and due < today
    at_risk = None not in (commission.needed_by, commission.promised_to) and max(days) != commission.needed_by
    tag, tone = _tag(commission, group, turn, pins, at, late=late, at_risk=at_risk)
    alloy = ALLOYS.get(piece.alloy or "")
    return Row(
        reference=commission.reference,
        letter="" if alone else piece.letter,
        title=commission.title if alone else piece.title,
        client=client,
        described=", ".join(filter(None, (client, "" if alloy is None else alloy.name))),
        picture=None if drawn is None else drawn.picture,
        pips=pips_of(template, states),
        next=_next(turn, drawn, pins, group),
        whose=_("nobody") if turn is None else turn.whose,
        due=due,
        tag=tag,
        tone=tone,
        late=late or at_risk,
        group=group,
        notes=pins,
        drawn=drawn,
        needed_by=commission.needed_by,
        promised=_promise(commission),
        size=piece.size_label,
        piece_id=piece.id,
        commission_id=commission.id,
    )


def _promise(commission: Commission) -> tuple[date, date] | None:
    last = commission.promised_to
    return None if last is None else (commission.promised_from or last, last)


def _group(turn: Turn | None, actor: Actor) -> Group:
    if turn is None:
        return Group.OTHERS
    if may(actor, turn.roles) and not (actor.role is Role.OWNER and turn.roles & BENCH):
        return Group.YOURS
    if Role.CLIENT in turn.roles:
        return Group.CLIENT
    return Group.BENCH if turn.roles & BENCH else Group.OTHERS


def _next(turn: Turn | None, drawn: Drawn | None, pins: int, group: Group) -> str:
    if turn is None:
        return _("All of it is done")
    if group is Group.YOURS and drawn is not None and not drawn.published:
        if drawn.examination is Examination.REFUSED:
            return _("Revision %(n)s cannot be read, hand in another", n=drawn.number)
        if drawn.examination is not Examination.DONE:
            return _("Revision %(n)s is being examined", n=drawn.number)
        if pins:
            return ngettext("Answer %(num)s note, then publish", "Answer %(num)s notes, then publish", pins)
        return _("Publish revision %(n)s", n=drawn.number)
    if group is Group.YOURS and pins and drawn is not None:
        return ngettext(
            "Answer %(num)s note on revision %(n)s", "Answer %(num)s notes on revision %(n)s", pins, n=drawn.number
        )
    return turn.words


def _tag(
    commission: Commission,
    group: Group,
    turn: Turn | None,
    pins: int,
    at: datetime,
    *,
    late: bool,
    at_risk: bool,
) -> tuple[str, Tone]:
    if late:
        return _("late"), Tone.YOU
    if at_risk:
        return _("at risk"), Tone.CARE
    if group is Group.YOURS and pins:
        return ngettext("%(num)s note", "%(num)s notes", pins), Tone.YOU
    if at - commission.created_at < NEW_FOR:
        return _("new"), Tone.NEWS
    if group is Group.CLIENT and turn is not None and turn.since is not None:
        days = max(0, (at - turn.since).days)
        return (ngettext("%(num)s day", "%(num)s days", days), Tone.PLAIN) if days else ("", Tone.PLAIN)
    if group is Group.BENCH and commission.promised_to is not None:
        return _("on time"), Tone.GOOD
    return "", Tone.PLAIN


def _urgency(row: Row) -> tuple[date, str]:
    return row.due or date.max, row.reference


def _preview(session: Session, row: Row) -> Preview:
    last = (
        select(Message.text, Message.at, Person.name)
        .join(Person, Person.id == Message.author_id)
        .where(Message.commission_id == row.commission_id)
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    )
    said = session.execute(last).first()
    revision = None
    if row.drawn is not None:
        revision = session.scalar(select(Revision).where(Revision.id == row.drawn.id))
    return Preview(row, revision, None if said is None else Said(said.name, said.at, said.text))
