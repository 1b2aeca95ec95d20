"""The metals a piece could be made in at the price that was agreed, and what each would make of it.

Only alloys of the quoted metal are offered: their price follows from the metal price the quote was made at, with
the same mark-ups; another metal needs a price of its own. Nothing here says what the house pays.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from bespoke.models.design import Revision
from bespoke.models.piece import Piece
from bespoke.queries.quotes import accepted, inputs_of
from bespoke.templating.catalogue import _
from workflows.alloys import ALLOYS, Alloy, Metal, MetalColour
from workflows.money import Money
from workflows.pricing import difference
from workflows.quote_inputs import QuoteInputs

Colour = tuple[float, float, float]

LOOKS: dict[tuple[Metal, MetalColour], Colour] = {
    (Metal.GOLD, MetalColour.YELLOW): (1.00, 0.645, 0.225),
    (Metal.GOLD, MetalColour.ROSE): (0.97, 0.545, 0.385),
    (Metal.GOLD, MetalColour.WHITE): (0.84, 0.800, 0.730),
    (Metal.PLATINUM, MetalColour.WHITE): (0.80, 0.785, 0.765),
    (Metal.PALLADIUM, MetalColour.WHITE): (0.79, 0.775, 0.755),
    (Metal.SILVER, MetalColour.WHITE): (0.95, 0.935, 0.900),
}
"""Linear reflectance by which a live model is coloured; the pictures of a drawing are of the quoted alloy alone."""


@dataclass(frozen=True, slots=True)
class Swatch:
    """One metal to look at.

    Attributes:
        code: of the alloy.
        quoted: whether it is the one that was quoted and is approved.
        difference: what it adds to the price with tax; None for the quoted one.
        colour: linear red, green and blue for the model on the page.
        picture: digest of the drawing in this metal; None where it was not drawn in it.
    """

    code: str
    name: str
    quoted: bool
    difference: Money | None
    colour: Colour
    picture: str | None = None


def swatches_of(piece: Piece, revision: Revision | None = None) -> tuple[Swatch, ...]:
    """The quoted alloy first, then its sisters of the same fineness in the other colours; as a revision was drawn."""
    found = _offered(piece)
    drawn = {} if revision is None else {one.name: one.digest for one in revision.pictures if one.kind == "swatch"}
    return tuple(replace(one, picture=drawn.get(f"swatch-{one.code}.webp")) for one in found)


def _offered(piece: Piece) -> tuple[Swatch, ...]:
    if piece.alloy is None:
        return ()
    quoted = ALLOYS[piece.alloy]
    found = [Swatch(quoted.code, _spoken(quoted), True, None, _look(quoted))]
    quote = accepted(piece.commission)
    inputs = None if quote is None else inputs_of(quote).get(piece.letter)
    if inputs is None or [metal.alloy for metal in inputs.metals] != [quoted.code]:
        return tuple(found)
    for sister in _sisters(quoted):
        costs = difference(inputs, _in(inputs, sister)).gross
        found.append(Swatch(sister.code, _spoken(sister), False, _whole(costs), _look(sister)))
    return tuple(found)


def _sisters(quoted: Alloy) -> tuple[Alloy, ...]:
    """Alloys of the same metal and fineness, one of each other colour, without nickel."""
    found: dict[MetalColour, Alloy] = {}
    for alloy in ALLOYS.values():
        if (alloy.metal, alloy.fineness_ppt) == (quoted.metal, quoted.fineness_ppt) and not alloy.nickel:
            found.setdefault(alloy.colour, alloy)
    found.pop(quoted.colour, None)
    order = list(MetalColour)
    return tuple(sorted(found.values(), key=lambda alloy: order.index(alloy.colour)))


def _in(inputs: QuoteInputs, alloy: Alloy) -> QuoteInputs:
    """The same piece, volume for volume, in another alloy."""
    metal = inputs.metals[0]
    other = replace(
        metal,
        alloy=alloy.code,
        fineness_ppt=alloy.fineness_ppt,
        density_g_cm3=alloy.density_g_cm3,
        net_g=metal.net_g * alloy.density_g_cm3 / metal.density_g_cm3,
    )
    return replace(inputs, metals=(other,))


def _whole(amount: Money) -> Money:
    """Rounded to whole units of the currency: the weight it rests on is not known to the penny."""
    return Money.of(amount.amount.quantize(Decimal(1)), amount.currency)


def _look(alloy: Alloy) -> Colour:
    return LOOKS.get((alloy.metal, alloy.colour), LOOKS[Metal.GOLD, MetalColour.YELLOW])


def _spoken(alloy: Alloy) -> str:
    if alloy.metal is Metal.GOLD:
        return {
            MetalColour.YELLOW: _("Yellow gold"),
            MetalColour.ROSE: _("Rose gold"),
            MetalColour.WHITE: _("White gold"),
        }[alloy.colour]
    return {Metal.PLATINUM: _("Platinum"), Metal.PALLADIUM: _("Palladium"), Metal.SILVER: _("Silver")}[alloy.metal]
