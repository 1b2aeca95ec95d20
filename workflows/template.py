"""A workflow template as data: what the milestones of a kind of piece are, and what each one needs.

Templates are versioned TOML files; a commission keeps the version it began with. A template is checked when it is
loaded, so that none can strand a piece or let an irreversible step begin unguarded.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from workflows.errors import BrokenTemplate, UnknownMilestone
from workflows.roles import Role

FOLDER = Path(__file__).with_name("templates")


class Facet(StrEnum):
    """One side of what a client says yes to; each is known by the digest of its content."""

    BRIEF = "brief"
    SKETCH = "sketch"
    STONES = "stones"
    QUOTE = "quote"
    TERMS = "terms"
    DESIGN = "design"
    ALLOY = "alloy"
    SIZE = "size"
    ENGRAVING = "engraving"
    DELIVERY = "delivery"


class Mark(StrEnum):
    """The ten marks a client sees, and the one only the bench sees."""

    BRIEF = "brief"
    STONE = "stone"
    DEPOSIT = "deposit"
    RENDER = "render"
    WAX = "wax"
    CASTING = "casting"
    MAKING = "make"
    SETTING = "setting"
    POLISH = "polish"
    CHECK = "check"
    READY = "ready"


class Skippable(StrEnum):
    """When a milestone may be left out."""

    NEVER = "never"
    WITH_REASON = "with_reason"
    STONELESS = "stoneless"  # only a piece without stones
    UNENGRAVED = "unengraved"  # only a piece without an engraving


class Waits(StrEnum):
    """Who is waited for while the milestone is open (its time is charged to them)."""

    CLIENT = "client"
    SHOP = "shop"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One milestone of a template.

    Attributes:
        rests_on: what its result is about; an approval or release of it binds exactly these, and a change of one
            of them voids it.
        needs: milestones whose approval must be live before this one may begin.
        freezes: what may no longer change once this one has begun, short of rework.
        typical_days: working days in half of the cases, and in eight of ten.
    """

    key: str
    title: str
    after: tuple[str, ...]
    acts: frozenset[Role]
    evidence: tuple[str, ...]
    approves: frozenset[Role] = frozenset()
    releases: frozenset[Role] = frozenset()
    rests_on: tuple[Facet, ...] = ()
    needs: tuple[str, ...] = ()
    money: str | None = None
    stones: str | None = None  # "chosen", "locked" or "in_hand"
    checked: bool = False  # no unanswered block in the CAD report, weight within the quote's allowance
    sized: bool = False  # the client has confirmed the size
    gauge: bool = False  # whoever releases reads the size from a gauge
    irreversible: bool = False
    makes_metal: bool = False  # sending back behind this one makes the piece anew
    freezes: tuple[Facet, ...] = ()
    changes_to: str | None = None
    rework_to: tuple[str, ...] = ()
    not_by_makers_of: tuple[str, ...] = ()
    skip: Skippable = Skippable.NEVER
    mark: Mark | None = None
    column: str | None = None
    waits_for: Waits = Waits.SHOP
    typical_days: tuple[Decimal, Decimal] = (Decimal(1), Decimal(2))


@dataclass(frozen=True, slots=True)
class Template:
    """All milestones of one kind of piece, in the order they are shown; `sized` pieces are worn by size."""

    key: str
    version: int
    title: str
    sized: bool
    milestones: tuple[Milestone, ...]

    def __getitem__(self, key: str) -> Milestone:
        for milestone in self.milestones:
            if milestone.key == key:
                return milestone
        raise UnknownMilestone(f"A {self.title.lower()} has no milestone {key!r}.")

    def __contains__(self, key: object) -> bool:
        return any(milestone.key == key for milestone in self.milestones)

    def before(self, key: str) -> frozenset[str]:
        """Every milestone that must come before `key`, however far back."""
        return _closure(self, key, {milestone.key: milestone.after for milestone in self.milestones})

    def behind(self, key: str) -> frozenset[str]:
        """Every milestone that comes after `key`, however far on."""
        onward: dict[str, tuple[str, ...]] = {
            milestone.key: tuple(other.key for other in self.milestones if milestone.key in other.after)
            for milestone in self.milestones
        }
        return _closure(self, key, onward)


@cache
def _closure_of(key: str, edges: tuple[tuple[str, tuple[str, ...]], ...]) -> frozenset[str]:
    neighbours = dict(edges)
    found: set[str] = set()
    ahead = list(neighbours[key])
    while ahead:
        here = ahead.pop()
        if here not in found:
            found.add(here)
            ahead.extend(neighbours[here])
    return frozenset(found)


def _closure(template: Template, key: str, edges: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    if key not in edges:
        raise UnknownMilestone(f"A {template.title.lower()} has no milestone {key!r}.")
    return _closure_of(key, tuple(edges.items()))


@cache
def load(key: str) -> Template:
    """The newest version of a template that ships with the product.

    Raises:
        BrokenTemplate: unknown, or it does not pass `faults`.
    """
    path = FOLDER / f"{key}.toml"
    if not path.is_file():
        raise BrokenTemplate(key, (f"There is no such template; there are {', '.join(keys())}.",))
    return parse(path.read_text(encoding="utf-8"))


def keys() -> tuple[str, ...]:
    """The keys of the templates that ship with the product."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def parse(text: str) -> Template:
    """A checked template from its TOML text.

    Raises:
        BrokenTemplate: every fault found, each in a sentence.
    """
    raw = tomllib.loads(text)
    key = str(raw.get("key", "?"))
    try:
        template = Template(
            key=key,
            version=int(raw["version"]),
            title=str(raw["title"]),
            sized=bool(raw["sized"]),
            milestones=tuple(_milestone(entry) for entry in raw["milestone"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise BrokenTemplate(key, (f"It cannot be read: {fault!r}.",)) from fault
    found = faults(template)
    if found:
        raise BrokenTemplate(key, found)
    return template


def _milestone(raw: Mapping[str, Any]) -> Milestone:
    known = set(Milestone.__dataclass_fields__)
    unknown = set(raw) - known
    if unknown:
        raise ValueError(f"unknown entries {sorted(unknown)} in milestone {raw.get('key')}")
    values: dict[str, Any] = dict(raw)
    for name in ("acts", "approves", "releases"):
        values[name] = frozenset(Role(role) for role in raw.get(name, ()))
    for name in ("rests_on", "freezes"):
        values[name] = tuple(Facet(facet) for facet in raw.get(name, ()))
    for name in ("after", "evidence", "needs", "rework_to", "not_by_makers_of"):
        values[name] = tuple(str(entry) for entry in raw.get(name, ()))
    values["skip"] = Skippable(raw.get("skip", Skippable.NEVER))
    values["waits_for"] = Waits(raw.get("waits_for", Waits.SHOP))
    values["mark"] = Mark(raw["mark"]) if "mark" in raw else None
    half, most = raw.get("typical_days", (1, 2))
    values["typical_days"] = (Decimal(str(half)), Decimal(str(most)))
    return Milestone(**values)


def faults(template: Template) -> tuple[str, ...]:
    """What is wrong with a template, a sentence each; empty when nothing is."""
    found: list[str] = []
    seen = [milestone.key for milestone in template.milestones]
    found += [f"{key} is listed twice." for key in sorted({key for key in seen if seen.count(key) > 1})]
    unknown = [
        f"{milestone.key} names {other}, which is not in the template."
        for milestone in template.milestones
        for other in (*_named(milestone),)
        if other not in seen
    ]
    if found or unknown:
        return tuple(found + unknown)
    for milestone in template.milestones:
        if milestone.key in template.before(milestone.key):
            found.append(f"{milestone.key} comes after itself.")
    if found:
        return tuple(found)
    if sum(not milestone.after for milestone in template.milestones) != 1:
        found.append("Exactly one milestone must come first.")
    for milestone in template.milestones:
        found += _milestone_faults(template, milestone)
    return tuple(found)


def _named(milestone: Milestone) -> tuple[str, ...]:
    changes = (milestone.changes_to,) if milestone.changes_to else ()
    return (
        *milestone.after,
        *milestone.needs,
        *milestone.rework_to,
        *milestone.not_by_makers_of,
        *changes,
    )


def _milestone_faults(template: Template, milestone: Milestone) -> list[str]:
    key, before = milestone.key, template.before(milestone.key)
    found = []
    if not milestone.acts:
        found.append(f"Nobody may do {key}.")
    if not milestone.evidence:
        found.append(f"{key} could be called done without evidence.")
    if milestone.approves and milestone.releases:
        found.append(f"{key} is both approved and released; it must be one of them.")
    if (milestone.approves or milestone.releases) and not milestone.rests_on:
        found.append(f"What is said yes to at {key} is not named.")
    found += [
        f"{key} needs the approval of {other}, which nobody approves."
        for other in milestone.needs
        if not template[other].approves
    ]
    found += [
        f"{key} needs the approval of {other}, which does not come before it."
        for other in milestone.needs
        if other not in before and other != key
    ]
    found += [
        f"Rework from {key} may not lead on to {other}."
        for other in milestone.rework_to
        if other not in before and other != key
    ]
    if milestone.changes_to and milestone.changes_to not in before | {key}:
        found.append(f"Changes asked at {key} may not lead on to {milestone.changes_to}.")
    if milestone.irreversible:
        found += _guard_faults(template, milestone)
    return found


def _guard_faults(template: Template, milestone: Milestone) -> list[str]:
    key, found = milestone.key, []
    if not milestone.needs:
        found.append(f"{key} cannot be undone and needs no approval.")
    if milestone.money is None:
        found.append(f"{key} cannot be undone and needs no money.")
    if template.sized and not milestone.sized:
        found.append(f"{key} cannot be undone and does not ask for the size.")
    if release_of(template, key) is None:
        found.append(f"{key} cannot be undone and no second person releases it.")
    if milestone.approves:
        found.append(f"{key} cannot be undone, so what is approved must be a milestone before it.")
    return found


def release_of(template: Template, key: str) -> str | None:
    """The milestone at which a second person releases `key`: itself, or the one right before it."""
    milestone = template[key]
    if milestone.releases:
        return key
    for other in milestone.after:
        if template[other].releases and not template[other].irreversible:
            return other
    return None
