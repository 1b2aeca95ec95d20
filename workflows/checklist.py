"""Which points of the final check this very piece needs, side by side for a pair, and which nobody has read yet."""

from dataclasses import dataclass

from workflows.milestone import Facet, Milestone, Skippable, Template
from workflows.quality import CHECK_POINTS, CheckPoint, Concerns, Judged
from workflows.snapshot import Snapshot, Status

POINTS = {point.key: point for point in CHECK_POINTS}
SIDES = ("left", "right")
AS_LISTED = frozenset({Concerns.EVERY, Concerns.SIZED, Concerns.PLATED, Concerns.JOINTED})


@dataclass(frozen=True, slots=True)
class Asked:
    """One reading that is asked for: a point, and of a pair which of the two it is taken on."""

    point: CheckPoint
    side: str = ""

    @property
    def key(self) -> str:
        """As a reading names it: "surface", or "surface, left"."""
        return f"{self.point.key}, {self.side}" if self.side else self.point.key

    @property
    def question(self) -> str:
        """What is looked at, in words."""
        return f"{self.point.question}, {self.side}" if self.side else self.point.question


def asked(piece: Snapshot, milestone: Milestone) -> tuple[Asked, ...]:
    """Every reading this piece needs at its final check, in the template's order."""
    concerns = _concerns(piece)
    points = [POINTS[key] for key in milestone.checks if POINTS[key].concerns in concerns]
    return tuple(Asked(point, side) for side in sides(piece.template) for point in points)


def unread(piece: Snapshot, milestone: Milestone) -> tuple[str, ...]:
    """The points that are asked for and have no reading in the last round."""
    return tuple(one.key for one in asked(piece, milestone) if one.key not in piece.read_checks)


def sides(template: Template) -> tuple[str, ...]:
    """The two of a pair; one nameless side of everything else."""
    return SIDES if template.quantity == len(SIDES) else ("",)


def point_of(key: str) -> CheckPoint | None:
    """The point a reading is about; None for one the house added of its own."""
    name, comma, side = key.partition(", ")
    return POINTS.get(name) if not comma or side in SIDES else None


def is_measured(point: CheckPoint) -> bool:
    """Whether a number is read, and not a person's yes or no."""
    return point.judged is not Judged.EYE


def _concerns(piece: Snapshot) -> frozenset[Concerns]:
    found = set(AS_LISTED)
    if piece.applies(Facet.STONES):
        found |= {Concerns.WITH_STONES, Concerns.WITH_CLAWS}
    if any(stone.centre for stone in piece.stones):
        found.add(Concerns.CENTRED)
    if any(stone.inscribed for stone in piece.stones):
        found.add(Concerns.INSCRIBED)
    if piece.applies(Facet.ENGRAVING):
        found.add(Concerns.ENGRAVED)
    marked = [one.key for one in piece.template.milestones if one.skip is Skippable.UNMARKED]
    if any(piece.status(key) is Status.DONE for key in marked):
        found.add(Concerns.HALLMARKED)
    return frozenset(found)
