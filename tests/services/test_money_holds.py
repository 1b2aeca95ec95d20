"""Whatever is paid, paid back, taken back, let go of or changed: the ledger, the invoices and what is asked agree."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.database import Database
from bespoke.models.commission import Commission
from bespoke.models.ledger import Account, InstalmentRow, Invoice, PaymentState
from bespoke.queries.quotes import accepted, agreed, price_of
from bespoke.services import allowances, auditing, invoices, ledger, payments, quotes, refunds
from bespoke.services.errors import ServiceError
from tests.factories import NOON, YES, Cast, a_cast, a_commission, brought_to, priced
from workflows.errors import WorkflowError
from workflows.money import Money

Step = tuple[str, int]
PRICES = ("1200", "2600", "5200", "6100", "9000")
STEPS = st.one_of(
    st.tuples(st.just("receive"), st.integers(1, 2_500_000)),
    st.tuples(st.just("pay_due"), st.integers(-100, 100)),
    st.tuples(st.just("price"), st.integers(0, 4)),
    st.tuples(st.sampled_from(["refund", "reverse", "allow"]), st.integers(0, 1_000)),
    st.tuples(st.sampled_from(["ask", "excess", "storage"]), st.just(0)),
)


@pytest.fixture(scope="module")
def agreed_on(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Cast]:
    """A house with one accepted price, made once; each example has a copy of it."""
    path = tmp_path_factory.mktemp("money") / "house.sqlite3"
    shutil.copyfile(_sqlite_template, path)
    with closing(Database(f"sqlite:///{path}")) as database, database.transaction() as session:
        cast = a_cast(session)
        brought_to(session, a_commission(session, cast), "deposit_lock", cast)
    return path, cast


@contextmanager
def a_copy(path: Path) -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "house.sqlite3"
        shutil.copyfile(path, copy)
        with closing(Database(f"sqlite:///{copy}")) as database:
            yield database


def take(session: Session, commission: Commission, cast: Cast, step: Step, number: int) -> None:
    """One thing the office does; the rules may refuse it."""
    what, much = step
    office, reason = cast.office, "It has to be."
    cleared = [one for one in payments.of(commission) if one.state is PaymentState.CLEARED]
    if what == "receive":
        amount = Money(much, "GBP")
        payments.receive(session, commission, "deposit", "transfer", amount, f"B-{number}", office, at=NOON)
    elif what == "pay_due":
        row = next((row for row in commission.instalments if row.cleared_minor < row.due_minor), None)
        if row is not None:
            amount = Money(max(row.due_minor - row.cleared_minor + much, 1), "GBP")
            payments.receive(session, commission, row.key, "transfer", amount, f"B-{number}", office, at=NOON)
    elif what == "refund" and cleared:
        one = cleared[much % len(cleared)]
        share = Money(max(one.cleared_minor * (much + 1) // 1_001, 1), "GBP")
        refunds.refund(session, one, share, reason, office, at=NOON)
    elif what == "reverse" and cleared:
        refunds.reverse(session, cleared[much % len(cleared)], reason, office, at=NOON)
    elif what == "price":
        parts = priced(commission, stones_cost=PRICES[much % len(PRICES)])
        changed = quotes.firm(session, commission, parts, office, change_reason=reason, at=NOON)
        quotes.accept(session, changed, quotes.send(session, changed, office, at=NOON), cast.client, YES, at=NOON)
    elif what == "allow":
        allowances.allow(session, commission, Money(1 + much * 997, "GBP"), reason, office, at=NOON)
    elif what == "ask":
        invoices.issue(session, commission, "balance", office, at=NOON)
    elif what == "excess":
        refunds.pay_back_excess(session, commission, reason, office, at=NOON)
    elif what == "storage":
        row = next((row for row in commission.instalments if row.key == "storage"), None)
        if row is None:
            row = InstalmentRow(key="storage", rank=9, due_minor=0, currency="GBP")
            commission.instalments.append(row)
        row.due_minor += 7_01
        invoices.charge(session, commission, "storage", Money(7_01, "GBP"), Decimal("0.20"), office, at=NOON)


def check(session: Session, commission: Commission) -> None:
    for looked in (auditing.ledger, auditing.invoices, auditing.commissions):
        assert [told for _, told in looked(session) if told] == []
    quote = accepted(commission)
    assert quote is not None
    price, standing = price_of(quote), {one.key: one for one in invoices.of(session, commission)}
    of_price = [one for one in standing.values() if not one.key.startswith("storage")]
    advances = [due for due in agreed(commission)[:-1] if due.amount and not due.missing]
    gross = sum(one.gross_minor for one in of_price)
    if "balance" not in standing:
        assert gross == sum(due.amount.minor for due in advances)  # an advance is a tax point once it is paid
    assert gross <= price.gross.minor
    paid = payments.cleared(commission).minor
    if paid >= sum(row.due_minor for row in commission.instalments):  # all is paid: all is invoiced, with its tax
        assert (gross, sum(one.tax_minor for one in of_price)) == (price.gross.minor, price.tax.minor)
    owed = sum(one.gross_minor for one in standing.values()) - paid
    assert ledger.balance(session, commission, Account.CLIENT).minor == owed
    rows = session.scalars(select(Invoice).order_by(Invoice.id)).all()
    assert [int(one.number[-5:]) for one in rows] == list(range(1, len(rows) + 1))
    assert all(one.gross_minor > 0 for one in rows if one.credits_id is None)


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(steps=st.lists(STEPS, min_size=3, max_size=8))
def test_the_money_holds_after_every_step(agreed_on: tuple[Path, Cast], steps: list[Step]):
    path, cast = agreed_on
    with a_copy(path) as database:
        for number, step in enumerate(steps):
            with suppress(ServiceError, WorkflowError), database.transaction() as session:  # refused: nothing was done
                take(session, session.scalars(select(Commission)).one(), cast, step, number)
            with database.reading() as session:
                check(session, session.scalars(select(Commission)).one())
