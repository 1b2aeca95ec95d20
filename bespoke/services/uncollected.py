"""Finished pieces that nobody collects: since when they are ready, what the office is told, what the owner decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, CommissionState
from bespoke.models.delivery import Delivery
from bespoke.models.event import Event
from bespoke.models.ledger import STORAGE, InstalmentRow
from bespoke.models.piece import MilestoneRow, Piece
from bespoke.services import house, invoices, steps
from bespoke.services.errors import NotPossible
from bespoke.services.holds import CLOCK
from workflows.errors import NotAllowed
from workflows.money import Money
from workflows.roles import Actor, Role
from workflows.sentences import sentence
from workflows.snapshot import Course, Status

LADDER = (timedelta(days=7), timedelta(weeks=3), timedelta(weeks=6))
WEEK = timedelta(weeks=1)
RECAP, CHECK, DELIVERY = "pre_ship_confirmation", "qc", "delivery"
OVERDUE, DECIDED = "collection_overdue", "storage_decided"
LAST = 9  # after every instalment of the price
LONGEST = 300  # letters of a reason


class Decision(StrEnum):
    """What the owner decides about a piece nobody collects; nothing of it happens by itself."""

    STORAGE = "storage"  # charge for the weeks named, by the house's terms
    WAIVE = "waive"
    LIEN = "lien"  # keep or sell it, as the law of the place allows


@dataclass(frozen=True, slots=True)
class Waiting:
    """A finished piece that may be collected, and since when."""

    piece: Piece
    since: datetime

    def rung(self, at: datetime) -> int:
        """How many reminders are due by now; all of them is `len(LADDER)`."""
        return sum(at - self.since >= after for after in LADDER)


def waiting(session: Session, *, at: datetime) -> Iterator[Waiting]:
    """Every piece that may be collected and was ready before the first reminder's time."""
    done = (
        select(Piece)
        .join(MilestoneRow, MilestoneRow.piece_id == Piece.id)
        .where(
            MilestoneRow.key.in_((RECAP, CHECK)),
            MilestoneRow.status == Status.DONE,
            MilestoneRow.done_at <= at - LADDER[0],
            Piece.course == Course.LIVE,
        )
        .where(
            ~select(MilestoneRow.id)
            .where(MilestoneRow.piece_id == Piece.id, MilestoneRow.key == DELIVERY, MilestoneRow.status == Status.DONE)
            .correlate(Piece)
            .exists()
        )
        .order_by(Piece.id)
        .distinct()
    )
    for piece in session.scalars(done):
        since = ready_since(session, piece)
        if since is not None and at - since >= LADDER[0]:
            yield Waiting(piece, since)


def ready_since(session: Session, piece: Piece) -> datetime | None:
    """Since when a piece may be collected: its recap confirmed and all its money cleared.

    None where it may not be yet, was handed over, or goes by courier.
    """
    last = RECAP if RECAP in piece.template else CHECK
    commission = piece.commission
    if commission.state is not CommissionState.OPEN or not steps.is_done(piece, last):
        return None
    if steps.is_past(piece, DELIVERY):
        return None
    row = session.scalar(select(Delivery).where(Delivery.commission_id == commission.id))
    if row is not None and row.method == "courier":
        return None
    parts = [one for one in commission.instalments if one.key != STORAGE]
    if any(one.cleared_minor < one.due_minor for one in parts):
        return None
    cleared = [pay.cleared_at for one in parts for pay in one.payments if pay.cleared_at is not None]
    confirmed = piece.milestone(last).done_at
    return None if confirmed is None else max([confirmed, *cleared])


def tell_overdue(session: Session, *, at: datetime) -> int:
    """Say once to the office, of each piece whose reminders are used up, that storage may be charged by the terms.

    Returns:
        How many were told now.
    """
    fee = house.current(session).storage_fee_minor
    told = 0
    for one in waiting(session, at=at):
        since = one.since.date().isoformat()
        if one.rung(at) < len(LADDER) or _was_told(session, one.piece, since):
            continue
        one.piece.commission.record(
            "collection_overdue", CLOCK, at, piece=one.piece.reference, first=since, storage_a_week_minor=fee
        )
        told += 1
    session.flush()
    return told


def decide(
    session: Session, piece: Piece, decision: Decision, reason: str, actor: Actor, *, weeks: int = 0, at: datetime
) -> Money:
    """The owner's decision about a piece whose reminders are used up, with its reason.

    Storage is invoiced at once, tax included, and asked for beside the price; waived, whatever was charged before is
    taken back. What becomes of a piece that is kept or sold is not done by it, only written down.

    Args:
        weeks: of storage that are charged; none for another decision.

    Returns:
        What the storage comes to.

    Raises:
        NotAllowed: only the owner decides.
        NotPossible: no reason; the reminders are not used up; no fee in the terms; more weeks than it waited since
            and were not charged yet.
    """
    if actor.role is not Role.OWNER:
        raise NotAllowed(sentence("Only the owner decides about a piece that nobody collects."))
    if not reason.strip():
        raise NotPossible(sentence("Say why."))
    since = ready_since(session, piece)
    if since is None or at - since < LADDER[-1]:
        raise NotPossible(
            sentence(
                "%(reference)s has not waited %(days)s days to be collected.",
                reference=piece.reference,
                days=LADDER[-1].days,
            )
        )
    row = house.current(session)
    most = weeks_open(session, piece, at=at)
    if decision is Decision.STORAGE:
        if row.storage_fee_minor <= 0:
            raise NotPossible(sentence("The house's terms name no fee for storage."))
        if not 0 < weeks <= most:
            raise NotPossible(
                sentence(
                    "Storage is charged for whole weeks after the last reminder; up to now these are %(most)s.",
                    most=most,
                )
            )
        if row.currency != piece.commission.currency:
            raise NotPossible(
                sentence(
                    "The fee is in %(currency)s, %(reference)s is paid in another currency.",
                    currency=row.currency,
                    reference=piece.reference,
                )
            )
    elif weeks:
        raise NotPossible(sentence("Weeks are named only where storage is charged."))
    amount = Money(weeks * row.storage_fee_minor, row.currency)
    piece.commission.record(
        "storage_decided",
        actor,
        at,
        piece=piece.reference,
        decision=decision.value,
        weeks=weeks,
        amount_minor=amount.minor,
        reason=reason.strip()[:LONGEST],
    )
    session.flush()
    if decision is Decision.STORAGE:
        _asked(piece.commission).due_minor += amount.minor
        invoices.charge(session, piece.commission, STORAGE, amount, row.vat_rate, actor, at=at)
    elif decision is Decision.WAIVE:
        _waive(session, piece.commission, reason, actor, at)
    session.flush()
    return amount


def weeks_open(session: Session, piece: Piece, *, at: datetime) -> int:
    """The whole weeks after the last reminder for which storage may still be charged; none before that."""
    since = ready_since(session, piece)
    if since is None or at - since < LADDER[-1]:
        return 0
    decided = select(Event).where(Event.commission_id == piece.commission_id, Event.kind == DECIDED)
    charged = 0
    for one in session.scalars(decided.order_by(Event.position)):
        if one.facts["decision"] == Decision.WAIVE:
            charged = 0
        elif one.piece == piece.reference:
            charged += int(one.facts["weeks"])
    return max((at - since - LADDER[-1]) // WEEK - charged, 0)


def _asked(commission: Commission) -> InstalmentRow:
    """What is asked for storage, beside the price; nothing yet where it is new."""
    for row in commission.instalments:
        if row.key == STORAGE:
            return row
    row = InstalmentRow(key=STORAGE, rank=LAST, due_minor=0, currency=commission.currency)
    commission.instalments.append(row)
    return row


def _waive(session: Session, commission: Commission, reason: str, actor: Actor, at: datetime) -> None:
    for row in commission.instalments:
        if row.key == STORAGE:
            row.due_minor = 0
    session.flush()
    for one in invoices.of(session, commission):
        if one.key.startswith(STORAGE):
            invoices.take_back(session, one, reason, actor, at=at)


def _was_told(session: Session, piece: Piece, since: str) -> bool:
    before = session.scalars(select(Event).where(Event.commission_id == piece.commission_id, Event.kind == OVERDUE))
    return any((one.piece, one.facts.get("first")) == (piece.reference, since) for one in before)
