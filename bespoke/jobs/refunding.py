"""What a card provider is told after it was booked: give money back, or let go of what is held.

The booking and the job are one transaction, the call carries a key of its own: killed anywhere, it is asked again, and
the provider answers a second time without doing it twice.
"""

from sqlalchemy.orm import Session

from bespoke.house import House
from bespoke.jobs.errors import CannotSucceed
from bespoke.jobs.run import Failure, Run, Task
from bespoke.models.ledger import Payment
from bespoke.payments.provider import CardError, CardProvider, CardState, WrongState
from bespoke.services import cards, providers
from bespoke.services import house as houses
from workflows.money import Money
from workflows.sentences import sentence

FAKE = "fake"
LET_GO = frozenset({CardState.FAILED, CardState.EXPIRED, CardState.CANCELLED})


def refund(run: Run) -> None:
    """Give booked money back to the card it came from."""
    house, number = run.house, int(run.payload["payment_id"])
    provider, charge, currency = _charge(house, number)
    amount = Money(int(run.payload["amount_minor"]), currency)
    try:
        provider.refund(charge, amount, key=str(run.payload["key"]), at=house.clock())
    except CardError as refusal:
        raise CannotSucceed(str(refusal)) from refusal
    with run.record() as session:
        cards.tell_refunded(session, session.get_one(Payment, number), amount, at=house.clock())


def release(run: Run) -> None:
    """Let go of money that is held on a card and will not be taken."""
    house, number = run.house, int(run.payload["payment_id"])
    provider, charge, _ = _charge(house, number)
    try:
        provider.cancel(charge, key=str(run.payload["key"]), at=house.clock())
    except WrongState as refusal:
        if refusal.state not in LET_GO:
            raise CannotSucceed(str(refusal)) from refusal
        return  # by itself, before we asked
    except CardError as refusal:
        raise CannotSucceed(str(refusal)) from refusal
    with run.record() as session:
        cards.tell_released(session, session.get_one(Payment, number), at=house.clock())


def stuck(session: Session, failure: Failure) -> None:
    """Say in the history that the provider will not."""
    payment = session.get_one(Payment, int(failure.payload["payment_id"]))
    cards.tell_stuck(session, payment, failure.reason, at=failure.at)


TASKS = (Task(providers.REFUND, refund, stuck), Task(providers.RELEASE, release, stuck))


def _charge(house: House, number: int) -> tuple[CardProvider, str, str]:
    with house.database.reading() as session:
        payment = session.get_one(Payment, number)
        charge, currency = payment.provider_reference, payment.currency
        provider = houses.current(session).card_provider
    if provider != FAKE or charge is None:
        raise CannotSucceed(sentence("The house has no card provider to ask; give the money back by hand."))
    return house.cards, charge, currency
