"""Ring sizes: stored as the inner diameter, said in the system the client used, read in all of them.

The formulas are those of the standards where there are any (ISO 8653, JIS, the UK metric scale), the US
scale of 0.032 inch a size, and for Hong Kong a fit of two published charts, good to 0.1 mm.
"""

import re
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from workflows.errors import WorkflowError
from workflows.sentences import sentence
from workflows.units import PI, round_to

QUARTER_US_MM = Decimal("0.2032")  # a quarter US size on the diameter
TOLERANCE_MM = Decimal("0.10")  # on the diameter, for bespoke work
SMALLEST_MM = Decimal(11)
LARGEST_MM = Decimal(27)

_US_ZERO_MM, _US_STEP_MM = Decimal("11.6332"), Decimal("0.8128")
_UK_ZERO_MM, _UK_STEP_MM = Decimal("37.5"), Decimal("1.25")
_HK_ZERO_MM, _HK_STEP_MM = Decimal("11.985"), Decimal("0.3525")
_HALF = Decimal("0.5")


class System(StrEnum):
    """A way of naming ring sizes; IT, ES, NL count as CH, the EU as ISO, IE, AU, NZ, ZA as UK, CA as US."""

    US = "US"
    UK = "UK"
    ISO = "ISO"
    CH = "CH"
    JP = "JP"
    HK = "HK"
    MM = "MM"  # the inner diameter itself


class UnreadableSize(WorkflowError):
    """A size that cannot be read for certain; `text` is what was given."""

    def __init__(self, message: str, *, text: str) -> None:
        super().__init__(message)
        self.text = text


@dataclass(frozen=True, slots=True)
class _Scale:
    smallest: Decimal
    largest: Decimal
    step: Decimal  # the finest that is labelled


_SCALES: dict[System, _Scale] = {
    System.US: _Scale(Decimal(0), Decimal(16), Decimal("0.25")),
    System.UK: _Scale(Decimal(0), Decimal(32), _HALF),  # A is 0, Z is 25, Z+7 is 32
    System.ISO: _Scale(Decimal(41), Decimal(76), Decimal(1)),
    System.CH: _Scale(Decimal(1), Decimal(36), Decimal(1)),
    System.JP: _Scale(Decimal(1), Decimal(30), Decimal(1)),
    System.HK: _Scale(Decimal(1), Decimal(25), Decimal(1)),
    System.MM: _Scale(SMALLEST_MM, LARGEST_MM, Decimal("0.01")),
}

_PREFIXES: dict[str, System] = {
    **dict.fromkeys(("US", "USA", "CA"), System.US),
    **dict.fromkeys(("UK", "GB", "IE", "AU", "NZ", "ZA"), System.UK),
    **dict.fromkeys(("ISO", "EU", "FR", "DE", "AT", "BE", "DK", "SE", "NO", "FI"), System.ISO),
    **dict.fromkeys(("CH", "IT", "ES", "NL"), System.CH),
    **dict.fromkeys(("JP", "JIS"), System.JP),
    "HK": System.HK,
}
_FRACTIONS = {"¼": "0.25", "½": "0.5", "¾": "0.75", "1/4": "0.25", "1/2": "0.5", "3/4": "0.75"}
_FRACTION = r"(?P<fraction>¼|½|¾|1/4|1/2|3/4)"
_MILLIMETRES = re.compile(r"[ØO⌀]?\s*(?P<number>[0-9]{1,2}(\.[0-9]{1,4})?)\s*MM", re.ASCII)
_PREFIXED = re.compile(r"(?P<prefix>[A-Z]{2,3})(?:\s*8653)?-?\s*(?P<rest>.+)")
# “11/4” could be 1¼ or eleven quarters, so a slash needs a space before it
_NUMBER = re.compile(
    r"(?P<whole>[0-9]{1,2})?(?P<decimals>\.[0-9]{1,3})?(\s*(?P<sign>[¼½¾])|(^|\s+)(?P<slash>1/4|1/2|3/4))?", re.ASCII
)
_LETTER = re.compile(rf"(?P<letter>[A-Z])(\s*\+\s*(?P<beyond>[1-7]))?(\s*({_FRACTION}|(?P<half>\.5)))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class RingSize:
    """A finger's size: inner diameter in mm (to 0.001) with the system and label the client used."""

    diameter_mm: Decimal
    system: System
    label: str

    def __post_init__(self) -> None:
        if not SMALLEST_MM <= self.diameter_mm <= LARGEST_MM:
            raise UnreadableSize(
                sentence(
                    "%(diameter_mm)s mm inside is no finger's: %(smallest_mm)s to %(largest_mm)s mm.",
                    diameter_mm=self.diameter_mm,
                    smallest_mm=SMALLEST_MM,
                    largest_mm=LARGEST_MM,
                ),
                text=str(self.diameter_mm),
            )

    @classmethod
    def parse(cls, text: str) -> "RingSize":
        """The size that was written; see `parse_size`."""
        return parse_size(text)

    @property
    def circumference_mm(self) -> Decimal:
        """Inner circumference in mm, to 0.001."""
        return round_to(self.diameter_mm * PI, 3)

    def said_in(self, system: System) -> "SizeLabel":
        """The nearest label in another system, with its error; see `nearest_label`."""
        return nearest_label(self.diameter_mm, system)


@dataclass(frozen=True, slots=True)
class SizeLabel:
    """A label near a diameter; `error_mm` is the label's diameter less the true one."""

    system: System
    label: str
    diameter_mm: Decimal
    error_mm: Decimal
    neighbours: tuple[str, ...]  # the labels on both sides where the error exceeds a quarter US size

    @property
    def statement(self) -> str:
        """The label as it is shown: “UK N½, −0.0 mm”, or with both neighbours where it is too far off."""
        sign = "−" if self.error_mm < 0 else "+"
        said = f"{self.label}, {sign}{abs(round_to(self.error_mm, 1))} mm"
        return f"{said} (between {' and '.join(self.neighbours)})" if len(self.neighbours) == 2 else said


def diameter_of(system: System, number: Decimal) -> Decimal:
    """Inner diameter in mm, to 0.001, of a size number; UK counts letters from A = 0."""
    match system:
        case System.US:
            exact = _US_ZERO_MM + _US_STEP_MM * number
        case System.UK:
            exact = (_UK_ZERO_MM + _UK_STEP_MM * number) / PI
        case System.ISO:
            exact = number / PI
        case System.CH:
            exact = (number + 40) / PI
        case System.JP:
            exact = 13 + (number - 1) / Decimal(3)
        case System.HK:
            exact = _HK_ZERO_MM + _HK_STEP_MM * number
        case System.MM:
            exact = number
    return round_to(exact, 3)


def number_of(system: System, diameter_mm: Decimal) -> Decimal:
    """The exact size number of an inner diameter in mm, unrounded; UK counts letters from A = 0."""
    match system:
        case System.US:
            return (diameter_mm - _US_ZERO_MM) / _US_STEP_MM
        case System.UK:
            return (diameter_mm * PI - _UK_ZERO_MM) / _UK_STEP_MM
        case System.ISO:
            return diameter_mm * PI
        case System.CH:
            return diameter_mm * PI - 40
        case System.JP:
            return (diameter_mm - 13) * 3 + 1
        case System.HK:
            return (diameter_mm - _HK_ZERO_MM) / _HK_STEP_MM
        case System.MM:
            return diameter_mm


def nearest_label(diameter_mm: Decimal, system: System, *, step: Decimal | None = None) -> SizeLabel:
    """The label of `system` nearest to a diameter, and both neighbours where it is too far off.

    Args:
        diameter_mm: inner diameter.
        step: the steps the house labels in, the finest of the system unless told (1 for whole US sizes).
    """
    scale = _SCALES[system]
    step = scale.step if step is None else step
    exact = number_of(system, diameter_mm)
    nearest = _within(scale, (exact / step).to_integral_value(ROUND_HALF_EVEN) * step)
    error = diameter_of(system, nearest) - diameter_mm
    neighbours: tuple[str, ...] = ()
    if abs(error) > QUARTER_US_MM:
        sides = ((exact / step).to_integral_value(side) * step for side in (ROUND_FLOOR, ROUND_CEILING))
        inside = (side for side in sides if scale.smallest <= side <= scale.largest)
        neighbours = tuple(label_of(system, side) for side in inside)
    return SizeLabel(system, label_of(system, nearest), diameter_of(system, nearest), error, neighbours)


def size_of_diameter(diameter_mm: Decimal | float, system: System = System.MM) -> RingSize:
    """The size of a measured inner diameter in mm, labelled by the nearest label of `system`."""
    told = Decimal(repr(float(diameter_mm))) if isinstance(diameter_mm, float) else diameter_mm
    if not told.is_finite() or told.adjusted() > 2:
        raise UnreadableSize(sentence("%(told)s mm is no finger's diameter.", told=told), text=str(told))
    exact = round_to(told, 3)
    return RingSize(exact, system, nearest_label(exact, system).label)


def size_of_circumference(circumference_mm: Decimal, system: System = System.ISO) -> RingSize:
    """The size of a measured inner circumference in mm, labelled by the nearest label of `system`."""
    return size_of_diameter(circumference_mm / PI, system)


def label_of(system: System, number: Decimal) -> str:
    """How a size number is written: “US 6¼”, “UK M½”, “UK Z+1”, “ISO 54”, “16.71 mm”."""
    if system is System.MM:
        return f"{round_to(number, 2)} mm"
    whole = int(number // 1)
    part = {Decimal(0): "", Decimal("0.25"): "¼", _HALF: "½", Decimal("0.75"): "¾"}.get(number - whole)
    if system is System.UK:
        letter = chr(ord("A") + whole) if whole <= 25 else f"Z+{whole - 25}"
        return f"UK {letter}{part or ''}"
    if part is None or system in (System.ISO, System.CH):
        return f"{system} {number.normalize():f}"
    return f"{system} {whole}{part}" if whole or not part else f"{system} {part}"


def parse_size(text: str) -> RingSize:
    """The size that was written: “UK M½”, “US 6 1/4”, “ISO 54”, “EU 54”, “54”, “JP 13”, “16.71 mm”.

    Millimetres up to 27 are a diameter, from 35 a circumference. A bare number is read only from 41 to 76,
    where it can be nothing but ISO; a bare letter only as UK.

    Raises:
        UnreadableSize: anything that could mean two sizes, lies outside the system or reads as none.
    """
    written = " ".join(text.split()).upper()
    if found := _MILLIMETRES.fullmatch(written):
        number = Decimal(found["number"])
        return size_of_diameter(number) if number < 35 else _of_written_circumference(number)
    if _LETTER.fullmatch(written):
        return _sized(System.UK, written, text)
    if _NUMBER.fullmatch(written):
        if 41 <= _plain(written, text) <= 76:
            return _sized(System.ISO, written, text)
        raise UnreadableSize(
            sentence("“%(text)s” could be a size of several systems. Say which: US 6, JP 12.", text=text), text=text
        )
    found = _PREFIXED.fullmatch(written.removeprefix("RING-SIZE ").strip())
    system = _PREFIXES.get(found["prefix"]) if found else None
    if found is None or system is None:
        raise UnreadableSize(sentence("“%(text)s” is not a ring size we can read.", text=text[:40]), text=text)
    size = _sized(system, found["rest"], text)
    return replace(size, label=size.label.replace(system, found["prefix"], 1))  # the client's own word


@dataclass(frozen=True, slots=True)
class FittedSize:
    """What the finger measures and what the ring is made to; the allowance between them is applied once.

    `made_to_mm` is a bare diameter on purpose: it cannot be given to `fit` again.
    """

    nominal: RingSize
    made_to_mm: Decimal
    allowance_us: Decimal
    reason: str


# wider than so many mm: add so many US sizes; shops differ by a quarter size either way
WIDTH_ALLOWANCE_US: tuple[tuple[Decimal, Decimal], ...] = (
    (Decimal(10), Decimal(1)),
    (Decimal(8), Decimal("0.75")),
    (Decimal(6), Decimal("0.5")),
    (Decimal(5), Decimal("0.25")),
)
COMFORT_ALLOWANCE_US = Decimal("-0.25")


def fit(
    nominal: RingSize,
    *,
    width_mm: Decimal,
    comfort: bool = False,
    allowances: tuple[tuple[Decimal, Decimal], ...] = WIDTH_ALLOWANCE_US,
) -> FittedSize:
    """The diameter to make the ring to: a wide band needs more room, a comfort-fit bore less.

    Args:
        width_mm: of the band at the finger.
        comfort: the bore is rounded inside.
        allowances: (wider than mm, US sizes to add), widest first.
    """
    widening = next((sizes for wider, sizes in allowances if width_mm > wider), Decimal(0))
    allowance = widening + (COMFORT_ALLOWANCE_US if comfort else 0)
    reasons = []
    if widening:
        reasons.append(f"{widening} US size more for a band of {width_mm} mm")
    if comfort:
        reasons.append(f"{-COMFORT_ALLOWANCE_US} US size less for the comfort fit")
    made_to = round_to(nominal.diameter_mm + allowance * _US_STEP_MM, 3)
    return FittedSize(nominal, made_to, allowance, ", ".join(reasons) or "no allowance needed")


def within_tolerance(measured_mm: Decimal, ordered_mm: Decimal, tolerance_mm: Decimal = TOLERANCE_MM) -> bool:
    """Whether a measured inner diameter is the ordered one, to the tolerance, ends included."""
    return abs(measured_mm - ordered_mm) <= tolerance_mm


def _within(scale: _Scale, number: Decimal) -> Decimal:
    return min(max(number, scale.smallest), scale.largest)


def _plain(written: str, text: str) -> Decimal:
    found = _NUMBER.fullmatch(written.strip())
    fraction = (found["sign"] or found["slash"]) if found else None
    if found is None or not (found["whole"] or fraction) or (found["decimals"] and (fraction or not found["whole"])):
        raise UnreadableSize(sentence("“%(text)s” is not a ring size we can read.", text=text[:40]), text=text)
    return Decimal((found["whole"] or "0") + (found["decimals"] or "")) + Decimal(_FRACTIONS.get(fraction or "", 0))


def _letters(written: str, text: str) -> Decimal:
    found = _LETTER.fullmatch(written.strip())
    fraction = _FRACTIONS.get(found["fraction"] or "", "0") if found else "0"
    if found is None or (found["beyond"] and found["letter"] != "Z") or fraction in ("0.25", "0.75"):
        raise UnreadableSize(
            sentence("“%(text)s” is not a UK ring size: letters A to Z+7, with ½.", text=text[:40]), text=text
        )
    half = _HALF if found["half"] or fraction == "0.5" else Decimal(0)
    return Decimal(ord(found["letter"]) - ord("A") + int(found["beyond"] or 0)) + half


def _sized(system: System, written: str, text: str) -> RingSize:
    number = _letters(written, text) if system is System.UK else _plain(written, text)
    scale = _SCALES[system]
    if not scale.smallest <= number <= scale.largest:
        low, high = label_of(system, scale.smallest), label_of(system, scale.largest)
        raise UnreadableSize(
            sentence("“%(text)s” is outside %(low)s to %(high)s.", text=text[:40], low=low, high=high), text=text
        )
    return RingSize(diameter_of(system, number), system, label_of(system, number))


def _of_written_circumference(circumference_mm: Decimal) -> RingSize:
    diameter_mm = round_to(circumference_mm / PI, 3)
    return RingSize(diameter_mm, System.ISO, label_of(System.ISO, circumference_mm))
