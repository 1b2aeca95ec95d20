"""What a change voids and what rework resets: the two ways by which something done becomes undone."""

from dataclasses import dataclass, replace
from types import MappingProxyType

from workflows.errors import OutOfOrder
from workflows.snapshot import Approval, MilestoneState, Released, Snapshot, Standing, Status, settled
from workflows.template import Facet


@dataclass(frozen=True, slots=True)
class Voided:
    """A yes or a release that no longer counts, and a milestone that has to be done again."""

    approvals: tuple[Approval, ...]
    releases: tuple[Released, ...]
    reopened: tuple[str, ...]


def put(piece: Snapshot, facet: Facet, digest: str | None) -> tuple[Snapshot, Voided]:
    """The piece with one side changed, and all that rested on the old one voided.

    Raises:
        OutOfOrder: work that cannot be undone has begun on it; rework comes first.
    """
    for milestone in piece.template.milestones:
        if facet in milestone.freezes and piece.begun(milestone.key):
            raise OutOfOrder(
                f"{milestone.title} has begun, so the {facet.value} can no longer change; "
                "send the piece back for rework first."
            )
    content = {key: value for key, value in piece.content.items() if key is not facet}
    if digest is not None:
        content[facet] = digest
    resting = {m.key for m in piece.template.milestones if facet in m.rests_on}
    past = _past(piece)
    reset = {
        key
        for key in resting
        if piece.status(key) in {Status.ACTIVE, Status.ASKED, Status.RELEASED, Status.DONE}
        and not (piece.template[key].irreversible and piece.begun(key))
        and (key not in past or piece.template[key].approves)
    }
    changed = replace(piece, content=MappingProxyType(content))
    return _void(changed, yes_at=resting, reset=reset)


def send_back(piece: Snapshot, to: str) -> tuple[Snapshot, Voided]:
    """The piece with a milestone, and the work behind it, to be done again.

    Work in the metal that cannot be undone stays done, unless the metal itself is made anew.
    """
    behind = piece.template.behind(to)
    anew = any(piece.template[key].makes_metal for key in behind | {to})
    reset = {to} | {
        key
        for key in behind
        if piece.status(key) not in {Status.WAITING, Status.OPEN, Status.SKIPPED}
        and (anew or not (piece.template[key].irreversible and piece.begun(key)))
    }
    return _void(replace(piece, failed_checks=()), yes_at=reset, reset=reset)


def _past(piece: Snapshot) -> frozenset[str]:
    """What lies before a step that cannot be undone and has begun."""
    found: set[str] = set()
    for milestone in piece.template.milestones:
        if milestone.irreversible and piece.begun(milestone.key):
            found |= piece.template.before(milestone.key)
    return frozenset(found)


def _void(piece: Snapshot, *, yes_at: set[str], reset: set[str]) -> tuple[Snapshot, Voided]:
    approvals = tuple(a for a in piece.approvals if a.milestone in yes_at and a.standing is Standing.LIVE)
    releases = tuple(r for r in piece.releases if r.milestone in yes_at and r.standing is Standing.LIVE)
    # an approval milestone that was done has to be asked again, even when it was not among the reset ones
    reset = reset | {a.milestone for a in approvals}
    states = tuple(_again(s) if s.key in reset else s for s in piece.states)
    after = replace(
        piece,
        states=states,
        approvals=tuple(replace(a, standing=Standing.SUPERSEDED) if a in approvals else a for a in piece.approvals),
        releases=tuple(replace(r, standing=Standing.SUPERSEDED) if r in releases else r for r in piece.releases),
    )
    reopened = tuple(s.key for s in piece.states if s.key in reset and s.status not in {Status.WAITING, Status.OPEN})
    return settled(after), Voided(approvals, releases, reopened)


def _again(state: MilestoneState) -> MilestoneState:
    return MilestoneState(key=state.key, status=Status.WAITING, rounds=state.rounds)
