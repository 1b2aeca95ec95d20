"""One table of actions, one pure function: the next state of a piece, or the reason why not."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from workflows import consent, course, making
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
from workflows.course import CHANGERS
from workflows.errors import OutOfOrder
from workflows.making import LEADS, OFFICE
from workflows.outcome import Decision, Occurrence
from workflows.roles import Actor
from workflows.sentences import sentence
from workflows.snapshot import Course, Snapshot

__all__ = ["CHANGERS", "HANDLERS", "LEADS", "OFFICE", "Decision", "Occurrence", "decide"]

HANDLERS: Mapping[type, Callable[[Snapshot, Any, Actor, datetime], Decision]] = MappingProxyType(
    {
        Start: making.start,
        Record: making.record,
        HandIn: consent.hand_in,
        Approve: consent.approve,
        AskChanges: consent.ask_changes,
        Complete: making.complete,
        AskRelease: consent.ask_release,
        Release: consent.release,
        Withdraw: consent.withdraw,
        SendBack: making.rework,
        Skip: making.skip,
        Change: course.change,
        Override: course.override,
        Pause: course.pause,
        Resume: course.resume,
        Cancel: course.cancel,
    }
)


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
        raise OutOfOrder(
            sentence("%(reference)s was cancelled; nothing more can be done on it.", reference=piece.reference)
        )
    if piece.course is Course.PAUSED and not isinstance(action, Resume | Cancel):
        raise OutOfOrder(sentence("%(reference)s is paused; resume it first.", reference=piece.reference))
    return HANDLERS[type(action)](piece, action, actor, at)
