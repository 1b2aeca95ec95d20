"""Does a stone's record make sense? The rules that catch swapped columns, wrong shapes and impossible grades.

R-30 to R-37 of the trade's rules; the round proportions are those GIA Facetware computes with.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from workflows.gems.species import gem
from workflows.gems.weights import NoWeightFactor, estimate_weight
from workflows.gems.words import (
    Assessment,
    Clarity,
    Colour,
    Fluorescence,
    Grade,
    Growth,
    Lab,
    Origin,
    Shape,
)
from workflows.sentences import sentence
from workflows.units import round_to


class Level(StrEnum):
    """What a finding does: stops, asks for a look, or only tells."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up: the rule's number, the field, and a plain sentence."""

    rule: str
    level: Level
    field: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoneFacts:
    """What is known of a stone; None where nobody said. mm, carats, per cent of the diameter or width, degrees."""

    gem: str
    shape: Shape
    origin: Origin = Origin.UNKNOWN
    growth: Growth | None = None
    weight_ct: Decimal | None = None
    length_mm: Decimal | None = None
    width_mm: Decimal | None = None
    depth_mm: Decimal | None = None
    table_pct: Decimal | None = None
    depth_pct: Decimal | None = None
    crown_angle: Decimal | None = None
    pavilion_angle: Decimal | None = None
    star_pct: Decimal | None = None
    lower_half_pct: Decimal | None = None
    girdle_pct: Decimal | None = None
    colour: Colour | None = None
    clarity: Clarity | None = None
    cut: Grade | None = None
    polish: Grade | None = None
    symmetry: Grade | None = None
    fluorescence: Fluorescence | None = None
    lab: Lab | None = None
    report_number: str | None = None
    reported_on: date | None = None
    assessment: Assessment | None = None
    other_cutting_style: bool = False  # the report names a style outside the standard round brilliant
    treatments: tuple[str, ...] | None = field(default=None)


_FACETWARE = (
    ("table_pct", "table", "44", "72", "%"),
    ("crown_angle", "crown angle", "20", "41.5", "°"),
    ("pavilion_angle", "pavilion angle", "37.2", "43.8", "°"),
    ("star_pct", "star length", "35", "75", "%"),
    ("lower_half_pct", "lower half length", "60", "95", "%"),
    ("girdle_pct", "girdle", "1.5", "11", "%"),
)
_EXCELLENT = (
    ("table_pct", "table", "52", "62", "%"),
    ("crown_angle", "crown angle", "31.5", "36.5", "°"),
    ("pavilion_angle", "pavilion angle", "40.6", "41.8", "°"),
)
_LENGTH_TO_WIDTH = {
    Shape.PRINCESS: ("1.00", "1.05"),
    Shape.ASSCHER: ("1.00", "1.05"),
    Shape.EMERALD: ("1.30", "1.60"),
    Shape.OVAL: ("1.30", "1.70"),
    Shape.PEAR: ("1.45", "1.75"),
    Shape.MARQUISE: ("1.75", "2.30"),
}
_FANCY_TABLE = {
    Shape.PRINCESS: ("63", "70"),
    Shape.EMERALD: ("61", "68"),
    Shape.PEAR: ("57", "62"),
    Shape.MARQUISE: ("55", "63"),
}
_FANCY_DEPTH = {Shape.PRINCESS: ("67", "76"), Shape.EMERALD: ("60", "65"), Shape.PEAR: ("58", "64")}
GIA_TWO_WORDS_SINCE = date(2025, 10, 1)


def check_stone(stone: StoneFacts) -> tuple[Finding, ...]:
    """Every finding about a stone's record, most serious first; empty when all that is known adds up."""
    rules = (
        _round_proportions,
        _excellent_claims,
        _depth_percentage,
        _profile,
        _outline,
        _usual_ratio,
        _fancy_proportions,
        _weight,
        _grades,
    )
    found = (finding for rule in rules for finding in rule(stone))
    return tuple(sorted(found, key=lambda one: list(Level).index(one.level)))


def check_report_numbers(reports: Iterable[tuple[Lab, str]]) -> tuple[Finding, ...]:
    """A finding for every report number a laboratory is said to have used twice (R-38)."""
    seen: set[tuple[Lab, str]] = set()
    found = []
    for lab, number in reports:
        key = (lab, "".join(number.split()).upper())
        if key in seen:
            text = sentence(
                "%(lab)s report %(number)s is already recorded; a report belongs to one stone.", lab=lab, number=number
            )
            found.append(Finding("R-38", Level.BLOCK, "report_number", text))
        seen.add(key)
    return tuple(found)


def _value(stone: StoneFacts, name: str) -> Decimal | None:
    value: Decimal | None = getattr(stone, name)
    return value


def _round_proportions(stone: StoneFacts) -> Iterable[Finding]:
    if stone.shape is not Shape.ROUND or stone.gem != "diamond":
        return
    level = Level.WARN if stone.other_cutting_style else Level.BLOCK
    for name, words, low, high, unit in _FACETWARE:
        value = _value(stone, name)
        if value is not None and not Decimal(low) <= value <= Decimal(high):
            text = sentence(
                "A %(words)s of %(value)s %(unit)s is outside %(low)s to %(high)s %(unit)s, all "
                "a round brilliant can have.",
                words=words,
                value=value,
                unit=unit,
                low=low,
                high=high,
            )
            yield Finding("R-30", level, name, text)


def _excellent_claims(stone: StoneFacts) -> Iterable[Finding]:
    if stone.shape is not Shape.ROUND or stone.gem != "diamond" or stone.cut not in (Grade.EX, Grade.ID):
        return
    for name, words, low, high, unit in _EXCELLENT:
        value = _value(stone, name)
        if value is not None and not Decimal(low) <= value <= Decimal(high):
            text = sentence(
                "Cut %(cut)s with a %(words)s of %(value)s %(unit)s: excellent cuts lie about "
                "%(low)s to %(high)s %(unit)s.",
                cut=stone.cut,
                words=words,
                value=value,
                unit=unit,
                low=low,
                high=high,
            )
            yield Finding("R-31", Level.WARN, name, text)


def _depth_percentage(stone: StoneFacts) -> Iterable[Finding]:
    if not (stone.length_mm and stone.width_mm and stone.depth_mm) or stone.depth_pct is None:
        return
    across = (stone.length_mm + stone.width_mm) / 2 if stone.shape is Shape.ROUND else stone.width_mm
    computed = stone.depth_mm / across * 100
    difference = abs(computed - stone.depth_pct)
    if difference > Decimal("0.3"):
        level = Level.BLOCK if difference > 1 else Level.WARN
        text = sentence(
            "The depth is stated as %(depth_pct)s %%, the measurements give %(computed)s %%.",
            depth_pct=stone.depth_pct,
            computed=round_to(computed, 1),
        )
        yield Finding("R-32", level, "depth_pct", text)


def _profile(stone: StoneFacts) -> Iterable[Finding]:
    known = (stone.table_pct, stone.crown_angle, stone.pavilion_angle, stone.girdle_pct, stone.depth_pct)
    if stone.shape is not Shape.ROUND or any(value is None for value in known):
        return
    table, crown, pavilion, girdle, depth = (float(value) for value in known if value is not None)
    height = (100 - table) / 2 * math.tan(math.radians(crown)) + girdle + 50 * math.tan(math.radians(pavilion))
    if abs(height - depth) > 1.0:
        text = sentence(
            "Crown, girdle and pavilion add up to %(height)s %%, the depth is stated as %(depth)s %%.",
            height=f"{height:.1f}",
            depth=f"{depth:.1f}",
        )
        yield Finding("R-33", Level.WARN, "depth_pct", text)


def _outline(stone: StoneFacts) -> Iterable[Finding]:
    if not (stone.length_mm and stone.width_mm):
        return
    longest, shortest = max(stone.length_mm, stone.width_mm), min(stone.length_mm, stone.width_mm)
    if stone.shape is Shape.ROUND:
        out_of_round = (longest - shortest) / ((longest + shortest) / 2) * 100
        if out_of_round > 2:
            text = sentence(
                "%(longest)s × %(shortest)s mm is %(out_of_round)s %% out of round.",
                longest=longest,
                shortest=shortest,
                out_of_round=round_to(out_of_round, 1),
            )
            yield Finding("R-34", Level.WARN, "length_mm", text)
    elif stone.shape is not Shape.HEART and stone.length_mm < stone.width_mm:
        text = sentence(
            "Length %(length_mm)s mm is less than width %(width_mm)s mm; they may be swapped.",
            length_mm=stone.length_mm,
            width_mm=stone.width_mm,
        )
        yield Finding("R-34", Level.WARN, "length_mm", text)


def _usual_ratio(stone: StoneFacts) -> Iterable[Finding]:
    usual = _LENGTH_TO_WIDTH.get(stone.shape)
    if usual is None or not (stone.length_mm and stone.width_mm):
        return
    ratio = round_to(stone.length_mm / stone.width_mm, 2)
    if not Decimal(usual[0]) <= ratio <= Decimal(usual[1]):
        text = sentence(
            "Length to width is %(ratio)s; for this shape %(usual)s to %(usual2)s is usual.",
            ratio=ratio,
            usual=usual[0],
            usual2=usual[1],
        )
        yield Finding("R-35", Level.INFO, "length_mm", text)


def _fancy_proportions(stone: StoneFacts) -> Iterable[Finding]:
    if stone.shape is Shape.ROUND:
        return
    rows = (
        ("table_pct", "table", stone.table_pct, _FANCY_TABLE, 85),
        ("depth_pct", "depth", stone.depth_pct, _FANCY_DEPTH, 90),
    )
    for name, words, value, bands, most in rows:
        if value is None:
            continue
        band = bands.get(stone.shape)
        if not 40 <= value <= most:
            text = sentence(
                "A %(words)s of %(value)s %% cannot be; it may stand in the wrong column.", words=words, value=value
            )
            yield Finding("R-36", Level.BLOCK, name, text)
        elif band and not Decimal(band[0]) <= value <= Decimal(band[1]):
            text = sentence(
                "A %(words)s of %(value)s %% is outside the %(band)s to %(band2)s %% sellers quote for this shape.",
                words=words,
                value=value,
                band=band[0],
                band2=band[1],
            )
            yield Finding("R-36", Level.INFO, name, text)


def _weight(stone: StoneFacts) -> Iterable[Finding]:
    if not (stone.length_mm and stone.width_mm and stone.depth_mm) or stone.weight_ct is None:
        return
    try:
        estimate = estimate_weight(
            gem(stone.gem), stone.shape, stone.length_mm, stone.width_mm, stone.depth_mm
        ).weight_ct
    except NoWeightFactor:
        return  # nothing to compare with is no finding
    off = abs(stone.weight_ct - estimate) / estimate * 100
    warn, block = (4, 10) if stone.shape is Shape.ROUND else (12, 25)
    if off > warn:
        level = Level.BLOCK if off > block else Level.WARN
        text = sentence(
            "%(weight_ct)s ct is stated; the measurements give about %(estimate)s ct.",
            weight_ct=stone.weight_ct,
            estimate=round_to(estimate, 2),
        )
        yield Finding("R-37", level, "weight_ct", text)


def _grades(stone: StoneFacts) -> Iterable[Finding]:
    fancy = stone.shape not in (Shape.ROUND, Shape.OLD_EUROPEAN)
    if stone.lab is Lab.GIA and fancy and stone.cut is not None:
        text = sentence("GIA grades the cut of round brilliants only; this shape can have no GIA cut grade.")
        yield Finding("cut", Level.BLOCK, "cut", text)
    if stone.lab is Lab.GIA and stone.cut is Grade.ID:
        yield Finding("cut", Level.BLOCK, "cut", sentence("Ideal is not a GIA cut grade; the highest is Excellent."))
    if stone.clarity is Clarity.SI3:
        level = Level.BLOCK if stone.lab is Lab.GIA else Level.WARN
        text = sentence("SI3 is a word of trade lists; GIA and most laboratories do not grade it.")
        yield Finding("clarity", level, "clarity", text)
    if stone.growth is not None and stone.origin is not Origin.LAB_GROWN:
        text = sentence("Grown by %(growth)s but not recorded as laboratory-grown.", growth=stone.growth)
        yield Finding("origin", Level.BLOCK, "origin", text)
    graded = any(one is not None for one in (stone.colour, stone.clarity, stone.cut))
    if stone.origin is Origin.LAB_GROWN and stone.lab is Lab.GIA and graded:
        since = stone.reported_on is not None and stone.reported_on >= GIA_TWO_WORDS_SINCE
        if since or stone.assessment is not None:
            text = sentence(
                "Since October 2025 GIA calls laboratory-grown diamonds Premium or Standard, without grades."
            )
            yield Finding("assessment", Level.WARN, "assessment", text)
