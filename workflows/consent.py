"""The steps around a yes: hand in, approve, ask for changes; ask for a release, give it, take it back."""

from dataclasses import replace
from datetime import datetime, timedelta

from workflows import gates
from workflows.actions import Approve, AskChanges, AskRelease, HandIn, Release, Withdraw
from workflows.changes import Voided, send_back
from workflows.errors import GateClosed, NotAllowed, OutOfOrder, Stale
from workflows.making import LEADS, OFFICE
from workflows.milestone import Milestone
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
from workflows.sentences import listed, sentence, word
from workflows.snapshot import Approval, Released, Snapshot, Standing, Status

OPEN = frozenset({Status.OPEN})
OPEN_OR_ACTIVE = frozenset({Status.OPEN, Status.ACTIVE})
ASKED = frozenset({Status.ASKED})


def hand_in(piece: Snapshot, action: HandIn, actor: Actor, at: datetime) -> Decision:
    """The result is put before the person who says yes."""
    milestone, state = require_maker(piece, action.milestone, actor)
    if not milestone.approves:
        raise OutOfOrder(sentence("%(title)s is not approved by anybody; complete it instead.", title=milestone.title))
    require_status(piece, milestone.key, OPEN_OR_ACTIVE, sentence("handed in"))
    require_evidence(piece, milestone.key)
    require_open(piece, milestone, gates.BEFORE_YES)
    digest = piece.manifest(milestone.key)
    if digest is None:
        missing = listed(_missing(piece, milestone), "and the")
        raise GateClosed(
            (
                sentence(
                    "There is nothing to say yes to at the %(title)s yet: add the %(missing)s.",
                    title=milestone.title.lower(),
                    missing=missing,
                ),
            )
        )
    asked = replace(
        state,
        status=Status.ASKED,
        asked_by=actor.id,
        asked_at=at,
        done_by=actor.id,
        rounds=state.rounds + 1,
        hands=state.hands | {actor.id},
    )
    return decided(
        piece.with_state(asked),
        Occurrence("handed_in", milestone.key, {"digest": digest, "round": asked.rounds}),
    )


def approve(piece: Snapshot, action: Approve, actor: Actor, at: datetime) -> Decision:
    """A yes to exactly what was looked at."""
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not milestone.approves:
        raise OutOfOrder(sentence("%(title)s is not something to approve.", title=milestone.title))
    counter = action.at_counter and actor.role in OFFICE
    if not counter and actor.role not in milestone.approves:
        raise NotAllowed(
            sentence(
                "Only %(people)s may approve the %(title)s.",
                people=spoken(milestone.approves),
                title=milestone.title.lower(),
            )
        )
    current = piece.manifest(milestone.key)
    if state.status is Status.DONE and action.digest == current:
        raise OutOfOrder(sentence("The %(title)s is approved already.", title=milestone.title.lower()))
    if state.status in {Status.ASKED, Status.DONE} and action.digest != current:
        raise Stale(
            sentence(
                "What you looked at has been replaced meanwhile; look at the %(title)s again.",
                title=milestone.title.lower(),
            ),
            current=current,
        )
    if state.status in OPEN_OR_ACTIVE:
        raise OutOfOrder(
            sentence(
                "The %(title)s has not been handed in; wait until it is put before you.", title=milestone.title.lower()
            )
        )
    require_status(piece, milestone.key, ASKED, sentence("approved"))
    require_open(piece, milestone, gates.BEFORE_YES)
    after = replace(
        piece.with_state(replace(state, status=Status.DONE)),
        approvals=(*piece.approvals, Approval(milestone.key, action.digest, actor.id)),
    )
    facts = {"digest": action.digest, "at_counter": counter}
    return decided(after, Occurrence("approved", milestone.key, facts))


def ask_changes(piece: Snapshot, action: AskChanges, actor: Actor, at: datetime) -> Decision:
    """Something is to be different; what has been made in metal meanwhile stays until the house sends it back."""
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not milestone.approves:
        raise OutOfOrder(sentence("%(title)s is not something to ask changes of.", title=milestone.title))
    if actor.role not in milestone.approves | OFFICE:
        raise NotAllowed(sentence("Only %(people)s may ask for changes.", people=spoken(milestone.approves | OFFICE)))
    require_words(action.note, sentence("Say in a few words what should be different."))
    if state.status in OPEN_OR_ACTIVE:
        raise OutOfOrder(
            sentence(
                "The %(title)s has not been handed in; wait until it is put before you.", title=milestone.title.lower()
            )
        )
    if state.status is Status.DONE:
        raise OutOfOrder(
            sentence(
                "The %(title)s is approved already; write to the house about the change.", title=milestone.title.lower()
            )
        )
    require_status(piece, milestone.key, ASKED, sentence("changed"))
    after = piece.with_state(replace(state, status=Status.OPEN, asked_by=None, asked_at=None))
    voided = Voided()
    to = milestone.changes_to
    if to is not None and to != milestone.key and not _irreversible_begun_behind(piece, to):
        after, voided = send_back(after, to)
    facts = {"note": action.note, "round": state.rounds}
    return decided(after, Occurrence("changes_asked", milestone.key, facts), voided=voided)


def ask_release(piece: Snapshot, action: AskRelease, actor: Actor, at: datetime) -> Decision:
    """A second person is asked to let a step begin; anew where an earlier release no longer holds."""
    milestone, state = require_maker(piece, action.milestone, actor)
    if not milestone.releases:
        raise OutOfOrder(sentence("%(title)s needs no release.", title=milestone.title))
    lapsed = (
        state.status in {Status.RELEASED, Status.DONE}
        and not piece.used(milestone.key)
        and not piece.release_holds(milestone.key)
    )
    if not lapsed:
        require_status(piece, milestone.key, OPEN, sentence("asked for"))
    if not milestone.irreversible:
        require_evidence(piece, milestone.key)
    require_open(piece, milestone, gates.BEFORE_RELEASE)
    digest = piece.manifest(milestone.key)
    if digest is None:
        missing = listed(_missing(piece, milestone), "and the")
        raise GateClosed(
            (
                sentence(
                    "There is nothing to release at the %(title)s yet: add the %(missing)s.",
                    title=milestone.title.lower(),
                    missing=missing,
                ),
            )
        )
    after, voided = _without_release(piece, milestone.key)
    asked = replace(state, status=Status.ASKED, asked_by=actor.id, asked_at=at, hands=state.hands | {actor.id})
    return decided(after.with_state(asked), Occurrence("release_asked", milestone.key), voided=voided)


def release(piece: Snapshot, action: Release, actor: Actor, at: datetime) -> Decision:
    """A second person lets the step begin, with the size read from a gauge where the template asks for it."""
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not milestone.releases:
        raise OutOfOrder(sentence("%(title)s needs no release.", title=milestone.title))
    if not may(actor, milestone.releases):
        raise NotAllowed(sentence("Only %(people)s may release this.", people=spoken(milestone.releases)))
    if state.status is Status.OPEN:
        raise OutOfOrder(sentence("Nobody has asked for this release; ask for it first."))
    require_status(piece, milestone.key, ASKED, sentence("released"))
    current = piece.manifest(milestone.key)
    if action.digest != current:
        raise Stale(sentence("What was to be released has been replaced meanwhile; look at it again."), current=current)
    _second_person(piece, milestone, actor, at)
    require_open(piece, milestone, gates.BEFORE_RELEASE)
    _gauge(piece, milestone, action)
    status = Status.RELEASED if milestone.irreversible else Status.DONE
    given = Released(milestone.key, action.digest, state.asked_by or "", actor.id, action.gauge_mm)
    after = replace(piece.with_state(replace(state, status=status)), releases=(*piece.releases, given))
    facts = {
        "digest": action.digest,
        "asked_by": given.asked_by,
        "gauge_mm": None if action.gauge_mm is None else str(action.gauge_mm),
        "sole_maker": given.asked_by == actor.id,
    }
    return decided(after, Occurrence("released", milestone.key, facts))


def withdraw(piece: Snapshot, action: Withdraw, actor: Actor, at: datetime) -> Decision:
    """What was handed in, or a release that was not used, is taken back; a refused release ends so as well."""
    milestone, state = piece.template[action.milestone], piece.state(action.milestone)
    if not may(actor, milestone.acts - {Role.SYSTEM} | milestone.releases | LEADS):
        raise NotAllowed(
            sentence("Only %(people)s may take this back.", people=spoken(milestone.acts | milestone.releases | LEADS))
        )
    require_words(action.reason, sentence("Say why it is taken back."))
    if not (milestone.approves or milestone.releases):
        raise OutOfOrder(
            sentence(
                "%(title)s is neither handed in nor released, so there is nothing to take back.", title=milestone.title
            )
        )
    if state.status in OPEN_OR_ACTIVE:
        raise OutOfOrder(
            sentence("%(title)s waits for nobody's answer, so there is nothing to take back.", title=milestone.title)
        )
    given = {Status.RELEASED, Status.DONE} if milestone.releases and not piece.used(milestone.key) else set[Status]()
    require_status(piece, milestone.key, ASKED | given, sentence("taken back"))
    after, voided = _without_release(piece, milestone.key)
    back = replace(state, status=Status.OPEN, asked_by=None, asked_at=None)
    return decided(
        after.with_state(back), Occurrence("withdrawn", milestone.key, {"reason": action.reason}), voided=voided
    )


def _missing(piece: Snapshot, milestone: Milestone) -> list[str]:
    return [word(facet.value) for facet in milestone.rests_on if piece.applies(facet) and facet not in piece.content]


def _irreversible_begun_behind(piece: Snapshot, key: str) -> bool:
    behind = piece.template.behind(key)
    return any(m.irreversible and m.key in behind and piece.begun(m.key) for m in piece.template.milestones)


def _without_release(piece: Snapshot, key: str) -> tuple[Snapshot, Voided]:
    dead = tuple(r for r in piece.releases if r.milestone == key and r.standing is Standing.LIVE)
    releases = tuple(replace(r, standing=Standing.SUPERSEDED) if r in dead else r for r in piece.releases)
    return replace(piece, releases=releases), Voided(releases=dead)


def _second_person(piece: Snapshot, milestone: Milestone, actor: Actor, at: datetime) -> None:
    state = piece.state(milestone.key)
    if actor.id != state.asked_by:
        return
    if not piece.house.sole_maker:
        raise NotAllowed(sentence("This cannot be undone: somebody other than the person who asked releases it."))
    hours = piece.house.reconfirm_after_hours
    if state.asked_at is None or at < state.asked_at + timedelta(hours=hours):
        raise NotAllowed(
            sentence("A sole maker confirms a release a second time, %(hours)s hours after asking for it.", hours=hours)
        )


def _gauge(piece: Snapshot, milestone: Milestone, action: Release) -> None:
    if not (milestone.gauge and piece.template.sized and piece.size is not None):
        return
    if action.gauge_mm is None:
        raise GateClosed((sentence("Read the size from the gauge before you release the piece."),))
    if not action.gauge_mm.is_finite() or action.gauge_mm <= 0:
        raise GateClosed((sentence("A gauge cannot read %(gauge_mm)s mm; read it again.", gauge_mm=action.gauge_mm),))
    off = abs(action.gauge_mm - piece.size.diameter_mm)
    if off > piece.size_tolerance_mm:
        raise GateClosed(
            (
                sentence(
                    "The gauge reads %(gauge_mm)s mm, the order says %(diameter_mm)s mm; measure "
                    "again, or correct the order with the client.",
                    gauge_mm=action.gauge_mm,
                    diameter_mm=piece.size.diameter_mm,
                ),
            )
        )
