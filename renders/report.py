"""The report on one CAD file, as frozen values and as stable JSON with units in the names."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from renders.errors import BrokenReport

SCHEMA = "bespoke.report/1"


class LengthUnit(StrEnum):
    """The unit the numbers of a CAD file are in."""

    MICROMETRE = "um"
    MILLIMETRE = "mm"
    CENTIMETRE = "cm"
    METRE = "m"
    INCH = "inch"
    FOOT = "foot"


MM_PER_UNIT = {
    LengthUnit.MICROMETRE: 0.001,
    LengthUnit.MILLIMETRE: 1.0,
    LengthUnit.CENTIMETRE: 10.0,
    LengthUnit.METRE: 1000.0,
    LengthUnit.INCH: 25.4,
    LengthUnit.FOOT: 304.8,
}


class UnitSource(StrEnum):
    """Who said what the unit is."""

    GIVEN = "given"  # the designer confirmed it
    FILE = "file"  # the file states it, in a format where that can be believed
    SIZE = "size"  # inferred from how large the piece would be


class Confidence(StrEnum):
    """How far the unit can be relied on before a designer has confirmed it."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNSURE = "unsure"


class Level(StrEnum):
    """What a finding does: stop the piece, ask for a look, or only tell."""

    BLOCK = "block"
    CARE = "care"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Source:
    """The file as it was handed in."""

    name: str
    format: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class UnitFound:
    """Which unit the numbers were taken to be in, who said so, and the sentence that tells a person."""

    unit: LengthUnit
    source: UnitSource
    confidence: Confidence
    sentence: str


@dataclass(frozen=True, slots=True)
class BodyReport:
    """One body of the design; `volume_mm3` is None where the surface is open."""

    name: str
    layer: str | None
    material: str | None
    kind: str
    faces: int
    closed: bool
    volume_mm3: float | None
    extents_mm: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class SizeLabel:
    """The bore as a size of one system; `error_mm` is the label's diameter minus the bore's."""

    system: str
    label: str
    error_mm: float


@dataclass(frozen=True, slots=True)
class BoreReport:
    """The largest cylinder that passes through the finger hole."""

    diameter_mm: float
    circumference_mm: float
    axis: tuple[float, float, float]
    centre_mm: tuple[float, float, float]
    sizes: tuple[SizeLabel, ...]


@dataclass(frozen=True, slots=True)
class AlloyWeight:
    """What the metal would weigh in one alloy, cast solid, before finishing."""

    alloy: str
    density_g_cm3: float
    cad_g: float


@dataclass(frozen=True, slots=True)
class StoneReport:
    """One stone as drawn: its shape by outline, its measurements, and its weight if it were a diamond.

    `species` is the gem its name, layer or material says it is, and `estimated_ct` its weight as that gem.
    """

    name: str
    shape: str
    length_mm: float
    width_mm: float
    depth_mm: float
    volume_mm3: float | None
    estimated_ct_if_diamond: float | None
    species: str | None
    estimated_ct: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know; `place_mm` points at it in the design's own millimetres."""

    code: str
    level: Level
    message: str
    place_mm: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class PoseReport:
    """Unit vectors: the finger's axis and the direction from the finger to the head."""

    axis: tuple[float, float, float]
    up: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that took part, with its version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything measured on one file. What could not be measured is None with its reason beside it."""

    schema: str
    source: Source
    unit: UnitFound
    triangles: int
    extents_mm: tuple[float, float, float]
    pose: PoseReport
    bodies: tuple[BodyReport, ...]
    bore: BoreReport | None
    bore_reason: str | None
    metal_volume_mm3: float | None
    metal_volume_reason: str | None
    weights: tuple[AlloyWeight, ...]
    weights_reason: str | None
    stones: tuple[StoneReport, ...]
    findings: tuple[Finding, ...]
    tools: tuple[Tool, ...]

    @property
    def stone_count(self) -> int:
        """How many separate stones the design shows."""
        return len(self.stones)

    @property
    def blocks(self) -> tuple[Finding, ...]:
        """The findings that stop the piece until a named person overrides them."""
        return tuple(finding for finding in self.findings if finding.level is Level.BLOCK)

    def weight_g(self, alloy: str) -> float | None:
        """The CAD weight in the alloy of this code, or None where it was withheld."""
        return next((weight.cad_g for weight in self.weights if weight.alloy == alloy), None)

    def to_json(self) -> str:
        """Stable text: the same report is always the same bytes."""
        facts = asdict(self) | {"stone_count": self.stone_count}
        return json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """The report `to_json` wrote.

        Raises:
            BrokenReport: the text is not such a report, or is of another schema version.
        """
        try:
            facts = json.loads(text)
        except ValueError as error:
            raise BrokenReport("The report is not readable as JSON. Examine the file again.") from error
        if not isinstance(facts, dict) or facts.get("schema") != SCHEMA:
            raise BrokenReport(f"The report is not of version {SCHEMA}. Examine the file again.")
        facts.pop("stone_count", None)
        return _build(cls, facts, "report")


T = TypeVar("T")


def _build(kind: type[T], facts: object, place: str) -> T:
    """The dataclass `kind` from parsed JSON: every field present, nothing extra, types as annotated."""
    if not isinstance(facts, dict):
        raise BrokenReport(f"{place} should be an object")
    hints = _hints(kind)  # type: ignore[arg-type]  # a dataclass's type is hashable
    if facts.keys() != hints.keys():
        raise BrokenReport(f"{place} should hold {', '.join(sorted(hints))}")
    return kind(**{name: _value(hint, facts[name], f"{place}.{name}") for name, hint in hints.items()})


@cache  # working out a type's hints takes longer than all the rest of reading a report
def _hints(kind: type[Any]) -> Mapping[str, Any]:
    return MappingProxyType(get_type_hints(kind))


def _value(hint: Any, told: object, place: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        if told is None and NoneType in get_args(hint):
            return None
        return _value(next(one for one in get_args(hint) if one is not NoneType), told, place)
    if origin is tuple:
        return _tuple(get_args(hint), told, place)
    if isinstance(hint, type) and is_dataclass(hint):
        return _build(hint, told, place)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if not isinstance(told, str) or told not in list(hint):
            raise BrokenReport(f"{place} should be one of {', '.join(hint)}")
        return hint(told)
    if hint is float and isinstance(told, int) and not isinstance(told, bool):
        return float(told)
    if not isinstance(told, hint) or (isinstance(told, bool) and hint is not bool):
        raise BrokenReport(f"{place} should be of type {hint.__name__}")
    return told


def _tuple(hints: tuple[Any, ...], told: object, place: str) -> tuple[Any, ...]:
    if not isinstance(told, list):
        raise BrokenReport(f"{place} should be a list")
    if len(hints) == 2 and hints[1] is Ellipsis:
        return tuple(_value(hints[0], one, f"{place}[{number}]") for number, one in enumerate(told))
    if len(told) != len(hints):
        raise BrokenReport(f"{place} should hold {len(hints)} values")
    return tuple(_value(hint, one, place) for hint, one in zip(hints, told, strict=True))
