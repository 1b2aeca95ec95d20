"""Workflow templates as data: reading a versioned TOML file into checked milestones.

A commission keeps the version it began with. A template is checked when it is loaded, so that none can strand a
piece or let an irreversible step begin unguarded.
"""

import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from workflows.errors import BrokenTemplate
from workflows.faults import faults
from workflows.milestone import Facet, Mark, Milestone, Skippable, Template, Waits, release_of
from workflows.roles import Role
from workflows.sentences import Sentence

__all__ = [
    "FOLDER",
    "Facet",
    "Mark",
    "Milestone",
    "Skippable",
    "Template",
    "Waits",
    "faults",
    "keys",
    "load",
    "parse",
    "release_of",
    "text_of",
]

FOLDER = Path(__file__).with_name("templates")
_TOP = frozenset({"key", "version", "title", "sized", "quantity", "size_tolerance_mm", "milestone"})
_NAMES = ("after", "evidence", "only_with_stones", "needs", "rework_to", "not_by_makers_of", "checks")
_ROLES = ("acts", "approves", "releases")
_FACETS = ("rests_on", "freezes")
_WORDS = ("key", "title", "money", "stones", "changes_to", "column")
_SWITCHES = ("checked", "sized", "gauge", "irreversible", "makes_metal", "hands_over")

Word = TypeVar("Word", bound=StrEnum)


def load(key: str) -> Template:
    """The newest version of a template that ships with the product.

    Raises:
        BrokenTemplate: unknown, or it does not pass `faults`.
    """
    return parse(text_of(key))


def text_of(key: str) -> str:
    """The TOML text of a template that ships with the product; a piece keeps the one it began with.

    Raises:
        BrokenTemplate: there is none of that key.
    """
    if key not in keys():
        raise BrokenTemplate(key, (f"There is no such template; there are {', '.join(keys())}.",))
    return (FOLDER / f"{key}.toml").read_text(encoding="utf-8")


def keys() -> tuple[str, ...]:
    """The keys of the templates that ship with the product."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@lru_cache(maxsize=256)  # a piece keeps its template as text and asks for it at every step
def parse(text: str) -> Template:
    """A checked template from its TOML text.

    Raises:
        BrokenTemplate: every fault found, each in a sentence.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BrokenTemplate("?", (f"It is not TOML: {fault}.",)) from fault
    key = str(raw.get("key", "?"))
    try:
        template = _template(raw)
    except (KeyError, TypeError, ValueError, InvalidOperation) as fault:
        said = f"{fault.args[0]} is missing" if isinstance(fault, KeyError) else str(fault)
        raise BrokenTemplate(key, (f"It cannot be read: {said}.",)) from fault
    found = faults(template)
    if found:
        raise BrokenTemplate(key, found)
    return template


def _template(raw: Mapping[str, Any]) -> Template:
    unknown = sorted(set(raw) - _TOP)
    if unknown:
        raise ValueError(f"there is no entry {', '.join(unknown)} in a template")
    entries = _typed(raw["milestone"], list, "milestone")
    return Template(
        key=_typed(raw["key"], str, "key"),
        version=_typed(raw["version"], int, "version"),
        title=Sentence(_typed(raw["title"], str, "title")),
        sized=_typed(raw["sized"], bool, "sized"),
        quantity=_typed(raw.get("quantity", 1), int, "quantity"),
        size_tolerance_mm=_tolerance(raw.get("size_tolerance_mm")),
        milestones=tuple(_milestone(_typed(entry, dict, "milestone")) for entry in entries),
    )


def _tolerance(value: Any) -> Decimal | None:
    return None if value is None else Decimal(_typed(value, str, "size_tolerance_mm"))


def _milestone(raw: Mapping[str, Any]) -> Milestone:
    where = str(raw.get("key", "a milestone"))
    unknown = sorted(set(raw) - set(Milestone.__dataclass_fields__))
    if unknown:
        raise ValueError(f"there is no entry {', '.join(unknown)} in {where}")
    for name in ("key", "title", "after", "acts", "evidence"):
        if name not in raw:
            raise KeyError(f"{name} of {where}")
    values: dict[str, Any] = {}
    for name in _WORDS:
        if name in raw:
            values[name] = _typed(raw[name], str, f"{name} of {where}")
    for name in _SWITCHES:
        if name in raw:
            values[name] = _typed(raw[name], bool, f"{name} of {where}")
    values["title"] = Sentence(values["title"])
    for name in _NAMES:
        values[name] = _list(raw, name, where)
    for name in _ROLES:
        values[name] = frozenset(_word(Role, entry, f"{name} of {where}") for entry in _list(raw, name, where))
    for name in _FACETS:
        values[name] = tuple(_word(Facet, entry, f"{name} of {where}") for entry in _list(raw, name, where))
    values["skip"] = _word(Skippable, raw.get("skip", "never"), f"skip of {where}")
    values["waits_for"] = _word(Waits, raw.get("waits_for", "shop"), f"waits_for of {where}")
    values["mark"] = _word(Mark, raw["mark"], f"mark of {where}") if "mark" in raw else None
    values["typical_days"] = _days(raw.get("typical_days", [1, 2]), where)
    return Milestone(**values)


def _typed(value: Any, wanted: type, what: str) -> Any:
    # a bool is an int to Python, and "false" is true to bool(): only the very type will do
    if type(value) is not wanted:
        raise ValueError(f"{what} is {value!r}, which is not {_KINDS[wanted]}")
    return value


_KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}


def _list(raw: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    entries = _typed(raw.get(name, []), list, f"{name} of {where}")
    return tuple(_typed(entry, str, f"{name} of {where}") for entry in entries)


def _word(words: type[Word], value: Any, what: str) -> Word:
    try:
        return words(value)
    except ValueError:
        raise ValueError(f"{what} names {value!r}; there are {', '.join(words)}") from None


def _days(value: Any, where: str) -> tuple[Decimal, Decimal]:
    entries = _typed(value, list, f"typical_days of {where}")
    if len(entries) != 2 or any(isinstance(entry, bool) or not isinstance(entry, int | float) for entry in entries):
        raise ValueError(f"typical_days of {where} is {value!r}, which is not two numbers")
    return Decimal(str(entries[0])), Decimal(str(entries[1]))
