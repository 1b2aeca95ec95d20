"""Invoices: each advance with its own tax, the balance as what is left, numbers without a gap, credit notes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.database import Database
from bespoke.models.commission import Commission
from bespoke.models.ledger import Account, Invoice
from bespoke.queries.quotes import dues
from bespoke.queries.turns import excess
from bespoke.services import allowances, auditing, endings, invoices, ledger, payments, quotes, refunds
from bespoke.services.errors import NotPossible
from bespoke.services.quotes import Acceptance
from bespoke.storage.local import LocalStore
from tests.factories import NOON, YES, Cast, a_cast, a_commission, an_accepted_quote, brought_to, priced
from tests.making import bench_to, pay
from workflows.errors import NotAllowed
from workflows.money import Money

LATER = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def at_the_deposit(session: Session) -> tuple[Cast, Commission]:
    cast = a_cast(session)
    return cast, brought_to(session, a_commission(session, cast), "deposit_lock", cast)


def at_a_price(session: Session, commission: Commission, cast: Cast, stones_cost: str) -> Acceptance:
    """A change order at another price, accepted."""
    parts = priced(commission, stones_cost=stones_cost)
    changed = quotes.firm(session, commission, parts, cast.office, change_reason="Another stone.", at=NOON)
    return quotes.accept(
        session, changed, quotes.send(session, changed, cast.office, at=NOON), cast.client, YES, at=NOON
    )


def faults(session: Session) -> list[str]:
    """What `doctor` finds wrong with the money."""
    checks = (auditing.ledger, auditing.invoices, auditing.commissions)
    return [sentence for check in checks for _, told in check(session) for sentence in told]


def told(session: Session, commission: Commission) -> list[tuple[str, str, int]]:
    rows = session.scalars(select(Invoice).where(Invoice.commission_id == commission.id).order_by(Invoice.id))
    return [(one.number, one.key, one.gross_minor) for one in rows]


def test_nothing_is_invoiced_before_the_money_is_here(database: Database):
    with database.transaction() as session:
        cast, commission = at_the_deposit(session)
        payments.announce(session, commission, "deposit", cast.client, at=NOON)
        assert told(session, commission) == []
        part = Money(100_00, "GBP")
        payments.receive(session, commission, "deposit", "transfer", part, "B-1", cast.office, at=NOON)
        assert told(session, commission) == []
        with pytest.raises(NotPossible, match="No tip"):
            invoices.issue(session, commission, "tip", cast.office, at=NOON)


def test_a_cleared_deposit_is_invoiced_once_with_the_tax_that_is_in_it(database: Database):
    with database.transaction() as session:
        cast, commission = at_the_deposit(session)
        quote, due = quotes.current(commission), commission.instalments[0].due_minor
        pay(session, commission, "deposit", cast)
        (row,) = invoices.of(session, commission)
        assert (row.number, row.key, row.gross_minor) == ("OF-INV-00001", "deposit", due)
        assert abs(row.tax_minor - due * quote.tax_minor / quote.gross_minor) <= 0.5
        assert ledger.balance(session, commission, Account.TAX).minor == -row.tax_minor
        assert ledger.balance(session, commission, Account.CLIENT).minor == 0
        assert invoices.issue(session, commission, "deposit", cast.office, at=LATER) is row
        invoices.issue_cleared(session, commission, cast.office, at=LATER)
        assert len(told(session, commission)) == 1


def test_the_balance_is_the_price_less_the_advances_to_the_penny(database: Database, tmp_path: Path):
    store = LocalStore(tmp_path / "files")
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        bench_to(session, store, commission, "delivery", cast)  # the recap was sent: the balance has fallen due
        quote = quotes.current(commission)
        deposit, progress, balance = invoices.of(session, commission)
        assert balance.gross_minor == quote.gross_minor - deposit.gross_minor - progress.gross_minor
        assert balance.advances_minor == deposit.gross_minor + progress.gross_minor
        assert deposit.tax_minor + progress.tax_minor + balance.tax_minor == quote.tax_minor
        assert ledger.balance(session, commission, Account.CLIENT).minor == balance.gross_minor
        pay(session, commission, "balance", cast)
        assert ledger.balance(session, commission, Account.CLIENT).minor == 0
        assert ledger.balance(session, commission, Account.SALES).minor == -quote.net_minor
        assert ledger.balance(session, commission, Account.TAX).minor == -quote.tax_minor
        assert [number for number, _, _ in told(session, commission)] == [f"OF-INV-0000{n}" for n in (1, 2, 3)]
        assert ledger.imbalances(session) == ()


def test_an_end_takes_the_invoices_back_by_credit_notes(database: Database):
    with database.transaction() as session:
        cast, commission = at_the_deposit(session)
        pay(session, commission, "deposit", cast)
        due = commission.instalments[0].due_minor
        endings.cancel(session, commission, "They moved abroad.", cast.office, at=NOON)
        assert told(session, commission) == [("OF-INV-00001", "deposit", due), ("OF-INV-00002", "deposit", -due)]
        assert invoices.of(session, commission) == ()
        for account in (Account.CLIENT, Account.SALES, Account.TAX, Account.BANK):
            assert not ledger.balance(session, commission, account)
        (first, note) = session.scalars(select(Invoice).order_by(Invoice.id))
        for row in (first, note):
            with pytest.raises(NotPossible, match="taken back"):
                invoices.take_back(session, row, "again", cast.office, at=NOON)


def test_a_new_price_takes_a_balance_back_that_was_asked_for(database: Database):
    with database.transaction() as session:
        cast, commission = at_the_deposit(session)
        pay(session, commission, "deposit", cast)
        first = invoices.issue(session, commission, "balance", cast.office, at=NOON)
        assert first is not None
        dearer = priced(commission, stones_cost="6000")
        changed = quotes.firm(session, commission, dearer, cast.office, change_reason="A larger stone.", at=NOON)
        shown = quotes.send(session, changed, cast.office, at=NOON)
        quotes.accept(session, changed, shown, cast.client, YES, at=NOON)
        assert [one.key for one in invoices.of(session, commission)] == ["deposit"]
        again = invoices.issue(session, commission, "balance", cast.office, at=NOON)
        assert again is not None
        assert again.gross_minor > first.gross_minor
        deposit = invoices.of(session, commission)[0]
        assert deposit.gross_minor + again.gross_minor == changed.gross_minor
        assert deposit.tax_minor + again.tax_minor == changed.tax_minor


def test_numbers_run_on_where_a_transaction_failed(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        ids = []
        for _ in range(2):
            commission = a_commission(session, cast)
            brought_to(session, commission, "quote", cast)
            an_accepted_quote(session, commission, cast)
            ids.append(commission.id)
    with database.transaction() as session:
        invoices.issue(session, session.get_one(Commission, ids[0]), "deposit", cast.office, at=NOON)
        session.rollback()
    with database.transaction() as session:
        row = invoices.issue(session, session.get_one(Commission, ids[1]), "deposit", cast.office, at=NOON)
        assert row is not None
        assert row.number == "OF-INV-00001"


def test_a_price_below_what_was_paid_takes_the_last_advance_back_and_shows_the_excess(database: Database):
    with database.transaction() as session:
        cast, commission = at_the_deposit(session)
        pay(session, commission, "deposit", cast)
        pay(session, commission, "progress", cast)
        paid = payments.cleared(commission)
        _, progress = invoices.of(session, commission)
        accepted = at_a_price(session, commission, cast, "2000")
        assert accepted.to_refund == excess(commission) == paid - Money(accepted.quote.gross_minor, "GBP")
        deposit, again = invoices.of(session, commission)
        assert (progress.credited_at, again.key) == (NOON, "progress")
        assert deposit.gross_minor + again.gross_minor == accepted.quote.gross_minor
        assert deposit.tax_minor + again.tax_minor == accepted.quote.tax_minor
        assert invoices.issue(session, commission, "balance", cast.office, at=NOON) is None
        assert faults(session) == []
        invoices.issue_cleared(session, commission, cast.office, at=NOON)
        many = len(told(session, commission))
        refunds.pay_back_excess(session, commission, "The price is lower.", cast.office, at=NOON)
        assert len(told(session, commission)) == many  # money beyond the price was never invoiced
        assert not ledger.balance(session, commission, Account.CLIENT)
        assert faults(session) == []
        with pytest.raises(NotPossible, match="Nothing came in"):
            refunds.pay_back_excess(session, commission, "Again.", cast.office, at=NOON)


def test_money_that_goes_back_takes_its_invoice_back_only_where_the_part_is_no_longer_paid(database: Database):
    with database.transaction() as session:
        cast, commission = at_the_deposit(session)
        due = Money(commission.instalments[0].due_minor, "GBP")
        ten = Money(10_00, "GBP")
        more = payments.receive(session, commission, "deposit", "transfer", due + ten, "B-1", cast.office, at=NOON)
        refunds.refund(session, more.payment, ten, "It was for the next part.", cast.office, at=NOON)
        assert len(told(session, commission)) == 1
        refunds.refund(session, more.payment, ten, "They need it back for a week.", cast.office, at=NOON)
        assert invoices.of(session, commission) == ()
        assert [sum for _, _, sum in told(session, commission)] == [due.minor, -due.minor]
        payments.receive(session, commission, "deposit", "transfer", ten, "B-2", cast.office, at=LATER)
        assert [one.gross_minor for one in invoices.of(session, commission)] == [due.minor]
        assert faults(session) == []


def test_goodwill_lowers_the_price_and_its_tax_and_is_not_asked_for_again(database: Database, tmp_path: Path):
    store = LocalStore(tmp_path / "files")
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        bench_to(session, store, commission, "delivery", cast)
        quote, ten = quotes.current(commission), Money(10_00, "GBP")
        for actor, amount, reason, refused in (
            (cast.client, ten, "why", NotAllowed),
            (cast.office, ten, " ", NotPossible),
            (cast.office, Money(quote.gross_minor + 1, "GBP"), "why", NotPossible),
            (cast.office, Money(0, "GBP"), "why", NotPossible),
        ):
            with pytest.raises(refused):
                allowances.allow(session, commission, amount, reason, actor, at=NOON)
        before = invoices.of(session, commission)[-1]
        assert not allowances.allow(session, commission, ten, "A scratched box.", cast.office, at=NOON)
        after = invoices.of(session, commission)[-1]
        assert (after.key, after.gross_minor) == ("balance", before.gross_minor - 10_00)  # asked for anew, at once
        assert before.tax_minor - after.tax_minor == 1_67
        pay(session, commission, "balance", cast)
        back = allowances.allow(session, commission, ten, "And a late day.", cast.office, at=LATER)
        assert back == ten
        refunds.pay_back_excess(session, commission, "And a late day.", cast.office, at=LATER)
        assert not any(due.missing for due in dues(commission))
        assert sum(one.gross_minor for one in invoices.of(session, commission)) == quote.gross_minor - 20_00
        assert faults(session) == []


def test_money_after_the_end_is_not_invoiced(database: Database):
    with database.transaction() as session:
        cast, commission = at_the_deposit(session)
        endings.cancel(session, commission, "They moved abroad.", cast.office, at=NOON)
        pay(session, commission, "deposit", cast)
        assert told(session, commission) == []
        assert faults(session) == []
