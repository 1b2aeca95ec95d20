"""Weights and lengths: exact both ways, the trade's rounding, and nothing odd read as a number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.units import (
    CARAT_FRACTIONS,
    NotANumber,
    OutOfRange,
    carat_fraction,
    carats_of_grams,
    decimal_claim_holds,
    grams_of_carats,
    grams_of_pennyweights,
    grams_of_troy_ounces,
    parse_length_mm,
    parse_mass_g,
    parse_number,
    parse_weight_ct,
    pennyweights_of_grams,
    round_carat,
    troy_ounces_of_grams,
)

THOUSANDTHS = st.integers(0, 10**7).map(lambda n: Decimal(n).scaleb(-3))


@pytest.mark.parametrize(
    ("weighed", "stated"),
    [
        ("1.768", "1.76"),
        ("1.769", "1.77"),
        ("0.995", "0.99"),
        ("0.999", "1.00"),
        ("1", "1.00"),
        ("0.009", "0.01"),
        ("0.008", "0.00"),
        ("1.7689", "1.76"),
    ],
)
def test_a_stone_is_stated_upwards_only_after_a_nine(weighed: str, stated: str) -> None:
    assert str(round_carat(Decimal(weighed))) == stated


@given(THOUSANDTHS)
def test_the_stated_weight_is_never_more_than_a_thousandth_above_the_scale(weight_ct: Decimal) -> None:
    stated = round_carat(weight_ct)
    assert -Decimal("0.001") <= weight_ct - stated <= Decimal("0.008")
    assert round_carat(stated) == stated


@given(THOUSANDTHS, THOUSANDTHS)
def test_a_heavier_stone_is_never_stated_lighter(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert round_carat(low) <= round_carat(high)


def test_a_stone_weighing_less_than_nothing_is_refused() -> None:
    with pytest.raises(OutOfRange):
        round_carat(Decimal("-0.1"))


@given(THOUSANDTHS)
def test_carats_and_grams_return_exactly(weight: Decimal) -> None:
    assert carats_of_grams(grams_of_carats(weight)) == weight
    assert grams_of_carats(Decimal(1)) == Decimal("0.2")


@given(THOUSANDTHS)
def test_ounces_and_pennyweights_return(mass_g: Decimal) -> None:
    tolerance = Decimal("1e-18")
    assert abs(grams_of_troy_ounces(troy_ounces_of_grams(mass_g)) - mass_g) <= tolerance
    assert abs(grams_of_pennyweights(pennyweights_of_grams(mass_g)) - mass_g) <= tolerance


def test_an_ounce_is_the_troy_one_and_has_twenty_pennyweights() -> None:
    assert grams_of_troy_ounces(Decimal(1)) == Decimal("31.1034768")
    assert grams_of_pennyweights(Decimal(20)) == Decimal("31.1034768")
    assert grams_of_pennyweights(Decimal(1)) == Decimal("1.55517384")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "1,01",
        "NaN",
        "sNaN",
        "Infinity",
        "-1",
        "+1",
        "1e9",
        "1E+999999",
        "1_000",
        "٣.٥",
        "１",
        "1.",
        ".5",
        "0x10",
    ],
)
def test_only_plain_decimals_are_read(typed: str) -> None:
    with pytest.raises(NotANumber) as refusal:
        parse_number(typed, places=3, what="weight")
    assert refusal.value.text == typed


def test_a_comma_is_answered_with_advice() -> None:
    with pytest.raises(NotANumber, match="with a point"):
        parse_weight_ct("1,01")


def test_more_decimals_than_the_scale_has_are_refused() -> None:
    with pytest.raises(NotANumber, match="more than 3 decimals"):
        parse_mass_g("1.0001")


@pytest.mark.parametrize("typed", ["0", "0.000", "10000"])
def test_impossible_stone_weights_are_refused(typed: str) -> None:
    with pytest.raises(OutOfRange):
        parse_weight_ct(typed)


@given(st.integers(1, 9_999_999).map(lambda n: Decimal(n).scaleb(-3)))
def test_what_is_written_is_read_back(value: Decimal) -> None:
    assert parse_weight_ct(f" {value} ") == value
    assert parse_length_mm(str(value)) == value


@pytest.mark.parametrize(
    ("weight", "words"), [("0.47", "½"), ("0.54", "½"), ("0.469", "½"), ("0.46", None), ("0.55", None), ("1.0", "1")]
)
def test_a_fraction_is_said_only_within_its_range(weight: str, words: str | None) -> None:
    found = carat_fraction(Decimal(weight))
    assert (found.words if found else None) == words


def test_a_fraction_carries_its_range_and_that_it_is_not_exact() -> None:
    assert [one.statement for one in CARAT_FRACTIONS if one.words == "½"] == ["½ ct (from 0.47 to 0.54 ct, not exact)"]


@pytest.mark.parametrize(
    ("claimed", "weighed", "holds"),
    [
        ("0.5", "0.495", True),
        ("0.5", "0.504", True),
        ("0.5", "0.494", False),
        ("0.5", "0.505", False),
        ("0.50", "0.504", True),
        ("1", "0.995", True),
        ("0.501", "0.502", False),
    ],
)
def test_a_decimal_weight_is_true_to_its_last_place(claimed: str, weighed: str, holds: bool) -> None:
    assert decimal_claim_holds(claimed, Decimal(weighed)) is holds
