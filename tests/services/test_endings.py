"""Resting and ending: who may, what comes back by stage, what the client is told, and that nothing is left over."""

import pytest

from bespoke.database import Database
from bespoke.models.commission import CommissionState
from bespoke.models.ledger import Account
from bespoke.services import endings, holds, ledger, messages, payments, quotes
from bespoke.services.errors import NotPossible
from tests.factories import NOON, YES, a_cast, a_commission, a_sent_quote, after, brought_to
from workflows.deposits import Incurred, Kept
from workflows.errors import NotAllowed, OutOfOrder
from workflows.money import Money

DRAWING = Incurred(Kept.DRAWING, Money(300_00, "GBP"))
WORK = Incurred(Kept.WORK, Money(900_00, "GBP"))


def test_only_the_office_pauses_and_ends_and_says_why(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        for actor in (cast.client, cast.designer, cast.bench, cast.lead):
            with pytest.raises(NotAllowed):
                endings.cancel(session, commission, "why", actor, at=NOON)
            with pytest.raises(NotAllowed):
                endings.pause(session, commission, "why", actor, at=NOON)
            with pytest.raises(NotAllowed):
                endings.resume(session, commission, actor, at=NOON)
        with pytest.raises(OutOfOrder):
            endings.cancel(session, commission, " ", cast.office, at=NOON)
        with pytest.raises(OutOfOrder):
            endings.resume(session, commission, cast.office, at=NOON)


def test_nothing_is_done_while_a_commission_rests(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "quote", cast)
        quote, shown = a_sent_quote(session, commission, cast)
        endings.pause(session, commission, "The client travels.", cast.office, at=NOON)
        with pytest.raises(NotPossible, match="paused"):
            quotes.accept(session, quote, shown, cast.client, YES, at=NOON)
        said = endings.resume(session, commission, cast.office, at=after(days=3))
        assert messages.of(session, commission, cast.client)[-1].text == said
        quotes.accept(session, quote, shown, cast.client, YES, at=after(days=3))


def test_money_that_comes_while_it_rests_locks_the_stone_and_opens_the_work_later(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "deposit_lock", cast)
        endings.pause(session, commission, "The client travels.", cast.office, at=NOON)
        due = Money(commission.instalments[0].due_minor, "GBP")
        received = payments.receive(session, commission, "deposit", "transfer", due, "B-1", cast.office, at=NOON)
        assert (len(received.locking.locked), received.locking.done) == (1, ())
        endings.resume(session, commission, cast.office, at=after(days=30))
        assert commission.pieces[0].milestone("deposit_lock").status == "done"


def test_ending_before_any_money_settles_nothing_and_frees_the_stone(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "deposit_lock", cast)
        payments.announce(session, commission, "deposit", cast.client, at=NOON)
        ended = endings.cancel(session, commission, "changed their mind", cast.office, at=NOON)
        assert (ended.back.minor, ended.kept) == (0, ())
        assert len(ended.freed) == 1
        assert holds.of(session, commission) == []
        assert commission.state is CommissionState.CANCELLED
        with pytest.raises(OutOfOrder):
            endings.cancel(session, commission, "again", cast.office, at=NOON)


def test_within_the_free_days_all_of_it_comes_back(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "cad", cast)
        paid = payments.cleared(commission)
        ended = endings.cancel(
            session, commission, "changed their mind", cast.office, incurred=(DRAWING,), at=after(days=14)
        )
        assert (ended.back, ended.kept) == (paid, ())
        assert ledger.balance(session, commission, Account.BANK).minor == 0
        assert ledger.balance(session, commission, Account.CLIENT).minor == 0


def test_later_only_what_the_stage_names_is_kept_and_the_client_reads_it(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "cad", cast)
        paid = payments.cleared(commission)
        with pytest.raises(NotPossible):
            endings.cancel(
                session,
                commission,
                "why",
                cast.office,
                incurred=(Incurred(Kept.DRAWING, Money(1, "EUR")),),
                at=after(days=15),
            )
        before = endings.settlement(session, commission, (DRAWING, WORK), today=after(days=15).date())
        ended = endings.cancel(
            session, commission, "moved away", cast.office, incurred=(DRAWING, WORK), at=after(days=15)
        )
        assert before.back == ended.back == paid - DRAWING.amount
        assert ended.kept == (DRAWING,)  # the bench has not begun, so no work is kept
        assert ledger.balance(session, commission, Account.FORFEIT) == -DRAWING.amount
        assert ledger.balance(session, commission, Account.BANK) == DRAWING.amount
        assert ledger.balance(session, commission, Account.CLIENT).minor == 0
        assert ledger.imbalances(session) == ()
        (told,) = messages.of(session, commission, cast.client)
        assert told.text == ended.sentence
        assert "£300.00 for drawing" in told.text
