"""Money: what is refused, that it counts once, that corrections are counter-entries, and what it moves."""

import threading
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from bespoke.database import Conflict, Database
from bespoke.models.commission import Commission
from bespoke.models.ledger import Account, Entry, Payment, PaymentState, Posting
from bespoke.queries.quotes import dues
from bespoke.services import deposits, holds, ledger, options, payments, refunds, steps
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.ledger import Side, Unbalanced
from tests.factories import (
    NOON,
    a_cast,
    a_chosen_stone,
    a_commission,
    a_diamond,
    a_house,
    after,
    brought_to,
)
from workflows.actions import Start
from workflows.cash import CashRefused
from workflows.errors import NotAllowed, WorkflowError
from workflows.money import Money
from workflows.snapshot import Hold, Status


def pounds(minor: int) -> Money:
    return Money(minor, "GBP")


def at_the_deposit(session):
    cast = a_cast(session)
    commission = brought_to(session, a_commission(session, cast), "deposit_lock", cast)
    return cast, commission, pounds(commission.instalments[0].due_minor)


def test_who_may_not_touch_money(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        for actor in (cast.stranger, cast.bench, cast.designer):
            with pytest.raises(NotAllowed):
                payments.announce(session, commission, "deposit", actor, at=NOON)
        payment = payments.announce(session, commission, "deposit", cast.client, at=NOON)
        for actor in (cast.client, cast.designer, cast.bench, cast.lead):
            with pytest.raises(NotAllowed):
                payments.clear(session, payment, due, "B-1", actor, at=NOON)
            with pytest.raises(NotAllowed):
                refunds.reverse(session, payment, "why", actor, at=NOON)
            with pytest.raises(NotAllowed):
                refunds.refund(session, payment, due, "why", actor, at=NOON)


def test_money_that_cannot_be_is_refused(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        payment = payments.announce(session, commission, "deposit", cast.client, at=NOON)
        with pytest.raises(NotPossible, match="announced already"):
            payments.announce(session, commission, "deposit", cast.client, at=NOON)
        with pytest.raises(NotPossible, match="GBP"):
            payments.clear(session, payment, Money(due.minor, "EUR"), "B-1", cast.office, at=NOON)
        with pytest.raises(NotPossible, match="more than nothing"):
            payments.clear(session, payment, pounds(0), "B-1", cast.office, at=NOON)
        with pytest.raises(NotPossible, match="number the bank"):
            payments.clear(session, payment, due, "  ", cast.office, at=NOON)
        with pytest.raises(Missing):
            payments.receive(session, commission, "tip", "transfer", due, "B-2", cast.office, at=NOON)
        with pytest.raises(NotPossible):
            payments.receive(session, commission, "deposit", "cheque", due, "B-2", cast.office, at=NOON)
        with pytest.raises(NotPossible, match="Only cleared money"):
            refunds.reverse(session, payment, "why", cast.office, at=NOON)


def test_an_announced_transfer_moves_nothing_but_the_hold(database: Database):
    with database.transaction() as session:
        cast, commission, _ = at_the_deposit(session)
        payments.announce(session, commission, "deposit", cast.client, at=NOON)
        assert not deposits.is_cleared(commission)
        assert deposits.lock(session, commission, cast.office, at=NOON).done == ()
        assert session.scalar(select(func.count()).select_from(Entry)) == 0
        with pytest.raises(WorkflowError):
            steps.act(session, commission.pieces[0], Start("cad"), cast.designer, at=NOON)


def test_a_cleared_deposit_locks_the_stone_and_opens_the_drawing(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        payment = payments.announce(session, commission, "deposit", cast.client, at=NOON)
        received = payments.clear(session, payment, due, "B-1", cast.office, at=after(hours=20))
        piece = commission.pieces[0]
        assert received.counted
        assert received.locking.done == (piece.reference,)
        assert received.locking.locked == (options.chosen_options(piece)[0].stone.reference,)
        assert piece.milestone("deposit_lock").status is Status.DONE
        assert piece.milestone("cad").status is Status.OPEN
        assert steps.snapshot(session, piece).stones[0].hold is Hold.LOCKED
        assert ledger.balance(session, commission, Account.BANK) == due
        assert not ledger.balance(session, commission, Account.CLIENT)  # received, and invoiced with it


def test_part_of_a_deposit_opens_nothing_until_the_rest_is_here(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        first = payments.receive(session, commission, "deposit", "transfer", pounds(100), "B-1", cast.office, at=NOON)
        assert first.locking.done == ()
        rest = due - pounds(100)
        second = payments.receive(session, commission, "deposit", "transfer", rest, "B-2", cast.office, at=NOON)
        assert len(second.locking.done) == 1


def test_more_than_the_deposit_counts_towards_the_next_instalment(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        more = due + pounds(5000)
        received = payments.receive(session, commission, "deposit", "transfer", more, "B-1", cast.office, at=NOON)
        assert [one.cleared.minor for one in dues(commission)] == [due.minor, 5000, 0]
        assert received.beyond == pounds(0)


def test_a_double_click_counts_once(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        payment = payments.announce(session, commission, "deposit", cast.client, at=NOON)
        assert payments.clear(session, payment, due, "B-1", cast.office, at=NOON).counted
        assert not payments.clear(session, payment, due, "B-1", cast.office, at=NOON).counted
        again = payments.receive(session, commission, "deposit", "transfer", due, "B-1", cast.office, at=NOON)
        assert not again.counted
        assert again.payment.id == payment.id
        assert ledger.balance(session, commission, Account.BANK) == due
        with pytest.raises(NotPossible, match="statement"):
            payments.receive(session, commission, "progress", "transfer", pounds(1), "B-1", cast.office, at=NOON)
        other = brought_to(session, a_commission(session, cast, client=cast.client), "deposit_lock", cast)
        with pytest.raises(NotPossible, match="statement"):
            payments.receive(session, other, "deposit", "transfer", due, "B-1", cast.office, at=NOON)


def test_two_clicks_at_the_same_moment_count_once(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        payment_id = payments.announce(session, commission, "deposit", cast.client, at=NOON).id
        commission_id = commission.id
    barrier, outcomes = threading.Barrier(4), []

    def click() -> None:
        barrier.wait()
        try:
            with database.transaction() as session:
                payment = session.get_one(Payment, payment_id)
                told = payments.clear(session, payment, due, "B-1", cast.office, at=NOON)
                outcome = "counted" if told.counted else "known"
        except Conflict:
            outcome = "conflict"
        outcomes.append(outcome)

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("counted") == 1, outcomes
    assert len(outcomes) == 4
    with database.transaction() as session:
        commission = session.get_one(Commission, commission_id)
        assert ledger.balance(session, commission, Account.BANK) == due


def test_a_wrong_payment_is_taken_back_by_a_counter_entry_and_closes_the_gates(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        payment = payments.receive(session, commission, "deposit", "transfer", due, "B-1", cast.office, at=NOON).payment
        with pytest.raises(NotPossible, match="Say why"):
            refunds.reverse(session, payment, " ", cast.office, at=NOON)
        entry = refunds.reverse(session, payment, "another client's money", cast.office, at=after(hours=1))
        assert entry.reverses_id is not None
        assert payment.state is PaymentState.REVERSED
        kinds = session.scalars(select(Entry.kind).order_by(Entry.id)).all()
        assert kinds == ["received", "invoiced", "reversed", "reversed"]  # nothing was erased
        assert ledger.balance(session, commission, Account.BANK) == pounds(0)
        assert not deposits.is_cleared(commission)
        (held,) = holds.of(session, commission)
        assert held.locked_at is not None  # the client still wants it; the office decides
        with pytest.raises(NotPossible):
            refunds.reverse(session, payment, "again", cast.office, at=after(hours=1))
        told = payments.receive(session, commission, "deposit", "transfer", due, "B-1", cast.office, at=after(hours=2))
        assert not told.counted  # the same reference never counts again


def test_money_goes_back_in_parts_but_never_more_than_came(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        payment = payments.receive(session, commission, "deposit", "transfer", due, "B-1", cast.office, at=NOON).payment
        with pytest.raises(NotPossible, match="Say why"):
            refunds.refund(session, payment, pounds(1), "", cast.office, at=NOON)
        refunds.refund(session, payment, pounds(1000), "goodwill", cast.office, at=NOON)
        assert payments.cleared(commission) == due - pounds(1000)
        with pytest.raises(NotPossible, match="is left"):
            refunds.refund(session, payment, due, "all of it", cast.office, at=NOON)
        with pytest.raises(NotPossible, match="paid back"):
            refunds.reverse(session, payment, "bounced", cast.office, at=NOON)
        refunds.refund(session, payment, due - pounds(1000), "the rest", cast.office, at=NOON)
        assert payment.state is PaymentState.REFUNDED
        assert ledger.balance(session, commission, Account.BANK) == pounds(0)
        assert ledger.imbalances(session) == ()


def test_a_stone_gone_before_the_money_came_is_told_and_the_money_is_kept_on_record(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        piece = commission.pieces[0]
        stone = options.chosen_options(piece)[0].stone
        holds.lapse_due(session, at=after(days=4))
        rival = a_commission(session, cast, client=cast.stranger)
        holds.hold(session, rival, stone, cast.office, at=after(days=4))
        received = payments.receive(
            session, commission, "deposit", "transfer", due, "B-1", cast.office, at=after(days=5)
        )
        assert received.counted
        assert received.locking.not_locked == (stone.reference,)
        assert piece.milestone("deposit_lock").status is not Status.DONE
        a_chosen_stone(session, piece, cast, a_diamond(session, cast, "D-77"), at=after(days=5))
        held = holds.live(session, options.chosen_options(piece)[0].stone)
        assert held is not None
        assert held.locked_at is not None  # the money is here, so the next choice is locked at once


def test_cash_over_the_limit_is_refused_and_linked_payments_count_together(database: Database):
    with database.transaction() as session:
        cast, commission, _ = at_the_deposit(session)
        a_house(session).market = "GB"
        rate = Decimal("1.15")
        with pytest.raises(NotAllowed):
            payments.receive_cash(session, commission, "deposit", pounds(10_00), "R-1", cast.client, at=NOON, rate=rate)
        with pytest.raises(CashRefused):
            payments.receive_cash(
                session, commission, "deposit", pounds(9_000_00), "R-1", cast.office, at=NOON, rate=rate
            )
        with pytest.raises(CashRefused, match="rate"):
            payments.receive_cash(session, commission, "deposit", pounds(100_00), "R-1", cast.office, at=NOON)
        counted = payments.receive_cash(
            session, commission, "deposit", pounds(5_000_00), "R-1", cast.office, at=NOON, rate=rate
        )
        assert counted.counted
        assert ledger.balance(session, commission, Account.CASH) == pounds(5_000_00)
        other = brought_to(session, a_commission(session, cast), "deposit_lock", cast)
        with pytest.raises(CashRefused):
            payments.receive_cash(
                session, other, "deposit", pounds(4_000_00), "R-2", cast.office, at=after(days=100), rate=rate
            )


def test_a_booking_adds_up_to_nothing_or_is_not_made(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        for sides in (
            [Side(Account.BANK, due)],
            [Side(Account.BANK, due), Side(Account.CLIENT, pounds(-1))],
            [Side(Account.BANK, due), Side(Account.CLIENT, Money(-due.minor, "EUR"))],
            [],
        ):
            with pytest.raises(Unbalanced):
                ledger.book(session, commission, "received", sides, cast.office, at=NOON)
        payments.receive(session, commission, "deposit", "transfer", due, "B-1", cast.office, at=NOON)
        assert ledger.imbalances(session) == ()
        entry = session.scalars(select(Entry).where(Entry.kind == "received")).one()
        session.add(Posting(entry_id=entry.id, account=Account.BANK, amount_minor=5, currency="GBP"))
        session.flush()
        (found,) = ledger.imbalances(session)
        assert (found.entry_id, found.off_minor) == (entry.id, 5)


def test_a_transfer_that_never_comes_is_given_up_and_may_be_announced_again(database: Database):
    with database.transaction() as session:
        cast, commission, due = at_the_deposit(session)
        payment = payments.announce(session, commission, "deposit", cast.client, at=NOON)
        with pytest.raises(NotPossible):
            payments.give_up(session, payment, "", cast.office, at=NOON)
        payments.give_up(session, payment, "never sent", cast.office, at=NOON)
        with pytest.raises(NotPossible):
            payments.clear(session, payment, due, "B-1", cast.office, at=NOON)
        second = payments.announce(session, commission, "deposit", cast.client, at=NOON)
        assert second.reference != payment.reference
