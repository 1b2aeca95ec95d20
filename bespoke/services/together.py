"""One step for all pieces of a commission at once: a brief or a quote is handed in and answered for every piece."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bespoke.models.approval import ApprovalRow
from bespoke.models.commission import Commission
from bespoke.models.piece import Piece
from bespoke.proof.seal import digest
from bespoke.services import steps
from bespoke.services.errors import Missing
from bespoke.services.steps import Circumstances
from workflows.actions import Approve, AskChanges, Complete, HandIn
from workflows.errors import Stale
from workflows.roles import Actor, may
from workflows.sentences import sentence, word
from workflows.snapshot import Course, Status

AT_WORK = frozenset({Status.OPEN, Status.ACTIVE})


def pieces_with(commission: Commission, milestone: str) -> tuple[Piece, ...]:
    """The pieces still being made that have the milestone at all.

    Raises:
        Missing: there is none.
    """
    found = tuple(
        piece for piece in commission.pieces if piece.course is not Course.CANCELLED and milestone in piece.template
    )
    if not found:
        raise Missing(
            sentence(
                "%(reference)s has no piece with a %(milestone)s yet; add one first.",
                reference=commission.reference,
                milestone=word(milestone),
            )
        )
    return found


def ahead(commission: Commission, milestone: str) -> tuple[Piece, ...]:
    """The pieces that have not passed the milestone; where every one has, all of them, so that the rule says so."""
    pieces = pieces_with(commission, milestone)
    return tuple(piece for piece in pieces if not steps.is_past(piece, milestone)) or pieces


def shown(session: Session, commission: Commission, milestone: str) -> str:
    """The digest of what stands at a milestone of all pieces: the one a page shows and a yes carries back.

    Raises:
        Missing: nothing is there yet to say yes to.
    """
    pieces = pieces_with(commission, milestone)
    manifests = {piece.reference: steps.manifest(session, piece, milestone) for piece in pieces}
    return next(iter(manifests.values())) if len(manifests) == 1 else digest(manifests)


def hand_in(session: Session, commission: Commission, milestone: str, actor: Actor, *, at: datetime) -> str:
    """Put a milestone of every piece before the client; what they will say yes to, as `shown`."""
    pieces = ahead(commission, milestone)
    waiting = [piece for piece in pieces if piece.milestone(milestone).status is not Status.ASKED]
    for piece in waiting or pieces:
        steps.act(session, piece, HandIn(milestone), actor, at=at)
    return shown(session, commission, milestone)


def approve(
    session: Session,
    commission: Commission,
    milestone: str,
    digest_shown: str,
    actor: Actor,
    circumstances: Circumstances,
    *,
    at: datetime,
    at_counter: bool = False,
) -> tuple[ApprovalRow, ...]:
    """Write down a yes to a milestone of every piece, if it is to exactly what stands there now.

    Raises:
        Stale: something was replaced after it was shown.
    """
    current = shown(session, commission, milestone)
    if current != digest_shown:
        raise Stale(sentence("What you looked at has been replaced meanwhile; look at it again."), current=current)
    rows = []
    for piece in ahead(commission, milestone):
        action = Approve(milestone, steps.manifest(session, piece, milestone), at_counter=at_counter)
        rows.append(steps.approve(session, piece, action, actor, circumstances, at=at))
    return tuple(rows)


def ask_changes(
    session: Session, commission: Commission, milestone: str, note: str, actor: Actor, *, at: datetime
) -> None:
    """Ask for something to be different in every piece at which the milestone waits for an answer."""
    pieces = pieces_with(commission, milestone)
    asked = [piece for piece in pieces if piece.milestone(milestone).status is Status.ASKED]
    for piece in asked or pieces:
        steps.act(session, piece, AskChanges(milestone, note), actor, at=at)


def complete(session: Session, commission: Commission, milestone: str, actor: Actor, *, at: datetime) -> None:
    """Say that a milestone without a yes is done on every piece."""
    for piece in ahead(commission, milestone):
        steps.act(session, piece, Complete(milestone), actor, at=at)


def show_where_open(
    session: Session,
    piece: Piece,
    milestone: str,
    kind: str,
    actor: Actor,
    facts: Mapping[str, Any],
    *,
    at: datetime,
) -> bool:
    """Put evidence down where the piece is at the milestone and asks for it, and the actor may; whether it was."""
    if milestone not in piece.template or kind not in piece.template[milestone].evidence:
        return False
    if not may(actor, piece.template[milestone].acts):
        return False
    if piece.milestone(milestone).status not in AT_WORK:
        return False
    steps.show_evidence(session, piece, milestone, kind, actor, facts, at=at)
    return True
