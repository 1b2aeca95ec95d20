"""The steps that touch the piece as a whole: change its content, answer a block, let it rest, end it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from workflows.actions import Cancel, Change, Override, Pause, Resume
from workflows.changes import put
from workflows.errors import NotAllowed, OutOfOrder
from workflows.making import LEADS, OFFICE
from workflows.milestone import Facet
from workflows.outcome import Decision, Occurrence, decided, require_words
from workflows.roles import Actor, Role, may, spoken
from workflows.sentences import sentence, word
from workflows.snapshot import Course, Snapshot, Status

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


def change(piece: Snapshot, action: Change, actor: Actor, at: datetime) -> Decision:
    """New content in the place of a side; what rested on the old one is superseded by the same decision."""
    if not may(actor, CHANGERS[action.facet]):
        raise NotAllowed(
            sentence(
                "Only %(people)s may change the %(facet)s.",
                people=spoken(CHANGERS[action.facet]),
                facet=word(action.facet.value),
            )
        )
    if action.digest == piece.content.get(action.facet):
        return Decision(piece, ())
    after, voided = put(piece, action.facet, action.digest)
    facts = {"facet": action.facet.value, "digest": action.digest}
    return decided(after, Occurrence("content_changed", None, facts), voided=voided)


def override(piece: Snapshot, action: Override, actor: Actor, at: datetime) -> Decision:
    """A block of the CAD report, or a failed reading, is answered for by name."""
    if actor.role not in LEADS:
        raise NotAllowed(sentence("Only %(people)s may override a block.", people=spoken(LEADS)))
    require_words(action.reason, sentence("An override needs its reason."))
    blocked = any(finding.code == action.code and not finding.answered for finding in piece.findings)
    if not blocked and action.code not in piece.failed_checks:
        raise OutOfOrder(
            sentence("There is no open block %(code)s in the report or the final check.", code=f"{action.code!r}")
        )
    after = replace(
        piece,
        findings=tuple(replace(f, answered=True) if f.code == action.code else f for f in piece.findings),
        failed_checks=tuple(name for name in piece.failed_checks if name != action.code),
    )
    facts = {"code": action.code, "reason": action.reason}
    return decided(after, Occurrence("block_overridden", None, facts))


def pause(piece: Snapshot, action: Pause, actor: Actor, at: datetime) -> Decision:
    """The piece rests: nothing but taking it up again or ending it is possible."""
    _office(actor, sentence("let a piece rest"))
    require_words(action.reason, sentence("Say why the piece is to rest."))
    return decided(replace(piece, course=Course.PAUSED), Occurrence("paused", None, {"reason": action.reason}))


def resume(piece: Snapshot, action: Resume, actor: Actor, at: datetime) -> Decision:
    """The piece goes on where it stood; every gate is asked anew."""
    _office(actor, sentence("take a piece up again"))
    if piece.course is not Course.PAUSED:
        raise OutOfOrder(
            sentence("%(reference)s is not paused, so there is nothing to resume.", reference=piece.reference)
        )
    return decided(replace(piece, course=Course.LIVE), Occurrence("resumed"))


def cancel(piece: Snapshot, action: Cancel, actor: Actor, at: datetime) -> Decision:
    """The piece ends for good; what had begun and cannot be undone is named, since the refund depends on it."""
    _office(actor, sentence("cancel a piece"))
    require_words(action.reason, sentence("Say why the piece is cancelled."))
    gone = piece.handed_over()
    if gone is not None:
        raise OutOfOrder(
            sentence(
                "%(title)s has begun, so %(reference)s can no longer be cancelled; a return fits now.",
                title=gone.title,
                reference=piece.reference,
            )
        )
    fixed = [milestone for milestone in piece.template.milestones if milestone.irreversible]
    for milestone in fixed:
        if piece.status(milestone.key) is Status.ACTIVE:
            raise OutOfOrder(
                sentence(
                    "%(title)s is under way and cannot be undone; let it be completed, then cancel.",
                    title=milestone.title,
                )
            )
    facts = {"reason": action.reason, "begun": [milestone.key for milestone in fixed if piece.begun(milestone.key)]}
    return decided(replace(piece, course=Course.CANCELLED), Occurrence("cancelled", None, facts))


def _office(actor: Actor, verb: str) -> None:
    if actor.role not in OFFICE:
        raise NotAllowed(sentence("Only %(people)s may %(verb)s.", people=spoken(OFFICE), verb=verb))
