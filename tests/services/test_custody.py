"""Custody: forms that are not whole, hand-overs without a taker, and who alone says what a thing is worth."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bespoke.database import Database
from bespoke.models.custody import Place
from bespoke.services import custody
from bespoke.services.custody import Intake, SeenStone
from bespoke.services.errors import Missing, NotPossible
from tests.factories import NOON, a_cast, a_commission, a_file, after
from workflows.errors import NotAllowed
from workflows.money import Money


def form(session) -> Intake:
    return Intake(
        kind="jewellery",
        description="Her grandmother's ring",
        name="Beatrix Youngblood",
        telephone="+44 20 7946 0000",
        other_contact="beatrix@example.org",
        metal="yellow",
        marks="stamp illegible",
        weight_g=Decimal("3.42"),
        stones=(SeenStone(1, "old mine", "about 6", "near colourless", "natural diamond"),),
        damage="a chip at the girdle",
        photographs=(a_file(session, "photo").digest,),
        client_signature=a_file(session, "hers").digest,
        house_signature=a_file(session, "ours").digest,
    )


@pytest.mark.parametrize("line", ["name", "telephone", "other_contact", "marks", "damage", "client_signature"])
def test_a_form_that_is_not_whole_is_refused(database: Database, line: str):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        with pytest.raises(NotPossible, match="still needs"):
            custody.take_in(session, commission, replace(form(session), **{line: " "}), cast.office, at=NOON)


def test_what_else_is_not_taken_in(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission, whole = a_commission(session, cast), form(session)
        with pytest.raises(NotAllowed):
            custody.take_in(session, commission, whole, cast.client, at=NOON)
        for wrong in (
            {"photographs": ()},
            {"weight_g": Decimal(0)},
            {"kind": "spaceship"},
            {"stones": (SeenStone(1, "green", "", "green", ""),)},
        ):
            with pytest.raises(NotPossible):
                custody.take_in(session, commission, replace(whole, **wrong), cast.office, at=NOON)
        with pytest.raises(Missing):
            custody.take_in(session, commission, replace(whole, photographs=("0" * 64,)), cast.office, at=NOON)


def test_who_holds_it_is_read_from_the_chain(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        item = custody.take_in(session, commission, form(session), cast.office, at=NOON)
        assert (item.place, item.holder) == (Place.SAFE, "Jonah Veldt")
        with pytest.raises(NotPossible, match="who takes it"):
            custody.move(session, item, Place.BENCH, " ", cast.office, at=NOON)
        with pytest.raises(NotPossible, match="signature"):
            custody.move(session, item, Place.VENDOR, "Castline Foundry", cast.office, at=NOON)
        with pytest.raises(NotPossible, match="after the one before"):
            custody.move(session, item, Place.BENCH, "Wes Harrowgate", cast.office, at=after(hours=-1))
        with pytest.raises(NotPossible, match="already"):
            custody.move(session, item, Place.SAFE, "Jonah Veldt", cast.office, at=NOON)
        with pytest.raises(NotAllowed):
            custody.move(session, item, Place.CLIENT, "me", cast.client, at=NOON)
        handed = custody.move(
            session, item, Place.BENCH, "Wes Harrowgate", cast.office, weight_g=Decimal("3.41"), at=after(hours=1)
        )
        assert (item.holder, handed.difference_g, handed.differs) == ("Wes Harrowgate", Decimal("-0.01"), False)
        assert custody.with_house(session, commission) == (item,)
        signature = a_file(session, "received").digest
        custody.move(
            session, item, Place.CLIENT, "Beatrix Youngblood", cast.office, signature=signature, at=after(hours=2)
        )
        assert custody.with_house(session, commission) == ()


def test_a_weight_that_went_missing_is_told(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        item = custody.take_in(session, commission, form(session), cast.office, at=NOON)
        assert custody.unsettled(session) == ()
        handed = custody.move(
            session, item, Place.BENCH, "Wes Harrowgate", cast.office, weight_g=Decimal("3.20"), at=NOON
        )
        assert handed.differs
        (told,) = custody.unsettled(session)
        assert "3.42 g, then 3.20 g" in told


def test_only_the_owner_says_what_it_is_worth(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        item = custody.take_in(session, commission, form(session), cast.office, at=NOON)
        for actor in (cast.office, cast.owner, cast.stranger):
            with pytest.raises(NotAllowed):
                custody.declare_value(session, item, Money(5_000_00, "GBP"), actor, at=NOON)
        with pytest.raises(NotPossible):
            custody.declare_value(session, item, Money(0, "GBP"), cast.client, at=NOON)
        custody.declare_value(session, item, Money(5_000_00, "GBP"), cast.client, at=NOON)
        assert item.declared_value_minor == 5_000_00
