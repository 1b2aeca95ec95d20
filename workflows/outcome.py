"""What a step gives back, and the checks that every step shares, each with its sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows import gates
from workflows.changes import Voided
from workflows.errors import GateClosed, NotAllowed, OutOfOrder
from workflows.milestone import Milestone
from workflows.roles import Actor, may, spoken
from workflows.sentences import listed, sentence, together, word
from workflows.snapshot import MilestoneState, Snapshot, Status, settled


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


def decided(after: Snapshot, occurrence: Occurrence, *, voided: Voided | None = None) -> Decision:
    """The decision of a step: what happened, then what it undid."""
    consequences = () if voided is None else tuple(_consequences(voided))
    return Decision(settled(after), (occurrence, *consequences))


def require_maker(piece: Snapshot, key: str, actor: Actor) -> tuple[Milestone, MilestoneState]:
    """The milestone and its state, for somebody whose work it is.

    Raises:
        NotAllowed: it is not this role's, or the work is to be seen by other hands.
    """
    milestone = piece.template[key]
    if not may(actor, milestone.acts):
        raise NotAllowed(sentence("%(title)s is for %(people)s.", title=milestone.title, people=spoken(milestone.acts)))
    for made in milestone.not_by_makers_of:
        if piece.state(made).made_by(actor.id) and not piece.house.sole_maker:
            raise NotAllowed(
                sentence(
                    "%(title)s is done by somebody who did not make the piece; you had a hand in the %(title2)s.",
                    title=milestone.title,
                    title2=piece.template[made].title.lower(),
                )
            )
    return milestone, piece.state(key)


def require_status(piece: Snapshot, key: str, allowed: frozenset[Status], done: str) -> None:
    """Refuse a step at the wrong time; `done` is its participle: "handed in", "approved".

    Raises:
        OutOfOrder: says where the milestone stands and what comes first.
    """
    status, title = piece.status(key), piece.template[key].title
    if status in allowed:
        return
    if status is Status.WAITING:
        first = [piece.template[other].title for other in piece.waits_for(key)]
        raise OutOfOrder(
            sentence(
                "%(title)s cannot be %(done)s yet: %(first)s must be done first.",
                title=title,
                done=done,
                first=listed(first).lower(),
            )
        )
    raise OutOfOrder(
        sentence(
            "%(title)s %(standing)s, so it cannot be %(done)s now; %(next)s.",
            title=title,
            standing=_STANDING[status],
            done=done,
            next=_NEXT[status],
        )
    )


_STANDING: Mapping[Status, str] = {
    Status.OPEN: sentence("has not been begun or handed in"),
    Status.ACTIVE: sentence("is under way"),
    Status.ASKED: sentence("waits for an answer"),
    Status.RELEASED: sentence("has been released"),
    Status.DONE: sentence("is done"),
    Status.SKIPPED: sentence("was left out of this piece"),
}
_NEXT: Mapping[Status, str] = {
    Status.OPEN: sentence("take that step first"),
    Status.ACTIVE: sentence("finish it, or send it back"),
    Status.ASKED: sentence("wait for the answer, or take it back"),
    Status.RELEASED: sentence("begin it, or take the release back"),
    Status.DONE: sentence("send the piece back if it must be done again"),
    Status.SKIPPED: sentence("it is taken up again when what it is about is added"),
}


def require_evidence(piece: Snapshot, key: str) -> None:
    """Refuse to call a milestone ready before its evidence is there.

    Raises:
        GateClosed: names what is missing.
    """
    recorded = piece.state(key).evidence
    missing = [word(name) for name in piece.required(key) if name not in recorded]
    if missing:
        raise GateClosed(
            (
                sentence(
                    "%(title)s still needs: %(missing)s. Record that first.",
                    title=piece.template[key].title,
                    missing=together(missing, ", "),
                ),
            )
        )


def require_open(piece: Snapshot, milestone: Milestone, needed: tuple[gates.Gate, ...]) -> None:
    """Refuse while a gate is closed.

    Raises:
        GateClosed: every reason at once.
    """
    reasons = gates.closed(piece, milestone, needed)
    if reasons:
        raise GateClosed(reasons)


def require_words(text: str, asked: str) -> None:
    """Refuse an empty reason with what is `asked`.

    Raises:
        OutOfOrder: nothing was said.
    """
    if not text.strip():
        raise OutOfOrder(asked)


def _consequences(voided: Voided) -> list[Occurrence]:
    return [
        *(Occurrence("approval_superseded", a.milestone, {"digest": a.digest}) for a in voided.approvals),
        *(Occurrence("release_voided", r.milestone, {"digest": r.digest}) for r in voided.releases),
        *(Occurrence("milestone_reopened", key) for key in voided.reopened),
    ]
