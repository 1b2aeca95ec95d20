"""How metals and stones treat light: reflectance by alloy code, refraction and colour by species.

Reflectances are linear RGB at normal incidence. Gold is the measured value for polished fine gold (optical
constants of Johnson and Christy 1972, integrated to sRGB: 1.00, 0.77, 0.34); the alloys are moved from it
by eye towards their silver, copper and palladium, so they are colours, not measurements.
Refractive indices and dispersions (B to G interval) are the customary gemmological ones, as in the trade's
tables; the coefficients of colour are chosen by eye for a well cut stone of good colour.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from renders.bodies import Body

Floats = NDArray[np.float32]
Colour = tuple[float, float, float]

RED_UM, GREEN_UM, BLUE_UM = 0.650, 0.550, 0.450  # wavelengths the three channels stand for
_SODIUM = 1 / 0.5893**2
_B_TO_G = 1 / 0.4308**2 - 1 / 0.6867**2


@dataclass(frozen=True, slots=True)
class Metal:
    """A polished metal: linear reflectance at normal incidence, and the colour's name for a reader."""

    name: str
    reflectance: Colour


@dataclass(frozen=True, slots=True)
class Optics:
    """A stone's species as light sees it.

    `transmission` is the linear colour white light keeps on a path of the stone's narrower width;
    `clear` is False for stones that scatter (pearl, turquoise, jade) and show their surface.
    """

    species: str
    index: float
    dispersion: float
    transmission: Colour
    clear: bool = True

    @property
    def indices(self) -> Colour:
        """Refractive index for red, green and blue by Cauchy's two-term law."""
        slope = self.dispersion / _B_TO_G
        red, green, blue = (self.index + slope * (1 / um**2 - _SODIUM) for um in (RED_UM, GREEN_UM, BLUE_UM))
        return red, green, blue

    def absorption(self, width_mm: float) -> Floats:
        """Loss per millimetre and channel (3,) in a stone `width_mm` wide."""
        return np.asarray(-np.log(np.asarray(self.transmission)) / width_mm, np.float32)


YELLOW_18 = Metal("yellow gold", (1.00, 0.645, 0.225))
_METALS: tuple[tuple[str, Metal], ...] = (  # longest beginning of the code wins, so the finer entries come first
    ("AU999", Metal("fine gold", (1.00, 0.655, 0.190))),
    ("AU916Y", Metal("yellow gold", (1.00, 0.650, 0.205))),
    ("AU750Y", YELLOW_18),
    ("AU585Y", Metal("yellow gold", (0.98, 0.680, 0.310))),
    ("AU417Y", Metal("yellow gold", (0.96, 0.700, 0.380))),
    ("AU375Y", Metal("yellow gold", (0.95, 0.710, 0.400))),
    ("AU750R", Metal("rose gold", (0.97, 0.545, 0.385))),
    ("AU585R", Metal("rose gold", (0.96, 0.540, 0.400))),
    ("AU375R", Metal("rose gold", (0.95, 0.535, 0.410))),
    ("AU750W", Metal("white gold", (0.84, 0.800, 0.730))),
    ("AU", Metal("yellow gold", (0.98, 0.680, 0.300))),
    ("PT", Metal("platinum", (0.80, 0.785, 0.765))),
    ("PD", Metal("palladium", (0.79, 0.775, 0.755))),
    ("AG", Metal("silver", (0.95, 0.935, 0.900))),
)
_GOLD_LETTERS = {
    "W": Metal("white gold", (0.83, 0.795, 0.720)),
    "R": Metal("rose gold", (0.96, 0.540, 0.395)),
}

DIAMOND = Optics("diamond", 2.417, 0.044, (0.97, 0.97, 0.965))
_SPECIES: tuple[tuple[tuple[str, ...], Optics], ...] = (  # first whose words all occur in the name
    (("pink", "sapphire"), Optics("pink sapphire", 1.766, 0.018, (0.82, 0.16, 0.42))),
    (("yellow", "sapphire"), Optics("yellow sapphire", 1.766, 0.018, (0.90, 0.66, 0.08))),
    (("teal", "sapphire"), Optics("teal sapphire", 1.766, 0.018, (0.02, 0.34, 0.40))),
    (("green", "sapphire"), Optics("green sapphire", 1.766, 0.018, (0.06, 0.36, 0.16))),
    (("white", "sapphire"), Optics("white sapphire", 1.766, 0.018, (0.96, 0.96, 0.96))),
    (("padparadscha",), Optics("padparadscha", 1.766, 0.018, (0.92, 0.36, 0.22))),
    (("sapphire",), Optics("sapphire", 1.766, 0.018, (0.016, 0.10, 0.80))),
    (("ruby",), Optics("ruby", 1.766, 0.018, (0.78, 0.012, 0.055))),
    (("emerald", "cut"), DIAMOND),  # a shape, not a species
    (("emerald",), Optics("emerald", 1.580, 0.014, (0.03, 0.56, 0.17))),
    (("aquamarine",), Optics("aquamarine", 1.580, 0.014, (0.46, 0.82, 0.90))),
    (("morganite",), Optics("morganite", 1.587, 0.014, (0.93, 0.66, 0.60))),
    (("alexandrite",), Optics("alexandrite", 1.750, 0.015, (0.16, 0.34, 0.30))),
    (("chrysoberyl",), Optics("chrysoberyl", 1.750, 0.015, (0.70, 0.68, 0.16))),
    (("red", "spinel"), Optics("red spinel", 1.718, 0.020, (0.72, 0.04, 0.08))),
    (("spinel",), Optics("spinel", 1.718, 0.020, (0.42, 0.14, 0.34))),
    (("blue", "topaz"), Optics("blue topaz", 1.620, 0.014, (0.24, 0.66, 0.88))),
    (("topaz",), Optics("topaz", 1.620, 0.014, (0.92, 0.58, 0.24))),
    (("pink", "tourmaline"), Optics("pink tourmaline", 1.634, 0.017, (0.78, 0.14, 0.34))),
    (("tourmaline",), Optics("tourmaline", 1.634, 0.017, (0.08, 0.42, 0.24))),
    (("tsavorite",), Optics("tsavorite", 1.740, 0.028, (0.05, 0.52, 0.12))),
    (("demantoid",), Optics("demantoid", 1.888, 0.057, (0.24, 0.58, 0.10))),
    (("spessartine",), Optics("spessartine", 1.810, 0.027, (0.88, 0.26, 0.04))),
    (("rhodolite",), Optics("rhodolite", 1.760, 0.026, (0.52, 0.05, 0.20))),
    (("garnet",), Optics("garnet", 1.760, 0.024, (0.46, 0.02, 0.04))),
    (("tanzanite",), Optics("tanzanite", 1.695, 0.021, (0.13, 0.11, 0.66))),
    (("peridot",), Optics("peridot", 1.672, 0.020, (0.46, 0.64, 0.06))),
    (("zircon",), Optics("zircon", 1.950, 0.039, (0.42, 0.74, 0.84))),
    (("amethyst",), Optics("amethyst", 1.548, 0.013, (0.34, 0.08, 0.54))),
    (("citrine",), Optics("citrine", 1.548, 0.013, (0.92, 0.54, 0.06))),
    (("kunzite",), Optics("kunzite", 1.670, 0.017, (0.88, 0.58, 0.78))),
    (("quartz",), Optics("quartz", 1.548, 0.013, (0.96, 0.96, 0.95))),
    (("moissanite",), Optics("moissanite", 2.670, 0.104, (0.97, 0.97, 0.95))),
    (("zirconia",), Optics("zirconia", 2.150, 0.060, (0.97, 0.97, 0.97))),
    (("black", "diamond"), Optics("black diamond", 2.417, 0.044, (0.02, 0.02, 0.02))),
    (("yellow", "diamond"), Optics("yellow diamond", 2.417, 0.044, (0.94, 0.84, 0.34))),
    (("pink", "diamond"), Optics("pink diamond", 2.417, 0.044, (0.94, 0.68, 0.72))),
    (("diamond",), DIAMOND),
    (("opal",), Optics("opal", 1.440, 0.0, (0.80, 0.84, 0.86), clear=False)),
    (("pearl",), Optics("pearl", 1.600, 0.0, (0.90, 0.84, 0.78), clear=False)),
    (("jade",), Optics("jade", 1.660, 0.0, (0.16, 0.48, 0.20), clear=False)),
    (("turquoise",), Optics("turquoise", 1.610, 0.0, (0.10, 0.58, 0.60), clear=False)),
    (("coral",), Optics("coral", 1.550, 0.0, (0.80, 0.20, 0.14), clear=False)),
    (("lapis",), Optics("lapis", 1.500, 0.0, (0.04, 0.08, 0.38), clear=False)),
    (("onyx",), Optics("onyx", 1.540, 0.0, (0.01, 0.01, 0.01), clear=False)),
)


def metal(code: str) -> Metal:
    """The look of an alloy by its code (`AU750Y`, `PT950RU`, `AG925`); an unknown code looks like 18 ct gold."""
    for beginning, found in _METALS:
        if beginning != "AU" and code.startswith(beginning):
            return found
    if code.startswith("AU"):
        return _GOLD_LETTERS.get(code.rstrip("0123456789")[5:6] or "Y", dict(_METALS)["AU"])
    return YELLOW_18


def optics(body: Body) -> Optics:
    """The species of a stone by the words of its material, name or layer; diamond when none is said."""
    for text in (body.material, body.name, body.layer):
        found = species(text) if text else None
        if found is not None:
            return found
    return DIAMOND


def species(words: str) -> Optics | None:
    """The optical data of the species named in `words`, or None when no known name occurs."""
    lowered = words.lower()
    for names, found in _SPECIES:
        if all(name in lowered for name in names):
            return found
    return None
