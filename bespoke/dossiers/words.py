"""How facts of the record are put into words in a dossier."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bespoke.models.house import HouseRow
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneRow
from bespoke.templating.catalogue import SOURCE, lazy, nearest
from workflows import sentences
from workflows.alloys import ALLOYS
from workflows.gems import Shape
from workflows.naming import stone_name
from workflows.sentences import Sentence, in_english, listed, word

LOCALES = {"GB": "en_GB", "US": "en_US"}
NUMBERS = (
    *(lazy("no"), lazy("one"), lazy("two"), lazy("three"), lazy("four"), lazy("five"), lazy("six"), lazy("seven")),
    *(lazy("eight"), lazy("nine"), lazy("ten"), lazy("eleven"), lazy("twelve")),
)
MARK_NAMES = {
    "brief": lazy("Brief"),
    "stone": lazy("Stone"),
    "deposit": lazy("Locked"),
    "render": lazy("Drawn"),
    "wax": lazy("Wax"),
    "casting": lazy("Cast"),
    "setting": lazy("Set"),
    "polish": lazy("Polished"),
    "check": lazy("Checked"),
    "ready": lazy("Ready"),
}


def locale_of(house: HouseRow, reader: Person) -> str:
    """How a paper is written for somebody: English as the house's market has it, else in their language."""
    language = nearest(reader.language)
    return LOCALES.get(house.market, LOCALES["GB"]) if language == SOURCE else language


def counted(many: int) -> str:
    """A number as it is written in a sentence: in words up to twelve."""
    return str(NUMBERS[many]) if 0 <= many < len(NUMBERS) else str(many)


def joined(parts: Sequence[str]) -> str:
    """A list as it is said: a, b and c."""
    return str(listed(parts))


def capital(words: str) -> str:
    """The words with a capital at their beginning."""
    return str(sentences.capital(words))


def day_of(at: datetime, zone: str) -> date:
    """The day a moment falls on where the house is."""
    return at.astimezone(ZoneInfo(zone)).date()


def metal_of(piece: Piece) -> str:
    """The alloy as it is printed; empty before one was chosen."""
    return "" if piece.alloy is None else str(ALLOYS[piece.alloy].name)


def name_of(stone: StoneRow) -> str:
    """A stone's name by the rules of naming, in lower case."""
    return stone_name(stone.named)


def shape_of(stone: StoneRow) -> str:
    """The shape as it is said before a name: oval, old mine; empty where it is of no named one."""
    return "" if stone.shape == Shape.OTHER.value else str(word(stone.shape))


def plural(name: str, many: int) -> str:
    """The name of so many stones of a kind."""
    if many == 1:
        return name
    english = f"{in_english(name)[:-1]}ies" if name.endswith("y") else f"{in_english(name)}s"
    if isinstance(name, Sentence) and "gem" in name.facts:
        return Sentence(english, name.pattern, {**name.facts, "gem": plural(in_english(name.facts["gem"]), many)})
    return Sentence(english)
