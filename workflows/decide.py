"""One table of actions, one pure function: the next state of a piece, or the reason why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from workflows import gates
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
)
from workflows.changes import Voided, put, send_back
from workflows.errors import GateClosed, NotAllowed, OutOfOrder, Stale
from workflows.roles import Actor, Role, may
from workflows.snapshot import (
    Approval,
    Course,
    Finding,
    MilestoneState,
    Released,
    Snapshot,
    Status,
    settled,
)
from workflows.template import Facet, Milestone, Skippable

OFFICE = frozenset({Role.OFFICE, Role.OWNER})
LEADS = frozenset({Role.LEAD, Role.OWNER})
WORKSHOP = frozenset({Role.BENCH, Role.LEAD, Role.OWNER})
CHANGERS: Mapping[Facet, frozenset[Role]] = MappingProxyType(
    {
        Facet.BRIEF: frozenset({Role.CLIENT, Role.DESIGNER, Role.OFFICE}),
        Facet.SKETCH: frozenset({Role.CLIENT, Role.DESIGNER}),
        Facet.STONES: frozenset({Role.CLIENT, Role.DESIGNER, Role.OFFICE, Role.BENCH, Role.LEAD}),
        Facet.QUOTE: frozenset({Role.OFFICE}),
        Facet.TERMS: frozenset({Role.OFFICE}),
        Facet.DESIGN: frozenset({Role.DESIGNER}),
        Facet.ALLOY: frozenset({Role.CLIENT, Role.DESIGNER, Role.OFFICE}),
        Facet.SIZE: frozenset({Role.CLIENT, Role.DESIGNER, Role.OFFICE}),
        Facet.ENGRAVING: frozenset({Role.CLIENT, Role.DESIGNER, Role.OFFICE}),
        Facet.DELIVERY: frozenset({Role.CLIENT, Role.OFFICE}),
    }
)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened, in the past tense, for the history."""

    kind: str
    milestone: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The piece after the step, and what is to be written down."""

    after: Snapshot
    occurrences: tuple[Occurrence, ...]


def decide(piece: Snapshot, action: Action, actor: Actor, *, at: datetime) -> Decision:
    """The next state of a piece.

    Args:
        piece: as it is now.
        action: what is asked for.
        actor: by whom; the same person has the same id in every role.
        at: the moment, aware.

    Raises:
        NotAllowed: the role, or this person, may not.
        OutOfOrder: the milestone is not in a state for it.
        Stale: a yes to something that no longer stands.
        GateClosed: money, size, stones, approvals or release are missing; each reason named.
    """
    if piece.course is Course.CANCELLED:
        raise OutOfOrder(f"{piece.reference} was cancelled; nothing more can be done on it.")
    if piece.course is Course.PAUSED and not isinstance(action, Resume | Cancel):
        raise OutOfOrder(f"{piece.reference} is paused; resume it first.")
    handler = HANDLERS[type(action)]
    return handler(piece, action, actor, at)


def _start(piece: Snapshot, action: Start, actor: Actor, at: datetime) -> Decision:
    milestone, state = _milestone(piece, action.milestone, actor)
    _at(milestone, state, {Status.RELEASED} if _releases_itself(milestone) else {Status.OPEN}, "be started")
    if milestone.releases and not milestone.irreversible:
        raise OutOfOrder(f"{milestone.title} is not started; it is asked for and released.")
    _open(piece, milestone, (*gates.BEFORE_WORK, gates.released))
    begun = replace(state, status=Status.ACTIVE, done_by=actor.id)
    return _decision(piece.with_state(begun), Occurrence("milestone_started", milestone.key))


def _record(piece: Snapshot, action: Record, actor: Actor, at: datetime) -> Decision:
    milestone, state = _milestone(piece, action.milestone, actor)
    if action.evidence not in milestone.evidence:
        asked = ", ".join(milestone.evidence)
        raise OutOfOrder(f"{milestone.title} asks for {asked}, not for {action.evidence}.")
    if milestone.irreversible:
        _at(milestone, state, {Status.ACTIVE}, "have evidence recorded")
    _at(milestone, state, {Status.OPEN, Status.ACTIVE}, "have evidence recorded")
    recorded = replace(state, evidence=state.evidence | {action.evidence})
    return _decision(
        piece.with_state(recorded),
        Occurrence("evidence_recorded", milestone.key, {"evidence": action.evidence}),
    )


def _hand_in(piece: Snapshot, action: HandIn, actor: Actor, at: datetime) -> Decision:
    milestone, state = _milestone(piece, action.milestone, actor)
    if not milestone.approves:
        raise OutOfOrder(f"{milestone.title} is not approved by anybody; complete it instead.")
    _at(milestone, state, {Status.OPEN, Status.ACTIVE}, "be handed in")
    _evidence(milestone, state)
    _open(piece, milestone, gates.BEFORE_YES)
    digest = piece.manifest(milestone.key)
    if digest is None:
        raise GateClosed((f"There is nothing yet to say yes to at {milestone.title.lower()}.",))
    asked = replace(
        state, status=Status.ASKED, asked_by=actor.id, asked_at=at, done_by=actor.id, rounds=state.rounds + 1
    )
    return _decision(
        piece.with_state(asked),
        Occurrence("handed_in", milestone.key, {"digest": digest, "round": asked.rounds}),
    )


def _approve(piece: Snapshot, action: Approve, actor: Actor, at: datetime) -> Decision:
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not milestone.approves:
        raise OutOfOrder(f"{milestone.title} is not something to approve.")
    counter = action.at_counter and actor.role in OFFICE
    if not counter and actor.role not in milestone.approves:
        raise NotAllowed(f"Only the {_roles(milestone.approves)} may approve the {milestone.title.lower()}.")
    current = piece.manifest(milestone.key)
    if state.status is Status.DONE and piece.approved(milestone.key):
        raise OutOfOrder(f"The {milestone.title.lower()} is approved already.")
    if action.digest != current:
        raise Stale(
            f"What you looked at has been replaced meanwhile; look at the {milestone.title.lower()} again.",
            current=current,
        )
    _at(milestone, state, {Status.ASKED}, "be approved")
    _open(piece, milestone, gates.BEFORE_YES)
    after = replace(
        piece.with_state(replace(state, status=Status.DONE)),
        approvals=(*piece.approvals, Approval(milestone.key, action.digest, actor.id)),
    )
    facts = {"digest": action.digest, "at_counter": counter}
    return _decision(after, Occurrence("approved", milestone.key, facts))


def _ask_changes(piece: Snapshot, action: AskChanges, actor: Actor, at: datetime) -> Decision:
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not milestone.approves:
        raise OutOfOrder(f"{milestone.title} is not something to ask changes of.")
    if actor.role not in milestone.approves | OFFICE:
        raise NotAllowed(f"Only the {_roles(milestone.approves)} may ask for changes.")
    if not action.note.strip():
        raise OutOfOrder("Say in a few words what should be different.")
    _at(milestone, state, {Status.ASKED}, "have changes asked")
    after = piece.with_state(replace(state, status=Status.OPEN, asked_by=None, asked_at=None))
    voided = Voided((), (), ())
    if milestone.changes_to and milestone.changes_to != milestone.key:
        after, voided = send_back(after, milestone.changes_to)
    facts = {"note": action.note, "round": state.rounds}
    return _decision(after, Occurrence("changes_asked", milestone.key, facts), voided=voided)


def _complete(piece: Snapshot, action: Complete, actor: Actor, at: datetime) -> Decision:
    milestone, state = _milestone(piece, action.milestone, actor)
    if milestone.approves:
        raise OutOfOrder(f"{milestone.title} is done when the {_roles(milestone.approves)} approves it.")
    if milestone.releases and not milestone.irreversible:
        raise OutOfOrder(f"{milestone.title} is done when a second person releases it.")
    ready = {Status.ACTIVE} if milestone.irreversible else {Status.OPEN, Status.ACTIVE}
    _at(milestone, state, ready, "be completed")
    _evidence(milestone, state)
    _open(piece, milestone, (*gates.BEFORE_DONE, gates.released))
    _other_hands(piece, milestone, actor)
    maker = state.done_by if state.status is Status.ACTIVE and state.done_by else actor.id
    done = replace(state, status=Status.DONE, done_by=maker)
    return _decision(piece.with_state(done), Occurrence("milestone_done", milestone.key))


def _ask_release(piece: Snapshot, action: AskRelease, actor: Actor, at: datetime) -> Decision:
    milestone, state = _milestone(piece, action.milestone, actor)
    if not milestone.releases:
        raise OutOfOrder(f"{milestone.title} needs no release.")
    _at(milestone, state, {Status.OPEN}, "be asked for release")
    if not milestone.irreversible:
        _evidence(milestone, state)
    _open(piece, milestone, (*gates.BEFORE_WORK, gates.report_answered, gates.within_quote))
    asked = replace(state, status=Status.ASKED, asked_by=actor.id, asked_at=at)
    return _decision(piece.with_state(asked), Occurrence("release_asked", milestone.key))


def _release(piece: Snapshot, action: Release, actor: Actor, at: datetime) -> Decision:
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not milestone.releases:
        raise OutOfOrder(f"{milestone.title} needs no release.")
    if not may(actor, milestone.releases):
        raise NotAllowed(f"Only the {_roles(milestone.releases)} may release {milestone.title.lower()}.")
    _at(milestone, state, {Status.ASKED}, "be released")
    current = piece.manifest(milestone.key)
    if action.digest != current:
        raise Stale("What was to be released has been replaced meanwhile; look at it again.", current=current)
    _second_person(piece, milestone, state, actor, at)
    _gauge(piece, milestone, action)
    _open(piece, milestone, (*gates.BEFORE_WORK, gates.report_answered, gates.within_quote))
    status = Status.RELEASED if milestone.irreversible else Status.DONE
    record = Released(milestone.key, action.digest, state.asked_by or "", actor.id, action.gauge_mm)
    after = replace(piece.with_state(replace(state, status=status)), releases=(*piece.releases, record))
    facts = {
        "digest": action.digest,
        "asked_by": record.asked_by,
        "gauge_mm": None if action.gauge_mm is None else str(action.gauge_mm),
        "sole_maker": record.asked_by == actor.id,
    }
    return _decision(after, Occurrence("released", milestone.key, facts))


def _send_back(piece: Snapshot, action: SendBack, actor: Actor, at: datetime) -> Decision:
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not may(actor, milestone.acts | LEADS):
        raise NotAllowed(f"Only the {_roles(milestone.acts)} or the workshop lead may send this back.")
    if action.to not in milestone.rework_to:
        ways = ", ".join(piece.template[key].title.lower() for key in milestone.rework_to) or "nowhere"
        raise OutOfOrder(f"From {milestone.title.lower()} a piece can go back to: {ways}.")
    if not action.cause.strip() or not action.cost_bearer.strip():
        raise OutOfOrder("Rework needs its cause and who bears the cost.")
    if state.status is Status.WAITING:
        raise OutOfOrder(f"{milestone.title} has not been reached, so nothing can be sent back from it.")
    if piece.status(action.to) is Status.SKIPPED:
        raise OutOfOrder(f"{piece.template[action.to].title} was left out of this piece.")
    after, voided = send_back(piece, action.to)
    facts = {"to": action.to, "cause": action.cause, "cost_bearer": action.cost_bearer}
    after = replace(after, reworks=piece.reworks + 1)
    return _decision(after, Occurrence("sent_back", milestone.key, facts), voided=voided)


def _skip(piece: Snapshot, action: Skip, actor: Actor, at: datetime) -> Decision:
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not may(actor, (milestone.acts - {Role.CLIENT}) | OFFICE | LEADS):
        raise NotAllowed(f"Only the house may leave out {milestone.title.lower()}.")
    if milestone.skip is Skippable.NEVER:
        raise OutOfOrder(f"{milestone.title} is never left out.")
    if milestone.skip is Skippable.STONELESS and piece.stones:
        raise OutOfOrder(f"{milestone.title} is left out only of a piece without stones; this one has them.")
    if milestone.skip is Skippable.UNENGRAVED and piece.engraved:
        raise OutOfOrder(f"{milestone.title} is left out only of a piece without an engraving.")
    if not action.reason.strip():
        raise OutOfOrder("Say why it is left out.")
    _at(milestone, state, {Status.OPEN}, "be left out")
    after = piece.with_state(replace(state, status=Status.SKIPPED))
    return _decision(after, Occurrence("milestone_skipped", milestone.key, {"reason": action.reason}))


def _change(piece: Snapshot, action: Change, actor: Actor, at: datetime) -> Decision:
    if not may(actor, CHANGERS[action.facet]):
        raise NotAllowed(f"Only the {_roles(CHANGERS[action.facet])} may change the {action.facet.value}.")
    if action.digest == piece.content.get(action.facet):
        return Decision(piece, ())
    after, voided = put(piece, action.facet, action.digest)
    facts = {"facet": action.facet.value, "digest": action.digest}
    return _decision(after, Occurrence("content_changed", None, facts), voided=voided)


def _override(piece: Snapshot, action: Override, actor: Actor, at: datetime) -> Decision:
    if actor.role not in LEADS:
        raise NotAllowed("Only the workshop lead or the owner may override a block.")
    if not action.reason.strip():
        raise OutOfOrder("An override needs its reason.")
    if not any(finding.code == action.code and not finding.answered for finding in piece.findings):
        raise OutOfOrder(f"There is no open block {action.code!r} in the report.")
    findings = tuple(Finding(f.code, f.message, answered=True) if f.code == action.code else f for f in piece.findings)
    facts = {"code": action.code, "reason": action.reason}
    return _decision(replace(piece, findings=findings), Occurrence("block_overridden", None, facts))


def _pause(piece: Snapshot, action: Pause, actor: Actor, at: datetime) -> Decision:
    _office(actor, "pause")
    _reason(action.reason)
    return _decision(replace(piece, course=Course.PAUSED), Occurrence("paused", None, {"reason": action.reason}))


def _resume(piece: Snapshot, action: Resume, actor: Actor, at: datetime) -> Decision:
    _office(actor, "resume")
    if piece.course is not Course.PAUSED:
        raise OutOfOrder(f"{piece.reference} is not paused.")
    return _decision(replace(piece, course=Course.LIVE), Occurrence("resumed"))


def _cancel(piece: Snapshot, action: Cancel, actor: Actor, at: datetime) -> Decision:
    _office(actor, "cancel")
    _reason(action.reason)
    if "delivery" in piece.template and piece.status("delivery") is Status.DONE:
        raise OutOfOrder(f"{piece.reference} has been delivered; a return is what fits now.")
    return _decision(replace(piece, course=Course.CANCELLED), Occurrence("cancelled", None, {"reason": action.reason}))


HANDLERS: Mapping[type, Callable[[Snapshot, Any, Actor, datetime], Decision]] = MappingProxyType(
    {
        Start: _start,
        Record: _record,
        HandIn: _hand_in,
        Approve: _approve,
        AskChanges: _ask_changes,
        Complete: _complete,
        AskRelease: _ask_release,
        Release: _release,
        SendBack: _send_back,
        Skip: _skip,
        Change: _change,
        Override: _override,
        Pause: _pause,
        Resume: _resume,
        Cancel: _cancel,
    }
)


def _decision(after: Snapshot, *occurrences: Occurrence, voided: Voided | None = None) -> Decision:
    consequences = () if voided is None else tuple(_consequences(voided))
    return Decision(settled(after), (*occurrences, *consequences))


def _consequences(voided: Voided) -> list[Occurrence]:
    return [
        *(Occurrence("approval_superseded", a.milestone, {"digest": a.digest}) for a in voided.approvals),
        *(Occurrence("release_voided", r.milestone, {"digest": r.digest}) for r in voided.releases),
        *(Occurrence("milestone_reopened", key) for key in voided.reopened),
    ]


def _milestone(piece: Snapshot, key: str, actor: Actor) -> tuple[Milestone, MilestoneState]:
    milestone = piece.template[key]
    if not may(actor, milestone.acts):
        raise NotAllowed(f"{milestone.title} is for the {_roles(milestone.acts)}.")
    return milestone, piece.state(key)


def _at(milestone: Milestone, state: MilestoneState, allowed: set[Status], verb: str) -> None:
    if state.status not in allowed:
        raise OutOfOrder(f"{milestone.title} is {state.status.value} and cannot {verb} now.")


def _evidence(milestone: Milestone, state: MilestoneState) -> None:
    missing = [name.replace("_", " ") for name in milestone.evidence if name not in state.evidence]
    if missing:
        raise GateClosed((f"{milestone.title} still needs: {', '.join(missing)}.",))


def _open(piece: Snapshot, milestone: Milestone, needed: tuple[gates.Gate, ...]) -> None:
    reasons = gates.closed(piece, milestone, needed)
    if reasons:
        raise GateClosed(reasons)


def _releases_itself(milestone: Milestone) -> bool:
    return bool(milestone.releases) and milestone.irreversible


def _second_person(piece: Snapshot, milestone: Milestone, state: MilestoneState, actor: Actor, at: datetime) -> None:
    if actor.id != state.asked_by:
        return
    if not piece.house.sole_maker:
        raise NotAllowed(f"{milestone.title} cannot be undone: somebody other than the person who asked releases it.")
    wait = timedelta(hours=piece.house.reconfirm_after_hours)
    if state.asked_at is None or at < state.asked_at + wait:
        raise NotAllowed(
            f"A sole maker confirms a release a second time, {piece.house.reconfirm_after_hours} hours after asking."
        )


def _gauge(piece: Snapshot, milestone: Milestone, action: Release) -> None:
    if not (milestone.gauge and piece.template.sized and piece.size is not None):
        return
    if action.gauge_mm is None:
        raise GateClosed(("Read the size from the gauge before you release the piece.",))
    off = abs(action.gauge_mm - piece.size.diameter_mm)
    if off > piece.house.size_tolerance_mm:
        raise GateClosed(
            (
                f"The gauge reads {action.gauge_mm} mm, the order says {piece.size.diameter_mm} mm; "
                "measure again, or correct the order with the client.",
            )
        )


def _other_hands(piece: Snapshot, milestone: Milestone, actor: Actor) -> None:
    for key in milestone.not_by_makers_of:
        if piece.state(key).done_by == actor.id and not piece.house.sole_maker:
            raise NotAllowed(
                f"{milestone.title} is done by somebody who did not make the piece; "
                f"you did the {piece.template[key].title.lower()}."
            )


def _office(actor: Actor, verb: str) -> None:
    if actor.role not in OFFICE:
        raise NotAllowed(f"Only the office may {verb} a commission.")


def _reason(reason: str) -> None:
    if not reason.strip():
        raise OutOfOrder("Say why, so that it can be read later.")


def _roles(roles: frozenset[Role]) -> str:
    names = sorted(role.value for role in roles if role is not Role.SYSTEM)
    return " or ".join(names)
