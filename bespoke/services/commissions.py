"""Commissions: opening one, giving it pieces, letting it rest and ending it."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, CommissionState, Participant
from bespoke.models.house import HouseRow
from bespoke.models.people import Person
from bespoke.models.piece import Piece, milestone_rows
from bespoke.services import house, steps
from bespoke.services.errors import NotPossible
from workflows.actions import Cancel, Pause, Resume
from workflows.alloys import ALLOYS
from workflows.errors import NotAllowed, OutOfOrder
from workflows.roles import STAFF, Actor, Role
from workflows.sentences import sentence
from workflows.snapshot import Course
from workflows.template import load, text_of

OPENERS = STAFF | {Role.SYSTEM}  # the form at the door opens one too
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def open_commission(
    session: Session, client: Person, title: str, actor: Actor, *, at: datetime, reference: str | None = None
) -> Commission:
    """A new commission of `client`, with the next reference of the house.

    Args:
        reference: the house's own number where one exists already, as for jobs begun before.

    Raises:
        NotAllowed: only staff open commissions, or an enquiry at the door.
    """
    if actor.role not in OPENERS:
        raise NotAllowed(sentence("Only the house opens a commission; send an enquiry instead."))
    own = house.current(session)
    commission = Commission(
        reference=reference or _next_reference(session, own),
        title=title.strip() or "Commission",
        currency=own.currency,
        created_at=at,
        changed_at=at,
    )
    session.add(commission)
    session.flush()
    session.add(Participant(commission_id=commission.id, person_id=client.id, role=Role.CLIENT))
    session.flush()
    session.refresh(commission)
    commission.record("commission_opened", actor, at, title=commission.title, client=str(client.id))
    session.flush()
    return commission


def add_piece(
    session: Session,
    commission: Commission,
    template_key: str,
    title: str,
    actor: Actor,
    *,
    at: datetime,
    quantity: int = 1,
    alloy: str | None = None,
    engraving: str = "",
    fixed_size: bool = False,
) -> Piece:
    """A piece of the commission, with every milestone of its template from the start."""
    if actor.role not in OPENERS:
        raise NotAllowed(sentence("The house adds a piece; write to it about what you would like."))
    if commission.state is not CommissionState.OPEN:
        raise NotPossible(
            sentence(
                "%(reference)s is %(state)s; no piece is added to it.",
                reference=commission.reference,
                state=commission.state.value,
            )
        )
    if quantity < 1:
        raise NotPossible(sentence("A piece is made at least once."))
    if len(commission.pieces) == len(LETTERS):
        raise NotPossible(
            sentence("A commission has up to %(letters)s pieces; open another one.", letters=len(LETTERS))
        )
    if alloy is not None and alloy not in ALLOYS:
        raise NotPossible(
            sentence(
                "There is no alloy %(alloy)s; there are %(alloys)s.", alloy=alloy[:20], alloys=", ".join(sorted(ALLOYS))
            )
        )
    template = load(template_key)
    piece = Piece(
        commission_id=commission.id,
        letter=LETTERS[len(commission.pieces)],
        title=title.strip() or template.title,
        quantity=quantity,
        template_key=template.key,
        template_text=text_of(template_key),
        alloy=alloy,
        engraving=engraving,
        fixed_size=fixed_size,
        reworks=0,
    )
    piece.milestones = milestone_rows(template, at)
    commission.pieces.append(piece)
    session.flush()
    commission.record(
        "piece_added",
        actor,
        at,
        piece=piece.reference,
        template=template.key,
        version=template.version,
        title=piece.title,
    )
    session.flush()
    return piece


def let_read(session: Session, commission: Commission, person: Person, actor: Actor, *, at: datetime) -> Participant:
    """Let somebody beside the client read along; they decide nothing.

    Raises:
        NotAllowed: only the client and the house let somebody read along.
        NotPossible: they are on the commission already.
    """
    is_client = actor.role is Role.CLIENT and actor.id == str(commission.client.id)
    if actor.role not in STAFF and not is_client:
        raise NotAllowed(sentence("Only the client, or the house for them, lets somebody read along."))
    if any(one.person_id == person.id for one in commission.participants):
        raise NotPossible(f"{person.name} is on {commission.reference} already.")
    row = Participant(commission_id=commission.id, person_id=person.id, role=Role.READER)
    commission.participants.append(row)
    commission.record("reader_added", actor, at, person=str(person.id))
    session.flush()
    return row


def pause(session: Session, commission: Commission, reason: str, actor: Actor, *, at: datetime) -> None:
    """Let all of it rest that is not cancelled.

    Raises:
        OutOfOrder: it does not go on at the moment.
    """
    _in_state(commission, CommissionState.OPEN)
    for piece in _alive(commission):
        steps.act(session, piece, Pause(reason), actor, at=at)
    commission.state = CommissionState.PAUSED


def resume(session: Session, commission: Commission, actor: Actor, *, at: datetime) -> None:
    """Take it up again.

    Raises:
        OutOfOrder: it does not rest.
    """
    _in_state(commission, CommissionState.PAUSED)
    for piece in _alive(commission):
        steps.act(session, piece, Resume(), actor, at=at)
    commission.state = CommissionState.OPEN


def cancel_pieces(session: Session, commission: Commission, reason: str, actor: Actor, *, at: datetime) -> None:
    """End every piece that is left; money and stones are for `endings.cancel`, which calls this.

    Raises:
        OutOfOrder: it has ended already, or a piece can no longer be cancelled.
    """
    _in_state(commission, CommissionState.OPEN, CommissionState.PAUSED)
    for piece in _alive(commission):
        steps.act(session, piece, Cancel(reason), actor, at=at)
    commission.state = CommissionState.CANCELLED


def _alive(commission: Commission) -> list[Piece]:
    return [piece for piece in commission.pieces if piece.course is not Course.CANCELLED]


def _in_state(commission: Commission, *allowed: CommissionState) -> None:
    if commission.state not in allowed:
        raise OutOfOrder(
            sentence(
                "%(reference)s is %(state)s; this cannot be done with it now.",
                reference=commission.reference,
                state=commission.state.value,
            )
        )


def _next_reference(session: Session, own: HouseRow) -> str:
    # counted up by the database, so that two openings at once get two numbers
    number = session.scalar(
        update(HouseRow)
        .where(HouseRow.id == own.id)
        .values(next_number=HouseRow.next_number + 1)
        .returning(HouseRow.next_number)
        .execution_options(synchronize_session=False)
    )
    return f"{own.reference_prefix}-{(number or 1) - 1:04d}"
