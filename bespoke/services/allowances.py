"""Goodwill: part of an accepted price is let go of; what was invoiced for it is taken back, and asked for no more."""

from datetime import datetime

from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, CommissionState
from bespoke.queries.quotes import accepted, planned, price_of
from bespoke.queries.turns import excess
from bespoke.services import invoices
from bespoke.services.errors import NotPossible
from bespoke.services.tills import check_amount
from workflows.errors import NotAllowed
from workflows.money import Money
from workflows.roles import Actor, Role
from workflows.sentences import sentence


def allow(session: Session, commission: Commission, amount: Money, reason: str, actor: Actor, *, at: datetime) -> Money:
    """Lower the accepted price, its tax in proportion; the last instalment shrinks first.

    Returns:
        What has come in beyond the lower price: `refunds.pay_back_excess` pays it back.

    Raises:
        NotAllowed: only the office.
        NotPossible: no price was accepted, it has ended, more than the price, or without a reason.
    """
    if actor.role not in (Role.OFFICE, Role.OWNER):
        raise NotAllowed(sentence("Only the office lowers a price."))
    if not reason.strip():
        raise NotPossible(sentence("Say why."))
    check_amount(commission, amount)
    quote = accepted(commission)
    if quote is None or commission.state is CommissionState.CANCELLED:
        raise NotPossible(sentence("%(reference)s has no price that stands.", reference=commission.reference))
    price = price_of(quote).gross
    if amount > price:
        raise NotPossible(
            sentence("The price is %(price)s; %(amount)s cannot be taken off it.", price=price, amount=amount)
        )
    quote.allowed_minor += amount.minor
    plan = {due.key: due.amount.minor for due in planned(quote)}
    for row in commission.instalments:
        row.due_minor = plan.get(row.key, row.due_minor)
    session.flush()
    commission.record("price_allowed", actor, at, amount_minor=amount.minor, reason=reason.strip())
    session.flush()
    invoices.put_right(session, commission, reason, actor, at=at, ask_again=True)
    return excess(commission)
