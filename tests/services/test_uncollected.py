"""A finished piece nobody collects: reminders on a ladder, one entry for the office, and then the owner decides."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.database import Database
from bespoke.dossiers.invoices import facts_of
from bespoke.jobs import reminding
from bespoke.models.event import Event
from bespoke.models.piece import Piece
from bespoke.queries.turns import excess
from bespoke.services import auditing, deliveries, house, invoices, payments, refunds, uncollected
from bespoke.services.deliveries import Terms
from bespoke.services.errors import NotPossible
from bespoke.services.uncollected import Decision
from bespoke.storage.local import LocalStore
from tests.factories import NOON, Cast, a_cast, a_commission, after
from tests.making import bench_to, pass_one, pay, say_yes
from workflows.errors import NotAllowed
from workflows.money import Money

Ready = tuple[Session, Piece, Cast]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "files")


@pytest.fixture
def ready(database: Database, store: LocalStore):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = bench_to(session, store, a_commission(session, cast), "delivery", cast)
        yield session, piece, cast


def told(session: Session, at: datetime) -> list[tuple[str, str]]:
    due = [one for one in reminding.due(session, at=at) if one.kind in ("uncollected", "storage")]
    return [(one.kind, one.about.rpartition(", ")[2]) for one in due]


def entries(session: Session, kind: str) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == kind)))


def test_the_ladder_begins_when_the_money_is_there_and_ends_after_six_weeks(ready: Ready, store: LocalStore):
    session, piece, cast = ready
    assert uncollected.ready_since(session, piece) is None  # the balance is open
    assert told(session, after(days=60)) == []
    pay(session, piece.commission, "balance", cast)
    assert uncollected.ready_since(session, piece) == NOON
    for days, rungs in (
        (6.9, []),
        (7, [("uncollected", "time 1")]),
        (20.9, [("uncollected", "time 1")]),
        (21, [("uncollected", "time 2")]),
        (42, [("uncollected", "time 3")]),
        (400, [("uncollected", "time 3")]),
    ):
        assert told(session, after(days=days)) == rungs
    house.current(session).storage_fee_minor = 5_00
    assert told(session, after(days=21)) == [("uncollected", "time 2")]
    assert told(session, after(days=42)) == [("storage", "time 3")]
    pass_one(session, store, piece, "delivery", cast)
    assert told(session, after(days=42)) == []


def test_what_goes_by_courier_is_not_collected(database: Database, store: LocalStore):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = bench_to(session, store, a_commission(session, cast), "pre_ship_confirmation", cast)
        terms = Terms("courier", "Elowen Marsh", "4 Quay Lane", None)
        deliveries.recap(session, piece, terms, cast.office, at=NOON)
        say_yes(session, piece, "pre_ship_confirmation", cast)
        pay(session, piece.commission, "balance", cast)
        assert told(session, after(days=60)) == []


def test_the_office_is_told_once_that_storage_may_be_charged(ready: Ready):
    session, piece, cast = ready
    pay(session, piece.commission, "balance", cast)
    assert uncollected.tell_overdue(session, at=after(days=41.9)) == 0
    assert [uncollected.tell_overdue(session, at=after(days=days)) for days in (42, 43)] == [1, 0]
    (entry,) = entries(session, "collection_overdue")
    assert entry.facts == {"first": "2026-03-02", "storage_a_week_minor": 0}


def test_only_the_owner_decides_and_says_why(ready: Ready):
    session, piece, cast = ready
    pay(session, piece.commission, "balance", cast)

    def decide(*, days: float = 60, actor=cast.owner, what=Decision.STORAGE, reason="By our terms.", weeks: int = 2):
        return uncollected.decide(session, piece, what, reason, actor, weeks=weeks, at=after(days=days))

    with pytest.raises(NotPossible, match="no fee"):
        decide()
    house.current(session).storage_fee_minor = 5_00
    with pytest.raises(NotAllowed, match="Only the owner"):
        decide(actor=cast.office)
    with pytest.raises(NotPossible, match="Say why"):
        decide(reason=" ")
    with pytest.raises(NotPossible, match="has not waited 42 days"):
        decide(days=41)
    with pytest.raises(NotPossible, match="up to now these are 2"):
        decide(weeks=3)
    with pytest.raises(NotPossible, match="only where storage"):
        decide(what=Decision.LIEN)
    assert decide() == Money(10_00, "GBP")
    with pytest.raises(NotPossible, match="up to now these are 0"):  # no week is charged twice
        decide(weeks=1)
    assert decide(what=Decision.LIEN, reason="No answer for a year.", weeks=0) == Money(0, "GBP")
    assert [one.facts["decision"] for one in entries(session, "storage_decided")] == ["storage", "lien"]


def test_storage_is_invoiced_and_asked_for_beside_the_price_and_taken_back_when_waived(ready: Ready):
    session, piece, cast = ready
    commission = piece.commission
    pay(session, commission, "balance", cast)
    house.current(session).storage_fee_minor = 6_00
    uncollected.decide(session, piece, Decision.STORAGE, "By our terms.", cast.owner, weeks=1, at=after(days=50))
    first = Money(6_00, "GBP")
    payments.receive(session, commission, "storage", "transfer", first, "B-8", cast.office, at=after(days=60))
    uncollected.decide(session, piece, Decision.STORAGE, "By our terms.", cast.owner, weeks=2, at=after(days=70))
    charged = [one for one in invoices.of(session, commission) if one.key.startswith("storage")]
    assert [(one.key, one.gross_minor, one.tax_minor) for one in charged] == [
        ("storage-1", 6_00, 1_00),
        ("storage-2", 12_00, 2_00),
    ]
    second = facts_of(session, house.current(session), commission, charged[1])
    assert (second.paid, second.open_minor) == ((), 12_00)  # what came for the first is not counted for it too
    assert uncollected.ready_since(session, piece) == NOON  # what is asked for storage begins no ladder anew
    asked = Money(18_00, "GBP")
    later = after(days=71)
    received = payments.receive(session, commission, "storage", "transfer", asked - first, "B-9", cast.office, at=later)
    assert (received.counted, received.beyond) == (True, Money(0, "GBP"))
    assert faults(session) == []
    uncollected.decide(session, piece, Decision.WAIVE, "They were in hospital.", cast.owner, at=after(days=72))
    assert excess(commission) == asked  # what was paid for it goes back
    assert [one for one in invoices.of(session, commission) if one.key.startswith("storage")] == []
    refunds.pay_back_excess(session, commission, "Storage waived.", cast.office, at=after(days=72))
    assert not excess(commission)
    assert faults(session) == []


def faults(session: Session) -> list[str]:
    checks = (auditing.ledger, auditing.invoices, auditing.commissions)
    return [sentence for check in checks for _, told in check(session) for sentence in told]
