"""Plans add up, money is laid on them in order, refunds keep only what was spent, cash has its limits."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.cash import CASH_RULES, CashRefused, check_cash
from workflows.deposits import (
    PLANS,
    REFUNDS_2026,
    BadPlan,
    Due,
    Incurred,
    Kept,
    Overpaid,
    Plan,
    PlanPart,
    allocated,
    due_amounts,
    plan_of,
    refund,
    refund_rule,
    revised,
    tax_within,
)
from workflows.money import Money, total

GROSS = Money(1377586, "USD")
PRICES = st.integers(0, 10**9).map(lambda minor: Money(minor, "GBP"))


def amounts(dues: tuple[Due, ...]) -> list[tuple[str, str]]:
    return [(due.key, str(due.amount.amount)) for due in dues]


def test_the_worked_example_is_due_to_the_cent() -> None:
    dues = due_amounts(plan_of("10/40/50"), GROSS)
    assert amounts(dues) == [("deposit", "1377.59"), ("progress", "5510.34"), ("balance", "6887.93")]


def test_a_plan_of_two_has_no_progress_payment() -> None:
    assert amounts(due_amounts(plan_of("50/50"), GROSS)) == [("deposit", "6887.93"), ("balance", "6887.93")]


def test_the_house_has_three_plans() -> None:
    assert set(PLANS) == {"30/40/30", "10/40/50", "50/50"}
    assert plan_of("25/75").parts == (PlanPart("deposit", 25), PlanPart("balance", 75))


@given(st.sampled_from(sorted(PLANS)), PRICES)
def test_instalments_add_up_exactly(key: str, gross: Money) -> None:
    dues = due_amounts(plan_of(key), gross)
    assert total((due.amount for due in dues), "GBP") == gross
    assert all(due.amount.minor >= 0 for due in dues)


@pytest.mark.parametrize(
    "key", ["", "100", "50/60", "0/100", "10/20/30/40", "-10/110", "a/b", "5 0/50", "50/50/", "1e1/90", "٥٠/٥٠"]
)
def test_senseless_plans_are_refused(key: str) -> None:
    with pytest.raises(BadPlan):
        plan_of(key)


@pytest.mark.parametrize(
    "keys", [("balance", "deposit"), ("deposit", "progress"), ("deposit", "deposit"), ("rent", "balance")]
)
def test_a_plan_begins_with_a_deposit_and_ends_with_a_balance(keys: tuple[str, ...]) -> None:
    with pytest.raises(BadPlan):
        Plan("odd", tuple(PlanPart(key, 50) for key in keys))


@given(st.sampled_from(sorted(PLANS)), PRICES, PRICES)
def test_cleared_money_fills_the_instalments_in_order(key: str, gross: Money, cleared: Money) -> None:
    dues = allocated(due_amounts(plan_of(key), gross), cleared)
    assert total((due.cleared for due in dues), "GBP") == cleared
    for earlier, later in zip(dues, dues[1:], strict=False):
        assert not later.cleared or not earlier.missing


def test_what_is_missing_is_never_less_than_nothing() -> None:
    over = allocated(due_amounts(plan_of("50/50"), Money(100, "GBP")), Money(150, "GBP"))
    assert [due.missing.minor for due in over] == [0, 0]


def test_a_dearer_change_falls_on_the_balance() -> None:
    paid = allocated(due_amounts(plan_of("30/40/30"), Money(100_000, "GBP")), Money(30_000, "GBP"))
    changed = revised(paid, Money(112_000, "GBP"))
    assert [due.amount.minor for due in changed] == [30_000, 40_000, 42_000]
    assert changed[0].cleared == Money(30_000, "GBP")


def test_a_cheaper_change_shrinks_the_last_ones_first() -> None:
    paid = allocated(due_amounts(plan_of("30/40/30"), Money(100_000, "GBP")), Money(30_000, "GBP"))
    assert [due.amount.minor for due in revised(paid, Money(65_000, "GBP"))] == [30_000, 35_000, 0]


def test_a_change_below_what_was_received_asks_for_a_refund() -> None:
    paid = allocated(due_amounts(plan_of("50/50"), Money(100_000, "GBP")), Money(50_000, "GBP"))
    with pytest.raises(Overpaid) as refusal:
        revised(paid, Money(40_000, "GBP"))
    assert refusal.value.back == Money(10_000, "GBP")


@given(st.sampled_from(sorted(PLANS)), PRICES, PRICES, st.integers(0, 100))
def test_a_revised_plan_adds_up_to_the_new_price(key: str, old: Money, new: Money, share: int) -> None:
    cleared = min(old, new).times(Decimal(share) / 100)
    changed = revised(allocated(due_amounts(plan_of(key), old), cleared), new)
    assert total((due.amount for due in changed), "GBP") == new
    assert all(due.amount.minor >= 0 for due in changed)


def test_an_instalment_carries_its_part_of_the_tax() -> None:
    tax = Money(229598, "USD")
    parts = [tax_within(due.amount, gross=GROSS, tax=tax) for due in due_amounts(plan_of("10/40/50"), GROSS)]
    assert [str(part.amount) for part in parts] == ["229.60", "918.39", "1147.99"]
    assert total(parts, "USD") == tax
    assert not tax_within(Money(0, "USD"), gross=Money(0, "USD"), tax=Money(0, "USD"))


# --- refunds ---------------------------------------------------------------------------------------------------

DEPOSIT_ON = date(2026, 11, 1)
SPENT = (
    Incurred(Kept.DRAWING, Money(18_000, "GBP")),
    Incurred(Kept.PATTERN, Money(7_000, "GBP")),
    Incurred(Kept.METAL, Money(40_000, "GBP")),
)


@pytest.mark.parametrize(
    ("done", "day", "back"),
    [
        (frozenset[str](), 14, 300_000),
        (frozenset({"cad"}), 14, 300_000),
        (frozenset[str](), 15, 282_000),
        (frozenset({"cad", "pattern"}), 20, 275_000),
        (frozenset({"casting"}), 3, 235_000),
        (frozenset({"casting", "pattern"}), 30, 235_000),
    ],
)
def test_what_comes_back_follows_the_stage(done: frozenset[str], day: int, back: int) -> None:
    result = refund(
        REFUNDS_2026,
        done=done,
        cleared=Money(300_000, "GBP"),
        incurred=SPENT,
        deposit_on=DEPOSIT_ON,
        today=date(2026, 11, 1 + day) if day < 30 else date(2026, 12, 1),
    )
    assert result.back == Money(back, "GBP")
    assert result.back + total((one.amount for one in result.kept), "GBP") == Money(300_000, "GBP")
    assert result.sentence.endswith(".")


def test_a_house_never_keeps_more_than_it_was_given() -> None:
    result = refund(
        REFUNDS_2026,
        done=frozenset({"casting"}),
        cleared=Money(20_000, "GBP"),
        incurred=SPENT,
        deposit_on=DEPOSIT_ON,
        today=date(2026, 12, 24),
    )
    assert not result.back
    assert [one.amount.minor for one in result.kept] == [18_000, 2_000]


def test_each_stage_keeps_at_least_what_the_one_before_did() -> None:
    rules = REFUNDS_2026.rules
    assert all(earlier.keeps <= later.keeps for earlier, later in zip(rules, rules[1:], strict=False))
    assert refund_rule(REFUNDS_2026, frozenset({"pattern", "casting", "qc"})).after == "qc"
    assert refund_rule(REFUNDS_2026, frozenset({"brief"})).after == "deposit"


# --- cash ------------------------------------------------------------------------------------------------------

TODAY = date(2026, 11, 21)


def test_a_cash_tender_of_eleven_thousand_is_refused_in_the_uk() -> None:
    with pytest.raises(CashRefused, match="HMRC") as refusal:
        check_cash(Money(1_100_000, "EUR"), place="UK", on=TODAY, earlier=Money(0, "EUR"))
    assert refusal.value.limit == Money(1_000_000, "EUR")


def test_instalments_in_cash_count_together() -> None:
    part = Money(500_000, "EUR")
    assert check_cash(part, place="UK", on=TODAY, earlier=Money(499_999, "EUR")) == ()
    with pytest.raises(CashRefused):
        check_cash(part, place="UK", on=TODAY, earlier=part)


def test_a_registered_house_may_take_it_and_is_reminded() -> None:
    said = check_cash(Money(1_100_000, "EUR"), place="UK", on=TODAY, earlier=Money(0, "EUR"), registered=True)
    assert len(said) == 1


def test_pounds_are_measured_against_euros_only_with_a_rate() -> None:
    tender, nothing = Money(880_000, "GBP"), Money(0, "GBP")
    with pytest.raises(CashRefused, match="Without a rate"):
        check_cash(tender, place="UK", on=TODAY, earlier=nothing)
    with pytest.raises(CashRefused) as refusal:
        check_cash(tender, place="UK", on=TODAY, earlier=nothing, rate=Decimal("1.15"))
    assert refusal.value.total == Money(1_012_000, "EUR")
    assert check_cash(tender, place="UK", on=TODAY, earlier=nothing, rate=Decimal("1.13")) == ()


def test_in_the_united_states_more_than_ten_thousand_is_reported_not_refused() -> None:
    nothing = Money(0, "USD")
    assert check_cash(Money(1_000_000, "USD"), place="US", on=TODAY, earlier=nothing) == ()
    said = check_cash(Money(1_000_001, "USD"), place="US", on=TODAY, earlier=nothing)
    assert len(said) == 1
    assert "Form 8300" in said[0]


def test_the_european_limit_begins_on_its_day() -> None:
    tender, nothing = Money(1_000_001, "EUR"), Money(0, "EUR")
    assert check_cash(tender, place="EU", on=date(2027, 7, 9), earlier=nothing) == ()
    assert check_cash(Money(1_000_000, "EUR"), place="EU", on=date(2027, 7, 10), earlier=nothing) == ()
    with pytest.raises(CashRefused, match="European Union"):
        check_cash(tender, place="EU", on=date(2027, 7, 10), earlier=nothing)


def test_every_cash_rule_names_its_source() -> None:
    assert all(rule.source and rule.sentence.endswith(".") for rule in CASH_RULES)
