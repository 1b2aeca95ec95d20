"""What a milestone of a kind of piece is and needs, and the template that lists them; plain data, no reading."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from workflows.errors import UnknownMilestone
from workflows.roles import Role
from workflows.sentences import sentence


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
    UNMARKED = "unmarked"  # only a piece that the law of the house's market lets go without a hallmark


class Waits(StrEnum):
    """Who is waited for while the milestone is open (its time is charged to them)."""

    CLIENT = "client"
    SHOP = "shop"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One milestone of a template.

    Attributes:
        evidence: what has to be put down before it can be done.
        only_with_stones: the part of the evidence that a piece without stones does not have.
        rests_on: what its result is about; an approval or release of it binds exactly these, and a change of one
            of them voids it.
        needs: milestones whose approval must be live before this one may begin; with any, all that comes before
            must be done as well, however far back it was reopened.
        freezes: what may no longer change once this one has begun, short of rework.
        checks: the points of the final check, by key; those about stones, marks or an engraving fall away where there
            are none.
        typical_days: working days in half of the cases, and in eight of ten.
    """

    key: str
    title: str
    after: tuple[str, ...]
    acts: frozenset[Role]
    evidence: tuple[str, ...]
    only_with_stones: tuple[str, ...] = ()
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
    hands_over: bool = False  # the piece leaves the house; what comes back is a new commission
    freezes: tuple[Facet, ...] = ()
    changes_to: str | None = None
    rework_to: tuple[str, ...] = ()
    not_by_makers_of: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    skip: Skippable = Skippable.NEVER
    mark: Mark | None = None
    column: str | None = None
    waits_for: Waits = Waits.SHOP
    typical_days: tuple[Decimal, Decimal] = (Decimal(1), Decimal(2))


@dataclass(frozen=True, slots=True)
class Template:
    """All milestones of one kind of piece, in the order they are shown.

    Attributes:
        sized: worn by size, so the size is confirmed before anything that cannot be undone.
        quantity: how many objects the piece is; a pair of earrings is one piece of two.
        size_tolerance_mm: how far a gauge may be off in inner diameter, where it is not the house's figure for rings.
    """

    key: str
    version: int
    title: str
    sized: bool
    milestones: tuple[Milestone, ...]
    quantity: int = 1
    size_tolerance_mm: Decimal | None = None
    _places: Mapping[str, Milestone] = field(init=False, repr=False, compare=False)
    _before: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)
    _behind: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        back = {milestone.key: milestone.after for milestone in self.milestones}
        onward = {key: tuple(other.key for other in self.milestones if key in other.after) for key in back}
        # every rule asks these on every step, so they are worked out once
        object.__setattr__(self, "_places", {milestone.key: milestone for milestone in self.milestones})
        object.__setattr__(self, "_before", {key: _closure(back[key], back) for key in back})
        object.__setattr__(self, "_behind", {key: _closure(onward[key], onward) for key in onward})

    def __getitem__(self, key: str) -> Milestone:
        return self._places[self._known(key)]

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def before(self, key: str) -> frozenset[str]:
        """Every milestone that must come before `key`, however far back."""
        return self._before[self._known(key)]

    def behind(self, key: str) -> frozenset[str]:
        """Every milestone that comes after `key`, however far on."""
        return self._behind[self._known(key)]

    def _known(self, key: str) -> str:
        if key not in self._places:
            raise UnknownMilestone(
                sentence("A %(title)s has no milestone %(key)s.", title=self.title.lower(), key=f"{key!r}")
            )
        return key


def release_of(template: Template, key: str) -> str | None:
    """The milestone at which a second person releases `key`: itself, or the one right before it."""
    milestone = template[key]
    if milestone.releases:
        return key
    for other in milestone.after:
        if template[other].releases and not template[other].irreversible:
            return other
    return None


def _closure(start: Iterable[str], edges: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    ahead = list(start)
    while ahead:
        here = ahead.pop()
        if here not in found:
            found.add(here)
            ahead.extend(edges.get(here, ()))  # a name the template does not have is told by `faults`
    return frozenset(found)
