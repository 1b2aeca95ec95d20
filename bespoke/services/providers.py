"""What a card provider is asked to do once it was booked: jobs with a key of their own, so nothing happens twice."""

from datetime import datetime

from sqlalchemy.orm import Session

from bespoke.models.job import Queue, enqueue
from bespoke.models.ledger import Entry, Payment
from workflows.money import Money

REFUND, RELEASE = "refund_card", "release_card"


def ask_refund(session: Session, payment: Payment, amount: Money, entry: Entry, *, at: datetime) -> None:
    """Have booked money given back to the card it came from."""
    key = f"{payment.reference}-refund-{entry.id}"
    _ask(session, payment, REFUND, {"payment_id": payment.id, "amount_minor": amount.minor, "key": key}, at)


def ask_release(session: Session, payment: Payment, *, at: datetime) -> None:
    """Have the provider let go of money it holds and that will not be taken."""
    _ask(session, payment, RELEASE, {"payment_id": payment.id, "key": f"{payment.reference}-release"}, at)


def _ask(session: Session, payment: Payment, kind: str, told: dict[str, int | str], at: datetime) -> None:
    enqueue(
        session,
        kind,
        told,
        queue=Queue.DOCUMENT,
        key=f"{kind}-{told['key']}",
        at=at,
        commission=payment.commission.reference,
        subject=payment.reference,
    )
