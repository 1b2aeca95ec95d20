"""The steps of whoever makes: begin, record, complete, leave out, send back for rework."""

from dataclasses import replace
from datetime import datetime

from workflows import gates
from workflows.actions import Complete, Record, SendBack, Skip, Start
from workflows.changes import send_back, undone
from workflows.errors import NotAllowed, OutOfOrder
from workflows.hallmarks import demanded
from workflows.milestone import Facet, Skippable
from workflows.outcome import (
    Decision,
    Occurrence,
    decided,
    require_evidence,
    require_maker,
    require_open,
    require_status,
    require_words,
)
from workflows.roles import Actor, Role, may, spoken
from workflows.snapshot import MilestoneState, Snapshot, Status

OFFICE = frozenset({Role.OFFICE, Role.OWNER})
LEADS = frozenset({Role.LEAD, Role.OWNER})
OPEN = frozenset({Status.OPEN})
ACTIVE = frozenset({Status.ACTIVE})
RELEASED = frozenset({Status.RELEASED})


def start(piece: Snapshot, action: Start, actor: Actor, at: datetime) -> Decision:
    """Work on a milestone begins; what cannot be undone begins only through all of its gates."""
    milestone, state = require_maker(piece, action.milestone, actor)
    if milestone.releases and not milestone.irreversible:
        raise OutOfOrder(f"{milestone.title} is not begun; a second person is asked for it and gives it.")
    if milestone.releases and state.status is Status.OPEN:
        raise OutOfOrder(f"{milestone.title} has not been released; ask a second person to release it first.")
    require_status(piece, milestone.key, RELEASED if milestone.releases else OPEN, "begun")
    require_open(piece, milestone, gates.BEFORE_IRREVERSIBLE if milestone.irreversible else gates.BEFORE_WORK)
    begun = replace(_touched(state, actor), status=Status.ACTIVE, done_by=actor.id)
    return decided(piece.with_state(begun), Occurrence("milestone_started", milestone.key))


def record(piece: Snapshot, action: Record, actor: Actor, at: datetime) -> Decision:
    """A piece of evidence is put down."""
    milestone, state = require_maker(piece, action.milestone, actor)
    if action.evidence not in milestone.evidence:
        asked = ", ".join(name.replace("_", " ") for name in milestone.evidence)
        raise OutOfOrder(f"{milestone.title} asks for {asked}, not for {action.evidence.replace('_', ' ')}.")
    if milestone.irreversible and state.status in {Status.OPEN, Status.RELEASED}:
        raise OutOfOrder(f"{milestone.title} has not begun, so there is no evidence of it yet; begin it first.")
    require_status(piece, milestone.key, ACTIVE if milestone.irreversible else OPEN | ACTIVE, "worked on")
    recorded = replace(_touched(state, actor), evidence=state.evidence | {action.evidence})
    return decided(
        piece.with_state(recorded),
        Occurrence("evidence_recorded", milestone.key, {"evidence": action.evidence}),
    )


def complete(piece: Snapshot, action: Complete, actor: Actor, at: datetime) -> Decision:
    """A milestone that nobody approves is done."""
    milestone, state = require_maker(piece, action.milestone, actor)
    if milestone.approves:
        raise OutOfOrder(f"{milestone.title} is done when {spoken(milestone.approves)} says yes; hand it in instead.")
    if milestone.releases and not milestone.irreversible:
        raise OutOfOrder(f"{milestone.title} is done when a second person gives it; ask for that instead.")
    if milestone.irreversible and state.status in {Status.OPEN, Status.RELEASED}:
        raise OutOfOrder(f"{milestone.title} has not begun, so it cannot be completed; begin it first.")
    require_status(piece, milestone.key, ACTIVE if milestone.irreversible else OPEN | ACTIVE, "completed")
    require_evidence(piece, milestone.key)
    require_open(piece, milestone, gates.AFTER_THE_FACT if milestone.irreversible else gates.BEFORE_DONE)
    maker = state.done_by if state.status is Status.ACTIVE and state.done_by else actor.id
    done = replace(_touched(state, actor), status=Status.DONE, done_by=maker)
    return decided(piece.with_state(done), Occurrence("milestone_done", milestone.key))


def skip(piece: Snapshot, action: Skip, actor: Actor, at: datetime) -> Decision:
    """A milestone is left out of a piece that does not have it."""
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not may(actor, (milestone.acts - {Role.CLIENT, Role.SYSTEM}) | OFFICE | LEADS):
        raise NotAllowed(f"Only the house may leave out the {milestone.title.lower()}.")
    if milestone.skip is Skippable.NEVER:
        raise OutOfOrder(f"{milestone.title} is never left out.")
    if milestone.skip is Skippable.STONELESS and (piece.stones or piece.applies(Facet.STONES)):
        raise OutOfOrder(f"{milestone.title} is left out only of a piece without stones; this one has them.")
    if milestone.skip is Skippable.UNENGRAVED and piece.applies(Facet.ENGRAVING):
        raise OutOfOrder(f"{milestone.title} is left out only of a piece without an engraving; this one has one.")
    if milestone.skip is Skippable.UNMARKED:
        duty = demanded(piece.house.market, piece.alloy, piece.metal_g, on=at.date())
        if duty is not None:
            raise OutOfOrder(f"{milestone.title} is not left out of this piece. {duty}")
    require_words(action.reason, "Say why it is left out.")
    require_status(piece, milestone.key, OPEN, "left out")
    left = MilestoneState(milestone.key, Status.SKIPPED, rounds=state.rounds, hands=state.hands)
    return decided(piece.with_state(left), Occurrence("milestone_skipped", milestone.key, {"reason": action.reason}))


def rework(piece: Snapshot, action: SendBack, actor: Actor, at: datetime) -> Decision:
    """The piece goes back to an earlier milestone; a piece of metal is given up only by the workshop lead."""
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not may(actor, milestone.acts - {Role.CLIENT, Role.SYSTEM} | LEADS):
        raise NotAllowed(f"Only {spoken(milestone.acts - {Role.CLIENT} | LEADS)} may send this back.")
    if action.to not in milestone.rework_to:
        ways = ", ".join(piece.template[key].title.lower() for key in milestone.rework_to) or "nowhere"
        raise OutOfOrder(f"From the {milestone.title.lower()} a piece can go back to: {ways}.")
    require_words(action.cause, "Say what caused the rework.")
    require_words(action.cost_bearer, "Say who bears the cost of the rework.")
    gone = piece.handed_over()
    if gone is not None and piece.status(gone.key) is Status.DONE:
        raise OutOfOrder(f"{gone.title} is done; what comes back from the client is a new commission.")
    if state.status is Status.WAITING:
        raise OutOfOrder(f"{milestone.title} has not been reached, so nothing can be sent back from it.")
    if state.status is Status.SKIPPED:
        raise OutOfOrder(f"{milestone.title} was left out of this piece, so nothing can be sent back from it.")
    if piece.status(action.to) is Status.SKIPPED:
        raise OutOfOrder(f"{piece.template[action.to].title} was left out of this piece; send it back elsewhere.")
    metal = sorted(key for key in undone(piece, action.to) if piece.template[key].makes_metal)
    if metal and not may(actor, LEADS):
        raise NotAllowed(
            f"{piece.template[metal[0]].title} has begun; only {spoken(LEADS)} may have the piece made anew."
        )
    after, voided = send_back(piece, action.to)
    facts = {"to": action.to, "cause": action.cause, "cost_bearer": action.cost_bearer}
    after = replace(after, reworks=piece.reworks + 1)
    return decided(after, Occurrence("sent_back", milestone.key, facts), voided=voided)


def _touched(state: MilestoneState, actor: Actor) -> MilestoneState:
    return replace(state, hands=state.hands | {actor.id})
