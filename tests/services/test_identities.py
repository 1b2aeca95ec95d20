"""A client gets back the stone they brought: looked at when it comes in and before it goes, and compared."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bespoke.database import Database
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneRow
from bespoke.services import deliveries, identities, production, steps
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.identities import AnotherStone, Seen
from bespoke.storage.local import LocalStore
from tests.factories import NOON, Cast, a_cast, a_commission, a_file, after
from tests.making import bench_to, let_begin, pass_one, pay
from workflows.errors import NotAllowed
from workflows.stones import Ownership

SEEN = {"identity_check": "Passport seen, not copied", "receipt": "Signed on paper"}
Own = tuple[Session, Piece, StoneRow, Cast]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "files")


@pytest.fixture
def own(database: Database, store: LocalStore):
    """A ring at its setting, with a stone its client brought."""
    with database.transaction() as session:
        cast = a_cast(session)
        piece = bench_to(session, store, a_commission(session, cast), "setting", cast)
        stone = next(option.stone for option in piece.options if option.chosen)
        stone.ownership, stone.owner_id = Ownership.CLIENT, piece.commission_id
        yield session, piece, stone, cast


def look(session: Session) -> Seen:
    return Seen(
        length_mm=Decimal("6.48"),
        width_mm=Decimal("6.46"),
        weight_ct=Decimal("1.01"),
        inclusions="a feather at four o'clock",
        inscription="GIA 1234567890",
        photograph=a_file(session, "girdle").digest,
    )


def back(session: Session, **changes: object) -> Seen:
    """The same stone turned by a quarter, set, so that it cannot be weighed."""
    turned = {"length_mm": Decimal("6.46"), "width_mm": Decimal("6.48"), "weight_ct": None, **changes}
    return replace(look(session), **turned)


def test_a_clients_stone_is_not_set_before_it_was_looked_at(own: Own):
    session, piece, stone, cast = own
    production.ask_release(session, piece, "setting", cast.bench, at=NOON)
    let_begin(session, piece, "setting", cast)
    with pytest.raises(Missing, match="when it came in"):
        production.start(session, piece, "setting", cast.bench, at=NOON)
    identities.note_intake(session, stone, look(session), cast.office, at=NOON)
    production.start(session, piece, "setting", cast.bench, at=NOON)
    assert piece.milestone("setting").started_at == NOON


def test_a_look_that_is_not_whole_is_refused(own: Own):
    session, _piece, stone, cast = own
    with pytest.raises(NotAllowed):
        identities.note_intake(session, stone, look(session), cast.client, at=NOON)
    for wrong in (
        {"weight_ct": None},
        {"length_mm": Decimal(0)},
        {"inclusions": " "},
        {"unread": "under the bezel"},
        {"inscription": "x" * 61},
    ):
        with pytest.raises(NotPossible):
            identities.note_intake(session, stone, replace(look(session), **wrong), cast.office, at=NOON)
    with pytest.raises(Missing, match="photograph"):
        identities.note_intake(session, stone, replace(look(session), photograph="0" * 64), cast.office, at=NOON)
    with pytest.raises(Missing, match="when it came in"):
        identities.note_return(session, stone, back(session), cast.lead, same_inclusions=True, at=NOON)


def test_it_leaves_only_as_the_stone_that_came_in(own: Own, store: LocalStore):
    session, piece, stone, cast = own
    identities.note_intake(session, stone, look(session), cast.office, at=NOON)
    bench_to(session, store, piece.commission, "delivery", cast)
    pay(session, piece.commission, "balance", cast)

    def hand_over() -> None:
        deliveries.hand_over(session, piece, cast.office, at=after(hours=1), **SEEN)

    with pytest.raises(Missing, match="look at it again"):
        hand_over()
    for changes, same, why in (
        ({"length_mm": Decimal("6.40")}, True, "measures"),
        ({"weight_ct": Decimal("0.98")}, True, "weight"),
        ({"inscription": "GIA 1234567891"}, True, "inscription"),
        ({"inscription": ""}, True, "inscription"),
        ({}, False, "inclusions"),
    ):
        identities.note_return(session, stone, back(session, **changes), cast.lead, same_inclusions=same, at=NOON)
        with pytest.raises(AnotherStone) as refused:
            hand_over()
        assert refused.value.why == (why,)
        assert "At intake: 6.48 × 6.46 mm, 1.01 ct" in str(refused.value)
        with pytest.raises(AnotherStone):
            production.complete(session, piece, "delivery", cast.office, at=NOON)
    hidden = back(session, inscription="", unread="under the bezel")
    identities.note_return(session, stone, hidden, cast.lead, same_inclusions=True, at=NOON)
    with pytest.raises(NotPossible, match="not written anew"):
        identities.note_intake(session, stone, look(session), cast.office, at=NOON)
    hand_over()
    assert steps.is_done(piece, "delivery")


def test_a_look_from_before_the_setting_says_nothing(own: Own, store: LocalStore):
    session, piece, stone, cast = own
    identities.note_intake(session, stone, look(session), cast.office, at=NOON)
    bench_to(session, store, piece.commission, "delivery", cast)
    early = after(hours=-1)
    identities.note_return(session, stone, back(session), cast.lead, same_inclusions=True, at=early)
    with pytest.raises(Missing, match="look at it again"):
        pass_one(session, store, piece, "delivery", cast)
