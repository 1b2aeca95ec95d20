"""The studio's board: the commissions in hand, whose turn each is, what is late and what comes next.

A page takes a fixed number of statements, whatever it shows: the commissions with their clients, their pieces, how far
each is, the newest drawing of each, and, for the one that is looked at, what was measured on it and last said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from bespoke.models.commission import Commission, CommissionState, Participant
from bespoke.models.design import Pin, Revision, RevisionPicture
from bespoke.models.house import HouseRow
from bespoke.models.message import Message
from bespoke.models.people import Person
from bespoke.models.piece import MilestoneRow, Piece
from bespoke.queries.commissions import NotFound, visible_to
from bespoke.queries.studio_groups import has_group
from bespoke.queries.studio_rows import Drawn, Group, Row, row_of
from bespoke.templating.catalogue import _, ngettext
from workflows.roles import Actor, Role
from workflows.sentences import sentence
from workflows.snapshot import Status

PAGE = 50
STILL = "still-three-quarter.png"


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
            raise NotFound(sentence("page of the board")) from None
        if at.tzinfo is None or not (number.isascii() and number.isdecimal() and len(number) < 16):
            raise NotFound(sentence("page of the board"))
        return cls(at, int(number))


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board.

    Attributes:
        older: where the next page begins; None on the last one.
        unanswered: the commissions whose client has the last word, by their numbers.
    """

    groups: tuple[tuple[Group, tuple[Row, ...]], ...]
    preview: Preview | None
    older: Cursor | None
    unanswered: frozenset[int]

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
    statuses = _statuses(session, [piece.id for piece, _pins, _wrote in pieces])
    drawings = _drawings(session, [piece.id for piece, _pins, _wrote in pieces])
    several = {piece.commission_id for piece, _pins, _wrote in pieces if piece.letter != "A"}
    groups: dict[Group, list[Row]] = {group: [] for group in Group}
    for piece, pins, _wrote in pieces:
        commission, client = clients[piece.commission_id]
        standing = statuses.get(piece.id, {})
        alone = piece.commission_id not in several
        row = row_of(commission, client, piece, alone, standing, drawings.get(piece.id), pins, actor, at, today)
        if (wanted.group is None or row.group is wanted.group) and (not wanted.late or row.late):
            groups[row.group].append(row)
    sorted_groups = tuple((group, tuple(sorted(rows, key=_urgency))) for group, rows in groups.items() if rows)
    shown = [row for _group, rows in sorted_groups for row in rows]
    looked_at = next((row for row in shown if row.key == selected), shown[0] if shown else None)
    preview = None if looked_at is None else _preview(session, looked_at)
    unanswered = frozenset(piece.commission_id for piece, _pins, wrote in pieces if wrote)
    return Board(sorted_groups, preview, older, unanswered)


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
    if wanted.group is not None:
        statement = statement.where(has_group(wanted.group, actor))
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


def _pieces(session: Session, numbers: Sequence[int]) -> list[tuple[Piece, int, bool]]:
    """Each piece, how many notes on its drawings are open, and whether the client has the last word."""
    open_pins = (
        select(func.count(Pin.id))
        .join(Revision, Revision.id == Pin.revision_id)
        .where(Revision.piece_id == Piece.id, Pin.settled_at.is_(None))
        .scalar_subquery()
    )
    last_word = (
        select(Message.author_id)
        .where(Message.commission_id == Piece.commission_id, Message.internal.is_(False))
        .order_by(Message.id.desc())
        .limit(1)
        .correlate(Piece)
        .scalar_subquery()
    )
    theirs = Participant.commission_id == Piece.commission_id, Participant.role == Role.CLIENT
    wrote = exists().where(*theirs, Participant.person_id == last_word).correlate(Piece)
    statement = (
        select(Piece, open_pins, wrote)
        .where(Piece.commission_id.in_(numbers))
        .order_by(Piece.commission_id, Piece.letter)
    )
    return [(piece, pins, wrote) for piece, pins, wrote in session.execute(statement)]


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
