"""Holds free themselves, only cleared money locks, memo stones stay as they came."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import WorkflowError
from workflows.money import MixedCurrencies, Money
from workflows.stones import (
    BadHold,
    HeldFor,
    HoldRules,
    NotCleared,
    NotHoldable,
    NotOurs,
    Ownership,
    StoneStatus,
    StoneStep,
    StoneTaken,
    Whereabouts,
    WrongStep,
    check_hold,
    extended,
    governing_report,
    has_lapsed,
    locked,
    memo_alarm,
    moved,
    usable,
)

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FREE = StoneStatus("D-001", Whereabouts.IN_HOUSE)
DEPOSIT = Money(292_000, "GBP")


def hold(stone: StoneStatus = FREE, *, commission: str = "OF-0412", at: datetime = NOW, days: int = 7) -> HeldFor:
    return check_hold(stone, commission=commission, at=at, until=at + days * DAY)


def held(**changes: object) -> StoneStatus:
    return replace(FREE, hold=replace(hold(), **changes))  # type: ignore[arg-type]


def test_a_free_stone_is_held_until_a_moment() -> None:
    assert hold() == HeldFor("OF-0412", NOW, NOW + 7 * DAY)


def test_another_commission_is_told_until_when() -> None:
    with pytest.raises(StoneTaken, match="until 27 November") as refusal:
        hold(held(), commission="OF-0413", at=NOW + DAY)
    assert refusal.value.until == NOW + 7 * DAY
    assert refusal.value.reference == "D-001"


def test_a_lapsed_hold_is_no_hindrance() -> None:
    later = NOW + 7 * DAY
    assert hold(held(), commission="OF-0413", at=later).commission == "OF-0413"
    with pytest.raises(StoneTaken):
        hold(held(), commission="OF-0413", at=later - timedelta(seconds=1))


def test_a_locked_stone_is_taken_for_good() -> None:
    stone = replace(FREE, hold=locked(hold(), cleared=DEPOSIT, deposit=DEPOSIT, at=NOW))
    with pytest.raises(StoneTaken, match="for good") as refusal:
        hold(stone, commission="OF-0413", at=NOW + 1000 * DAY)
    assert refusal.value.until is None


def test_the_same_commission_does_not_hold_it_twice() -> None:
    with pytest.raises(BadHold, match="already"):
        hold(held(), at=NOW + DAY)


@pytest.mark.parametrize("days", [0, -1, 8])
def test_a_hold_is_neither_empty_nor_longer_than_the_house_allows(days: int) -> None:
    with pytest.raises(BadHold):
        hold(days=days)


@pytest.mark.parametrize("whereabouts", [Whereabouts.SET, Whereabouts.RETURNED, Whereabouts.BROKEN, Whereabouts.LOST])
def test_a_stone_that_is_gone_cannot_be_held(whereabouts: Whereabouts) -> None:
    with pytest.raises(NotHoldable, match=whereabouts):
        hold(replace(FREE, whereabouts=whereabouts))
    assert not usable(replace(FREE, whereabouts=whereabouts))


def test_a_clients_own_stone_is_for_that_client_only() -> None:
    own = replace(FREE, ownership=Ownership.CLIENT, owner="OF-0412")
    assert hold(own)
    with pytest.raises(NotHoldable, match="another client"):
        hold(own, commission="OF-0413")


# --- extending and locking -------------------------------------------------------------------------------------


def test_an_announced_transfer_extends_the_hold_once() -> None:
    longer = extended(hold(), announced_at=NOW + 6 * DAY)
    assert longer.until == NOW + 10 * DAY
    assert longer.extended
    with pytest.raises(BadHold, match="once"):
        extended(longer, announced_at=NOW + 9 * DAY)


def test_an_extension_ends_at_the_houses_limit() -> None:
    rules = HoldRules(lifetime=7 * DAY, extension=30 * DAY, longest=9 * DAY)
    assert extended(hold(), announced_at=NOW + DAY, rules=rules).until == NOW + 9 * DAY


def test_an_early_announcement_never_shortens_a_hold() -> None:
    assert extended(hold(), announced_at=NOW).until == NOW + 7 * DAY


def test_a_lapsed_or_locked_hold_is_not_extended() -> None:
    with pytest.raises(BadHold, match="lapsed"):
        extended(hold(), announced_at=NOW + 7 * DAY)
    with pytest.raises(BadHold, match="locked"):
        extended(locked(hold(), cleared=DEPOSIT, deposit=DEPOSIT, at=NOW), announced_at=NOW)


@given(st.integers(0, 10 * 24), st.integers(1, 30), st.integers(7, 40))
def test_an_extension_only_ever_lengthens_and_never_beyond_the_limit(hours: int, more: int, longest: int) -> None:
    rules = HoldRules(lifetime=7 * DAY, extension=more * DAY, longest=longest * DAY)
    at, first = NOW + timedelta(hours=hours), hold()
    if has_lapsed(first, at):
        with pytest.raises(BadHold):
            extended(first, announced_at=at, rules=rules)
        return
    longer = extended(first, announced_at=at, rules=rules)
    assert first.until is not None
    assert longer.until is not None
    assert first.until <= longer.until <= NOW + longest * DAY


def test_cleared_money_locks() -> None:
    firm = locked(hold(), cleared=DEPOSIT, deposit=DEPOSIT, at=NOW + DAY)
    assert (firm.locked, firm.until, firm.locked_at) == (True, None, NOW + DAY)
    assert not has_lapsed(firm, NOW + 1000 * DAY)
    with pytest.raises(BadHold, match="already"):
        locked(firm, cleared=DEPOSIT, deposit=DEPOSIT, at=NOW + DAY)


def test_a_penny_short_does_not_lock() -> None:
    with pytest.raises(NotCleared, match=r"£0\.01") as refusal:
        locked(hold(), cleared=DEPOSIT - Money(1, "GBP"), deposit=DEPOSIT, at=NOW)
    assert refusal.value.missing == Money(1, "GBP")


def test_money_that_comes_after_the_hold_lapsed_does_not_lock() -> None:
    with pytest.raises(BadHold, match="lapsed"):
        locked(hold(), cleared=DEPOSIT, deposit=DEPOSIT, at=NOW + 8 * DAY)


def test_another_currency_does_not_lock() -> None:
    with pytest.raises(MixedCurrencies):
        locked(hold(), cleared=Money(10**9, "EUR"), deposit=DEPOSIT, at=NOW)


# --- steps -----------------------------------------------------------------------------------------------------

ALLOWED = {
    ("candidate", "request"): "requested",
    ("candidate", "receive"): "in_house",
    ("requested", "receive"): "in_house",
    ("requested", "return"): "returned",
    ("requested", "lose"): "lost",
    ("in_house", "bag"): "in_bag",
    ("in_house", "recut"): "in_house",
    ("in_house", "ship_to_client"): "returned",
    ("in_house", "return"): "returned",
    ("in_house", "break"): "broken",
    ("in_house", "lose"): "lost",
    ("in_bag", "unbag"): "in_house",
    ("in_bag", "set"): "set",
    ("in_bag", "recut"): "in_house",
    ("in_bag", "return"): "returned",
    ("in_bag", "break"): "broken",
    ("in_bag", "lose"): "lost",
    ("set", "unset"): "in_bag",
    ("set", "break"): "broken",
    ("set", "lose"): "lost",
    ("lost", "find"): "in_house",
}


@pytest.mark.parametrize(("whereabouts", "step"), list(product(Whereabouts, StoneStep)))
def test_only_the_listed_steps_are_possible(whereabouts: Whereabouts, step: StoneStep) -> None:
    stone = replace(FREE, whereabouts=whereabouts)
    expected = ALLOWED.get((whereabouts.value, step.value))
    if expected is not None:
        assert moved(stone, step, reason="said why").value == expected
    else:
        with pytest.raises(WrongStep) as refusal:
            moved(stone, step, reason="said why")
        assert refusal.value.whereabouts is whereabouts


@pytest.mark.parametrize("step", [StoneStep.SET, StoneStep.RECUT, StoneStep.SHIP_TO_CLIENT])
def test_a_memo_stone_is_bought_first(step: StoneStep) -> None:
    stone = replace(FREE, whereabouts=Whereabouts.IN_BAG, ownership=Ownership.MEMO)
    with pytest.raises(NotOurs, match="buy it before"):
        moved(stone, step, reason="client wishes")


def test_a_memo_stone_may_be_bagged_and_returned() -> None:
    memo = replace(FREE, ownership=Ownership.MEMO)
    assert moved(memo, StoneStep.BAG) is Whereabouts.IN_BAG
    assert moved(memo, StoneStep.RETURN) is Whereabouts.RETURNED


@pytest.mark.parametrize("step", [StoneStep.RETURN, StoneStep.SHIP_TO_CLIENT])
def test_a_locked_stone_does_not_leave(step: StoneStep) -> None:
    stone = replace(FREE, hold=locked(hold(), cleared=DEPOSIT, deposit=DEPOSIT, at=NOW))
    with pytest.raises(WrongStep, match="locked for OF-0412"):
        moved(stone, step)


@pytest.mark.parametrize("step", [StoneStep.BREAK, StoneStep.LOSE, StoneStep.RECUT])
def test_breaking_and_losing_need_a_reason(step: StoneStep) -> None:
    with pytest.raises(WrongStep, match="Say how"):
        moved(FREE, step, reason="  ")


# --- memo and reports ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "said"), [(3, None), (2, "due back in 2 days"), (0, "due back in 0 days"), (-1, "was due back 1 days ago")]
)
def test_a_memo_stone_is_remembered_two_days_before(days: int, said: str | None) -> None:
    today = date(2026, 11, 20)
    memo = replace(FREE, ownership=Ownership.MEMO, memo_due=today + timedelta(days=days))
    alarm = memo_alarm(memo, today)
    assert (alarm is None) if said is None else (alarm is not None and said in alarm)
    assert memo_alarm(replace(memo, whereabouts=Whereabouts.RETURNED), today) is None
    assert memo_alarm(replace(memo, ownership=Ownership.HOUSE), today) is None


@dataclass(frozen=True)
class Paper:
    governing: bool


def test_exactly_one_report_governs() -> None:
    chosen = Paper(True)
    assert governing_report([Paper(False), chosen]) is chosen
    assert governing_report([]) is None
    for reports in ([Paper(False)], [Paper(True), Paper(True)]):
        with pytest.raises(WorkflowError, match="exactly one"):
            governing_report(reports)
