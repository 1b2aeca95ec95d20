"""Pieces to try the rules on: a house with every role, a world in which nothing is wrong, and a way to the end."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

from workflows.actions import Action, Approve, AskRelease, Complete, HandIn, Record, Release, Skip, Start
from workflows.checklist import SIDES, Asked
from workflows.decide import Decision, decide
from workflows.errors import WorkflowError
from workflows.milestone import Facet, Milestone, Template
from workflows.quality import CHECK_POINTS
from workflows.roles import Actor, Role
from workflows.snapshot import (
    PASSED,
    Hold,
    House,
    Instalment,
    Size,
    Snapshot,
    Status,
    StoneState,
    begin,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAKER = {role: Actor(f"{role.value}-1", role) for role in Role}
OTHER = {role: Actor(f"{role.value}-2", role) for role in Role}
CLIENT = MAKER[Role.CLIENT]
OWNER = OTHER[Role.OWNER]
SIZE = Size(Decimal("16.51"), "mandrel", confirmed_by_client=True)
STONE = StoneState("S-1", Hold.LOCKED, in_hand=True)
READ = frozenset(Asked(point, side).key for point in CHECK_POINTS for side in ("", *SIDES))
PAID = (
    Instalment("deposit", 10_000, 10_000, "GBP"),
    Instalment("progress", 40_000, 40_000, "GBP"),
    Instalment("balance", 50_000, 50_000, "GBP"),
)


def sound(
    template: Template,
    *,
    stones: bool = True,
    engraved: bool = False,
    fixed_size: bool = False,
    house: House | None = None,
) -> Snapshot:
    """A piece at its beginning in a world where nothing is missing: paid, sized, stones in the safe, content put."""
    content = {facet: f"{facet.value}-1" for facet in Facet}
    if not stones:
        del content[Facet.STONES]
    if not engraved:
        del content[Facet.ENGRAVING]
    return replace(
        begin("OF-0412-A", template, house=house, fixed_size=fixed_size, engraved=engraved),
        content=MappingProxyType(content),
        plan=PAID,
        stones=(STONE,) if stones else (),
        size=SIZE if template.sized else None,
        read_checks=READ,
    )


def maker_of(milestone: Milestone) -> Actor:
    """Somebody whose work the milestone is; the final check is done by other hands."""
    people = OTHER if milestone.not_by_makers_of else MAKER
    order = (Role.BENCH, Role.DESIGNER, Role.OFFICE, Role.LEAD, Role.OWNER, Role.CLIENT)
    return next(people[role] for role in order if role in milestone.acts)


def take(piece: Snapshot, action: Action, actor: Actor, *, at: datetime = NOW) -> Snapshot:
    """The piece after a step that must be allowed."""
    return decide(piece, action, actor, at=at).after


def record_all(piece: Snapshot, key: str) -> Snapshot:
    """The piece with all the evidence of a milestone put down."""
    for name in piece.required(key):
        if name not in piece.state(key).evidence:
            piece = take(piece, Record(key, name), maker_of(piece.template[key]))
    return piece


def digest_of(piece: Snapshot, key: str) -> str:
    """What stands at a milestone, which must be complete."""
    digest = piece.manifest(key)
    assert digest is not None
    return digest


def onward(piece: Snapshot, key: str) -> Snapshot | None:
    """The piece one status further at a milestone by the ordinary way; None when it cannot move there."""
    milestone, status = piece.template[key], piece.status(key)
    actor = maker_of(milestone)
    try:
        if status is Status.ASKED and milestone.approves:
            return take(piece, Approve(key, digest_of(piece, key)), MAKER[min(milestone.approves)])
        if status is Status.ASKED:
            gauge = piece.size.diameter_mm if milestone.gauge and piece.size else None
            return take(piece, Release(key, digest_of(piece, key), gauge), OWNER)
        if status is Status.RELEASED:
            return take(piece, Start(key), actor)
        if status is Status.OPEN and milestone.skip.value in {"stoneless", "unengraved"}:
            skipped = attempt(piece, Skip(key, "the piece has none"), OWNER)
            if skipped is not None:
                return skipped
        if status is Status.OPEN and milestone.irreversible:
            return take(piece, AskRelease(key) if milestone.releases else Start(key), actor)
        if status not in {Status.OPEN, Status.ACTIVE}:
            return None
        piece = record_all(piece, key)
        if milestone.approves:
            return take(piece, HandIn(key), actor)
        if milestone.releases and not milestone.irreversible:
            return take(piece, AskRelease(key), actor)
        return take(piece, Complete(key), actor)
    except WorkflowError:
        return None


def attempt(piece: Snapshot, action: Action, actor: Actor) -> Snapshot | None:
    """The piece after a step, or None when the step is refused."""
    try:
        return take(piece, action, actor)
    except WorkflowError:
        return None


def walk(piece: Snapshot, until: Callable[[Snapshot], bool] = lambda _: False) -> Snapshot:
    """The piece moved on by the ordinary way until the condition holds or nothing moves any more."""
    while not until(piece):
        further = step(piece)
        if further is None:
            return piece
        piece = further
    return piece


def step(piece: Snapshot) -> Snapshot | None:
    """One ordinary step at the first milestone that can take one."""
    for milestone in piece.template.milestones:
        further = onward(piece, milestone.key)
        if further is not None:
            return further
    return None


def at(template: Template, key: str, status: Status, *, stones: bool = True, engraved: bool = False) -> Snapshot:
    """A piece that came by the ordinary way to where a milestone has a status."""
    piece = walk(sound(template, stones=stones, engraved=engraved), lambda p: p.status(key) is status)
    assert piece.status(key) is status, f"{key} never is {status.value}"
    return piece


def ended(piece: Snapshot) -> bool:
    """Whether nothing is left to do."""
    return all(state.status in PASSED for state in piece.states)


def refusal(piece: Snapshot, action: Action, actor: Actor, *, at: datetime = NOW) -> WorkflowError:
    """The refusal a step meets; fails when it is allowed."""
    try:
        decide(piece, action, actor, at=at)
    except WorkflowError as refused:
        return refused
    raise AssertionError(f"{action} by {actor.role.value} was allowed")


def kinds(decision: Decision) -> Iterable[tuple[str, str | None]]:
    """What a decision says happened, without the facts."""
    return [(occurrence.kind, occurrence.milestone) for occurrence in decision.occurrences]
