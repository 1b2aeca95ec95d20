"""Dates in working days: the longest way decides, slow cases are promised, and a moved day says why."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.money import Money
from workflows.schedule import (
    BrokenGraph,
    Calendar,
    NoRush,
    ReasonMissing,
    Risk,
    StageTime,
    days_to,
    move,
    promise,
    risk,
    rush,
    stages_of,
    total_days,
)
from workflows.template import load

FRIDAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 23)
CHRISTMAS = Calendar(frozenset({date(2026, 12, 25), date(2026, 12, 28)}))
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
CALENDARS = st.builds(
    Calendar,
    st.frozensets(DAYS, max_size=20),
    st.frozensets(st.integers(0, 6), min_size=1).filter(lambda days: len(days) > 0),
)


def stage(key: str, p50: str, p80: str, *after: str, **more: object) -> StageTime:
    return StageTime(key, Decimal(p50), Decimal(p80), after, **more)  # type: ignore[arg-type]


RING = (
    stage("cad", "3", "5", shortest_days=Decimal(2)),
    stage("render_approval", "2", "4", "cad"),
    stage("pattern", "2", "4", "render_approval", shortest_days=Decimal(1)),
    stage("stone", "5", "12"),
    stage("casting", "4", "7", "pattern", calendar="foundry", buffer_days=1),
    stage("setting", "2", "5", "casting", "stone", shortest_days=Decimal(2)),
)
FOUNDRY = {"foundry": Calendar(weekdays=frozenset({0, 1, 2, 3}))}


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (FRIDAY, 0, FRIDAY),
        (FRIDAY, 1, MONDAY),
        (date(2026, 11, 21), 0, MONDAY),
        (date(2026, 11, 21), 1, date(2026, 11, 24)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
    ],
)
def test_weekends_and_holidays_do_not_count(start: date, days: int, end: date) -> None:
    assert CHRISTMAS.after(start, days) == end


@given(CALENDARS, DAYS, st.integers(0, 40))
def test_there_and_back_are_the_same_number_of_working_days(calendar: Calendar, day: date, days: int) -> None:
    begin = calendar.after(day, 0)
    end = calendar.after(begin, days)
    assert calendar.works(end)
    assert calendar.before(end, days) == begin
    assert calendar.between(begin, end) == days
    assert calendar.between(end, begin) == -calendar.between(begin, end)


@given(CALENDARS, DAYS, DAYS, st.integers(0, 20))
def test_beginning_later_never_ends_earlier(calendar: Calendar, one: date, other: date, days: int) -> None:
    first, second = sorted((one, other))
    assert calendar.after(first, days) <= calendar.after(second, days)


def test_a_calendar_without_working_days_is_refused() -> None:
    with pytest.raises(BrokenGraph):
        Calendar(weekdays=frozenset())


def test_the_longest_way_is_added_up() -> None:
    assert total_days(RING, slow=False) == 13  # cad, approval, pattern, casting, setting
    assert total_days(RING, slow=True) == 26  # the same, slow, and the foundry's buffer
    assert total_days((), slow=True) == 0


def test_a_promise_is_a_range_with_an_earlier_day_for_the_shop() -> None:
    offered = promise(RING, MONDAY, calendars=FOUNDRY)
    assert offered.longest_way == ("cad", "render_approval", "pattern", "casting", "setting")
    assert offered.expected_on < offered.safe_on < offered.promised_on
    house = Calendar()
    assert house.between(offered.safe_on, offered.promised_on) == 2
    assert house.between(offered.internal_due_on, offered.promised_on) == 2
    assert offered.range_words.startswith("between ")


def test_a_slow_stone_becomes_the_longest_way() -> None:
    slow = (*RING[:3], stage("stone", "5", "60"), *RING[4:])
    assert promise(slow, MONDAY, calendars=FOUNDRY).longest_way == ("stone", "setting")


def test_what_is_done_takes_no_time() -> None:
    everything = frozenset(one.key for one in RING)
    assert promise(RING, MONDAY, calendars=FOUNDRY, done=everything).safe_on == MONDAY
    some = promise(RING, MONDAY, calendars=FOUNDRY, done=frozenset({"cad", "render_approval", "pattern", "stone"}))
    assert some.longest_way == ("casting", "setting")


def test_a_vendors_closed_days_count_for_his_stage() -> None:
    closed = {"foundry": Calendar(frozenset(date(2026, 12, 7) + timedelta(days=n) for n in range(14)))}
    assert promise(RING, MONDAY, calendars=closed).safe_on > promise(RING, MONDAY, calendars=FOUNDRY).safe_on


@st.composite
def graphs(draw: st.DrawFn) -> tuple[StageTime, ...]:
    size = draw(st.integers(1, 8))
    stages = []
    for position in range(size):
        p50 = Decimal(draw(st.integers(0, 8)))
        after = draw(st.sets(st.integers(0, position - 1))) if position else set()
        stages.append(
            StageTime(
                f"s{position}",
                p50,
                p50 + draw(st.integers(0, 8)),
                tuple(f"s{key}" for key in sorted(after)),
                buffer_days=draw(st.integers(0, 2)),
                shortest_days=draw(st.none() | st.just(Decimal(1))),
            )
        )
    return tuple(draw(st.permutations(stages)))


@given(graphs(), DAYS)
def test_a_promise_follows_the_sum_of_the_slow_cases(stages: tuple[StageTime, ...], start: date) -> None:
    offered = promise(stages, start)
    house = Calendar()
    assert offered.safe_on == house.after(start, int(total_days(stages, slow=True)))
    assert offered.expected_on <= offered.safe_on <= offered.promised_on
    by_key = {one.key: one for one in stages}
    assert all(a in by_key[b].after for a, b in zip(offered.longest_way, offered.longest_way[1:], strict=False))


@given(graphs(), DAYS, st.data())
def test_doing_a_stage_never_makes_the_promise_later(
    stages: tuple[StageTime, ...], start: date, data: st.DataObject
) -> None:
    done = frozenset(data.draw(st.sets(st.sampled_from([one.key for one in stages]))))
    assert promise(stages, start, done=done).safe_on <= promise(stages, start).safe_on


@pytest.mark.parametrize(
    "stages",
    [
        (stage("a", "1", "1", "b"), stage("b", "1", "1", "a")),
        (stage("a", "1", "1", "a"),),
        (stage("a", "1", "1", "nowhere"),),
        (stage("a", "1", "1"), stage("a", "2", "2")),
        (stage("a", "1", "1", calendar="stranger"),),
    ],
)
def test_a_graph_that_leads_nowhere_is_refused(stages: tuple[StageTime, ...]) -> None:
    with pytest.raises(BrokenGraph):
        promise(stages, MONDAY)


@pytest.mark.parametrize(("p50", "p80"), [("3", "2"), ("-1", "2")])
def test_a_slow_case_is_slow(p50: str, p80: str) -> None:
    with pytest.raises(BrokenGraph):
        stage("a", p50, p80)


def test_a_wish_is_measured_against_the_range() -> None:
    offered = promise(RING, MONDAY, calendars=FOUNDRY)
    assert risk(offered, offered.promised_on) is Risk.GREEN
    assert risk(offered, offered.promised_on - timedelta(days=1)) is Risk.AMBER
    assert risk(offered, offered.expected_on) is Risk.AMBER
    assert risk(offered, offered.expected_on - timedelta(days=1)) is Risk.RED


def test_a_template_gives_its_stages_up_to_the_milestone_promised() -> None:
    ring = load("ring")
    stages = stages_of(ring, until="delivery")
    keys = {one.key for one in stages}
    assert keys == ring.before("delivery") | {"delivery"}
    assert "aftercare" not in keys
    offered = promise(stages, MONDAY)
    assert offered.longest_way[-1] == "delivery"
    assert promise(stages_of(ring, until="delivery", done=keys - {"delivery"}), MONDAY).safe_on < offered.safe_on


@pytest.mark.parametrize("slow", [False, True])
def test_the_days_to_every_milestone_are_those_of_the_stages_that_lead_to_it(slow: bool) -> None:
    ring = load("ring")
    done = ring.before("cad")
    every = days_to(ring, slow=slow, done=done)
    for key, days in every.items():
        assert days == total_days(stages_of(ring, until=key, done=done), slow=slow), key


# --- rush ------------------------------------------------------------------------------------------------------


def test_a_rush_is_paid_and_wins_days() -> None:
    offer = rush(RING, Money(100_000, "GBP"))
    assert (offer.days_won, offer.surcharge) == (9, Money(25_000, "GBP"))
    sooner = promise(offer.stages, MONDAY, calendars=FOUNDRY).promised_on
    assert sooner < promise(RING, MONDAY, calendars=FOUNDRY).promised_on


def test_a_shop_may_work_on_saturdays_only() -> None:
    saturdays = Calendar(weekdays=frozenset({5}))
    assert saturdays.before(FRIDAY, 0) == date(2026, 11, 14)


def test_time_that_is_not_ours_is_not_sold() -> None:
    with pytest.raises(NoRush):
        rush(RING, Money(100_000, "GBP"), done=frozenset({"cad", "pattern", "setting"}))
    with pytest.raises(NoRush):
        rush((stage("casting", "4", "7"),), Money(100_000, "GBP"))


@given(graphs(), DAYS)
def test_a_rush_never_makes_anything_later(stages: tuple[StageTime, ...], start: date) -> None:
    try:
        offer = rush(stages, Money(100, "GBP"))
    except NoRush:
        return
    assert offer.days_won >= 1
    assert promise(offer.stages, start).safe_on <= promise(stages, start).safe_on


# --- moved days ------------------------------------------------------------------------------------------------


def test_a_moved_day_says_why_and_who_is_waited_for() -> None:
    moved = move(FRIDAY, MONDAY, reason=" A claw broke. ", waiting_on="shop")
    assert (moved.was, moved.now, moved.reason, moved.waiting_on) == (FRIDAY, MONDAY, "A claw broke.", "shop")


@pytest.mark.parametrize(
    ("now", "reason", "waiting_on"),
    [(MONDAY, "", "shop"), (MONDAY, "  ", "shop"), (MONDAY, "late", "nobody"), (FRIDAY, "late", "shop")],
)
def test_a_day_does_not_move_silently(now: date, reason: str, waiting_on: str) -> None:
    with pytest.raises(ReasonMissing):
        move(FRIDAY, now, reason=reason, waiting_on=waiting_on)
