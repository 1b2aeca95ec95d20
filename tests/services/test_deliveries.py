"""The hand-over: nothing leaves without a recap the client confirmed and a balance that cleared."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bespoke.database import Database
from bespoke.dossiers.record import issues
from bespoke.models.piece import Piece
from bespoke.services import deliveries, dossiers, steps
from bespoke.services.deliveries import Terms
from bespoke.services.errors import Missing, NotPossible
from bespoke.storage.local import LocalStore
from bespoke.storage.store import Store
from tests.factories import NOON, Cast, a_cast, a_commission
from tests.making import SYSTEM, bench_to, pass_one, pay, say_yes
from workflows.errors import GateClosed, NotAllowed, OutOfOrder
from workflows.snapshot import Standing, Status

COLLECTED = Terms("collection", "Elowen Marsh", "", NOON.date())
SENT = Terms("courier", "Elowen Marsh", "4 Quay Lane", NOON.date())
SEEN = {"identity_check": "Passport seen, not copied", "receipt": "Signed on paper"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return LocalStore(tmp_path / "files")


@pytest.fixture
def checked_piece(database: Database, store: Store):
    with database.transaction() as session:
        cast = a_cast(session)
        yield session, bench_to(session, store, a_commission(session, cast), "pre_ship_confirmation", cast), cast


Checked = tuple[Session, Piece, Cast]


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        (Terms("pigeon", "Elowen Marsh", "", None), "collected, or sent"),
        (Terms("courier", "Elowen Marsh", " ", None), "where the courier"),
        (Terms("collection", " ", "", None), "who receives"),
        (Terms("collection", "x" * 201, "", None), "200 letters"),
    ],
)
def test_a_recap_says_who_and_where(checked_piece: Checked, terms: Terms, why: str):
    session, piece, cast = checked_piece
    with pytest.raises(NotPossible, match=why):
        deliveries.recap(session, piece, terms, cast.office, at=NOON)


def test_a_recap_comes_from_the_office_and_after_the_check(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = a_commission(session, cast).pieces[0]
        with pytest.raises(NotAllowed):
            deliveries.recap(session, piece, COLLECTED, cast.bench, at=NOON)
        with pytest.raises(OutOfOrder, match="must be done first"):
            deliveries.recap(session, piece, COLLECTED, cast.office, at=NOON)
        session.rollback()


def test_nothing_leaves_before_recap_yes_and_balance(checked_piece: Checked):
    session, piece, cast = checked_piece
    with pytest.raises(Missing, match="no recap"):
        deliveries.hand_over(session, piece, cast.office, at=NOON, **SEEN)
    deliveries.recap(session, piece, COLLECTED, cast.office, at=NOON)
    with pytest.raises(OutOfOrder, match="must be done first"):
        deliveries.hand_over(session, piece, cast.office, at=NOON, **SEEN)
    say_yes(session, piece, "pre_ship_confirmation", cast)
    with pytest.raises(NotPossible, match="recognised"):
        deliveries.hand_over(session, piece, cast.office, at=NOON, identity_check=" ", receipt="Signed")
    with pytest.raises(GateClosed, match="balance"):
        deliveries.hand_over(session, piece, cast.office, at=NOON, **SEEN)
    pay(session, piece.commission, "balance", cast)
    with pytest.raises(NotAllowed):
        deliveries.hand_over(session, piece, cast.bench, at=NOON, **SEEN)
    row = deliveries.hand_over(session, piece, cast.office, at=NOON, seal_number="T-30881", **SEEN)
    assert (row.handed_over_at, row.handed_over_by_id, row.seal_number) == (NOON, int(cast.office.id), "T-30881")
    with pytest.raises(OutOfOrder):
        deliveries.hand_over(session, piece, cast.office, at=NOON, **SEEN)


def test_another_address_voids_the_yes_to_the_first(checked_piece: Checked):
    session, piece, cast = checked_piece
    deliveries.recap(session, piece, COLLECTED, cast.office, at=NOON)
    say_yes(session, piece, "pre_ship_confirmation", cast)
    deliveries.recap(session, piece, SENT, cast.office, at=NOON)
    yes = [row.standing for row in piece.approvals if row.milestone == "pre_ship_confirmation"]
    assert yes == [Standing.SUPERSEDED]
    assert piece.milestone("pre_ship_confirmation").status is Status.ASKED


def test_a_dossier_waits_for_the_hand_over_and_says_what_changed(checked_piece: Checked, store: Store):
    session, piece, cast = checked_piece
    with pytest.raises(NotPossible, match="has not been handed over"):
        dossiers.issue(session, piece, "AAAA-0001", cast.office, at=NOON)
    for key in ("pre_ship_confirmation", "delivery"):
        pass_one(session, store, piece, key, cast)
    with pytest.raises(NotAllowed, match="The house"):
        dossiers.issue(session, piece, "AAAA-0001", cast.client, at=NOON)
    first = dossiers.issue(session, piece, "AAAA-0001", cast.office, at=NOON)
    with pytest.raises(NotPossible, match="still being bound"):
        dossiers.issue(session, piece, "AAAA-0002", cast.office, at=NOON, changes="Nothing")
    for _ in range(2):  # the job may come twice
        dossiers.record_bound(session, first, store.put([b"%PDF"]), b'{"a":1}', SYSTEM, at=NOON)
    assert steps.is_done(piece, "dossier")
    with pytest.raises(NotPossible, match="what is different"):
        dossiers.issue(session, piece, "AAAA-0002", cast.office, at=NOON)
    second = dossiers.issue(session, piece, "AAAA-0002", cast.office, at=NOON, changes="The stone's report.")
    dossiers.record_bound(session, second, store.put([b"%PDF 2"]), b'{"a":2}', SYSTEM, at=NOON)
    assert [(one.version, one.changes) for one in issues(session, piece, dossiers.DOSSIER)] == [
        (1, ""),
        (2, "The stone's report."),
    ]
    assert dossiers.newest(session, piece) is second
