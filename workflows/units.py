"""Weights and lengths: exact conversions, the trade's rounding, and strict reading of what people type.

Stored are millimetres, grams, carats and ‰ fineness; everything else is converted for display only.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from workflows.errors import WorkflowError
from workflows.sentences import sentence

CARAT_G = Decimal("0.2")  # the metric carat, exact
TROY_OUNCE_G = Decimal("31.1034768")  # exact; never the avoirdupois ounce of 28.35 g
PENNYWEIGHT_G = TROY_OUNCE_G / 20
PI = Decimal("3.141592653589793238462643383")

_PLAIN_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)


class NotANumber(WorkflowError):
    """What was typed is not a plain decimal number; `text` is what was typed."""

    def __init__(self, message: str, *, text: str) -> None:
        super().__init__(message)
        self.text = text


class OutOfRange(WorkflowError):
    """A number that reads well but cannot be meant; `value` is the number."""

    def __init__(self, message: str, *, value: Decimal) -> None:
        super().__init__(message)
        self.value = value


def grams_of_carats(weight_ct: Decimal) -> Decimal:
    """Grams of a stone's weight; 1 ct is 0.2 g exactly."""
    return weight_ct * CARAT_G


def carats_of_grams(mass_g: Decimal) -> Decimal:
    """Carats of a mass in grams, exact."""
    return mass_g * 5


def grams_of_troy_ounces(ounces: Decimal) -> Decimal:
    """Grams of troy ounces, the unit metal prices are quoted in."""
    return ounces * TROY_OUNCE_G


def troy_ounces_of_grams(mass_g: Decimal) -> Decimal:
    """Troy ounces of a mass in grams."""
    return mass_g / TROY_OUNCE_G


def grams_of_pennyweights(pennyweights: Decimal) -> Decimal:
    """Grams of pennyweights, of which a troy ounce has twenty."""
    return pennyweights * PENNYWEIGHT_G


def pennyweights_of_grams(mass_g: Decimal) -> Decimal:
    """Pennyweights of a mass in grams."""
    return mass_g / PENNYWEIGHT_G


def round_carat(weight_ct: Decimal) -> Decimal:
    """The two decimals a stone's weight is stated with (GIA and CIBJO practice).

    Read to the third decimal, digits beyond it dropped; rounded up only when the third decimal is 9:
    1.768 gives 1.76, 1.769 gives 1.77, 0.995 gives 0.99.
    """
    if weight_ct < 0:
        raise OutOfRange(sentence("A stone cannot weigh less than nothing."), value=weight_ct)
    thousandths = int((weight_ct * 1000).to_integral_value(ROUND_DOWN))
    hundredths = thousandths // 10 + (1 if thousandths % 10 == 9 else 0)
    return Decimal(hundredths).scaleb(-2)


def round_to(value: Decimal, places: int) -> Decimal:
    """`value` with exactly `places` decimals, halves away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def parse_number(text: str, *, places: int, what: str) -> Decimal:
    """The decimal that was typed, in plain ASCII digits with a point.

    Args:
        text: as typed; spaces around it are ignored.
        places: how many decimals at most.
        what: the word for it in the refusal, "weight" for instance.

    Raises:
        NotANumber: signs, exponents, NaN, group separators, underscores, other scripts' digits, commas.
    """
    stripped = text.strip()
    if not _PLAIN_NUMBER.fullmatch(stripped):
        advice = sentence(" Write it with a point, not a comma.") if "," in stripped else ""
        raise NotANumber(
            sentence(
                "The %(what)s “%(stripped)s” is not a plain number.%(advice)s",
                what=what,
                stripped=stripped[:40],
                advice=advice,
            ),
            text=text,
        )
    _, _, decimals = stripped.partition(".")
    if len(decimals) > places:
        raise NotANumber(
            sentence(
                "The %(what)s “%(stripped)s” has more than %(places)s decimals.",
                what=what,
                stripped=stripped[:40],
                places=places,
            ),
            text=text,
        )
    return Decimal(stripped)


def parse_between(text: str, *, places: int, what: str, unit: str, low: Decimal, high: Decimal) -> Decimal:
    """As `parse_number`, and from `low` to `high` inclusive.

    Raises:
        NotANumber: it does not read as a plain number.
        OutOfRange: it lies outside.
    """
    value = parse_number(text, places=places, what=what)
    if not low <= value <= high:
        raise OutOfRange(
            sentence(
                "A %(what)s of %(value)s %(unit)s is outside %(low)s to %(high)s %(unit)s.",
                what=what,
                value=value,
                unit=unit,
                low=low,
                high=high,
            ),
            value=value,
        )
    return value


def parse_weight_ct(text: str) -> Decimal:
    """A stone's weight in carats as typed: 0.001 to 9999.999."""
    return parse_between(text, places=3, what="stone weight", unit="ct", low=Decimal("0.001"), high=Decimal("9999.999"))


def parse_mass_g(text: str) -> Decimal:
    """A mass of metal in grams as typed: 0 to 99999.999."""
    return parse_between(text, places=3, what="weight", unit="g", low=Decimal(0), high=Decimal("99999.999"))


def parse_length_mm(text: str) -> Decimal:
    """A length in millimetres as typed: 0.001 to 9999.999."""
    return parse_between(text, places=3, what="length", unit="mm", low=Decimal("0.001"), high=Decimal("9999.999"))


@dataclass(frozen=True, slots=True)
class CaratFraction:
    """A fraction the trade says for a range of weights, both ends included."""

    words: str
    low_ct: Decimal
    high_ct: Decimal

    @property
    def statement(self) -> str:
        """The fraction as it may be written: with its range and that it is not exact."""
        return f"{self.words} ct (from {self.low_ct} to {self.high_ct} ct, not exact)"


# ½ as in the FTC's brochure; the others are general trade knowledge and a house may set its own
CARAT_FRACTIONS: tuple[CaratFraction, ...] = tuple(
    CaratFraction(words, Decimal(low), Decimal(high))
    for words, low, high in (
        ("¼", "0.23", "0.28"),
        ("⅓", "0.29", "0.36"),
        ("½", "0.47", "0.54"),
        ("¾", "0.70", "0.82"),
        ("1", "0.95", "1.05"),
    )
)


def carat_fraction(weight_ct: Decimal, fractions: tuple[CaratFraction, ...] = CARAT_FRACTIONS) -> CaratFraction | None:
    """The fraction whose range holds the stated weight, None where no fraction may be said."""
    stated = round_carat(weight_ct)
    return next((one for one in fractions if one.low_ct <= stated <= one.high_ct), None)


def decimal_claim_holds(claimed: str, weight_ct: Decimal) -> bool:
    """Whether a weight written in decimals is true to its last place (16 CFR 23.18).

    One decimal counts as two: “0.5 ct” must weigh 0.495 to 0.504.
    """
    claim = parse_number(claimed, places=3, what="stated weight")
    exponent = claim.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 0)
    unit = Decimal(1).scaleb(-places)
    return claim - unit / 2 <= weight_ct < claim + unit / 2
