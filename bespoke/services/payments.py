"""Payments: announced, received and counted once; money moves the work."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, Participant
from bespoke.models.ledger import Account, Payment, PaymentState
from bespoke.queries import turns
from bespoke.services import deposits, holds, house, instalments, invoices, ledger, providers, refunds, tills
from bespoke.services.deposits import Locking
from bespoke.services.errors import NotPossible
from bespoke.services.ledger import Side
from bespoke.services.tills import ACCOUNTS, CARD, CASH, TRANSFER
from workflows.cash import check_cash
from workflows.errors import NotAllowed
from workflows.money import Money, total
from workflows.roles import Actor, Role
from workflows.sentences import sentence

AWAITED = instalments.AWAITED
LINKED = timedelta(days=365)  # cash of one payer within a year counts together
PLACES = {"GB": "UK", "UK": "UK", "US": "US"}
EU = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE EU".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Received:
    """What became of money that came in.

    Attributes:
        counted: False where the same money had been counted before.
        duties: what the law asks of whoever takes this much cash.
        beyond: what has come in beyond the whole price.
    """

    payment: Payment
    counted: bool
    locking: Locking = field(default_factory=Locking)
    duties: tuple[str, ...] = ()
    beyond: Money | None = None


def announce(
    session: Session,
    commission: Commission,
    key: str,
    actor: Actor,
    *,
    amount: Money | None = None,
    at: datetime,
) -> Payment:
    """A transfer is said to be on its way; the stones held are kept once longer, by the house's limit.

    Args:
        key: of the instalment: deposit, progress or balance.
        amount: all that is missing of it, when left out.

    Raises:
        NotAllowed: the client of another commission, or the bench.
        Missing: no such instalment was agreed.
        NotPossible: nothing is missing of it, it is not due yet, or a transfer for it was announced already.
    """
    theirs = actor.role is Role.CLIENT and actor.id == str(commission.client.id)
    if not theirs and actor.role not in (Role.OFFICE, Role.OWNER):
        raise NotAllowed(sentence("The client announces a transfer, or the office for them."))
    row = instalments.locked(session, commission, key)
    if any(one.state is PaymentState.ANNOUNCED and one.method == TRANSFER for one in row.payments):
        raise NotPossible(sentence("A transfer for the %(key)s was announced already.", key=key))
    missing = turns.missing(row)
    if not missing:
        raise NotPossible(sentence("Nothing is missing of the %(key)s.", key=key))
    instalments.refuse_early(row, actor)
    payment = awaited(session, commission, key, TRANSFER, amount or missing, at=at)
    commission.record(
        "transfer_announced", actor, at, instalment=key, amount_minor=payment.amount_minor, reference=payment.reference
    )
    for held in holds.of(session, commission):
        holds.extend(session, held, actor, at=at)
    session.flush()
    return payment


def clear(
    session: Session,
    payment: Payment,
    amount: Money,
    provider_reference: str,
    actor: Actor,
    *,
    at: datetime,
) -> Received:
    """The money of a payment is here; clicked twice it counts once.

    Args:
        amount: what really came, whatever was announced.
        provider_reference: what the bank or the provider calls it; unique for its method.

    Raises:
        NotPossible: the reference belongs to other money, another currency, a payment that failed or went back.
    """
    commission = payment.commission
    tills.require_cashier(actor)
    tills.check_amount(commission, amount)
    told = _same_money(session, commission, payment.method, amount, provider_reference, awaited=payment)
    if told is not None:
        return Received(told, counted=False)
    if payment.state not in AWAITED:
        raise NotPossible(
            sentence("This payment is %(state)s; record the money as a new one.", state=payment.state.value)
        )
    return _count(session, payment, amount, provider_reference, actor, at)


def receive(
    session: Session,
    commission: Commission,
    key: str,
    method: str,
    amount: Money,
    provider_reference: str,
    actor: Actor,
    *,
    at: datetime,
) -> Received:
    """Money that nobody announced is here: a transfer or a card's; cash has `receive_cash`.

    Raises:
        NotPossible: the reference belongs to other money, or another currency.
        Missing: no such instalment was agreed.
    """
    tills.require_cashier(actor)
    tills.check_amount(commission, amount)
    if method not in (TRANSFER, CARD):
        raise NotPossible(sentence("Money comes by transfer or by card; cash is counted at the counter."))
    told = _same_money(session, commission, method, amount, provider_reference)
    if told is not None:
        return Received(told, counted=False)
    payment = awaited(session, commission, key, method, amount, at=at)
    return _count(session, payment, amount, provider_reference, actor, at)


def receive_cash(
    session: Session,
    commission: Commission,
    key: str,
    amount: Money,
    receipt: str,
    actor: Actor,
    *,
    at: datetime,
    rate: Decimal | None = None,
    registered: bool = False,
) -> Received:
    """Cash counted at the counter, if the law lets the house take it.

    Args:
        receipt: the number of the receipt given for it.
        rate: units of the limit's currency for one of ours, where they differ.
        registered: the house is a registered high value dealer.

    Raises:
        CashRefused: with what this client paid in cash within a year it is more than may be taken.
    """
    if actor.role not in (Role.OFFICE, Role.OWNER):
        raise NotAllowed(sentence("Only the office takes cash."))
    tills.check_amount(commission, amount)
    told = _same_money(session, commission, CASH, amount, receipt)
    if told is not None:
        return Received(told, counted=False)
    market = house.current(session).market
    duties = check_cash(
        amount,
        place="EU" if market in EU else PLACES.get(market, market),
        on=at.date(),
        earlier=_cash_before(session, commission, at),
        rate=rate,
        registered=registered,
    )
    payment = awaited(session, commission, key, CASH, amount, at=at)
    counted = _count(session, payment, amount, receipt, actor, at)
    for duty in duties:
        commission.record("cash_duty", actor, at, sentence=duty, payment=payment.reference)
    session.flush()
    return Received(payment, True, counted.locking, duties, counted.beyond)


def awaited(session: Session, commission: Commission, key: str, method: str, amount: Money, *, at: datetime) -> Payment:
    """A payment on its way, with the reference the client writes on it; it counts as nothing yet."""
    tills.check_amount(commission, amount)
    row = instalments.find(commission, key)
    payment = Payment(
        commission_id=commission.id,
        method=method,
        reference=f"{commission.reference}-{row.key.upper()}-{len(row.payments) + 1}",
        amount_minor=amount.minor,
        refunded_minor=0,
        currency=amount.currency,
        state=PaymentState.ANNOUNCED,
        announced_at=at,
        reason="",
    )
    row.payments.append(payment)
    session.flush()
    return payment


def give_up(session: Session, payment: Payment, reason: str, actor: Actor, *, at: datetime) -> None:
    """Money that was announced or authorised will not come; a card provider is told to let go of it.

    Raises:
        NotPossible: it has cleared, or was given up before; without a reason.
    """
    tills.require_cashier(actor)
    if payment.state not in AWAITED or not reason.strip():
        raise NotPossible(
            sentence(
                "This payment is %(state)s; only awaited money is given up, with a reason.", state=payment.state.value
            )
        )
    payment.state, payment.reason = PaymentState.FAILED, reason.strip()[:300]
    session.flush()
    if payment.method == CARD and payment.provider_reference is not None:  # held, or the client might still say yes
        providers.ask_release(session, payment, at=at)
    payment.commission.record("payment_failed", actor, at, reference=payment.reference, reason=reason.strip())
    session.flush()


def cleared(commission: Commission) -> Money:
    """All money received for a commission, cleared and not paid back."""
    return total(
        (Money(one.cleared_minor, one.currency) for row in commission.instalments for one in row.payments),
        commission.currency,
    )


def of(commission: Commission) -> tuple[Payment, ...]:
    """All payments of a commission in the order they were made."""
    found = [payment for row in commission.instalments for payment in row.payments]
    return tuple(sorted(found, key=lambda payment: payment.id))


def _count(
    session: Session, payment: Payment, amount: Money, provider_reference: str, actor: Actor, at: datetime
) -> Received:
    commission = payment.commission
    surplus = max(amount - turns.missing(payment.instalment), Money.zero(amount.currency))
    payment.amount_minor, payment.provider_reference = amount.minor, provider_reference.strip()
    payment.state, payment.cleared_at = PaymentState.CLEARED, at
    sides = (Side(ACCOUNTS[payment.method], amount), Side(Account.CLIENT, -amount))
    ledger.book(session, commission, "received", sides, actor, at=at, payment=payment)
    commission.record(
        "payment_cleared",
        actor,
        at,
        instalment=payment.instalment.key,
        method=payment.method,
        amount_minor=amount.minor,
        reference=payment.reference,
    )
    session.flush()
    if surplus:
        instalments.tell_surplus(payment, surplus, actor, at=at)
        if payment.method == CARD:
            refunds.refund(session, payment, surplus, instalments.SETTLED, actor, at=at)
    instalments.settle(session, commission, actor, at=at)
    invoices.issue_cleared(session, commission, actor, at=at)
    return Received(payment, True, deposits.lock(session, commission, actor, at=at), (), turns.excess(commission))


def _same_money(
    session: Session,
    commission: Commission,
    method: str,
    amount: Money,
    provider_reference: str,
    *,
    awaited: Payment | None = None,
) -> Payment | None:
    """The payment that counted this very money already; None where it is new, or is the awaited one."""
    reference = provider_reference.strip()
    if not reference:
        raise NotPossible(
            sentence("Give the number the bank or the provider has for this money; it keeps it from counting twice.")
        )
    known = session.scalar(select(Payment).where(Payment.method == method, Payment.provider_reference == reference))
    if known is None or (known is awaited and known.state in AWAITED):
        return None
    same = known.commission_id == commission.id and known.amount_minor == amount.minor
    if not same or known.state in AWAITED:
        raise NotPossible(
            sentence(
                "%(reference)s was recorded for %(reference2)s with %(money)s; look at the statement again.",
                reference=reference,
                reference2=known.commission.reference,
                money=Money(known.amount_minor, known.currency),
            )
        )
    return known


def _cash_before(session: Session, commission: Commission, at: datetime) -> Money:
    """Cash this client paid within a year, in all their commissions."""
    theirs = select(Participant.commission_id).where(
        Participant.person_id == commission.client.id, Participant.role == Role.CLIENT
    )
    paid = session.scalars(
        select(Payment).where(
            Payment.commission_id.in_(theirs),
            Payment.method == CASH,
            Payment.currency == commission.currency,
            Payment.cleared_at > at - LINKED,
        )
    )
    return total((Money(one.cleared_minor, one.currency) for one in paid), commission.currency)
