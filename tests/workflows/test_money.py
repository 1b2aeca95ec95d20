"""Money: currencies never mix, splits sum exactly, only plain amounts are read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.money import (
    MINOR_DIGITS,
    BadSplit,
    MixedCurrencies,
    Money,
    NotAnAmount,
    UnknownCurrency,
    total,
)

MINOR = st.integers(-(10**14), 10**14)
CURRENCY = st.sampled_from(["GBP", "USD", "EUR", "JPY", "KWD"])
MONEY = st.builds(Money, MINOR, CURRENCY)


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [(137759, "GBP", "1377.59"), (1377, "JPY", "1377"), (1377590, "KWD", "1377.590"), (-5, "USD", "-0.05")],
)
def test_each_currency_has_its_own_minor_unit(minor: int, currency: str, amount: str) -> None:
    assert str(Money(minor, currency).amount) == amount
    assert Money.of(Decimal(amount), currency) == Money(minor, currency)


@given(MONEY)
def test_minor_units_and_amounts_return_exactly(money: Money) -> None:
    assert Money.of(money.amount, money.currency) == money


@given(MINOR, MINOR, CURRENCY)
def test_sums_are_those_of_whole_numbers(one: int, other: int, currency: str) -> None:
    left, right = Money(one, currency), Money(other, currency)
    assert (left + right).minor == one + other
    assert left - right == -(right - left)
    assert total([left, right, -left], currency) == right
    assert (left < right) == (one < other)


def test_currencies_do_not_mix() -> None:
    pounds, yen = Money(100, "GBP"), Money(100, "JPY")
    for attempt in (lambda: pounds + yen, lambda: pounds - yen, lambda: pounds < yen, lambda: total([yen], "GBP")):
        with pytest.raises(MixedCurrencies, match="GBP and JPY"):
            attempt()
    assert pounds != yen


@pytest.mark.parametrize("code", ["", "gbp", "XXX", "GB", "POUND", "BTC"])
def test_unknown_currencies_are_refused(code: str) -> None:
    for attempt in (lambda: Money(1, code), lambda: Money.of(1, code), lambda: Money.parse("1", code)):
        with pytest.raises(UnknownCurrency):
            attempt()


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1)])
def test_minor_units_are_whole_numbers(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "GBP")  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+999999", "-1E+16"])
def test_an_amount_is_finite(value: str) -> None:
    with pytest.raises(NotAnAmount):
        Money.of(Decimal(value), "GBP")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "NaN",
        "Infinity",
        "1e9",
        "1E+999999",
        "١٢",
        "１２",
        "1_000",
        "1,000",
        "1,50",
        "-1",
        "+1",
        "£1",
        ".5",
        "1.",
        "1 000",
    ],
)
def test_only_plain_amounts_are_read(typed: str) -> None:
    with pytest.raises(NotAnAmount) as refusal:
        Money.parse(typed, "GBP")
    assert refusal.value.text == typed


def test_no_more_decimals_are_read_than_the_currency_has() -> None:
    assert Money.parse("1.5", "GBP") == Money(150, "GBP")
    assert Money.parse("1.505", "KWD") == Money(1505, "KWD")
    for typed, currency in (("1.505", "GBP"), ("1.0", "JPY")):
        with pytest.raises(NotAnAmount, match="decimals"):
            Money.parse(typed, currency)


@given(st.integers(0, 10**11), CURRENCY)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(str(money.amount), currency) == money


@pytest.mark.parametrize(
    ("amount", "expected"), [("0.005", 1), ("0.0049", 0), ("-0.005", -1), ("1377.586", 137759), ("5510.344", 551034)]
)
def test_halves_go_away_from_zero(amount: str, expected: int) -> None:
    assert Money.of(Decimal(amount), "GBP").minor == expected


def test_the_worked_example_splits_to_the_cent() -> None:
    parts = Money(1377586, "USD").split((10, 40, 50))
    assert [part.minor for part in parts] == [137759, 551034, 688793]


@given(MONEY, st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_a_split_sums_exactly_and_no_part_changes_sign(money: Money, shares: list[int]) -> None:
    parts = money.split(shares)
    assert len(parts) == len(shares)
    assert total(parts, money.currency) == money
    assert all(part.minor * money.minor >= 0 for part in parts)
    reached = 0
    for index, share in enumerate(shares):
        reached += share
        given_out = sum(part.minor for part in parts[: index + 1])
        assert abs(given_out - Decimal(money.minor) * reached / sum(shares)) <= Decimal("0.5")


@pytest.mark.parametrize("shares", [(), (0, 0), (50, -50, 100)])
def test_senseless_shares_are_refused(shares: tuple[int, ...]) -> None:
    with pytest.raises(BadSplit):
        Money(100, "GBP").split(shares)


@pytest.mark.parametrize(
    ("money", "said"),
    [
        (Money(137759, "GBP"), "£1,377.59"),
        (Money(-500, "EUR"), "−€5.00"),
        (Money(1000000, "JPY"), "JPY 1,000,000"),
        (Money(0, "USD"), "USD 0.00"),
    ],
)
def test_sentences_say_the_currency(money: Money, said: str) -> None:
    assert str(money) == said


def test_every_currency_has_a_three_letter_code_and_sensible_digits() -> None:
    assert all(len(code) == 3 and code.isupper() and digits in (0, 2, 3) for code, digits in MINOR_DIGITS.items())
