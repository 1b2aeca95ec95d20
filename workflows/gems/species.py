"""What each gem is: hardness, weight, light, and what the bench may do to it.

Specific gravity after the table at talk.jewelry, refractive index and hardness after mirkorusrough.com,
dispersion (B to G) after titangems.com; bench advice is general trade knowledge.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from workflows.errors import WorkflowError
from workflows.sentences import Sentence, sentence


class Bench(StrEnum):
    """Whether a stone stands a treatment at the bench; what no source says is `UNSAID` and planned as no."""

    OK = "ok"
    CARE = "care"
    NO = "no"
    UNSAID = "unsaid"


class UnknownGem(WorkflowError):
    """No gem of that name; `name` is what was given."""

    def __init__(self, name: str) -> None:
        super().__init__(sentence("“%(name)s” is not a gem we know.", name=name[:40]))
        self.name = name


@dataclass(frozen=True, slots=True)
class Gem:
    """A gem by its trade name; ranges are lowest and highest, dispersion is None where it shows none."""

    name: str
    species: str
    mohs: tuple[Decimal, Decimal]
    specific_gravity: tuple[Decimal, Decimal]
    refractive_index: tuple[Decimal, Decimal]
    dispersion: tuple[Decimal, Decimal] | None
    ultrasonic: Bench
    steam: Bench
    torch: Bench
    cleavage: bool
    care: str
    usually_heated: bool = False  # taken as heated where no report says otherwise

    @property
    def gravity(self) -> Decimal:
        """The middle of the specific gravity's range, g/cm³, for weights from dimensions."""
        return sum(self.specific_gravity, Decimal(0)) / 2

    @property
    def index(self) -> Decimal:
        """The middle of the refractive index's range, for drawing."""
        return sum(self.refractive_index, Decimal(0)) / 2


# name | species | Mohs | SG | RI | dispersion | ultrasonic steam torch | flags | care
_TABLE = """
diamond|diamond|10|3.52|2.417|.044|ok ok ok||
ruby|corundum|9|4.00|1.762-1.770|.018|ok ok ok|heated|
sapphire|corundum|9|4.00|1.762-1.770|.018|ok ok ok|heated|
emerald|beryl|7.5-8|2.72|1.577-1.583|.014|no no no||Oil in the fissures: lukewarm water and a soft brush only.
aquamarine|beryl|7.5-8|2.68-2.74|1.577-1.583|.014|care unsaid no|heated|
morganite|beryl|7.5-8|2.71-2.90|1.583-1.590|.014|care unsaid no||
alexandrite|chrysoberyl|8.5|3.73|1.746-1.755|.015|ok unsaid no||
chrysoberyl|chrysoberyl|8.5|3.73|1.746-1.755|.015|ok unsaid no||
spinel|spinel|8|3.60|1.718|.020|ok unsaid no||
topaz|topaz|8|3.53|1.62|.014|no no no|cleavage|Splits along one plane: no knocks, no sudden heat.
tourmaline|tourmaline|7-7.5|3.06|1.624-1.644|.017|no no no||
pyrope|garnet|7-7.5|3.78|1.74-1.79|.022-.027|care unsaid no||
rhodolite|garnet|7-7.5|3.84|1.74-1.79|.022-.027|care unsaid no||
almandine|garnet|7-7.5|4.05|1.74-1.79|.022-.027|care unsaid no||
tsavorite|garnet|7-7.5|3.61|1.740|.028|unsaid unsaid no||
spessartine|garnet|7-7.5|4.15|1.81|.027|unsaid unsaid no||
demantoid|garnet|6.5-7|3.84|1.888|.057|no unsaid no||
tanzanite|zoisite|6-7|3.35|1.691-1.700|.021-.030|no no no|cleavage heated|Knocks and ultrasound can break it.
peridot|peridot|6.5-7|3.34|1.654-1.690|.020|no no no||
zircon|zircon|6-7.5|4.3-4.7|1.92-1.98|.039|care care no||Facet edges chip.
amethyst|quartz|7|2.66|1.544-1.553|.013|unsaid unsaid no||Heat changes the colour.
citrine|quartz|7|2.66|1.544-1.553|.013|unsaid unsaid no||Heat changes the colour.
opal|opal|5-6.5|2.15|1.37-1.47||no no no||Keep from drying out and from heat.
pearl|pearl|2.5-4|2.70|1.53-1.69||no no no||Last on, first off; keep from scent and acid.
kunzite|spodumene|6.5-7|3.18|1.66-1.68|.017|no no no|cleavage|Fades in strong light.
jadeite|jadeite|6.5-7|3.34|1.66||no no no||
turquoise|turquoise|5-6|2.76|1.61||no no no||
coral|coral|3-4|2.65|1.49-1.66||no no no||
lapis|lapis lazuli|5-5.5|2.75|1.50||no no no||
moissanite|moissanite|9.25|3.22|2.65-2.69|.104|unsaid unsaid unsaid||
cubic zirconia|cubic zirconia|8-8.5|5.6-6.0|2.15|.060|unsaid unsaid unsaid||
"""


def _range(text: str) -> tuple[Decimal, Decimal]:
    low, _, high = text.partition("-")
    return Decimal(low), Decimal(high or low)


def _read(row: str) -> Gem:
    name, species, mohs, gravity, index, dispersion, bench, flags, care = row.split("|")
    ultrasonic, steam, torch = bench.split()
    return Gem(
        name=Sentence(name),
        species=species,
        mohs=_range(mohs),
        specific_gravity=_range(gravity),
        refractive_index=_range(index),
        dispersion=_range(dispersion) if dispersion else None,
        ultrasonic=Bench(ultrasonic),
        steam=Bench(steam),
        torch=Bench(torch),
        cleavage="cleavage" in flags,
        care=Sentence(care),
        usually_heated="heated" in flags,
    )


GEMS: Mapping[str, Gem] = MappingProxyType(
    {one.name: one for one in (_read(row) for row in _TABLE.strip().splitlines())}
)
SIMULANTS = frozenset({"moissanite", "cubic zirconia"})


def gem(name: str) -> Gem:
    """The gem of a trade name, however it is capitalised.

    Raises:
        UnknownGem: not in the table.
    """
    plain = name.strip().lower().replace("_", " ")
    found = GEMS.get(plain)
    if found is None:
        raise UnknownGem(name)
    return found


# material → the appendix and what customs wants to see; laws age, so a house keeps its own dated copy
CITES: Mapping[str, str] = MappingProxyType(
    {
        "tortoiseshell": sentence("CITES Appendix I: trade is all but banned."),
        "ivory": sentence("CITES Appendix I and national bans: do not ship."),
        "black coral": sentence("CITES Appendix II: no export without a permit number."),
        "blue coral": sentence("CITES Appendix II: no export without a permit number."),
        "stony coral": sentence("CITES Appendix II: no export without a permit number."),
        "queen conch": sentence("CITES Appendix II: no export without a permit number."),
        "rosewood": sentence("CITES Appendix II for most kinds: no export without a permit number."),
        "coral": sentence(
            "Some Asian precious corals are in CITES Appendix III: the species and its papers are needed."
        ),
    }
)


def export_block(material: str, *, permit: str | None) -> str | None:
    """Why a material may not leave the country yet; None where nothing stands against it."""
    return None if permit else CITES.get(material.strip().lower())
