"""The house's list: every commission with its marks, whose turn it is and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, CommissionState, Participant
from bespoke.models.design import Revision, RevisionPicture
from bespoke.models.people import Person
from bespoke.models.piece import MilestoneRow, Piece
from bespoke.queries.commissions import visible_to
from bespoke.queries.marks import pips_of
from bespoke.templating.catalogue import _, lazy
from workflows.milestone import Milestone, Template
from workflows.roles import Actor, Role, may, spoken
from workflows.sentences import sentence
from workflows.snapshot import Status
from workflows.template import parse

PAGE = 100
AHEAD = frozenset({Status.OPEN, Status.ACTIVE, Status.ASKED, Status.RELEASED})
BENCH = frozenset({Role.BENCH, Role.LEAD})
GROUPS = (
    sentence("Yours to do"),
    sentence("With the client"),
    sentence("At the bench"),
    sentence("With others of the house"),
    sentence("Resting or ended"),
)
TO_DO = {
    "enquiry": lazy("Answer the enquiry"),
    "brief": lazy("Write the brief with the client"),
    "concept": lazy("Draw the sketches"),
    "stone_sourcing": lazy("Find stones and put them forward"),
    "quote": lazy("Price it and send the quote"),
    "deposit_lock": lazy("The deposit has not come yet"),
    "cad": lazy("Hand in the drawing"),
}
"""What is done at the steps before the making, as somebody at a desk would say it."""
YOURS, CLIENT, AT_BENCH, OTHERS, ENDED = GROUPS


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes next at a piece: whose it is, and what, in a few words."""

    roles: frozenset[Role]
    words: str
    since: datetime | None

    @property
    def whose(self) -> str:
        """The people, for a sentence."""
        return spoken(self.roles) or sentence("nobody")


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One piece on the list."""

    reference: str
    letter: str
    title: str
    client: str
    picture: str | None  # digest
    pips: tuple[str, ...]
    turn: Turn | None
    needed_by: date | None
    promised_to: date | None
    state: CommissionState


@dataclass(frozen=True, slots=True)
class Board:
    """The whole list in its groups."""

    groups: tuple[tuple[str, tuple[BoardRow, ...]], ...]
    more: bool

    @property
    def count(self) -> int:
        """How many pieces are on it."""
        return sum(len(rows) for _, rows in self.groups)


def board(session: Session, actor: Actor, *, before: datetime | None = None) -> Board:
    """The commissions changed last, a hundred at a time, grouped by whose turn it is for this person."""
    latest = visible_to(actor).order_by(Commission.changed_at.desc()).limit(PAGE + 1)
    if before is not None:
        latest = latest.where(Commission.changed_at < before)
    commissions = list(session.scalars(latest))
    more, commissions = len(commissions) > PAGE, commissions[:PAGE]
    numbers = [commission.id for commission in commissions]
    pieces = session.execute(
        select(Piece.id, Piece.commission_id, Piece.letter, Piece.title, Piece.template_text)
        .where(Piece.commission_id.in_(numbers))
        .order_by(Piece.letter)
    ).all()
    keys = [piece.id for piece in pieces]
    statuses = _statuses(session, keys)
    pictures = _pictures(session, keys)
    clients = _clients(session, numbers)
    by_number = {commission.id: commission for commission in commissions}
    several = {number for number in numbers if sum(piece.commission_id == number for piece in pieces) > 1}
    rows: dict[str, list[BoardRow]] = {name: [] for name in GROUPS}
    for piece in sorted(pieces, key=lambda one: numbers.index(one.commission_id)):
        commission = by_number[piece.commission_id]
        template, standing = parse(piece.template_text), statuses.get(piece.id, {})
        turn = turn_of(template, {key: status for key, (status, _) in standing.items()}, standing)
        row = BoardRow(
            reference=commission.reference,
            letter=piece.letter if piece.commission_id in several else "",
            title=piece.title if piece.commission_id in several else commission.title,
            client=clients.get(commission.id, ""),
            picture=pictures.get(piece.id),
            pips=pips_of(template, {key: status for key, (status, _) in standing.items()}),
            turn=turn,
            needed_by=commission.needed_by,
            promised_to=commission.promised_to,
            state=commission.state,
        )
        rows[_group(row, actor)].append(row)
    return Board(tuple((name, tuple(found)) for name, found in rows.items() if found), more)


def turn_of(
    template: Template,
    statuses: dict[str, Status],
    standing: dict[str, tuple[Status, datetime | None]],
) -> Turn | None:
    """Whose turn it is: the first milestone that is not passed and could be, or waits for a word."""
    ahead = [one for one in template.milestones if statuses.get(one.key) in AHEAD]
    if not ahead:
        return None
    asked = [one for one in ahead if statuses[one.key] is Status.ASKED]
    milestone = (asked or ahead)[0]
    status, since = standing[milestone.key]
    return Turn(_roles(milestone, status), _words(milestone, status), since)


def _roles(milestone: Milestone, status: Status) -> frozenset[Role]:
    if status is Status.ASKED:
        return milestone.approves or milestone.releases
    house = milestone.acts - {Role.SYSTEM}
    return house - {Role.CLIENT} or house


def _words(milestone: Milestone, status: Status) -> str:
    title = milestone.title
    if status is Status.ASKED:
        if milestone.approves:
            return _("%(title)s: waits for a yes", title=title)
        return _("%(title)s: waits for a second person", title=title)
    if milestone.key in TO_DO:
        return str(TO_DO[milestone.key])
    if status is Status.ACTIVE:
        return _("%(title)s is under way", title=title)
    return _("%(title)s can begin", title=title)


def _group(row: BoardRow, actor: Actor) -> str:
    if row.state is not CommissionState.OPEN or row.turn is None:
        return ENDED
    roles = row.turn.roles
    if may(actor, roles) and not (actor.role is Role.OWNER and roles & BENCH):
        return YOURS
    if Role.CLIENT in roles:
        return CLIENT
    return AT_BENCH if roles & BENCH else OTHERS


def _statuses(session: Session, pieces: Sequence[int]) -> dict[int, dict[str, tuple[Status, datetime | None]]]:
    found: dict[int, dict[str, tuple[Status, datetime | None]]] = {}
    columns = (MilestoneRow.piece_id, MilestoneRow.key, MilestoneRow.status, MilestoneRow.opened_at)
    for number, key, status, since in session.execute(select(*columns).where(MilestoneRow.piece_id.in_(pieces))):
        found.setdefault(number, {})[key] = (status, since)
    return found


def _pictures(session: Session, pieces: Sequence[int]) -> dict[int, str]:
    """The three-quarter still of the newest drawn revision of each piece."""
    statement = (
        select(Revision.piece_id, RevisionPicture.digest)
        .join(RevisionPicture, RevisionPicture.revision_id == Revision.id)
        .where(Revision.piece_id.in_(pieces), RevisionPicture.name == "still-three-quarter.png")
        .order_by(Revision.number)
    )
    return {line.piece_id: line.digest for line in session.execute(statement)}


def _clients(session: Session, numbers: Sequence[int]) -> dict[int, str]:
    statement = (
        select(Participant.commission_id, Person.name)
        .join(Person, Person.id == Participant.person_id)
        .where(Participant.commission_id.in_(numbers), Participant.role == Role.CLIENT)
    )
    return {line.commission_id: line.name for line in session.execute(statement)}
