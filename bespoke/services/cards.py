"""Paying by card: asked for, held by the provider, taken by the house in time; word of it may come late or twice."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.event import Event
from bespoke.models.ledger import Payment, PaymentState
from bespoke.payments.provider import CardProvider, Charge, Notice, NoticeKind
from bespoke.queries import turns
from bespoke.services import instalments, payments, refunds
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.invoices import BALANCE
from bespoke.services.payments import Received
from bespoke.services.tills import CARD
from workflows.errors import NotAllowed
from workflows.money import Money
from workflows.roles import Actor, Role
from workflows.sentences import sentence

DISPUTED = "The client's bank takes back money of which part was paid back before; settle the rest by hand."


@dataclass(frozen=True, slots=True)
class Begun:
    """A payment by card that has been asked for; `address` is where the client pays."""

    payment: Payment
    address: str


def begin(
    session: Session, provider: CardProvider, commission: Commission, key: str, actor: Actor, *, at: datetime
) -> Begun:
    """Ask the provider for a charge of what is missing of an instalment; asked twice it is the same one.

    An instalment has one card payment under way at most: another asking goes on with that one, and where another sum
    is missing by now, that one is left.

    Raises:
        NotAllowed: somebody else than the client, or the office for them.
        NotPossible: nothing is missing of it, it is not due yet, or a card is held for it already.
        Missing: no such instalment was agreed.
    """
    theirs = actor.role is Role.CLIENT and actor.id == str(commission.client.id)
    if not theirs and actor.role not in (Role.OFFICE, Role.OWNER):
        raise NotAllowed(sentence("The client pays by card, or the office with them."))
    row = instalments.locked(session, commission, key)
    missing = turns.missing(row)
    if not missing:
        raise NotPossible(sentence("Nothing is missing of the %(key)s.", key=key))
    instalments.refuse_early(row, actor)
    live = instalments.live_card(row)
    if live is not None and live.state is PaymentState.AUTHORISED:
        raise NotPossible(sentence("Your card is good for the %(key)s already; there is nothing more to do.", key=key))
    if live is not None and live.amount == missing:
        return Begun(live, _charge(provider, live, at).address)
    if live is not None:
        instalments.leave(session, live, "Another sum is missing by now.", actor, at=at)
    payment = payments.awaited(session, commission, key, CARD, missing, at=at)
    charge = _charge(provider, payment, at)
    payment.provider_reference = charge.reference
    session.flush()
    commission.record("card_asked", actor, at, instalment=key, amount_minor=missing.minor)
    session.flush()
    return Begun(payment, charge.address)


def _charge(provider: CardProvider, payment: Payment, at: datetime) -> Charge:
    # with the sum: were this transaction undone, the same reference may later ask for another one
    key = f"{payment.reference}-{payment.amount_minor}"
    return provider.begin(payment.amount, payment.reference, key=key, at=at)


def capture(session: Session, provider: CardProvider, payment: Payment, actor: Actor, *, at: datetime) -> Received:
    """Take the money that is held; asked twice it is taken once.

    Raises:
        NotAllowed: only the office.
        NotPossible: nothing is held.
        AuthorisationExpired: the provider let go of it; ask the card again.
    """
    if actor.role not in (Role.OFFICE, Role.OWNER):
        raise NotAllowed(sentence("Only the office takes money from a card."))
    if payment.state is PaymentState.CLEARED:
        return Received(payment, counted=False)
    if payment.state is not PaymentState.AUTHORISED or payment.provider_reference is None:
        raise NotPossible(
            sentence("Nothing is held on the card; this payment is %(state)s.", state=payment.state.value)
        )
    charge = provider.capture(payment.provider_reference, key=f"{payment.reference}-capture", at=at)
    return payments.clear(session, payment, charge.amount, charge.reference, actor, at=at)


def tell_refunded(session: Session, payment: Payment, amount: Money, *, at: datetime) -> None:
    """The provider has given money back that was booked before."""
    payment.commission.record(
        "card_refunded", _clerk(payment), at, reference=payment.reference, amount_minor=amount.minor
    )
    session.flush()


def tell_released(session: Session, payment: Payment, *, at: datetime) -> None:
    """The provider has let go of what it held."""
    payment.commission.record("card_released", _clerk(payment), at, reference=payment.reference)
    session.flush()


def tell_stuck(session: Session, payment: Payment, reason: str, *, at: datetime) -> None:
    """The provider will not do what was booked; the office sees to it by hand."""
    payment.commission.record("card_stuck", _clerk(payment), at, reference=payment.reference, reason=reason)
    session.flush()


def take_notice(session: Session, notice: Notice, *, at: datetime) -> bool:
    """What word from the provider changes; whether it changed anything.

    A notice that comes twice, or after a later one, changes nothing. Money that was taken counts even where we had
    heard before that it would not come.

    Raises:
        Missing: no payment of that reference; the provider sends it again later.
        NotPossible: another amount than was asked for.
    """
    payment = session.scalar(
        select(Payment).where(Payment.method == CARD, Payment.provider_reference == notice.reference)
    )
    if payment is None:
        raise Missing(sentence("There is no payment by card %(reference)s.", reference=notice.reference))
    if notice.amount.minor != payment.amount_minor or notice.amount.currency != payment.currency:
        raise NotPossible(
            sentence(
                "The provider speaks of %(amount)s, %(reference)s is another amount.",
                amount=notice.amount,
                reference=payment.reference,
            )
        )
    clerk = _clerk(payment)
    match notice.kind:
        case NoticeKind.AUTHORISED:
            return _held(session, payment, notice, clerk, at)
        case NoticeKind.CAPTURED:
            return _taken(session, payment, notice, clerk, at)
        case NoticeKind.FAILED | NoticeKind.EXPIRED:
            if payment.state not in payments.AWAITED:
                return False
            payments.give_up(session, payment, f"the card payment {notice.kind.value}", clerk, at=at)
            return True
        case NoticeKind.DISPUTED:
            if payment.refunded_minor:
                return _disputed_in_part(session, payment, at)
            if payment.state is not PaymentState.CLEARED:
                return False
            refunds.reverse(session, payment, "disputed by the client's bank", clerk, at=at)
            return True


def _disputed_in_part(session: Session, payment: Payment, at: datetime) -> bool:
    """What went back already cannot be booked back whole, so the office is told; once for each payment."""
    told = select(Event).where(Event.commission_id == payment.commission_id, Event.kind == "card_stuck")
    if any(
        one.facts.get("reason") == DISPUTED and one.facts.get("reference") == payment.reference
        for one in session.scalars(told)
    ):
        return False
    tell_stuck(session, payment, DISPUTED, at=at)
    return True


def _clerk(payment: Payment) -> Actor:
    return Actor(str(payment.commission.client.id), Role.SYSTEM, "The card provider")


def _held(session: Session, payment: Payment, notice: Notice, clerk: Actor, at: datetime) -> bool:
    if payment.state is not PaymentState.ANNOUNCED:
        return False
    if payment.amount > turns.missing(payment.instalment):  # a late yes: the part was paid meanwhile
        instalments.leave(session, payment, instalments.SETTLED, clerk, at=at)
        return True
    payment.state, payment.capture_before = PaymentState.AUTHORISED, notice.capture_before
    session.flush()
    payment.commission.record(
        "card_authorised",
        clerk,
        at,
        reference=payment.reference,
        capture_before=None if notice.capture_before is None else notice.capture_before.isoformat(),
    )
    session.flush()
    return True


def _taken(session: Session, payment: Payment, notice: Notice, clerk: Actor, at: datetime) -> bool:
    if payment.state is PaymentState.FAILED:  # the money is here after all, so no other card is asked for it
        other = instalments.live_card(payment.instalment)
        if other is not None:
            instalments.leave(session, other, instalments.SETTLED, clerk, at=at)
        payment.state = PaymentState.AUTHORISED
        session.flush()
    if payment.state not in payments.AWAITED:
        return False
    return payments.clear(session, payment, notice.amount, notice.reference, clerk, at=at).counted


def collect(session: Session, provider: CardProvider, reference: str, *, at: datetime) -> bool:
    """Take what is held for a deposit or a progress payment at once; whether money came.

    Only the last instalment stays held until the piece is handed over, and is taken by the office.
    """
    payment = session.scalar(select(Payment).where(Payment.method == CARD, Payment.provider_reference == reference))
    if payment is None or payment.state is not PaymentState.AUTHORISED or payment.instalment.key == BALANCE:
        return False
    charge = provider.capture(reference, key=f"{payment.reference}-capture", at=at)
    return payments.clear(session, payment, charge.amount, charge.reference, _clerk(payment), at=at).counted
