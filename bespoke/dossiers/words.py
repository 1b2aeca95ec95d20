"""How facts of the record are put into words in a dossier."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bespoke.models.piece import Piece
from bespoke.models.stone import StoneRow
from workflows.alloys import ALLOYS
from workflows.gems import Shape
from workflows.naming import stone_name

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MARK_NAMES = {
    "brief": "Brief",
    "stone": "Stone",
    "deposit": "Locked",
    "render": "Drawn",
    "wax": "Wax",
    "casting": "Cast",
    "setting": "Set",
    "polish": "Polished",
    "check": "Checked",
    "ready": "Ready",
}


def counted(many: int) -> str:
    """A number as it is written in a sentence: in words up to twelve."""
    return NUMBERS[many] if 0 <= many < len(NUMBERS) else str(many)


def joined(parts: Sequence[str]) -> str:
    """A list as it is said: a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else list(parts))


def capital(words: str) -> str:
    """The words with a capital at their beginning."""
    return words[:1].upper() + words[1:]


def day_of(at: datetime, zone: str) -> date:
    """The day a moment falls on where the house is."""
    return at.astimezone(ZoneInfo(zone)).date()


def metal_of(piece: Piece) -> str:
    """The alloy as it is printed; empty before one was chosen."""
    return "" if piece.alloy is None else ALLOYS[piece.alloy].name


def name_of(stone: StoneRow) -> str:
    """A stone's name by the rules of naming, in lower case."""
    return stone_name(stone.named)


def shape_of(stone: StoneRow) -> str:
    """The shape as it is said before a name: oval, old mine; empty where it is of no named one."""
    return "" if stone.shape == Shape.OTHER.value else stone.shape.replace("_", " ")


def plural(name: str, many: int) -> str:
    """The name of so many stones of a kind."""
    if many == 1:
        return name
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
