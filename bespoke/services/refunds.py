"""Money that goes back: taken back by a counter-entry, or paid back by the way it came; the invoices follow it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.ledger import Account, Entry, Payment, PaymentState
from bespoke.queries import turns
from bespoke.services import invoices, ledger, providers
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.ledger import Side
from bespoke.services.tills import ACCOUNTS, CARD, check_amount, require_cashier
from workflows.money import Money
from workflows.roles import Actor
from workflows.sentences import sentence


def reverse(session: Session, payment: Payment, reason: str, actor: Actor, *, at: datetime) -> Entry:
    """Take back money that was counted: booked wrongly, bounced, charged back; a counter-entry says why.

    The instalment is not cleared any more and what needs it closes again; a stone it had locked stays locked,
    since the client still wants it, until the office lets it go.

    Raises:
        NotPossible: it never cleared, part of it went back already, or without a reason.
    """
    require_cashier(actor)
    if payment.state is not PaymentState.CLEARED:
        raise NotPossible(
            sentence("Only cleared money is taken back; this payment is %(state)s.", state=payment.state.value)
        )
    if payment.refunded_minor:
        raise NotPossible(sentence("Part of this money was paid back; that part cannot be taken back again."))
    entry = ledger.counter(session, payment.commission, _receipt(session, payment), reason, actor, at=at)
    payment.state, payment.reason = PaymentState.REVERSED, reason.strip()[:300]
    session.flush()
    payment.commission.record(
        "payment_reversed",
        actor,
        at,
        reference=payment.reference,
        amount_minor=payment.amount_minor,
        reason=reason.strip(),
    )
    session.flush()
    invoices.put_right(session, payment.commission, reason, actor, at=at)
    return entry


def refund(session: Session, payment: Payment, amount: Money, reason: str, actor: Actor, *, at: datetime) -> Entry:
    """Pay money back, by the way it came; the provider of a card is told by a job, once, under a key of its own.

    Money beyond what is asked only goes back. Where an advance is no longer wholly paid by it, its invoice is taken
    back, and it is asked for again; where it is not to be, the price has to be lowered first: `allowances.allow`.

    Raises:
        NotPossible: more than is left of the payment, it never cleared, or without a reason.
    """
    require_cashier(actor)
    if not reason.strip():
        raise NotPossible(sentence("Say why the money goes back."))
    check_amount(payment.commission, amount)
    left = Money(payment.cleared_minor, payment.currency)
    if amount > left:
        raise NotPossible(
            sentence("%(left)s is left of this payment; %(amount)s cannot go back.", left=left, amount=amount)
        )
    sides = (Side(ACCOUNTS[payment.method], -amount), Side(Account.CLIENT, amount))
    commission = payment.commission
    entry = ledger.book(session, commission, "refunded", sides, actor, at=at, payment=payment, reason=reason)
    payment.refunded_minor += amount.minor
    if payment.refunded_minor == payment.amount_minor:
        payment.state = PaymentState.REFUNDED
    payment.reason = reason.strip()[:300]
    session.flush()
    commission.record(
        "payment_refunded", actor, at, reference=payment.reference, amount_minor=amount.minor, reason=reason.strip()
    )
    if payment.method == CARD:
        providers.ask_refund(session, payment, amount, entry, at=at)
    invoices.put_right(session, commission, reason, actor, at=at)
    session.flush()
    return entry


def pay_back_excess(
    session: Session, commission: Commission, reason: str, actor: Actor, *, at: datetime
) -> tuple[Entry, ...]:
    """Pay back all that came in beyond what is asked for, the last payment first; a booking for each payment.

    Raises:
        NotPossible: nothing did.
    """
    rest = turns.excess(commission)
    if not rest:
        raise NotPossible(sentence("Nothing came in beyond what is asked for."))
    booked = []
    paid = sorted((one for row in commission.instalments for one in row.payments), key=lambda one: one.id)
    for payment in reversed(paid):
        share = min(rest, Money(payment.cleared_minor, payment.currency))
        if share.minor > 0:
            booked.append(refund(session, payment, share, reason, actor, at=at))
            rest = rest - share
    return tuple(booked)


def _receipt(session: Session, payment: Payment) -> Entry:
    entry = session.scalar(select(Entry).where(Entry.payment_id == payment.id, Entry.kind == "received"))
    if entry is None:
        raise Missing(sentence("No booking of %(reference)s was found.", reference=payment.reference))
    return entry
