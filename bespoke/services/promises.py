"""When a commission will be ready: a range reckoned from what is left to do, moved only with a reason."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.piece import Piece
from bespoke.services import house
from bespoke.services.errors import Missing
from workflows.errors import NotAllowed
from workflows.roles import Actor, Role
from workflows.schedule import Promise, ReasonMissing, move, promise, stages_of
from workflows.sentences import sentence, when
from workflows.snapshot import PASSED, Course

PROMISERS = frozenset({Role.OFFICE, Role.OWNER})
DELIVERY = "delivery"


def reckon(session: Session, commission: Commission, *, at: datetime) -> Promise:
    """What may be promised today: the latest of its pieces decides.

    Raises:
        Missing: no piece of it is being made.
    """
    today = at.astimezone(ZoneInfo(house.current(session).time_zone)).date()
    pieces = [piece for piece in commission.pieces if piece.course is not Course.CANCELLED]
    if not pieces:
        raise Missing(sentence("%(reference)s has no piece that is being made.", reference=commission.reference))
    return max((_of(piece, today) for piece in pieces), key=lambda offered: offered.promised_on)


def give(session: Session, commission: Commission, actor: Actor, *, at: datetime) -> Promise:
    """Promise the range that follows from what is left to do; once.

    Raises:
        NotAllowed: only the office promises.
        ReasonMissing: something was promised already; use `move_to` with its reason.
    """
    _may(actor)
    offered = reckon(session, commission, at=at)
    if commission.promised_to is not None:
        raise ReasonMissing(
            sentence(
                "%(promised_to)s is promised already; move it, and say why.",
                promised_to=when(commission.promised_to),
            )
        )
    commission.promised_from, commission.promised_to = offered.expected_on, offered.promised_on
    commission.record(
        "promised",
        actor,
        at,
        first=offered.expected_on.isoformat(),
        last=offered.promised_on.isoformat(),
        internal_due=offered.internal_due_on.isoformat(),
    )
    session.flush()
    return offered


def move_to(
    session: Session,
    commission: Commission,
    first: date,
    last: date,
    reason: str,
    waiting_on: str,
    actor: Actor,
    *,
    at: datetime,
) -> None:
    """Move the promised range, with the reason the client reads and who is waited for: client, vendor or shop.

    Raises:
        Missing: nothing was promised yet.
        ReasonMissing: no reason, nobody named, or the day is the same.
    """
    _may(actor)
    if commission.promised_to is None:
        raise Missing(sentence("Nothing has been promised for %(reference)s yet.", reference=commission.reference))
    moved = move(commission.promised_to, last, reason=reason, waiting_on=waiting_on)
    commission.promised_from, commission.promised_to = min(first, last), last
    commission.promise_reason = moved.reason
    commission.record(
        "promise_moved",
        actor,
        at,
        was=moved.was.isoformat(),
        first=commission.promised_from.isoformat(),
        last=moved.now.isoformat(),
        reason=moved.reason,
        waiting_on=moved.waiting_on,
    )
    session.flush()


def _of(piece: Piece, today: date) -> Promise:
    done = frozenset(row.key for row in piece.milestones if row.status in PASSED)
    return promise(stages_of(piece.template, until=DELIVERY, done=done), today, done=done)


def _may(actor: Actor) -> None:
    if actor.role not in PROMISERS:
        raise NotAllowed(sentence("Only the office or the owner promises a day."))
