"""The marks of a piece in order: struck, now, or to come, each with its day or the days it is expected in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from bespoke.models.piece import MilestoneRow, Piece
from bespoke.templating.catalogue import lazy
from workflows.milestone import Mark, Milestone, Template
from workflows.schedule import Calendar, Promise, days_to, promise, stages_of
from workflows.snapshot import PASSED, Status

SPOKEN = {
    Mark.STONE: lazy("Stone"),
    Mark.RENDER: lazy("Your approval"),
    Mark.WAX: lazy("Wax model"),
    Mark.CHECK: lazy("Final check"),
    Mark.READY: lazy("Ready"),
}
HIDDEN = frozenset({Mark.MAKING})  # only the bench sees it
CALENDAR = Calendar()


@dataclass(frozen=True, slots=True)
class MarkView:
    """One mark of the line: `state` is done, now, or nothing for what is to come.

    Attributes:
        on: the day it was struck, or since when it is the one that matters.
        expected: the usual day and the slow one, for what is to come.
    """

    mark: str
    name: str
    state: str
    on: date | None
    expected: tuple[date, date] | None
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """When a piece will be ready, drawn on a line of a hundred parts, rounded to five.

    Attributes:
        promised: whether the house gave its word, or only reckons.
        at_risk: the end of the band is later than the day the piece is needed.
        answer_by: an answer on that day still keeps the promise; None where nothing was promised or it is late.
    """

    first: date
    last: date
    needed_by: date | None
    promised: bool
    start: int
    width: int
    tick: int | None
    answer_by: date | None = None

    @property
    def at_risk(self) -> bool:
        """Whether even the reckoned end is too late."""
        return self.needed_by is not None and self.last > self.needed_by


def marks_of(piece: Piece, zone: ZoneInfo, today: date) -> tuple[MarkView, ...]:
    """The line of marks a client sees."""
    rows = {row.key: row for row in piece.milestones}
    template, passed = piece.template, _passed(piece.milestones)
    usual, slow = (days_to(template, slow=slow, done=passed) for slow in (False, True))
    found: list[MarkView] = []
    for milestone in template.milestones:
        if milestone.mark is None or milestone.mark in HIDDEN:
            continue
        now = not any(one.state == "now" for one in found)
        ahead = usual[milestone.key], slow[milestone.key]
        found.append(_mark(milestone, rows[milestone.key], ahead, zone, today, first_open=now))
    band = band_of(piece, today)
    return tuple(found) if band is None else tuple(_within(one, band) for one in found)


def _within(view: MarkView, band: Band) -> MarkView:
    """The days expected as the band has them: one page tells one day on which the piece is ready."""
    if view.expected is None:
        return view
    if view.mark == Mark.READY:
        return replace(view, expected=(band.first, band.last))
    usual, slow = view.expected
    return replace(view, expected=(min(usual, band.last), min(slow, band.last)))


def pips_of(template: Template, statuses: dict[str, Status]) -> tuple[str, ...]:
    """The same line for a dense list: d for done, n for now, nothing for what is to come."""
    pips: list[str] = []
    for milestone in template.milestones:
        if milestone.mark is None or milestone.mark in HIDDEN:
            continue
        done = statuses[milestone.key] in PASSED
        pips.append("d" if done else "n" if "n" not in pips else "")
    return tuple(pips)


def band_of(piece: Piece, today: date) -> Band | None:
    """When it will be ready: as promised, else as the template reckons; None once it has been handed over."""
    template, passed = piece.template, _passed(piece.milestones)
    if "delivery" not in template or "delivery" in passed:
        return None
    commission = piece.commission
    first, last, promised = commission.promised_from, commission.promised_to, True
    reckoned: Promise = promise(stages_of(template, until="delivery", done=passed), today, done=passed)
    answer_by = None
    if last is None:
        first, last, promised = reckoned.expected_on, reckoned.promised_on, False
    elif last >= reckoned.promised_on:
        answer_by = today + (last - reckoned.promised_on)
    first = first or last
    ends = [day for day in (last, commission.needed_by) if day is not None]
    span = max((max(ends) - today).days, 1) * 1.12
    start = _part((first - today).days / span)
    tick = None if commission.needed_by is None else _part((commission.needed_by - today).days / span)
    width = max(5, _part((last - today).days / span) - start)
    return Band(first, last, commission.needed_by, promised, start, width, tick, answer_by)


def _mark(
    milestone: Milestone,
    row: MilestoneRow,
    ahead: tuple[Decimal, Decimal],
    zone: ZoneInfo,
    today: date,
    *,
    first_open: bool,
) -> MarkView:
    mark = milestone.mark or Mark.READY
    name = str(SPOKEN.get(mark, milestone.title))
    if row.status in PASSED:
        return MarkView(mark, name, "done", _day(row.done_at, zone), None, row.status is Status.SKIPPED)
    since = _day(row.started_at or row.opened_at, zone) if row.status is not Status.WAITING else None
    usual, slow = (_after(today, days) for days in ahead)
    return MarkView(mark, name, "now" if first_open else "", since, (usual, slow))


def _passed(rows: Sequence[MilestoneRow]) -> frozenset[str]:
    return frozenset(row.key for row in rows if row.status in PASSED)


def _after(today: date, days: Decimal) -> date:
    return CALENDAR.after(today, int(days.to_integral_value(ROUND_CEILING)))


def _day(at: datetime | None, zone: ZoneInfo) -> date | None:
    return None if at is None else at.astimezone(zone).date()


def _part(share: float) -> int:
    """A share of the line as a whole number of hundredths, in steps of five."""
    return min(100, max(0, 5 * round(share * 20)))
