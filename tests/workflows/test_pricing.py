"""Prices: the worked example to the cent, frozen inputs, and a client's view that cannot show a cost."""

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.alloys import alloy
from workflows.money import Money, total
from workflows.pricing import (
    ClientView,
    LineKind,
    Stage,
    build_up,
    client_view,
    difference,
    estimate_range,
    margin_percent,
    markup_percent,
    metal_moved,
    metal_sensitivity,
    needs_change_order,
    spot_is_stale,
    swap_stone,
)
from workflows.quote_inputs import (
    LabourInput,
    Markups,
    MisreadInputs,
    OutsideInput,
    QuoteInputs,
    Spot,
    StoneInput,
    freeze,
    metal_assumed,
    metal_of_volume,
    thaw,
)

READ_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SPOT = Spot(Decimal("3000.00"), "USD", READ_AT, "demonstration feed")
YELLOW = alloy("AU750Y")
MARKUPS = Markups(metal=Decimal("0.25"), stones=Decimal("0.40"), labour=Decimal("1.0"), outside=Decimal("0.15"))
CENTRE = StoneInput("Round diamond, 1.01 ct", Decimal("1.01"), per_carat=Decimal(5200))
EXAMPLE = QuoteInputs(
    currency="USD",
    metals=(metal_of_volume(YELLOW, Decimal(330), SPOT, premium_per_g=Decimal("4.50")),),
    stones=(CENTRE, StoneInput("Small diamonds, 0.19 ct", Decimal("0.19"), per_carat=Decimal(620), pieces=24)),
    labour=(LabourInput("Labour and fees", Decimal(1), Decimal("1268.00")),),
    outside=(),
    overhead=Decimal("0.35"),
    markups=MARKUPS,
    tax_name="VAT",
    tax_rate=Decimal("0.20"),
    terms_version="2026-1",
)


def test_the_worked_example_holds_to_the_cent() -> None:
    price = build_up(EXAMPLE)
    assert str(price.net) == "USD 11,479.88"
    assert str(price.gross) == "USD 13,775.86"
    assert str(price.cost) == "USD 7,517.55"
    assert price.margin_percent == Decimal("34.5")
    parts = [str(part.amount) for part in price.gross.split((10, 40, 50))]
    assert parts == ["1377.59", "5510.34", "6887.93"]


def test_the_worked_examples_steps_hold() -> None:
    assert round(SPOT.per_gram, 4) == Decimal("96.4522")
    assert round(SPOT.per_gram * 750 / 1000, 4) == Decimal("72.3392")
    costs = {line.label: str(line.cost.amount) for line in build_up(EXAMPLE).lines}
    assert costs == {
        "AU750Y": "410.42",
        "AU750Y, fabrication": "25.53",
        "Round diamond, 1.01 ct": "5252.00",
        "Small diamonds, 0.19 ct": "117.80",
        "Labour and fees": "1268.00",
        "Overhead": "443.80",
    }
    prices = {line.kind: line.price for line in build_up(EXAMPLE).lines if line.kind is not LineKind.STONES}
    assert str(prices[LineKind.METAL].amount) == "513.03"
    assert prices[LineKind.PREMIUM].amount == Decimal("25.53")


def test_fine_weight_is_paid_not_alloy_weight() -> None:
    platinum = replace(EXAMPLE, metals=(metal_of_volume(alloy("PT950RU"), Decimal(330), SPOT),))
    line = build_up(platinum).lines[0]
    poured = platinum.metals[0].weights.poured_g
    assert line.cost == Money.of(poured * SPOT.per_gram * 950 / 1000, "USD")


AMOUNTS = st.integers(0, 10**6).map(lambda n: Decimal(n).scaleb(-2))
RATES = st.integers(0, 300).map(lambda n: Decimal(n).scaleb(-2))


@st.composite
def inputs(draw: st.DrawFn) -> QuoteInputs:
    metals = st.builds(
        metal_assumed,
        st.sampled_from([YELLOW, alloy("AG925")]),
        st.integers(1, 50_000).map(lambda n: Decimal(n).scaleb(-3)),
        st.just(Decimal("0.3")),
        st.just(SPOT),
        premium_per_g=AMOUNTS,
    )
    stones = st.builds(
        StoneInput, st.just("stone"), AMOUNTS, per_carat=AMOUNTS, each=st.none(), breakage=st.just(Decimal("0.03"))
    )
    return QuoteInputs(
        currency=draw(st.sampled_from(["USD"])),
        metals=tuple(draw(st.lists(metals, max_size=2))),
        stones=tuple(draw(st.lists(stones, max_size=3))),
        labour=tuple(draw(st.lists(st.builds(LabourInput, st.just("setting"), AMOUNTS, AMOUNTS), max_size=3))),
        outside=tuple(draw(st.lists(st.builds(OutsideInput, st.just("casting"), AMOUNTS), max_size=2))),
        overhead=draw(RATES),
        markups=Markups(draw(RATES), draw(RATES), draw(RATES), draw(RATES), draw(RATES)),
        tax_name="VAT",
        tax_rate=Decimal("0.20"),
        terms_version="2026-1",
        adjustment=draw(st.none() | st.builds(Money, st.integers(-500, 500), st.just("USD"))),
    )


@settings(max_examples=40)
@given(inputs())
def test_totals_are_the_sums_of_what_is_shown(given_inputs: QuoteInputs) -> None:
    price = build_up(given_inputs)
    assert price.net == total((line.price for line in price.lines), "USD")
    assert price.cost == total((line.cost for line in price.lines), "USD")
    assert price.gross == price.net + price.tax
    seen = client_view(given_inputs)
    assert total((line.price for line in seen.lines), "USD") == seen.net == price.net
    assert seen.gross == price.gross


@settings(max_examples=40)
@given(inputs())
def test_no_line_is_sold_below_its_cost(given_inputs: QuoteInputs) -> None:
    for line in build_up(given_inputs).lines:
        assert line.kind is LineKind.ADJUSTMENT or line.price >= line.cost


@settings(max_examples=40)
@given(inputs())
def test_frozen_inputs_thaw_to_the_same_price(given_inputs: QuoteInputs) -> None:
    kept = freeze(given_inputs)
    assert thaw(kept) == given_inputs
    assert freeze(thaw(kept)) == kept
    assert build_up(thaw(kept)) == build_up(given_inputs)


@pytest.mark.parametrize(
    "kept", ["", "{}", "[]", "null", '{"currency":"USD"}', freeze(EXAMPLE).replace("330", "x")[:-1]]
)
def test_inputs_that_are_not_whole_are_refused(kept: str) -> None:
    with pytest.raises(MisreadInputs, match="not whole"):
        thaw(kept)


def test_a_stone_has_one_price_only() -> None:
    for one in ({}, {"per_carat": Decimal(1), "each": Decimal(1)}):
        with pytest.raises(MisreadInputs, match="either"):
            StoneInput("stone", Decimal(1), **one)


def test_stones_may_be_priced_by_the_piece_with_a_reserve_for_breakage() -> None:
    melee = StoneInput("Small", Decimal("0.19"), each=Decimal(7), pieces=24, breakage=Decimal("0.05"))
    only = replace(EXAMPLE, metals=(), stones=(melee,), labour=())
    assert [str(line.cost.amount) for line in build_up(only).lines] == ["176.40"]


def test_a_metal_price_in_another_currency_needs_its_rate() -> None:
    with pytest.raises(MisreadInputs, match="No rate to GBP is given for USD"):
        replace(EXAMPLE, currency="GBP")
    pounds = replace(EXAMPLE, currency="GBP", rates=(("USD", Decimal("0.8")),))
    metal = build_up(pounds).lines[0]
    assert str(metal.cost) == "£328.34"


def test_a_piece_without_metal_stones_or_work_costs_nothing() -> None:
    nothing = replace(EXAMPLE, metals=(), stones=(), labour=())
    price = build_up(nothing)
    assert not price.gross
    assert price.margin_percent is None
    assert price.markup_percent is None


def test_outside_work_has_a_mark_up_of_its_own() -> None:
    with_casting = replace(EXAMPLE, outside=(OutsideInput("Casting", Decimal(70)),))
    assert build_up(with_casting).net - build_up(EXAMPLE).net == Money(8050, "USD")


def test_a_rounded_price_is_a_line_of_its_own() -> None:
    rounded = replace(EXAMPLE, adjustment=Money(-1988, "USD"))
    assert str(build_up(rounded).net) == "USD 11,460.00"
    assert [line.label for line in client_view(rounded).lines][-1] == "Rounding"


# --- what the client may see -----------------------------------------------------------------------------------

SECRETS = ("cost", "margin", "markup", "premium", "supplier", "spot", "overhead", "memo", "rate")


def names(kind: type) -> set[str]:
    assert is_dataclass(kind)
    found = set()
    for field in fields(kind):
        found.add(field.name)
        if "ClientLine" in str(field.type):
            found |= {"label", "price"}
    return found


def test_the_clients_view_has_no_place_for_a_secret() -> None:
    assert not [name for name in names(ClientView) for secret in SECRETS if secret in name]


def test_the_clients_view_names_no_secret_and_no_secret_figure() -> None:
    said = repr(client_view(EXAMPLE)).lower()
    assert not [secret for secret in SECRETS if secret in said]
    price = build_up(EXAMPLE)
    hidden = {line.cost.minor for line in price.lines} | {price.cost.minor, (price.net - price.cost).minor}
    assert not [figure for figure in hidden if f"minor={figure}," in said]


def test_the_clients_view_is_the_three_things_paid_for() -> None:
    assert [(line.label, str(line.price.amount)) for line in client_view(EXAMPLE).lines] == [
        ("Metal", "538.56"),
        ("Stones", "7517.72"),
        ("Design and making", "3423.60"),
    ]


# --- weight, metal price, mark-up ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cad", "needed"), [("5.14", False), ("5.64", False), ("4.64", False), ("5.641", True), ("4.639", True)]
)
def test_a_drawing_outside_the_allowance_needs_a_change_order(cad: str, needed: bool) -> None:
    assert needs_change_order(Decimal("5.14"), Decimal("0.50"), Decimal(cad)) is needed


def test_a_price_on_an_assumed_weight_says_so() -> None:
    assumed = replace(EXAMPLE, metals=(metal_assumed(YELLOW, Decimal("5.1414"), Decimal("0.5"), SPOT),))
    said = client_view(assumed).metal_statement
    assert said is not None
    assert "5.14 g of 18 ct yellow gold, 0.50 g more or less" in said
    assert client_view(EXAMPLE).metal_statement is None


def test_five_per_cent_on_metal_moves_only_the_metal() -> None:
    moved = metal_sensitivity(EXAMPLE)
    assert (moved.percent, str(moved.down), str(moved.up)) == (5, "−USD 25.65", "USD 25.65")


@settings(max_examples=40)
@given(inputs())
def test_dearer_metal_never_makes_a_piece_cheaper(given_inputs: QuoteInputs) -> None:
    moved = metal_sensitivity(given_inputs, Decimal(5))
    assert moved.down <= Money.zero("USD") <= moved.up


def test_a_half_on_cost_is_a_third_of_the_price() -> None:
    cost, net = Money(10000, "USD"), Money(15000, "USD")
    assert margin_percent(cost, net) == Decimal("33.3")
    assert markup_percent(cost, net) == Decimal("50.0")


def test_an_upgrade_shows_what_it_alone_costs() -> None:
    better = replace(CENTRE, per_carat=Decimal(6100))
    change = difference(EXAMPLE, swap_stone(EXAMPLE, 0, better))
    assert str(change.net) == "USD 1,272.60"
    assert str(change.gross) == "USD 1,527.12"
    assert change.percent == Decimal("11.1")
    assert difference(EXAMPLE, EXAMPLE).net == Money.zero("USD")


def test_an_estimate_is_a_range_around_the_price() -> None:
    gross = build_up(EXAMPLE).gross
    low, high = estimate_range(gross, Stage.CONCEPT, step_minor=10_000)
    assert (str(low), str(high)) == ("USD 10,300.00", "USD 17,300.00")
    near_low, near_high = estimate_range(gross, Stage.DRAWN)
    assert low < near_low < gross < near_high < high


@pytest.mark.parametrize(("hours", "stale"), [(0, False), (24, False), (25, True)])
def test_a_metal_price_is_good_for_a_day(hours: int, stale: bool) -> None:
    assert spot_is_stale(SPOT, READ_AT + timedelta(hours=hours)) is stale


@pytest.mark.parametrize(("today", "moved"), [("3150", False), ("3151", True), ("2850", False), ("2849", True)])
def test_the_metal_clause_speaks_above_five_per_cent(today: str, moved: bool) -> None:
    assert metal_moved(SPOT, replace(SPOT, per_ounce=Decimal(today))) is moved
