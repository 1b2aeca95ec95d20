"""What a change voids and what rework resets: the two ways by which something done becomes undone."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from types import MappingProxyType

from workflows.errors import OutOfOrder
from workflows.milestone import Facet, Milestone, Skippable
from workflows.sentences import sentence, word
from workflows.snapshot import PASSED, Approval, MilestoneState, Released, Snapshot, Standing, Status, settled

STANDS = frozenset({Status.ACTIVE, Status.ASKED, Status.RELEASED, Status.DONE})


@dataclass(frozen=True, slots=True)
class Voided:
    """A yes or a release that no longer counts, and a milestone that has to be done again."""

    approvals: tuple[Approval, ...] = ()
    releases: tuple[Released, ...] = ()
    reopened: tuple[str, ...] = ()


def put(piece: Snapshot, facet: Facet, digest: str | None) -> tuple[Snapshot, Voided]:
    """The piece with one side changed, and all that rested on the old one voided.

    A milestone that was left out because the piece lacked that side is taken up again. Drawing under way stays
    under way, but its evidence was about the old content and goes.

    Raises:
        OutOfOrder: work that cannot be undone has begun on it, or the piece has left the house.
    """
    _unfrozen(piece, facet)
    after = _with_content(piece, facet, digest)
    resting = [milestone for milestone in piece.template.milestones if facet in milestone.rests_on]
    past = _before_the_metal(piece)
    again, emptied = set[str](), set[str]()
    for milestone in resting:
        state = piece.state(milestone.key)
        if _fixed(piece, milestone) or (milestone.key in past and not milestone.approves):
            continue
        if state.status is Status.SKIPPED:
            if _taken_up(after, milestone):
                again.add(milestone.key)
                # work in the metal that was left out comes before finishing that is done already
                again |= _standing_behind(piece, milestone.key) if milestone.irreversible else set()
        elif state.status in {Status.OPEN, Status.ACTIVE, Status.WAITING}:
            if state.evidence and facet in piece.content:
                emptied.add(milestone.key)
        else:
            again.add(milestone.key)
    return _void(piece, after, again=again, emptied=emptied)


def send_back(piece: Snapshot, to: str) -> tuple[Snapshot, Voided]:
    """The piece with a milestone, and the work behind it, to be done again.

    Work that cannot be undone stays done, unless it is the very work sent back to, or rests on what is to be done
    again there: a new drawing or pattern makes the metal anew, a new stone only the setting.
    """
    template, redone = piece.template, undone(piece, to)
    anew = {key for key in redone if template[key].makes_metal}
    anew |= {behind for key in anew for behind in template.behind(key)}
    metal = _begun_metal(piece) - redone
    again = {to} | redone | {key for key in anew if _stands(piece, key)}
    if any(to in template.before(key) for key in metal):
        for key in redone:
            again |= _standing_behind(piece, key)
        again |= {
            milestone.key
            for milestone in template.milestones
            if milestone.key in template.behind(to)
            and milestone.approves
            and _stands(piece, milestone.key)
            and set(milestone.rests_on) & set(template[to].rests_on)
        }
    else:
        again |= _standing_behind(piece, to)
    return _void(piece, replace(piece, failed_checks=()), again=again, emptied=set(), anew=anew)


def undone(piece: Snapshot, to: str) -> frozenset[str]:
    """The work that cannot be undone, has begun, and would be done again by sending the piece back to `to`."""
    ground = set(piece.template[to].rests_on)
    return frozenset(
        milestone.key
        for milestone in piece.template.milestones
        if _fixed(piece, milestone)
        and (milestone.key == to or (milestone.key in piece.template.behind(to) and ground & set(milestone.freezes)))
    )


def _unfrozen(piece: Snapshot, facet: Facet) -> None:
    gone = piece.handed_over()
    if gone is not None:
        raise OutOfOrder(
            sentence(
                "%(title)s has begun, so the %(facet)s can no longer change; what is wanted "
                "otherwise is a new commission.",
                title=gone.title,
                facet=word(facet.value),
            )
        )
    for milestone in piece.template.milestones:
        if facet in milestone.freezes and piece.begun(milestone.key):
            raise OutOfOrder(
                sentence(
                    "%(title)s has begun, so the %(facet)s can no longer change; send the piece back for rework first.",
                    title=milestone.title,
                    facet=word(facet.value),
                )
            )


def _with_content(piece: Snapshot, facet: Facet, digest: str | None) -> Snapshot:
    content = {key: value for key, value in piece.content.items() if key is not facet}
    if digest is not None:
        content[facet] = digest
    after = replace(piece, content=MappingProxyType(content))
    if facet is Facet.ENGRAVING:
        return replace(after, engraved=digest is not None)
    if facet is Facet.STONES and digest is None:
        return replace(after, stones=())
    if facet is Facet.SIZE and after.size is not None:
        return replace(after, size=replace(after.size, confirmed_by_client=False))
    if facet is Facet.DESIGN:
        return replace(after, findings=(), weight=None)  # they were about the drawing before
    return after


def _taken_up(after: Snapshot, milestone: Milestone) -> bool:
    if milestone.skip is Skippable.STONELESS:
        return after.applies(Facet.STONES)
    if milestone.skip is Skippable.UNENGRAVED:
        return after.applies(Facet.ENGRAVING)
    return True  # it was left out of what stood before, not of this


def _fixed(piece: Snapshot, milestone: Milestone) -> bool:
    return milestone.irreversible and piece.begun(milestone.key)


def _begun_metal(piece: Snapshot) -> frozenset[str]:
    return frozenset(m.key for m in piece.template.milestones if m.makes_metal and piece.begun(m.key))


def _before_the_metal(piece: Snapshot) -> frozenset[str]:
    return frozenset[str]().union(*(piece.template.before(key) for key in _begun_metal(piece)))


def _stands(piece: Snapshot, key: str) -> bool:
    state = piece.state(key)
    return state.status in STANDS or (state.status is not Status.SKIPPED and bool(state.evidence))


def _standing_behind(piece: Snapshot, key: str) -> set[str]:
    return {
        behind
        for behind in piece.template.behind(key)
        if _stands(piece, behind) and not _fixed(piece, piece.template[behind])
    }


def _void(
    before: Snapshot,
    after: Snapshot,
    *,
    again: AbstractSet[str],
    emptied: AbstractSet[str],
    anew: AbstractSet[str] = frozenset(),
) -> tuple[Snapshot, Voided]:
    def fallen(state: MilestoneState) -> MilestoneState:
        if state.key in again:
            return _again(state, anew=state.key in anew)
        return replace(state, evidence=frozenset()) if state.key in emptied else state

    after = settled(replace(after, states=tuple(fallen(state) for state in after.states)))
    dead_yes = tuple(a for a in after.approvals if a.standing is Standing.LIVE and not _covers(after, a))
    dead_release = tuple(r for r in after.releases if r.standing is Standing.LIVE and not _covers(after, r))
    after = replace(
        after,
        approvals=tuple(replace(a, standing=Standing.SUPERSEDED) if a in dead_yes else a for a in after.approvals),
        releases=tuple(replace(r, standing=Standing.SUPERSEDED) if r in dead_release else r for r in after.releases),
    )
    return after, Voided(dead_yes, dead_release, _reopened(before, after))


def _covers(piece: Snapshot, given: Approval | Released) -> bool:
    """Whether a yes or a release is still about what stands, at a milestone that still stands by it."""
    status = piece.status(given.milestone)
    if given.digest != piece.manifest(given.milestone):
        return False
    if isinstance(given, Approval):
        return status is Status.DONE
    return status in {Status.RELEASED, Status.ACTIVE, Status.DONE}


def _reopened(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """The milestones that lost something: that they were done, left out, asked for or begun, or their evidence."""
    lost = []
    for old, new in zip(before.states, after.states, strict=True):
        fell = old.status in STANDS | PASSED and new.status in {Status.WAITING, Status.OPEN}
        if fell or old.evidence - new.evidence:
            lost.append(old.key)
    return tuple(lost)


def _again(state: MilestoneState, *, anew: bool) -> MilestoneState:
    # what somebody did is still in the metal when another does it again, so their hands stay until it is made anew
    hands = frozenset[str]() if anew else state.hands
    return MilestoneState(key=state.key, status=Status.WAITING, rounds=state.rounds, hands=hands)
