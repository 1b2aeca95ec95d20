"""A mounted stone's weight estimated from its dimensions; always an estimate and always said to be one.

Diamond factors after niceice.com and pricescope.com, coloured stones after the table at talk.jewelry;
step cuts, marquise, pear, princess, radiant, cushion and old cuts are general trade knowledge.
"""

from dataclasses import dataclass
from decimal import Decimal

from workflows.errors import WorkflowError
from workflows.gems.species import Gem
from workflows.gems.words import Shape
from workflows.sentences import sentence

Curve = tuple[tuple[Decimal, Decimal], ...]  # (length to width, factor), rising


class NoWeightFactor(WorkflowError):
    """No published factor for this shape; `shape` is the shape."""

    def __init__(self, shape: Shape, gem_name: str) -> None:
        words = shape.value.replace("_", " ")
        super().__init__(
            sentence(
                "A %(words)s %(gem_name)s cannot be estimated from its dimensions; weigh it.",
                words=words,
                gem_name=gem_name,
            )
        )
        self.shape = shape


@dataclass(frozen=True, slots=True)
class WeightEstimate:
    """An estimated weight in carats, unrounded, and the words that must stand beside it."""

    weight_ct: Decimal
    words: str = "estimated, mounted"


def _curve(*points: tuple[str, str]) -> Curve:
    return tuple((Decimal(ratio), Decimal(factor)) for ratio, factor in points)


_STEP = _curve(("1.00", ".0080"), ("1.50", ".0092"), ("2.00", ".0100"), ("2.50", ".0106"))
_MARQUISE = _curve(("1.50", ".00565"), ("2.00", ".0058"), ("2.50", ".00585"), ("3.00", ".00595"))
_PEAR = _curve(("1.25", ".00615"), ("1.50", ".0060"), ("1.66", ".0059"), ("2.00", ".00575"))

# times the mean diameter squared and the depth
_DIAMOND_ROUNDISH = {
    Shape.ROUND: Decimal(".0061"),
    Shape.OLD_EUROPEAN: Decimal(".0061"),
    Shape.OVAL: Decimal(".0062"),
}
# times length, width and depth
_DIAMOND_FLAT: dict[Shape, Curve] = {
    Shape.HEART: _curve(("1", ".0059")),
    Shape.TRILLION: _curve(("1", ".0057")),
    Shape.PRINCESS: _curve(("1", ".0083")),
    Shape.RADIANT: _curve(("1", ".0081")),
    Shape.CUSHION: _curve(("1", ".00815")),
    Shape.OLD_MINE: _curve(("1", ".00815")),
    Shape.EMERALD: _STEP,
    Shape.ASSCHER: _STEP,
    Shape.BAGUETTE: _STEP,
    Shape.MARQUISE: _MARQUISE,
    Shape.PEAR: _PEAR,
}
SQUARE_UP_TO = Decimal("1.05")  # length to width; longer is a rectangle
# times the specific gravity besides
_COLOURED_MEAN = {Shape.ROUND: Decimal(".0018"), Shape.OVAL: Decimal(".0020")}
_COLOURED_FLAT = {
    Shape.PRINCESS: Decimal(".0024"),
    Shape.ASSCHER: Decimal(".0024"),
    Shape.EMERALD: Decimal(".0025"),
    Shape.BAGUETTE: Decimal(".0026"),
    Shape.PEAR: Decimal(".0018"),
    Shape.HEART: Decimal(".00195"),
    Shape.MARQUISE: Decimal(".0017"),
}
MELEE_DEPTH = Decimal("0.60")


def estimate_weight(
    stone: Gem,
    shape: Shape,
    length_mm: Decimal,
    width_mm: Decimal,
    depth_mm: Decimal,
    *,
    bulge_percent: Decimal = Decimal(0),
) -> WeightEstimate:
    """The weight these dimensions give.

    Args:
        length_mm: the longer side; for a round stone the largest diameter.
        width_mm: the shorter side; for a round stone the smallest diameter.
        depth_mm: table to culet.
        bulge_percent: 0 to 12 more for a thick girdle or a bulging pavilion.

    Raises:
        NoWeightFactor: no source gives a factor for the shape.
    """
    sizes = (length_mm, width_mm, depth_mm)
    plain = _diamond(stone, shape, *sizes) if stone.name == "diamond" else _coloured(stone, shape, *sizes)
    return WeightEstimate(plain * (1 + bulge_percent / 100))


def melee_weight(diameter_mm: Decimal, depth_ratio: Decimal = MELEE_DEPTH) -> WeightEstimate:
    """The weight of one small round diamond by its diameter; charts are full of misprints."""
    return WeightEstimate(Decimal(".0061") * diameter_mm**3 * depth_ratio, "estimated")


def _diamond(stone: Gem, shape: Shape, length: Decimal, width: Decimal, depth: Decimal) -> Decimal:
    if shape in _DIAMOND_ROUNDISH:
        return ((length + width) / 2) ** 2 * depth * _DIAMOND_ROUNDISH[shape]
    if shape in _DIAMOND_FLAT:
        return length * width * depth * _read_off(_DIAMOND_FLAT[shape], length / width)
    raise NoWeightFactor(shape, stone.name)


def _coloured(stone: Gem, shape: Shape, length: Decimal, width: Decimal, depth: Decimal) -> Decimal:
    square = length / width <= SQUARE_UP_TO
    mean_volume = ((length + width) / 2) ** 2 * depth * stone.gravity
    box_volume = length * width * depth * stone.gravity
    if shape in _COLOURED_MEAN:
        return mean_volume * _COLOURED_MEAN[shape]
    if shape is Shape.CUSHION:
        return box_volume * Decimal(".0018") if square else mean_volume * Decimal(".0022")
    if shape is Shape.RADIANT:
        return box_volume * (Decimal(".0024") if square else Decimal(".0026"))
    if shape in _COLOURED_FLAT:
        return box_volume * _COLOURED_FLAT[shape]
    raise NoWeightFactor(shape, stone.name)


def _read_off(curve: Curve, ratio: Decimal) -> Decimal:
    """Linear between the points, level beyond the ends."""
    if ratio <= curve[0][0]:
        return curve[0][1]
    for (low, at_low), (high, at_high) in zip(curve, curve[1:], strict=False):
        if ratio <= high:
            return at_low + (at_high - at_low) * (ratio - low) / (high - low)
    return curve[-1][1]
