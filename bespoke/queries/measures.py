"""What was measured on a drawing, as a client reads it: one line a fact, with what it was in the revision before."""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from bespoke.models.design import Revision
from bespoke.queries.elevations import Elevation
from bespoke.templating.catalogue import _
from renders.report import Report, StoneReport
from workflows.alloys import ALLOYS
from workflows.units import round_to

FITS_MM = Decimal("0.10")  # a bore this near the client's size is their size
TOLD_MM = Decimal("0.05")  # the smallest difference of a length that is told
SMALL_SHARE = 0.3  # of the largest stone's volume; what is smaller is counted, not listed


class Unit(StrEnum):
    """What the figures of a line are in."""

    MM = "mm"
    GRAM = "g"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Span:
    """Where a line can be drawn on the model, as the page's script reads it.

    Attributes:
        kind: bore, head or stone.
        body: the name of the stone it is about.
        centre: of the bore, in the drawing's millimetres.
        width: of the stone, seen along the finger, in millimetres.
    """

    kind: str
    body: str = ""
    centre: tuple[float, float, float] | None = None
    diameter: float = 0.0
    width: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One line: its figures, what they were before, and a word beside them."""

    key: str
    name: str
    values: tuple[Decimal, ...]
    unit: Unit
    was: tuple[Decimal, ...] | None = None
    beside: str = ""
    span: Span | None = None

    @property
    def changed(self) -> bool:
        """Whether the revision before said something else; lengths that differ by less are one shape meshed twice."""
        if self.was is None or self.unit is not Unit.MM or len(self.was) != len(self.values):
            return self.was is not None and self.was != self.values
        return any(abs(now - then) >= TOLD_MM for now, then in zip(self.values, self.was, strict=True))

    @property
    def delta(self) -> Decimal | None:
        """By how much a single figure grew; None where there are several, or none before."""
        if self.was is None or len(self.values) != 1 or len(self.was) != 1:
            return None
        return self.values[0] - self.was[0]


def measures_of(revision: Revision, elevation: Elevation) -> tuple[Measure, ...]:
    """Everything the report and the elevation of a revision say that a client would ask for."""
    report = revision.report
    if report is None:
        return ()
    found = (
        _bore(revision, report),
        _head(report, elevation),
        _stone(report, elevation),
        _small_stones(report),
        *_overall(report, elevation),
        _weight(revision, report),
    )
    return tuple(one for one in found if one is not None)


def beside(measures: tuple[Measure, ...], before: tuple[Measure, ...]) -> tuple[Measure, ...]:
    """The same lines, each with what it was in the revision before."""
    known = {one.key: one.values for one in before}
    return tuple(replace(one, was=known.get(one.key)) for one in measures)


def main_stone(report: Report) -> StoneReport | None:
    """The largest stone of the drawing."""
    return max(report.stones, key=_size, default=None)


def _size(stone: StoneReport) -> float:
    return stone.length_mm * stone.width_mm * stone.depth_mm


def _mm(value: float) -> Decimal:
    return round_to(Decimal(str(value)), 2)


def _bore(revision: Revision, report: Report) -> Measure | None:
    bore, piece = report.bore, revision.piece
    if bore is None:
        return None
    across = _mm(bore.diameter_mm)
    said = ""
    if piece.template.sized and piece.size_mm is not None and piece.size_label:
        if abs(across - piece.size_mm) <= FITS_MM:
            said = _("your size, %(size)s", size=piece.size_label)
        else:
            said = _("your size is %(size)s", size=piece.size_label)
    span = Span("bore", centre=bore.centre_mm, diameter=bore.diameter_mm)
    return Measure("bore", _("Inside diameter"), (across,), Unit.MM, beside=said, span=span)


def _head(report: Report, elevation: Elevation) -> Measure | None:
    stone, height = main_stone(report), elevation.head_above_finger
    if report.bore is None or height is None or stone is None:
        return None
    span = Span("head", body=stone.name, centre=report.bore.centre_mm, diameter=report.bore.diameter_mm)
    return Measure("head", _("Stone above the finger"), (round_to(height, 2),), Unit.MM, span=span)


def _stone(report: Report, elevation: Elevation) -> Measure | None:
    stone = main_stone(report)
    if stone is None:
        return None
    size = (_mm(stone.length_mm), _mm(stone.width_mm), _mm(stone.depth_mm))
    across = elevation.stone_width
    span = None if across is None else Span("stone", body=stone.name, width=round_to(across, 2))
    return Measure("stone", _("Largest stone"), size, Unit.MM, span=span)


def _small_stones(report: Report) -> Measure | None:
    stone = main_stone(report)
    if stone is None:
        return None
    small = sum(_size(one) < SMALL_SHARE * _size(stone) for one in report.stones)
    if not small:
        return None
    return Measure("small", _("Smaller stones"), (Decimal(small),), Unit.COUNT)


def _overall(report: Report, elevation: Elevation) -> tuple[Measure, ...]:
    """How high and how wide it stands; as the file lies where no elevation was drawn."""
    if elevation.width is None or elevation.height is None:
        return (Measure("overall", _("Overall"), tuple(_mm(one) for one in report.extents_mm), Unit.MM),)
    return (
        Measure("height", _("Height"), (round_to(elevation.height, 2),), Unit.MM),
        Measure("width", _("Width"), (round_to(elevation.width, 2),), Unit.MM),
    )


def _weight(revision: Revision, report: Report) -> Measure | None:
    alloy = revision.piece.alloy
    weight = revision.weight_of(alloy)
    if alloy is None or weight is None:
        return None
    return Measure(
        "weight",
        _("Weight as drawn"),
        (round_to(weight, 2),),
        Unit.GRAM,
        beside=_("in %(alloy)s", alloy=ALLOYS[alloy].name),
    )
