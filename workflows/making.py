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
from workflows.sentences import sentence, together, word
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
        raise OutOfOrder(
            sentence("%(title)s is not begun; a second person is asked for it and gives it.", title=milestone.title)
        )
    if milestone.releases and state.status is Status.OPEN:
        raise OutOfOrder(
            sentence("%(title)s has not been released; ask a second person to release it first.", title=milestone.title)
        )
    require_status(piece, milestone.key, RELEASED if milestone.releases else OPEN, sentence("begun"))
    require_open(piece, milestone, gates.BEFORE_IRREVERSIBLE if milestone.irreversible else gates.BEFORE_WORK)
    begun = replace(_touched(state, actor), status=Status.ACTIVE, done_by=actor.id)
    return decided(piece.with_state(begun), Occurrence("milestone_started", milestone.key))


def record(piece: Snapshot, action: Record, actor: Actor, at: datetime) -> Decision:
    """A piece of evidence is put down."""
    milestone, state = require_maker(piece, action.milestone, actor)
    if action.evidence not in milestone.evidence:
        asked = together([word(name) for name in milestone.evidence], ", ")
        raise OutOfOrder(
            sentence(
                "%(title)s asks for %(asked)s, not for %(evidence)s.",
                title=milestone.title,
                asked=asked,
                evidence=word(action.evidence),
            )
        )
    if milestone.irreversible and state.status in {Status.OPEN, Status.RELEASED}:
        raise OutOfOrder(
            sentence(
                "%(title)s has not begun, so there is no evidence of it yet; begin it first.", title=milestone.title
            )
        )
    require_status(piece, milestone.key, ACTIVE if milestone.irreversible else OPEN | ACTIVE, sentence("worked on"))
    recorded = replace(_touched(state, actor), evidence=state.evidence | {action.evidence})
    return decided(
        piece.with_state(recorded),
        Occurrence("evidence_recorded", milestone.key, {"evidence": action.evidence}),
    )


def complete(piece: Snapshot, action: Complete, actor: Actor, at: datetime) -> Decision:
    """A milestone that nobody approves is done."""
    milestone, state = require_maker(piece, action.milestone, actor)
    if milestone.approves:
        raise OutOfOrder(
            sentence(
                "%(title)s is done when %(people)s says yes; hand it in instead.",
                title=milestone.title,
                people=spoken(milestone.approves),
            )
        )
    if milestone.releases and not milestone.irreversible:
        raise OutOfOrder(
            sentence("%(title)s is done when a second person gives it; ask for that instead.", title=milestone.title)
        )
    if milestone.irreversible and state.status in {Status.OPEN, Status.RELEASED}:
        raise OutOfOrder(
            sentence("%(title)s has not begun, so it cannot be completed; begin it first.", title=milestone.title)
        )
    require_status(piece, milestone.key, ACTIVE if milestone.irreversible else OPEN | ACTIVE, sentence("completed"))
    require_evidence(piece, milestone.key)
    require_open(piece, milestone, gates.AFTER_THE_FACT if milestone.irreversible else gates.BEFORE_DONE)
    maker = state.done_by if state.status is Status.ACTIVE and state.done_by else actor.id
    done = replace(_touched(state, actor), status=Status.DONE, done_by=maker)
    return decided(piece.with_state(done), Occurrence("milestone_done", milestone.key))


def skip(piece: Snapshot, action: Skip, actor: Actor, at: datetime) -> Decision:
    """A milestone is left out of a piece that does not have it."""
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not may(actor, (milestone.acts - {Role.CLIENT, Role.SYSTEM}) | OFFICE | LEADS):
        raise NotAllowed(sentence("Only the house may leave out the %(title)s.", title=milestone.title.lower()))
    if milestone.skip is Skippable.NEVER:
        raise OutOfOrder(sentence("%(title)s is never left out.", title=milestone.title))
    if milestone.skip is Skippable.STONELESS and (piece.stones or piece.applies(Facet.STONES)):
        raise OutOfOrder(
            sentence("%(title)s is left out only of a piece without stones; this one has them.", title=milestone.title)
        )
    if milestone.skip is Skippable.UNENGRAVED and piece.applies(Facet.ENGRAVING):
        raise OutOfOrder(
            sentence(
                "%(title)s is left out only of a piece without an engraving; this one has one.", title=milestone.title
            )
        )
    if milestone.skip is Skippable.UNMARKED:
        duty = demanded(piece.house.market, piece.alloy, piece.metal_g, on=at.date())
        if duty is not None:
            raise OutOfOrder(
                sentence("%(title)s is not left out of this piece. %(duty)s", title=milestone.title, duty=duty)
            )
    require_words(action.reason, sentence("Say why it is left out."))
    require_status(piece, milestone.key, OPEN, sentence("left out"))
    left = MilestoneState(milestone.key, Status.SKIPPED, rounds=state.rounds, hands=state.hands)
    return decided(piece.with_state(left), Occurrence("milestone_skipped", milestone.key, {"reason": action.reason}))


def rework(piece: Snapshot, action: SendBack, actor: Actor, at: datetime) -> Decision:
    """The piece goes back to an earlier milestone; a piece of metal is given up only by the workshop lead."""
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not may(actor, milestone.acts - {Role.CLIENT, Role.SYSTEM} | LEADS):
        raise NotAllowed(
            sentence("Only %(people)s may send this back.", people=spoken(milestone.acts - {Role.CLIENT} | LEADS))
        )
    if action.to not in milestone.rework_to:
        ways = together([piece.template[key].title.lower() for key in milestone.rework_to], ", ") or sentence("nowhere")
        raise OutOfOrder(
            sentence("From the %(title)s a piece can go back to: %(ways)s.", title=milestone.title.lower(), ways=ways)
        )
    require_words(action.cause, sentence("Say what caused the rework."))
    require_words(action.cost_bearer, sentence("Say who bears the cost of the rework."))
    gone = piece.handed_over()
    if gone is not None and piece.status(gone.key) is Status.DONE:
        raise OutOfOrder(
            sentence("%(title)s is done; what comes back from the client is a new commission.", title=gone.title)
        )
    if state.status is Status.WAITING:
        raise OutOfOrder(
            sentence("%(title)s has not been reached, so nothing can be sent back from it.", title=milestone.title)
        )
    if state.status is Status.SKIPPED:
        raise OutOfOrder(
            sentence(
                "%(title)s was left out of this piece, so nothing can be sent back from it.", title=milestone.title
            )
        )
    if piece.status(action.to) is Status.SKIPPED:
        raise OutOfOrder(
            sentence(
                "%(title)s was left out of this piece; send it back elsewhere.", title=piece.template[action.to].title
            )
        )
    metal = sorted(key for key in undone(piece, action.to) if piece.template[key].makes_metal)
    if metal and not may(actor, LEADS):
        raise NotAllowed(
            sentence(
                "%(title)s has begun; only %(people)s may have the piece made anew.",
                title=piece.template[metal[0]].title,
                people=spoken(LEADS),
            )
        )
    after, voided = send_back(piece, action.to)
    facts = {"to": action.to, "cause": action.cause, "cost_bearer": action.cost_bearer}
    after = replace(after, reworks=piece.reworks + 1)
    return decided(after, Occurrence("sent_back", milestone.key, facts), voided=voided)


def _touched(state: MilestoneState, actor: Actor) -> MilestoneState:
    return replace(state, hands=state.hands | {actor.id})
