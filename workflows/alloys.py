"""The alloys a piece is cast in: fineness, density with its source, melting range; and the weights they give.

Densities differ by supplier (±3 %); a house puts its lot certificate's value in place with `Alloy.weighed_as`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from workflows.errors import WorkflowError
from workflows.sentences import Sentence, sentence
from workflows.units import round_to


class Metal(StrEnum):
    """The precious metal an alloy is sold as."""

    GOLD = "gold"
    PLATINUM = "platinum"
    PALLADIUM = "palladium"
    SILVER = "silver"


class MetalColour(StrEnum):
    """What the eye sees of it, unplated."""

    YELLOW = "yellow"
    WHITE = "white"
    ROSE = "rose"


class UnknownAlloy(WorkflowError):
    """No alloy of that code; `code` is what was given."""

    def __init__(self, code: str) -> None:
        super().__init__(sentence("“%(code)s” is not an alloy this house works in.", code=code[:40]))
        self.code = code


class AlreadyScaled(WorkflowError):
    """The shrinkage was compensated before; `applied` is the factor the file already carries."""

    def __init__(self, applied: Decimal) -> None:
        super().__init__(
            sentence(
                "The file is already scaled by %(applied)s for shrinkage; a second time is too much.", applied=applied
            )
        )
        self.applied = applied


@dataclass(frozen=True, slots=True)
class Alloy:
    """An alloy as bought; `casting_factor` is a caster's resin-to-metal factor with his allowance in it."""

    code: str
    name: str
    metal: Metal
    fineness_ppt: int
    density_g_cm3: Decimal
    density_source: str
    colour: MetalColour
    melts_c: tuple[int, int] | None  # solidus and liquidus, general trade knowledge
    nickel: bool = False
    rhodium: bool = False  # usually plated white
    casting_factor: Decimal | None = None
    casting_shrink_percent: Decimal = Decimal("1.0")

    def weighed_as(self, density_g_cm3: Decimal, source: str) -> "Alloy":
        """The same alloy with the density of a supplier's lot; `source` names the certificate."""
        return replace(self, density_g_cm3=density_g_cm3, density_source=source)


_STULLER = "Stuller, specific gravity of materials"
_TRADE = "general trade knowledge, to be replaced by the supplier's certificate"
_MELTING_SILVER = (800, 895)


def _gold(
    code: str,
    name: str,
    density: str,
    colour: MetalColour,
    melts_c: tuple[int, int] | None,
    *,
    source: str = _STULLER,
    nickel: bool = False,
    factor: str | None = None,
) -> Alloy:
    return Alloy(
        code=code,
        name=Sentence(name),
        metal=Metal.GOLD,
        fineness_ppt=int(code[2:5]),
        density_g_cm3=Decimal(density),
        density_source=source,
        colour=colour,
        melts_c=melts_c,
        nickel=nickel,
        rhodium=colour is MetalColour.WHITE,
        casting_factor=Decimal(factor) if factor else None,
    )


def _white(
    metal: Metal,
    code: str,
    name: str,
    density: str,
    melts_c: tuple[int, int],
    *,
    source: str,
    factor: str | None = None,
) -> Alloy:
    return Alloy(
        code=code,
        name=Sentence(name),
        metal=metal,
        fineness_ppt=int(code[2:5]),
        density_g_cm3=Decimal(density),
        density_source=source,
        colour=MetalColour.WHITE,
        melts_c=melts_c,
        casting_factor=Decimal(factor) if factor else None,
        casting_shrink_percent=Decimal("1.5") if metal is Metal.PLATINUM else Decimal("1.0"),
    )


_Y, _W, _R = MetalColour.YELLOW, MetalColour.WHITE, MetalColour.ROSE
_PT, _PD, _AG = Metal.PLATINUM, Metal.PALLADIUM, Metal.SILVER

ALLOYS: Mapping[str, Alloy] = MappingProxyType(
    {
        alloy.code: alloy
        for alloy in (
            _gold("AU375Y", "9 ct yellow gold", "11.2", _Y, (860, 910), source=_TRADE, factor="11.685"),
            _gold(
                "AU375W",
                "9 ct white gold",
                "12.4",
                _W,
                (900, 960),
                source=_TRADE,
                nickel=True,
                factor="13.264",
            ),
            _gold("AU375R", "9 ct rose gold", "11.3", _R, (900, 950), source=_TRADE, factor="11.895"),
            _gold("AU417Y", "10 ct yellow gold", "11.57", _Y, (870, 910)),
            _gold("AU417W", "10 ct white gold", "11.07", _W, None, nickel=True),
            _gold("AU417R", "10 ct rose gold", "11.59", _R, None),
            _gold("AU585Y", "14 ct yellow gold", "13.07", _Y, (830, 890), factor="14.369"),
            _gold("AU585W", "14 ct white gold, nickel", "12.61", _W, (920, 970), nickel=True, factor="14.948"),
            _gold("AU585R", "14 ct rose gold", "13.26", _R, (880, 930)),
            _gold("AU750Y", "18 ct yellow gold", "15.58", _Y, (880, 930), factor="16.422"),
            _gold("AU750W_NI", "18 ct white gold, nickel", "14.64", _W, (890, 950), nickel=True),
            _gold("AU750W_PD", "18 ct white gold, palladium", "15.9", _W, (1030, 1150), source=_TRADE, factor="16.632"),
            _gold("AU750R", "18 ct rose gold", "15.18", _R, (880, 910), factor="15.948"),
            _gold("AU916Y", "22 ct yellow gold", "17.8", _Y, (960, 1020), source=_TRADE, factor="18.737"),
            _gold("AU999", "24 ct gold", "19.3", _Y, (1064, 1064)),
            _white(_PT, "PT950RU", "950 platinum, ruthenium", "20.7", (1750, 1800), source=_TRADE, factor="21.211"),
            _white(_PT, "PT950CO", "950 platinum, cobalt", "20.80", (1750, 1800), source=_STULLER),
            _white(_PT, "PT950IR", "950 platinum, iridium", "21.4", (1750, 1800), source=_TRADE),
            _white(_PT, "PT900IR", "900 platinum, iridium", "21.54", (1780, 1800), source=_STULLER),
            _white(_PD, "PD950", "950 palladium", "11.9", (1500, 1590), source=_TRADE, factor="12.000"),
            _white(_AG, "AG925", "Sterling silver", "10.40", _MELTING_SILVER, source=_STULLER, factor="10.895"),
            _white(_AG, "AG935", "935 silver", "10.3", _MELTING_SILVER, source=_STULLER),
            _white(_AG, "AG958", "Britannia silver", "10.3", _MELTING_SILVER, source=_STULLER),
        )
    }
)

# by the legal standards, not by twenty-fourths: 14 karat is 585, not 583.3
KARAT_FINENESS: Mapping[int, int] = MappingProxyType({9: 375, 10: 417, 14: 585, 18: 750, 22: 916, 24: 999})


def alloy(code: str, alloys: Mapping[str, Alloy] = ALLOYS) -> Alloy:
    """The alloy of that code.

    Raises:
        UnknownAlloy: the house has none.
    """
    found = alloys.get(code)
    if found is None:
        raise UnknownAlloy(code)
    return found


def fineness_of_karat(karat: int) -> int:
    """Fineness in ‰ that the law means by a karat.

    Raises:
        UnknownAlloy: no standard of that karat.
    """
    fineness = KARAT_FINENESS.get(karat)
    if fineness is None:
        raise UnknownAlloy(f"{karat} karat")
    return fineness


@dataclass(frozen=True, slots=True)
class WeightChain:
    """The weights of one piece of metal in grams, exact; only `finished_g` goes on a dossier.

    `cad_g` is the design's own; `cast_g` what must leave the flask so that finishing may take its share;
    `poured_g` what must be melted, button and sprue included, most of which returns; `finished_g` what the
    scale said in the end.
    """

    cad_g: Decimal
    cast_g: Decimal
    poured_g: Decimal
    finished_g: Decimal | None = None


FINISHING_LOSS_PLAIN = Decimal("0.08")
FINISHING_LOSS_FINE = Decimal("0.15")  # thin parts and pavé: 12 to 17 %
MELT_LOSS = Decimal("0.015")


def mass_of_volume(volume_mm3: Decimal, density_g_cm3: Decimal) -> Decimal:
    """Grams of a closed volume in mm³ cast solid."""
    return volume_mm3 * density_g_cm3 / 1000


def weight_chain(
    cad_g: Decimal,
    *,
    finishing_loss: Decimal = FINISHING_LOSS_PLAIN,
    melt_loss: Decimal = MELT_LOSS,
    sprue_g: Decimal = Decimal(0),
    finished_g: Decimal | None = None,
) -> WeightChain:
    """All weights from the design's own: losses are parts of what goes in (0.08 is 8 %)."""
    cast_g = cad_g / (1 - finishing_loss)
    return WeightChain(cad_g, cast_g, (cast_g + sprue_g) / (1 - melt_loss), finished_g)


def mass_from_pattern(pattern_g: Decimal, metal: Alloy, *, pattern_density_g_cm3: Decimal) -> Decimal:
    """Grams of metal a wax or resin pattern will give: injection wax is about 1.00 g/cm³, resins 1.05 to 1.15."""
    return pattern_g * metal.density_g_cm3 / pattern_density_g_cm3


def mass_by_casting_factor(pattern_g: Decimal, metal: Alloy) -> Decimal | None:
    """Grams by the caster's own factor, his allowance already in it; None where he states none."""
    return pattern_g * metal.casting_factor if metal.casting_factor else None


def swap_metal(mass_g: Decimal, old: Alloy, new: Alloy) -> Decimal:
    """Grams of the same piece in another alloy."""
    return mass_g * new.density_g_cm3 / old.density_g_cm3


def shrinkage_scale(shrink_percent: Decimal, *, applied: Decimal | None = None, caster_scales: bool = False) -> Decimal:
    """The factor to enlarge a file by at export so that the casting comes out true, to six decimals.

    Args:
        shrink_percent: linear shrinkage from file to casting.
        applied: the factor the file already carries, if any.
        caster_scales: the caster enlarges it himself, so we do not.

    Raises:
        AlreadyScaled: the file was enlarged before.
    """
    if applied is not None and applied != 1:
        raise AlreadyScaled(applied)
    if caster_scales:
        return Decimal(1)
    return round_to(1 / (1 - shrink_percent / 100), 6)


_NICKEL_MARKETS = frozenset({"UK", "EU"})


def nickel_warning(metal: Alloy, *, market: str, pierced: bool) -> str | None:
    """Why a nickel alloy needs a release test or another alloy, None where it does not.

    Args:
        market: where the piece is sold: "UK", "EU", "US" …
        pierced: it is worn through the skin, as an ear post is.
    """
    if not metal.nickel or not (pierced or market in _NICKEL_MARKETS):
        return None
    limit = "0.2" if pierced else "0.5"
    return sentence(
        "%(metal)s holds nickel: release must stay within %(limit)s µg/cm² a week. Palladium white has none.",
        metal=metal.name,
        limit=limit,
    )
