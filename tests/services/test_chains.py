"""Chains of custody begin with the step that makes the thing, and nothing leaves twice or from where it is not."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.database import Database
from bespoke.models.custody import CustodyItem, Place
from bespoke.models.piece import Piece
from bespoke.services import chains, custody, deliveries, production, stones
from bespoke.services.deliveries import Terms
from bespoke.services.errors import NotPossible
from bespoke.services.stones import Arrival, NewReport
from bespoke.storage.local import LocalStore
from tests.factories import NOON, Cast, a_cast, a_commission, a_diamond, a_file, after
from tests.making import bench_to, pass_one, pay, say_yes

SEEN = {"identity_check": "Passport seen, not copied", "receipt": "Signed on paper"}
Ready = tuple[Session, Piece, Cast]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "files")


@pytest.fixture
def ready(database: Database, store: LocalStore):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = bench_to(session, store, a_commission(session, cast), "delivery", cast)
        pay(session, piece.commission, "balance", cast)
        yield session, piece, cast


def chain(session: Session, kind: str) -> list[tuple[Place, str, Decimal | None]]:
    items = session.scalars(select(CustodyItem).where(CustodyItem.kind == kind)).all()
    return [(move.place, move.holder, move.weight_g) for item in items for move in item.moves]


def test_a_casting_a_stone_and_a_finished_piece_enter_the_book_by_themselves(ready: Ready):
    session, piece, cast = ready
    assert chain(session, "casting") == [
        (Place.BENCH, "Wes Harrowgate", Decimal("5.66")),
        (Place.PIECE, "Imani Castellane", None),
    ]
    assert chain(session, "stone") == [
        (Place.SAFE, "Jonah Veldt", Decimal("0.202")),
        (Place.PIECE, "Wes Harrowgate", None),
    ]
    assert chain(session, "piece") == [(Place.SAFE, "Imani Castellane", Decimal("5.34"))]
    item = chains.finished(session, piece)
    assert custody.with_house(session, piece.commission) == (item,)
    assert custody.unsettled(session) == ()
    deliveries.hand_over(session, piece, cast.office, at=after(hours=1), **SEEN)
    assert chain(session, "piece")[1:] == [(Place.CLIENT, "Elowen Marsh", None)]
    assert custody.with_house(session, piece.commission) == ()


@pytest.mark.parametrize("place", [Place.VENDOR, Place.CLIENT])
def test_a_piece_leaves_only_from_the_house(ready: Ready, place: Place):
    session, piece, cast = ready
    item = chains.finished(session, piece)
    assert item is not None
    signature = a_file(session, "signed").digest
    custody.move(session, item, place, "Northmere", cast.office, signature=signature, at=NOON)
    for leave in (
        lambda: deliveries.hand_over(session, piece, cast.office, at=NOON, **SEEN),
        lambda: production.complete(session, piece, "delivery", cast.office, at=NOON),
    ):
        with pytest.raises(NotPossible, match="held by Northmere; it cannot be handed over from there"):
            leave()


def test_a_piece_sent_is_with_the_courier(database: Database, store: LocalStore):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = bench_to(session, store, a_commission(session, cast), "pre_ship_confirmation", cast)
        terms = Terms("courier", "Elowen Marsh", "4 Quay Lane", None)
        deliveries.recap(session, piece, terms, cast.office, at=NOON)
        say_yes(session, piece, "pre_ship_confirmation", cast)
        pass_one(session, store, piece, "delivery", cast)
        assert chain(session, "piece")[-1] == (Place.COURIER, "the courier, for Elowen Marsh", None)


def test_the_original_of_a_report_is_kept_once(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        stone = a_diamond(session, cast)
        told = NewReport(laboratory="IGI", number="7", original=True)
        report = stones.add_report(session, stone, told, cast.office, at=NOON)
        assert chain(session, "report") == [(Place.SAFE, "Jonah Veldt", None)]
        with pytest.raises(NotPossible, match="already"):
            chains.keep_original(session, report, cast.office, at=NOON)


def test_a_stone_of_the_stock_has_its_chain_before_anybody_orders_it(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        stone = a_diamond(session, cast)
        seen = Arrival(stone.weight_ct, stone.length_mm, stone.width_mm)
        stones.receive(session, stone, seen, cast.office, at=NOON)
        assert chain(session, "stone") == [(Place.SAFE, "Jonah Veldt", Decimal("0.202"))]
