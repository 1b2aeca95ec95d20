"""Money booked back to a card is given back by the provider once, whatever happens to the worker on the way."""

import pytest
from sqlalchemy import delete, select

from bespoke.house import House
from bespoke.jobs.runner import Runner
from bespoke.jobs.tasks import TASKS
from bespoke.models.event import Event
from bespoke.models.job import Job, JobState, Queue
from bespoke.models.ledger import Payment, PaymentState
from bespoke.payments.provider import CardState, WrongState
from bespoke.services import cards, endings, invoices, payments, providers, refunds
from bespoke.services import house as houses
from tests.factories import a_cast, a_commission, brought_to
from tests.jobs.conftest import Clock
from workflows.money import Money

HUNDRED = Money(100_00, "GBP")
LEASE_S = 31.0


@pytest.fixture
def paid(job_house: House, clock: Clock) -> tuple[int, str]:
    """A deposit by card that was taken: its payment, and the provider's name for it."""
    with job_house.database.transaction() as session:
        cast = a_cast(session)
        houses.current(session).card_provider = "fake"
        commission = brought_to(session, a_commission(session, cast), "deposit_lock", cast)
        payment = cards.begin(session, job_house.cards, commission, "deposit", cast.client, at=clock()).payment
        charge = str(payment.provider_reference)
        word = job_house.cards.answer(charge, yes=True, at=clock())
        cards.take_notice(session, job_house.cards.read_notice(word.body, word.signature), at=clock())
        return payment.id, charge


def taken(house: House, clock: Clock, number: int) -> None:
    with house.database.transaction() as session:
        office = a_cast(session).office
        cards.capture(session, house.cards, session.get_one(Payment, number), office, at=clock())


def give_back(house: House, clock: Clock, number: int, amount: Money = HUNDRED) -> None:
    with house.database.transaction() as session:
        refunds.refund(
            session, session.get_one(Payment, number), amount, "goodwill", a_cast(session).office, at=clock()
        )


def work(house: House) -> int:
    with house.database.transaction() as session:  # papers have their own test, and take their time
        session.execute(delete(Job).where(Job.kind == invoices.BIND))
    return Runner(TASKS, house).answer(Queue.DOCUMENT)


def kinds(house: House) -> list[str]:
    with house.database.reading() as session:
        return list(session.scalars(select(Event.kind).where(Event.kind.like("card_%")).order_by(Event.id)))


def left_at_provider(house: House, clock: Clock, charge: str, due: int) -> int:
    """What the provider would still give back: found by asking for a penny more than it might have."""
    for given in range(0, due, 100_00):
        try:
            house.cards.refund(charge, Money(due - given, "GBP"), key=f"probe {given}", at=clock())
        except WrongState:
            continue
        return due - given
    return 0


def test_a_booked_refund_reaches_the_provider_once(job_house: House, clock: Clock, paid: tuple[int, str]) -> None:
    number, charge = paid
    taken(job_house, clock, number)
    give_back(job_house, clock, number)
    assert "card_refunded" not in kinds(job_house)
    assert work(job_house) == 1
    assert work(job_house) == 0
    assert kinds(job_house).count("card_refunded") == 1
    with job_house.database.reading() as session:
        due = session.get_one(Payment, number).amount_minor
    assert left_at_provider(job_house, clock, charge, due) == due - HUNDRED.minor


def test_a_worker_killed_after_the_provider_answered_does_not_refund_twice(
    job_house: House, clock: Clock, paid: tuple[int, str]
) -> None:
    number, charge = paid
    taken(job_house, clock, number)
    give_back(job_house, clock, number)
    with job_house.database.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == providers.REFUND)).one()
        key, due = job.payload["key"], session.get_one(Payment, number).amount_minor
    # what the killed worker had got done: the provider was asked, nothing was written down
    job_house.cards.refund(charge, HUNDRED, key=key, at=clock())
    clock.turn(LEASE_S)
    assert work(job_house) == 1
    assert kinds(job_house).count("card_refunded") == 1
    assert left_at_provider(job_house, clock, charge, due) == due - HUNDRED.minor


def test_two_refunds_of_the_same_sum_are_two(job_house: House, clock: Clock, paid: tuple[int, str]) -> None:
    number, charge = paid
    taken(job_house, clock, number)
    give_back(job_house, clock, number)
    give_back(job_house, clock, number)
    assert work(job_house) == 2
    with job_house.database.reading() as session:
        due = session.get_one(Payment, number).amount_minor
    assert left_at_provider(job_house, clock, charge, due) == due - 2 * HUNDRED.minor


def test_without_a_provider_the_office_is_told(job_house: House, clock: Clock, paid: tuple[int, str]) -> None:
    number, _ = paid
    taken(job_house, clock, number)
    give_back(job_house, clock, number)
    with job_house.database.transaction() as session:
        houses.current(session).card_provider = ""
    work(job_house)
    with job_house.database.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == providers.REFUND)).one()
        assert (job.state, job.error) == (
            JobState.FAILED,
            "The house has no card provider to ask; give the money back by hand.",
        )
    assert kinds(job_house)[-1] == "card_stuck"


def test_money_that_is_only_held_is_let_go_when_the_commission_ends(
    job_house: House, clock: Clock, paid: tuple[int, str]
) -> None:
    number, charge = paid
    with job_house.database.transaction() as session:
        payment = session.get_one(Payment, number)
        assert payment.state is PaymentState.AUTHORISED
        endings.cancel(session, payment.commission, "They moved abroad.", a_cast(session).office, at=clock())
    assert work(job_house) == 1
    assert job_house.cards.charge(charge).state is CardState.CANCELLED
    assert kinds(job_house)[-1] == "card_released"


def test_what_the_provider_let_go_of_by_itself_is_left(job_house: House, clock: Clock, paid: tuple[int, str]) -> None:
    number, charge = paid
    job_house.cards.cancel(charge, key="their own", at=clock())
    with job_house.database.transaction() as session:
        payment = session.get_one(Payment, number)
        payments.give_up(session, payment, "it was let go of", a_cast(session).office, at=clock())
    assert work(job_house) == 1
    assert kinds(job_house)[-1] == "card_authorised"


def given_up(house: House, clock: Clock, number: int) -> None:
    with house.database.transaction() as session:
        payment = session.get_one(Payment, number)
        payments.give_up(session, payment, "they pay by transfer", a_cast(session).office, at=clock())


def test_money_that_was_taken_already_is_not_let_go_of_in_silence(
    job_house: House, clock: Clock, paid: tuple[int, str]
) -> None:
    number, charge = paid
    job_house.cards.capture(charge, key="taken, and no word of it came", at=clock())
    given_up(job_house, clock, number)
    assert work(job_house) == 1
    assert kinds(job_house)[-1] == "card_stuck"


def test_a_charge_nobody_said_yes_to_is_closed_when_it_is_given_up(job_house: House, clock: Clock) -> None:
    with job_house.database.transaction() as session:
        cast = a_cast(session)
        houses.current(session).card_provider = "fake"
        commission = brought_to(session, a_commission(session, cast), "deposit_lock", cast)
        payment = cards.begin(session, job_house.cards, commission, "deposit", cast.client, at=clock()).payment
        number, charge = payment.id, str(payment.provider_reference)
    given_up(job_house, clock, number)
    assert work(job_house) == 1
    with pytest.raises(WrongState):
        job_house.cards.answer(charge, yes=True, at=clock())
