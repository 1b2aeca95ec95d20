"""Paying by card: what is refused, that money is taken once and in time, and word that comes late, twice or first."""

import threading
from contextlib import suppress
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bespoke.database import Conflict, Database
from bespoke.models.commission import Commission
from bespoke.models.event import Event
from bespoke.models.job import Job
from bespoke.models.ledger import Account, PaymentState
from bespoke.payments.card_fake import FakeCards, Word
from bespoke.payments.provider import AuthorisationExpired, ForgedNotice, KeyReused, Notice, UnknownCharge, WrongState
from bespoke.queries.quotes import dues
from bespoke.services import cards, deposits, ledger, payments, refunds
from bespoke.services.errors import Missing, NotPossible
from tests.factories import NOON, a_cast, a_commission, after, brought_to
from workflows.errors import NotAllowed
from workflows.money import Money


def begun(session, provider: FakeCards):
    cast = a_cast(session)
    commission = brought_to(session, a_commission(session, cast), "deposit_lock", cast)
    payment = cards.begin(session, provider, commission, "deposit", cast.client, at=NOON).payment
    reference = payment.provider_reference
    assert reference is not None
    return cast, commission, payment, reference


def read(provider: FakeCards, word: Word) -> Notice:
    return provider.read_notice(word.body, word.signature)


def test_the_provider_refuses_what_a_real_one_refuses():
    provider, ten = FakeCards(), Money(1000, "GBP")
    charge = provider.begin(ten, "OF-1", key="a", at=NOON)
    assert provider.begin(ten, "OF-1", key="a", at=NOON) == charge
    with pytest.raises(KeyReused):
        provider.begin(Money(999, "GBP"), "OF-1", key="a", at=NOON)
    with pytest.raises(WrongState):
        provider.capture(charge.reference, key="b", at=NOON)  # nobody has said yes to it
    with pytest.raises(UnknownCharge):
        provider.capture("fake_999", key="b", at=NOON)
    held = provider.pay(charge.reference, at=NOON)
    assert held.capture_before == NOON + timedelta(days=7)
    with pytest.raises(AuthorisationExpired):
        provider.capture(charge.reference, key="c", at=after(days=7))
    with pytest.raises(WrongState):
        provider.refund(charge.reference, ten, key="d", at=NOON)
    other = provider.begin(ten, "OF-2", key="e", at=NOON)
    provider.pay(other.reference, at=NOON)
    taken = provider.capture(other.reference, key="f", at=after(days=1))
    assert provider.capture(other.reference, key="f", at=after(days=30)) == taken
    provider.refund(other.reference, Money(600, "GBP"), key="g", at=NOON)
    provider.refund(other.reference, Money(600, "GBP"), key="g", at=NOON)
    with pytest.raises(WrongState):
        provider.refund(other.reference, Money(600, "GBP"), key="h", at=NOON)


def test_a_forged_notice_is_refused():
    provider = FakeCards()
    charge = provider.begin(Money(1000, "GBP"), "OF-1", key="a", at=NOON)
    provider.pay(charge.reference, at=NOON)
    word = provider.sent[0]
    with pytest.raises(ForgedNotice):
        provider.read_notice(word.body.replace(b"1000", b"9000"), word.signature)
    with pytest.raises(ForgedNotice):
        FakeCards(b"somebody else").read_notice(word.body, word.signature)


def test_who_may_not_pay_or_take(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        cast, commission, payment, _ = begun(session, provider)
        with pytest.raises(NotAllowed):
            cards.begin(session, provider, commission, "deposit", cast.stranger, at=NOON)
        with pytest.raises(Missing):
            cards.begin(session, provider, commission, "tip", cast.client, at=NOON)
        with pytest.raises(NotAllowed):
            cards.capture(session, provider, payment, cast.client, at=NOON)
        with pytest.raises(NotPossible, match="Nothing is held"):
            cards.capture(session, provider, payment, cast.office, at=NOON)


def test_money_held_on_a_card_is_not_money_received(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        _, commission, payment, reference = begun(session, provider)
        provider.pay(reference, at=NOON)
        assert cards.take_notice(session, read(provider, provider.sent[0]), at=NOON)
        assert payment.state is PaymentState.AUTHORISED
        assert payment.capture_before == NOON + timedelta(days=7)
        assert not deposits.is_cleared(commission)


def test_taking_it_twice_counts_once_whoever_comes_first(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        cast, commission, payment, reference = begun(session, provider)
        provider.pay(reference, at=NOON)
        cards.take_notice(session, read(provider, provider.sent[0]), at=NOON)
        assert cards.capture(session, provider, payment, cast.office, at=after(days=1)).counted
        assert not cards.capture(session, provider, payment, cast.office, at=after(days=1)).counted
        assert not cards.take_notice(session, read(provider, provider.sent[1]), at=after(days=1))
        assert deposits.is_cleared(commission)
        assert ledger.balance(session, commission, Account.CARD_CLEARING).minor == payment.amount_minor


@pytest.mark.parametrize("order", list(permutations((0, 1, 0, 1))), ids=lambda order: "".join(map(str, order)))
def test_notices_in_any_order_and_twice_end_the_same(sqlite_url: str, order: tuple[int, ...]):
    database = Database(sqlite_url)
    with database.transaction() as session:
        provider = FakeCards()
        _, commission, payment, reference = begun(session, provider)
        provider.pay(reference, at=NOON)
        provider.capture(reference, key="by hand at the provider", at=NOON)
        changed = [cards.take_notice(session, read(provider, provider.sent[one]), at=NOON) for one in order]
        assert any(changed)
        assert payment.state is PaymentState.CLEARED
        assert payments.cleared(commission).minor == payment.amount_minor
        assert ledger.balance(session, commission, Account.CARD_CLEARING).minor == payment.amount_minor
        assert commission.pieces[0].milestone("deposit_lock").status == "done"  # the system finished it
    database.close()


def test_a_hold_that_expires_is_told_and_a_late_word_of_it_changes_nothing(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        cast, commission, payment, reference = begun(session, provider)
        provider.pay(reference, at=NOON)
        cards.take_notice(session, read(provider, provider.sent[0]), at=NOON)
        with pytest.raises(AuthorisationExpired):
            cards.capture(session, provider, payment, cast.office, at=after(days=8))
        assert cards.take_notice(session, read(provider, provider.sent[1]), at=after(days=8))
        assert payment.state is PaymentState.FAILED
        assert not cards.take_notice(session, read(provider, provider.sent[0]), at=after(days=9))
        assert not deposits.is_cleared(commission)
        assert cards.begin(session, provider, commission, "deposit", cast.client, at=after(days=9)).payment.id


def test_a_dispute_takes_the_money_back_with_a_counter_entry(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        _, commission, payment, reference = begun(session, provider)
        provider.pay(reference, at=NOON)
        provider.capture(reference, key="k", at=NOON)
        provider.dispute(reference, at=after(days=20))
        for word in provider.sent:
            cards.take_notice(session, read(provider, word), at=after(days=20))
        assert payment.state is PaymentState.REVERSED
        assert ledger.balance(session, commission, Account.CARD_CLEARING).minor == 0
        assert not cards.take_notice(session, read(provider, provider.sent[-1]), at=after(days=21))


def test_word_of_another_amount_or_an_unknown_charge_is_refused(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        _, _, payment, reference = begun(session, provider)
        provider.pay(reference, at=NOON)
        notice = read(provider, provider.sent[0])
        payment.amount_minor += 1
        with pytest.raises(NotPossible, match="another amount"):
            cards.take_notice(session, notice, at=NOON)
        payment.provider_reference = "other"
        session.flush()
        with pytest.raises(Missing):
            cards.take_notice(session, notice, at=NOON)


def test_a_dispute_after_money_went_back_is_told_to_the_office_once(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        cast, commission, payment, reference = begun(session, provider)
        provider.pay(reference, at=NOON)
        cards.take_notice(session, read(provider, provider.sent[0]), at=NOON)
        cards.capture(session, provider, payment, cast.office, at=NOON)
        refunds.refund(session, payment, Money(100, "GBP"), "goodwill", cast.office, at=NOON)
        provider.dispute(reference, at=after(days=20))
        word = read(provider, provider.sent[-1])
        assert cards.take_notice(session, word, at=after(days=20))
        assert not cards.take_notice(session, word, at=after(days=21))
        assert payment.state is PaymentState.CLEARED
        stuck = session.scalars(
            select(Event).where(Event.commission_id == commission.id, Event.kind == "card_stuck")
        ).one()
        assert "bank takes back money" in str(stuck.facts["reason"])


def test_another_sum_may_be_asked_for_where_the_first_asking_was_undone(database: Database):
    provider = FakeCards()
    with database.transaction() as session:
        _, _, payment, _ = begun(session, provider)
        reference = payment.reference
        session.rollback()
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "deposit_lock", cast)
        commission.instalments[0].due_minor -= 100
        commission.instalments[1].due_minor += 100
        session.flush()
        payment = cards.begin(session, provider, commission, "deposit", cast.client, at=NOON).payment
        assert payment.reference == reference
        assert payment.amount_minor == commission.instalments[0].due_minor


def test_a_second_asking_goes_on_with_the_card_payment_that_is_under_way(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        cast, commission, payment, _ = begun(session, provider)
        first = cards.begin(session, provider, commission, "deposit", cast.client, at=NOON)
        second = cards.begin(session, provider, commission, "deposit", cast.client, at=after(hours=1))
        assert first == second
        assert payments.of(commission) == (payment,)


def test_two_tabs_asking_at_the_same_moment_get_one_card_payment(database: Database):
    provider = FakeCards()
    with database.transaction() as session:
        cast = a_cast(session)
        number = brought_to(session, a_commission(session, cast), "deposit_lock", cast).id
    barrier = threading.Barrier(3)

    def ask() -> None:
        barrier.wait()
        with suppress(Conflict), database.transaction() as session:
            commission = session.get_one(Commission, number)
            cards.begin(session, provider, commission, "deposit", cast.client, at=NOON)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.transaction() as session:
        assert len(payments.of(session.get_one(Commission, number))) == 1


def test_the_database_itself_lets_one_card_payment_of_an_instalment_live(database: Database):
    with database.transaction() as session:
        _, commission, payment, _ = begun(session, FakeCards())
        with pytest.raises(IntegrityError):
            payments.awaited(session, commission, "deposit", "card", payment.amount, at=NOON)
        session.rollback()


def test_a_late_yes_is_let_go_of_where_the_part_was_paid_meanwhile(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        cast, commission, payment, reference = begun(session, provider)
        sent = payments.announce(session, commission, "deposit", cast.client, at=NOON)
        payments.clear(session, sent, sent.amount, "B-1", cast.office, at=NOON)
        assert payment.state is PaymentState.FAILED
        provider.pay(reference, at=NOON)
        assert not cards.take_notice(session, read(provider, provider.sent[0]), at=NOON)
        assert not cards.collect(session, provider, reference, at=NOON)
        released = session.scalars(select(Job).where(Job.kind == "release_card")).one()
        assert released.payload["payment_id"] == payment.id


def test_money_a_card_paid_twice_goes_back_and_fills_no_other_part(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        cast, commission, payment, reference = begun(session, provider)
        payments.receive(session, commission, "deposit", "transfer", payment.amount, "B-1", cast.office, at=NOON)
        provider.pay(reference, at=NOON)
        provider.capture(reference, key="by hand at the provider", at=NOON)
        cards.take_notice(session, read(provider, provider.sent[1]), at=NOON)
        assert payment.state is PaymentState.REFUNDED
        assert payments.cleared(commission) == payment.amount
        assert [one.key for one in dues(commission) if one.cleared] == ["deposit"]
        assert not ledger.balance(session, commission, Account.CARD_CLEARING)
        told = session.scalars(select(Event).where(Event.kind == "paid_beyond")).one()
        assert told.facts["amount_minor"] == payment.amount_minor
        assert session.scalars(select(Job).where(Job.kind == "refund_card")).one()


def test_a_transfer_that_is_not_needed_any_more_is_left(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        cast, commission, payment, reference = begun(session, provider)
        sent = payments.announce(session, commission, "deposit", cast.client, at=NOON)
        provider.pay(reference, at=NOON)
        cards.take_notice(session, read(provider, provider.sent[0]), at=NOON)
        assert cards.collect(session, provider, reference, at=NOON)
        assert sent.state is PaymentState.FAILED
        assert "another way" in sent.reason


def test_a_part_is_paid_in_its_turn(database: Database):
    with database.transaction() as session:
        provider = FakeCards()
        cast, commission, payment, _ = begun(session, provider)
        for key in ("progress", "balance"):
            with pytest.raises(NotPossible, match="deposit comes before"):
                cards.begin(session, provider, commission, key, cast.client, at=NOON)
            with pytest.raises(NotPossible, match="deposit comes before"):
                payments.announce(session, commission, key, cast.client, at=NOON)
        payments.receive(session, commission, "deposit", "transfer", payment.amount, "B-1", cast.office, at=NOON)
        with pytest.raises(NotPossible, match="not due yet"):
            cards.begin(session, provider, commission, "progress", cast.client, at=NOON)
