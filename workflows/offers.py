"""What can be done with a piece now, and why not what cannot: buttons and API are drawn from this."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache

from workflows.actions import (
    Action,
    Approve,
    AskChanges,
    AskRelease,
    Cancel,
    Change,
    Complete,
    HandIn,
    Override,
    Pause,
    Record,
    Release,
    Resume,
    SendBack,
    Skip,
    Start,
    Withdraw,
)
from workflows.decide import CHANGERS, LEADS, OFFICE, decide
from workflows.errors import WorkflowError
from workflows.milestone import Facet, Milestone, Skippable
from workflows.roles import Actor, Role, may
from workflows.snapshot import Course, Snapshot, Status

WORDS = "…"  # stands for what the person still has to write
NEW = "0" * 64  # stands for the digest of content that is still to be put in


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing this person may do now, or would if `reason` were seen to.

    Attributes:
        name: the action's name as in routes and the API: "ask_release".
        milestone: where; None when it is about the whole piece.
        subject: of what, where one milestone offers several: the evidence, where to send it back, the side to
            change, the block.
        asks: what the person still has to say: "reason", "note", "cause", "cost_bearer", "gauge_mm", "digest".
        action: ready for `decide`, with fitting words in the place of what `asks` names.
        reason: why it is refused now, as `decide` would say it; None when it is not.
    """

    name: str
    milestone: str | None
    subject: str | None
    asks: tuple[str, ...]
    action: Action
    reason: str | None


def offers(piece: Snapshot, actor: Actor, *, at: datetime, only: str | None = None) -> tuple[Offer, ...]:
    """Everything the actor may do with the piece now, in the template's order, the whole piece last.

    What is another role's, or out of the question where the piece stands, is not offered at all.

    Args:
        only: the one kind asked about, by its name; nothing else is weighed then.
    """
    if piece.course is Course.CANCELLED or actor.role in {Role.READER, Role.SYSTEM}:
        return ()
    found = []
    for action, subject, asks in _candidates(piece, actor):
        if only is not None and name_of(action) != only:
            continue
        found.append(
            Offer(
                name=name_of(action),
                milestone=getattr(action, "milestone", None),
                subject=subject,
                asks=asks,
                action=action,
                reason=reason_against(piece, action, actor, at=at),
            )
        )
    return tuple(found)


def reason_against(piece: Snapshot, action: Action, actor: Actor, *, at: datetime) -> str | None:
    """Why `decide` refuses the action now, in its own words; None when it does not."""
    try:
        decide(piece, action, actor, at=at)
    except WorkflowError as refusal:
        return str(refusal)
    return None


def name_of(action: Action) -> str:
    """The action's name as in routes and the API: AskRelease is "ask_release"."""
    return _spelt(type(action).__name__)


@cache
def _spelt(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


Candidate = tuple[Action, str | None, tuple[str, ...]]


def _candidates(piece: Snapshot, actor: Actor) -> Iterator[Candidate]:
    if piece.course is Course.LIVE:
        for milestone in piece.template.milestones:
            yield from _of_maker(piece, milestone, actor)
            yield from _of_consent(piece, milestone, actor)
            yield from _of_lead(piece, milestone, actor)
        yield from _of_piece(piece, actor)
    if actor.role in OFFICE:
        yield (Pause(WORDS), None, ("reason",)) if piece.course is Course.LIVE else (Resume(), None, ())
        yield Cancel(WORDS), None, ("reason",)


def _of_maker(piece: Snapshot, milestone: Milestone, actor: Actor) -> Iterator[Candidate]:
    if not may(actor, milestone.acts):
        return
    key, state = milestone.key, piece.state(milestone.key)
    gives = bool(milestone.releases) and not milestone.irreversible
    open_now = state.status is Status.OPEN
    ready = state.status in {Status.OPEN, Status.ACTIVE}
    if state.status is (Status.RELEASED if milestone.releases else Status.OPEN) and not gives:
        yield Start(key), None, ()
    if state.status is Status.ACTIVE or (open_now and not milestone.irreversible):
        for name in milestone.evidence:
            yield Record(key, name), name, ()
    if ready and milestone.approves:
        yield HandIn(key), None, ()
    if milestone.releases and (open_now or _lapsed(piece, milestone)):
        yield AskRelease(key), None, ()
    completed = state.status is Status.ACTIVE or (open_now and not milestone.irreversible)
    if completed and not milestone.approves and not gives:
        yield Complete(key), None, ()


def _of_consent(piece: Snapshot, milestone: Milestone, actor: Actor) -> Iterator[Candidate]:
    key, status = milestone.key, piece.status(milestone.key)
    if status is Status.ASKED and milestone.approves:
        digest = piece.manifest(key) or NEW
        counter = actor.role not in milestone.approves
        if actor.role in milestone.approves or actor.role in OFFICE:
            yield Approve(key, digest, at_counter=counter), None, ()
            yield AskChanges(key, WORDS), None, ("note",)
    if status is Status.ASKED and milestone.releases and may(actor, milestone.releases):
        reads = milestone.gauge and piece.template.sized and piece.size is not None
        gauge: Decimal | None = piece.size.diameter_mm if reads and piece.size is not None else None
        yield Release(key, piece.manifest(key) or NEW, gauge), None, ("gauge_mm",) if reads else ()
    mine = may(actor, milestone.acts - {Role.SYSTEM} | milestone.releases | LEADS)
    unused = milestone.releases and status in {Status.RELEASED, Status.DONE} and not piece.used(key)
    if mine and (status is Status.ASKED or unused):
        yield Withdraw(key, WORDS), None, ("reason",)


def _of_lead(piece: Snapshot, milestone: Milestone, actor: Actor) -> Iterator[Candidate]:
    key, status = milestone.key, piece.status(milestone.key)
    house = milestone.acts - {Role.CLIENT, Role.SYSTEM} | LEADS
    if may(actor, house) and status not in {Status.WAITING, Status.SKIPPED}:
        for to in milestone.rework_to:
            if piece.status(to) is not Status.SKIPPED:
                yield SendBack(key, to, WORDS, WORDS), to, ("cause", "cost_bearer")
    if status is Status.OPEN and milestone.skip is not Skippable.NEVER and may(actor, house | OFFICE):
        yield Skip(key, WORDS), None, ("reason",)


def _of_piece(piece: Snapshot, actor: Actor) -> Iterator[Candidate]:
    used = {facet for milestone in piece.template.milestones for facet in milestone.rests_on}
    for facet in Facet:
        if facet in used and may(actor, CHANGERS[facet]):
            yield Change(facet, NEW), facet.value, ("digest",)
    if actor.role in LEADS:
        open_blocks = [finding.code for finding in piece.findings if not finding.answered]
        for code in dict.fromkeys((*open_blocks, *piece.failed_checks)):
            yield Override(code, WORDS), code, ("reason",)


def _lapsed(piece: Snapshot, milestone: Milestone) -> bool:
    given = piece.status(milestone.key) in {Status.RELEASED, Status.DONE}
    return given and not piece.used(milestone.key) and not piece.release_holds(milestone.key)


def filled(offer: Offer, **said: str | Decimal) -> Action:
    """The offer's action with what the person said in the place of what it `asks`.

    Raises:
        ValueError: something it asks was not said, or something was said that it does not ask.
    """
    if set(said) != set(offer.asks):
        raise ValueError(f"{offer.name} asks for {', '.join(offer.asks) or 'nothing'}.")
    return replace(offer.action, **said)  # type: ignore[arg-type]
