"""Stones as they are entered: what cannot be is refused, what is odd is kept beside it, reports belong to one stone."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from bespoke.database import Database
from bespoke.models.event import Event
from bespoke.services import holds, memos, options, stones
from bespoke.services.errors import NotPossible
from bespoke.services.stones import NewReport, NewStone, UnfitStone
from tests.factories import NOON, a_cast, a_chosen_stone, a_commission, a_diamond, after, brought_to
from workflows.errors import NotAllowed
from workflows.gems import Grade, Growth, Lab, Origin, Shape, StoneFacts, UnknownGem
from workflows.money import Money
from workflows.naming import MisleadingName
from workflows.stones import NotHoldable, NotOurs, Ownership, StoneStep, Whereabouts, WrongStep
from workflows.template import Facet

GOOD = StoneFacts(
    gem="diamond",
    shape=Shape.ROUND,
    origin=Origin.NATURAL,
    weight_ct=Decimal("1.01"),
    length_mm=Decimal("6.48"),
    width_mm=Decimal("6.46"),
    depth_mm=Decimal("3.97"),
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"weight_ct": Decimal("0.20")},
        {"table_pct": Decimal(157)},
        {"depth_pct": Decimal("6.14")},
        {"lab": Lab.GIA, "shape": Shape.OVAL, "length_mm": Decimal("8.35"), "cut": Grade.EX},
        {"growth": Growth.CVD},
    ],
    ids=["weight", "table", "depth", "cut", "growth"],
)
def test_a_stone_that_cannot_be_is_refused_with_the_rule_it_breaks(database: Database, wrong):
    with database.transaction() as session:
        cast = a_cast(session)
        with pytest.raises(UnfitStone) as refusal:
            stones.register(session, NewStone(reference="X", facts=replace(GOOD, **wrong)), cast.office, at=NOON)
        assert refusal.value.findings


def test_a_stone_of_which_too_little_or_nonsense_is_said_is_refused(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        with pytest.raises(NotAllowed):
            stones.register(session, NewStone(reference="X", facts=GOOD), cast.client, at=NOON)
        with pytest.raises(UnknownGem):
            stones.register(
                session, NewStone(reference="X", facts=replace(GOOD, gem="kryptonite")), cast.office, at=NOON
            )
        for new in (
            NewStone(reference="X", facts=replace(GOOD, weight_ct=None)),
            NewStone(reference="X", facts=replace(GOOD, length_mm=Decimal(0))),
            NewStone(reference="X", facts=GOOD, pieces=0),
            NewStone(reference="X", facts=GOOD, weight_source="a dream"),
            NewStone(reference="X", facts=GOOD, ownership=Ownership.MEMO),
            NewStone(reference="X", facts=GOOD, ownership=Ownership.CLIENT),
        ):
            with pytest.raises(NotPossible):
                stones.register(session, new, cast.office, at=NOON)
        facts = replace(GOOD, treatments=("XYZ",))
        with pytest.raises(MisleadingName):
            stones.register(session, NewStone(reference="X", facts=facts), cast.office, at=NOON)
        a_diamond(session, cast, "D-1")
        with pytest.raises(NotPossible, match="already"):
            stones.register(session, NewStone(reference="D-1", facts=GOOD), cast.office, at=NOON)


def test_what_is_odd_but_possible_is_kept_beside_the_stone(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        facts = replace(GOOD, weight_ct=Decimal("1.07"))
        row = stones.register(session, NewStone(reference="X", facts=facts), cast.office, at=NOON)
        assert row.warnings == ["1.07 ct is stated; the measurements give about 1.01 ct."]


def test_a_parcel_is_weighed_together_and_checked_stone_by_stone(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        facts = replace(
            GOOD,
            weight_ct=Decimal("0.19"),
            length_mm=Decimal("1.30"),
            width_mm=Decimal("1.30"),
            depth_mm=Decimal("0.787"),
        )
        row = stones.register(session, NewStone(reference="M-025", facts=facts, pieces=24), cast.office, at=NOON)
        assert row.warnings == []
        with pytest.raises(UnfitStone):
            stones.register(session, NewStone(reference="M-026", facts=facts, pieces=2), cast.office, at=NOON)


def test_a_report_belongs_to_one_stone_and_one_governs(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        first, second = a_diamond(session, cast, "D-1"), a_diamond(session, cast, "D-2")
        with pytest.raises(NotPossible, match="D-1"):
            stones.add_report(session, second, NewReport(laboratory="GIA", number="demo- d-1"), cast.office, at=NOON)
        with pytest.raises(NotPossible, match="laboratory"):
            stones.add_report(session, second, NewReport(laboratory="Bob's", number="1"), cast.office, at=NOON)
        with pytest.raises(NotAllowed):
            stones.add_report(session, second, NewReport(laboratory="IGI", number="1"), cast.client, at=NOON)
        newer = stones.add_report(session, first, NewReport(laboratory="IGI", number="7"), cast.office, at=NOON)
        assert first.governing is newer
        assert [report.governing for report in first.reports] == [False, True]
        stones.verify_report(session, newer, cast.office, at=NOON)
        assert newer.verified_by_id == int(cast.office.id)


def test_a_suppliers_stone_is_bought_before_it_is_set(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        memo = NewStone(reference="X", facts=GOOD, ownership=Ownership.MEMO, memo_due_at=after(days=10))
        row = stones.register(session, memo, cast.office, at=NOON)
        for what in (StoneStep.RECEIVE, StoneStep.BAG):
            stones.step(session, row, what, cast.bench, at=NOON)
        with pytest.raises(NotOurs):
            stones.step(session, row, StoneStep.SET, cast.bench, at=NOON)
        with pytest.raises(NotAllowed):
            stones.buy(session, row, Money(100, "GBP"), cast.bench, at=NOON)
        stones.buy(session, row, Money(100, "GBP"), cast.office, at=NOON)
        assert stones.step(session, row, StoneStep.SET, cast.bench, at=NOON) is Whereabouts.SET
        with pytest.raises(NotPossible):
            stones.buy(session, row, Money(100, "GBP"), cast.office, at=NOON)
        with pytest.raises(WrongStep):
            stones.step(session, row, StoneStep.BREAK, cast.bench, at=NOON)  # nobody says how


def test_a_clients_own_stone_goes_into_no_other_clients_piece(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        theirs, other = a_commission(session, cast), a_commission(session, cast, client=cast.stranger)
        own = NewStone(reference="X", facts=GOOD, ownership=Ownership.CLIENT, owner=theirs)
        row = stones.register(session, own, cast.office, at=NOON)
        with pytest.raises(NotHoldable):
            holds.hold(session, other, row, cast.office, at=NOON)
        with pytest.raises(NotHoldable):
            options.put_forward(session, other.pieces[0], row, cast.designer, at=NOON)
        assert holds.hold(session, theirs, row, cast.office, at=NOON).id


def test_who_may_not_put_forward_choose_or_withdraw(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = brought_to(session, a_commission(session, cast), "stone_sourcing", cast).pieces[0]
        stone = a_diamond(session, cast)
        with pytest.raises(NotAllowed):
            options.put_forward(session, piece, stone, cast.client, at=NOON)
        with pytest.raises(NotPossible):
            options.put_forward(session, piece, stone, cast.designer, role="hat", at=NOON)
        option = a_chosen_stone(session, piece, cast, stone)
        with pytest.raises(NotAllowed):
            options.choose(session, option, cast.bench, at=NOON)
        with pytest.raises(NotAllowed):
            options.withdraw(session, option, cast.client, at=NOON)
        with pytest.raises(NotPossible, match="chosen one"):
            options.withdraw(session, option, cast.designer, at=NOON)


def test_what_the_client_says_yes_to_names_the_stone_and_no_supplier(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = brought_to(session, a_commission(session, cast), "stone_sourcing", cast).pieces[0]
        grown = replace(GOOD, origin=Origin.LAB_GROWN, growth=Growth.CVD)
        new = NewStone(reference="L-1", facts=grown, supplier="Northmere Gems", cost=Money(1234, "GBP"))
        a_chosen_stone(session, piece, cast, stones.register(session, new, cast.office, at=NOON))
        row = piece.content(Facet.STONES)
        assert row is not None
        (said,) = json.loads(row.body)["stones"]
        assert said["name"] == "laboratory-grown diamond"
        assert said["weight_words"] == "1.01 ct"
        assert said["treatment_words"] == "treatment not determined"
        assert said["report_number"] is None
        assert "Northmere" not in row.body
        assert "1234" not in row.body


def test_the_house_is_told_once_that_a_memo_stone_is_due_back(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        memo = NewStone(reference="X", facts=GOOD, ownership=Ownership.MEMO, memo_due_at=after(days=10))
        row = stones.register(session, memo, cast.office, at=NOON)
        holds.hold(session, a_commission(session, cast), row, cast.office, at=NOON)
        assert memos.tell_due(session, at=after(days=7)) == 0
        assert memos.tell_due(session, at=after(days=8)) == 1
        assert memos.tell_due(session, at=after(days=9)) == 0
        told = session.scalars(select(Event).where(Event.kind == "memo_due")).one()
        assert told.facts["sentence"].startswith("Stone X is due back in 2 days: buy it, return it")
        row.memo_due_at = after(days=20)  # the supplier gave longer
        assert memos.tell_due(session, at=after(days=19)) == 1
