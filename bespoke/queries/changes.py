"""What changed from one shown revision to another: two pictures from the same side, and the figures that differ."""

from dataclasses import dataclass

from bespoke.models.design import Revision, RevisionPicture
from bespoke.queries.elevations import elevation_of
from bespoke.queries.look import Room, shown
from bespoke.queries.measures import TOLD_MM, Measure, beside, measures_of
from bespoke.queries.portal import DARK, PAPER, picture_of
from bespoke.storage.store import Store
from bespoke.templating.catalogue import _


@dataclass(frozen=True, slots=True)
class Compared:
    """Two revisions beside each other.

    Attributes:
        finding: the one change the page is headed by.
        measures: all figures, each with what it was in the earlier revision.
        others: every shown revision, to compare others.
    """

    earlier: Revision
    later: Revision
    before: RevisionPicture | None
    after: RevisionPicture | None
    finding: str
    measures: tuple[Measure, ...]
    others: tuple[Revision, ...]

    @property
    def from_one_place(self) -> bool:
        """Whether both pictures were taken from one place, so that what moves between them has moved."""
        if self.before is None or self.after is None:
            return False
        return self.before.frame is not None and self.before.frame == self.after.frame


def compare(room: Room, number: int, store: Store) -> Compared:
    """The revision of a room beside the one of that number.

    Raises:
        NotFound: that one has not been shown.
    """
    other = shown(room.piece, number)
    earlier, later = sorted((room.revision, other), key=lambda one: one.number)
    then = measures_of(earlier, elevation_of(earlier, store))
    measures = beside(measures_of(later, elevation_of(later, store)), then)
    pairs = [(picture_of(earlier, ground), picture_of(later, ground)) for ground in (DARK, PAPER)]
    before, after = next((pair for pair in pairs if all(pair)), pairs[-1])
    return Compared(
        earlier,
        later,
        before,
        after,
        _finding(measures, earlier, later),
        measures,
        tuple(one for one in room.piece.revisions if one.published_at is not None),
    )


def _finding(measures: tuple[Measure, ...], earlier: Revision, later: Revision) -> str:
    """The first difference a wearer would feel, in words."""
    deltas = {one.key: one.delta for one in measures if one.delta is not None}
    head, bore = deltas.get("head"), deltas.get("bore")
    if head is not None and abs(head) >= TOLD_MM:
        amount = f"{abs(head):.2f}".rstrip("0").rstrip(".")
        if head < 0:
            return _("The stone comes down %(mm)s mm", mm=amount)
        return _("The stone goes up %(mm)s mm", mm=amount)
    if bore is not None and abs(bore) >= TOLD_MM:
        return _("The size inside changes by %(mm)s mm", mm=f"{bore:+.2f}".replace("-", "−"))
    if earlier.digest == later.digest:
        return _("The same drawing, shown again")
    if any(one.changed for one in measures):
        return _("Revision %(new)s beside revision %(old)s", new=later.number, old=earlier.number)
    return _("Nothing that we measure has changed")
