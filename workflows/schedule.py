"""Dates: working days, how long the stages take in half and in eight of ten cases, and what is promised.

A promise is the sum of the slow cases along the longest way through the work, and a buffer; the shop's own day
is earlier than the client's.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from functools import lru_cache

from workflows.errors import WorkflowError
from workflows.milestone import Template
from workflows.money import Money
from workflows.sentences import sentence


class BrokenGraph(WorkflowError):
    """Stages that wait for each other, or for one that is not there."""


class ReasonMissing(WorkflowError):
    """A promised day moves only with a reason the client can read."""


class NoRush(WorkflowError):
    """Nothing can be made faster."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of a place: weekdays from 0 (Monday) without its holidays."""

    holidays: frozenset[date] = frozenset()
    weekdays: frozenset[int] = frozenset(range(5))

    def __post_init__(self) -> None:
        if not self.weekdays & frozenset(range(7)):
            raise BrokenGraph("A calendar needs at least one working weekday.")

    def works(self, day: date) -> bool:
        """Whether people work on that day."""
        return day.weekday() in self.weekdays and day not in self.holidays

    def after(self, day: date, days: int) -> date:
        """The working day that many working days after `day`; with 0 the day itself, or the next working one."""
        while not self.works(day):
            day += timedelta(days=1)
        for _ in range(days):
            day += timedelta(days=1)
            while not self.works(day):
                day += timedelta(days=1)
        return day

    def before(self, day: date, days: int) -> date:
        """The working day that many working days before `day`; with 0 the day itself, or the last working one."""
        while not self.works(day):
            day -= timedelta(days=1)
        for _ in range(days):
            day -= timedelta(days=1)
            while not self.works(day):
                day -= timedelta(days=1)
        return day

    def between(self, first: date, last: date) -> int:
        """Working days after `first` up to and including `last`; negative the other way round."""
        if last < first:
            return -self.between(last, first)
        return sum(self.works(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage takes in working days: in half of the cases, and in eight of ten."""

    key: str
    p50_days: Decimal
    p80_days: Decimal
    after: tuple[str, ...] = ()
    calendar: str = "house"  # whose working days: the house's, or a vendor's by name
    buffer_days: int = 0  # the vendor's own, on top of the slow case
    shortest_days: Decimal | None = None  # what a rush cannot go below; None: it cannot be rushed

    def __post_init__(self) -> None:
        if not 0 <= self.p50_days <= self.p80_days or self.buffer_days < 0:
            raise BrokenGraph(
                f"{self.key}: the slow case takes at least as long as the usual one, and neither is negative."
            )


@dataclass(frozen=True, slots=True)
class Promise:
    """What may be promised: an expected day, a safe one, the client's day and the shop's earlier one."""

    expected_on: date
    safe_on: date
    promised_on: date
    internal_due_on: date
    longest_way: tuple[str, ...]  # the stages that decide the safe day

    @property
    def range_words(self) -> str:
        """The range as it is said to a client: never one bare day."""
        return f"between {self.expected_on:%d %B %Y} and {self.promised_on:%d %B %Y}"


class Risk(StrEnum):
    """How a promise stands to a wished day."""

    GREEN = "green"  # even the slow case is in time
    AMBER = "amber"  # only the usual case is
    RED = "red"


@dataclass(frozen=True, slots=True)
class Rush:
    """A rush on offer: the stages' new times, the working days won and what it costs."""

    stages: tuple[StageTime, ...]
    days_won: int
    surcharge: Money


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A promised day that moved; the first accepted one is what punctuality is measured by."""

    was: date
    now: date
    reason: str
    waiting_on: str  # client, vendor or shop


INTERNAL_LEAD_DAYS = 2
PROMISE_BUFFER_DAYS = 2
RUSH_SURCHARGE = Decimal("0.25")
_WAITING_ON = frozenset({"client", "vendor", "shop"})
_HOUSE = Calendar()


def stages_of(template: Template, *, until: str, done: frozenset[str] = frozenset()) -> tuple[StageTime, ...]:
    """The stages that lead to a milestone, with the template's typical days; what comes after it is left out.

    Args:
        until: the milestone the promise is about, delivery as a rule.
        done: milestones that are done or skipped; they take no time.
    """
    return _stages(template, template.before(until) | {until}, done)


def _stages(template: Template, wanted: Container[str], done: frozenset[str]) -> tuple[StageTime, ...]:
    nothing = (Decimal(0), Decimal(0))
    return tuple(
        StageTime(milestone.key, *(nothing if milestone.key in done else milestone.typical_days), milestone.after)
        for milestone in template.milestones
        if milestone.key in wanted
    )


def promise(
    stages: Sequence[StageTime],
    start: date,
    *,
    calendars: Mapping[str, Calendar] | None = None,
    done: frozenset[str] = frozenset(),
    buffer_days: int = PROMISE_BUFFER_DAYS,
    internal_lead_days: int = INTERNAL_LEAD_DAYS,
) -> Promise:
    """What may be promised for a piece whose remaining stages begin on `start`.

    Args:
        stages: all stages with what each comes after; those in `done` take no time.
        calendars: working days by name; "house" is Monday to Friday unless given.
        buffer_days: the house's working days between the safe day and the promised one.
        internal_lead_days: working days by which the shop's own day is earlier than the promised one.

    Raises:
        BrokenGraph: stages wait for each other or for an unknown one.
    """
    known = {"house": _HOUSE, **(calendars or {})}
    expected, _ = _finish(stages, start, known, done, slow=False)
    safe, way = _finish(stages, start, known, done, slow=True)
    promised = known["house"].after(safe, buffer_days)
    return Promise(expected, safe, promised, known["house"].before(promised, internal_lead_days), way)


def total_days(stages: Sequence[StageTime], *, slow: bool) -> Decimal:
    """Working days along the longest way: usual cases, or slow ones with the vendors' buffers."""
    return max(_longest(stages, slow=slow).values(), default=Decimal(0))


def days_to(template: Template, *, slow: bool, done: frozenset[str] = frozenset()) -> dict[str, Decimal]:
    """`total_days` of the stages that lead to each milestone, all of them in one go."""
    return _longest(_stages(template, {milestone.key for milestone in template.milestones}, done), slow=slow)


def _longest(stages: Sequence[StageTime], *, slow: bool) -> dict[str, Decimal]:
    longest: dict[str, Decimal] = {}
    for stage in _in_order(stages):
        longest[stage.key] = _days(stage, slow=slow) + max((longest[key] for key in stage.after), default=Decimal(0))
    return longest


def risk(offered: Promise, deadline: date) -> Risk:
    """How the promise stands to the day the client needs the piece."""
    if offered.promised_on <= deadline:
        return Risk.GREEN
    return Risk.AMBER if offered.expected_on <= deadline else Risk.RED


def rush(
    stages: Sequence[StageTime],
    work_price: Money,
    *,
    done: frozenset[str] = frozenset(),
    rate: Decimal = RUSH_SURCHARGE,
) -> Rush:
    """A paid rush: every stage that can be is brought to its shortest time, for a part of the work's price.

    Raises:
        NoRush: no remaining stage can be shortened, or the longest way stays as long.
    """
    quicker = tuple(_rushed(stage) if stage.key not in done else stage for stage in stages)
    left = [replace(stage, after=tuple(k for k in stage.after if k not in done)) for stage in stages]
    left_quicker = [replace(stage, after=tuple(k for k in stage.after if k not in done)) for stage in quicker]
    before = total_days([stage for stage in left if stage.key not in done], slow=True)
    after = total_days([stage for stage in left_quicker if stage.key not in done], slow=True)
    won = int(before - after)
    if won < 1:
        raise NoRush(sentence("No remaining step can be made faster; the time is not ours to shorten."))
    return Rush(quicker, won, work_price.times(rate))


def move(was: date, now: date, *, reason: str, waiting_on: str) -> MovedDate:
    """A promised day moved, with the reason the client reads and who is waited for.

    Raises:
        ReasonMissing: no reason, or nobody named who is waited for, or the day is the same.
    """
    if not reason.strip():
        raise ReasonMissing(sentence("Say why the day moves; the client reads it."))
    if waiting_on not in _WAITING_ON:
        raise ReasonMissing(sentence("Say who is waited for: client, vendor or shop."))
    if was == now:
        raise ReasonMissing(sentence("The day is the one already promised."))
    return MovedDate(was, now, reason.strip(), waiting_on)


@dataclass(frozen=True, slots=True)
class _Reached:
    on: date
    way: tuple[str, ...] = field(default=())


def _finish(
    stages: Sequence[StageTime], start: date, calendars: Mapping[str, Calendar], done: frozenset[str], *, slow: bool
) -> tuple[date, tuple[str, ...]]:
    reached: dict[str, _Reached] = {}
    for stage in _in_order(stages):
        begin = max((reached[key] for key in stage.after), key=lambda one: one.on, default=_Reached(start))
        if stage.key in done:
            reached[stage.key] = begin
            continue
        calendar = calendars.get(stage.calendar)
        if calendar is None:
            raise BrokenGraph(f"{stage.key} is made by {stage.calendar}, whose working days are not known.")
        days = int(_days(stage, slow=slow).to_integral_value(ROUND_CEILING))
        reached[stage.key] = _Reached(calendar.after(begin.on, days), (*begin.way, stage.key))
    last = max(reached.values(), key=lambda one: one.on, default=_Reached(start))
    return last.on, last.way


def _in_order(stages: Sequence[StageTime]) -> tuple[StageTime, ...]:
    """The stages so that each comes after those it waits for."""
    return tuple(stages[place] for place in _order(tuple((stage.key, stage.after) for stage in stages)))


@lru_cache(maxsize=256)
def _order(graph: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[int, ...]:
    """The places of the stages in that order; there are few graphs, and each is asked for on every page."""
    waiting = {key: (place, after) for place, (key, after) in enumerate(graph)}
    unknown = {one for _, after in graph for one in after} - set(waiting)
    if unknown or len(waiting) != len(graph):
        raise BrokenGraph(f"Stages wait for unknown ones: {', '.join(sorted(unknown)) or 'a key is used twice'}.")
    ordered: dict[str, int] = {}
    while waiting:
        free = [key for key, (_, after) in waiting.items() if all(one in ordered for one in after)]
        if not free:
            raise BrokenGraph(f"Stages wait for each other: {', '.join(sorted(waiting))}.")
        for key in free:
            ordered[key] = waiting.pop(key)[0]
    return tuple(ordered.values())


def _days(stage: StageTime, *, slow: bool) -> Decimal:
    return stage.p80_days + stage.buffer_days if slow else stage.p50_days


def _rushed(stage: StageTime) -> StageTime:
    if stage.shortest_days is None:
        return stage
    shortest = stage.shortest_days
    return replace(stage, p50_days=min(stage.p50_days, shortest), p80_days=min(stage.p80_days, shortest))
