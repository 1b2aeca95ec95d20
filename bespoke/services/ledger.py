"""The ledger: bookings that add up to nothing, balances derived from them, corrections as counter-entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.ledger import Account, Entry, Payment, Posting
from bespoke.services.errors import NotPossible, ServiceError
from workflows.money import Money, total
from workflows.roles import Actor
from workflows.sentences import sentence


class Unbalanced(ServiceError):
    """The sides of a booking do not add up to nothing; a mistake in the program, never of a person."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a booking: debits are positive, credits negative."""

    account: Account
    amount: Money


@dataclass(frozen=True, slots=True)
class Imbalance:
    """An entry whose postings do not add up to nothing in a currency."""

    entry_id: int
    currency: str
    off_minor: int


def book(
    session: Session,
    commission: Commission,
    kind: str,
    sides: Iterable[Side],
    actor: Actor,
    *,
    at: datetime,
    payment: Payment | None = None,
    reason: str = "",
    reverses: Entry | None = None,
) -> Entry:
    """One booking.

    Raises:
        Unbalanced: its sides do not add up to nothing in each currency, or there is nothing to book.
    """
    booked = [side for side in sides if side.amount]
    for currency in {side.amount.currency for side in booked}:
        off = total((side.amount for side in booked if side.amount.currency == currency), currency)
        if off:
            raise Unbalanced(sentence("The sides of this booking are off by %(off)s.", off=off))
    if len(booked) < 2:
        raise Unbalanced(sentence("A booking has at least two sides."))
    entry = Entry(
        commission_id=commission.id,
        payment_id=None if payment is None else payment.id,
        reverses_id=None if reverses is None else reverses.id,
        kind=kind,
        reason=reason.strip(),
        at=at,
        by=actor.id,
    )
    entry.postings = [
        Posting(account=side.account, amount_minor=side.amount.minor, currency=side.amount.currency) for side in booked
    ]
    session.add(entry)
    session.flush()
    return entry


def counter(
    session: Session, commission: Commission, entry: Entry, reason: str, actor: Actor, *, at: datetime
) -> Entry:
    """The counter-entry that takes a booking back; the booking itself stays.

    Raises:
        NotPossible: without a reason, or it was taken back already.
    """
    if not reason.strip():
        raise NotPossible(sentence("Say why the booking is taken back."))
    if session.scalar(select(Entry.id).where(Entry.reverses_id == entry.id)) is not None:
        raise NotPossible(sentence("This booking was taken back already."))
    sides = [Side(one.account, Money(-one.amount_minor, one.currency)) for one in entry.postings]
    payment = None if entry.payment_id is None else session.get_one(Payment, entry.payment_id)
    return book(session, commission, "reversed", sides, actor, at=at, payment=payment, reason=reason, reverses=entry)


def balance(session: Session, commission: Commission, account: Account) -> Money:
    """What an account of a commission stands at, derived from its bookings."""
    session.flush()
    minor = session.scalar(
        select(func.coalesce(func.sum(Posting.amount_minor), 0))
        .join(Entry, Posting.entry_id == Entry.id)
        .where(
            Entry.commission_id == commission.id,
            Posting.account == account,
            Posting.currency == commission.currency,
        )
    )
    return Money(int(minor or 0), commission.currency)


def imbalances(session: Session) -> tuple[Imbalance, ...]:
    """Every entry that does not add up to nothing, for `doctor`; none, unless somebody wrote past this module."""
    off = func.sum(Posting.amount_minor)
    rows = session.execute(
        select(Posting.entry_id, Posting.currency, off)
        .group_by(Posting.entry_id, Posting.currency)
        .having(off != 0)
        .order_by(Posting.entry_id)
    )
    return tuple(Imbalance(entry_id, currency, int(minor)) for entry_id, currency, minor in rows)
