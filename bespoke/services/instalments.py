"""Which part of the price money is for: one after the other, each asked for in its turn, and never two ways at once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.ledger import InstalmentRow, Payment, PaymentState
from bespoke.queries.turns import first_before, is_asked, missing
from bespoke.services import providers
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.tills import CARD
from workflows.money import Money
from workflows.roles import Actor, Role
from workflows.sentences import sentence

AWAITED = frozenset({PaymentState.ANNOUNCED, PaymentState.AUTHORISED})
SPOKEN = {"deposit": "deposit", "progress": "progress payment", "balance": "balance", "storage": "storage"}
SETTLED = "This part was paid in another way."


def find(commission: Commission, key: str) -> InstalmentRow:
    """An agreed instalment by its key.

    Raises:
        Missing: no such instalment was agreed.
    """
    for row in commission.instalments:
        if row.key == key:
            return row
    raise Missing(
        sentence(
            "No %(key)s has been agreed for %(reference)s; it comes with an accepted quote.",
            key=key,
            reference=commission.reference,
        )
    )


def locked(session: Session, commission: Commission, key: str) -> InstalmentRow:
    """The same with its payments as they stand now, kept from everybody else until this transaction ends.

    Raises:
        Missing: no such instalment was agreed.
    """
    row = find(commission, key)
    session.execute(select(InstalmentRow.id).where(InstalmentRow.id == row.id).with_for_update())
    for one in commission.instalments:
        session.expire(one, ["payments"])
    return row


def refuse_early(row: InstalmentRow, actor: Actor) -> None:
    """Return where an instalment may be paid now: those before it are here, and a client has been asked for it.

    Raises:
        NotPossible: another one comes first, or no piece has come that far.
    """
    name = SPOKEN.get(row.key, row.key)
    first = first_before(row)
    if first is not None:
        before = SPOKEN.get(first.key, first.key)
        raise NotPossible(
            sentence("The %(before)s comes before the %(name)s; pay that one first.", before=before, name=name)
        )
    if actor.role is Role.CLIENT and not is_asked(row):
        raise NotPossible(
            sentence("The %(name)s is not due yet; we ask for it when the piece has come that far.", name=name)
        )


def live_card(row: InstalmentRow) -> Payment | None:
    """The one card payment of an instalment that is asked for or held; the database lets it be only one."""
    return next((one for one in row.payments if one.method == CARD and one.state in AWAITED), None)


def leave(session: Session, payment: Payment, reason: str, actor: Actor, *, at: datetime) -> None:
    """Wait no longer for money that is not needed; a card provider is told to let go of it."""
    payment.state, payment.reason = PaymentState.FAILED, reason
    session.flush()
    if payment.method == CARD and payment.provider_reference is not None:
        providers.ask_release(session, payment, at=at)
    payment.commission.record("payment_left", actor, at, reference=payment.reference, reason=reason)
    session.flush()


def settle(session: Session, commission: Commission, actor: Actor, *, at: datetime) -> None:
    """Leave every payment that is still awaited for a part that is wholly paid."""
    for row in commission.instalments:
        if not missing(row):
            for payment in row.payments:
                if payment.state in AWAITED:
                    leave(session, payment, SETTLED, actor, at=at)


def tell_surplus(payment: Payment, surplus: Money, actor: Actor, *, at: datetime) -> None:
    """More came than its part misses: a card gets it back at once, other money is for the office to see to."""
    payment.commission.record(
        "paid_beyond",
        actor,
        at,
        instalment=payment.instalment.key,
        amount_minor=surplus.minor,
        reference=payment.reference,
        given_back=payment.method == CARD,
    )
