"""The deposit lock: when the first instalment has cleared, the chosen stones become the commission's for good."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, CommissionState
from bespoke.models.piece import Piece
from bespoke.queries.quotes import dues
from bespoke.services import holds, steps, together
from workflows.actions import Complete
from workflows.errors import GateClosed
from workflows.roles import Actor
from workflows.snapshot import Course

DEPOSIT = "deposit"
DEPOSIT_LOCK = "deposit_lock"


@dataclass(frozen=True, slots=True)
class Locking:
    """What cleared money did.

    Attributes:
        locked: references of the stones that are the commission's now.
        not_locked: those that somebody else has by now; another has to be chosen.
        done: references of the pieces whose deposit is done with it.
        reasons: why a piece's deposit is not done yet.
    """

    locked: tuple[str, ...] = ()
    not_locked: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def is_cleared(commission: Commission) -> bool:
    """Whether the whole deposit has been received and cleared."""
    return any(due.key == DEPOSIT and not due.missing for due in dues(commission))


def lock(session: Session, commission: Commission, actor: Actor, *, at: datetime) -> Locking:
    """Lock the chosen stones and finish the deposit of every piece that waits for it; nothing before it has cleared.

    May be called again, for instance when another stone was chosen in the place of one that was gone.
    """
    session.flush()
    if not is_cleared(commission) or commission.state is CommissionState.CANCELLED:
        return Locking()
    locked: list[str] = []
    gone: list[str] = []
    done: list[str] = []
    reasons: list[str] = []
    for piece in commission.pieces:
        if piece.course is Course.CANCELLED:
            continue
        missing = _lock_stones(session, piece, actor, at, locked)
        gone.extend(missing)
        if piece.course is Course.PAUSED:
            continue  # its stones are safe; the milestone follows when it is taken up again
        if DEPOSIT_LOCK not in piece.template or piece.milestone(DEPOSIT_LOCK).status not in together.AT_WORK:
            continue
        reason = _finish(session, commission, piece, missing, actor, at)
        if reason is None:
            done.append(piece.reference)
        else:
            reasons.append(reason)
    session.flush()
    return Locking(tuple(dict.fromkeys(locked)), tuple(dict.fromkeys(gone)), tuple(done), tuple(reasons))


def _lock_stones(session: Session, piece: Piece, actor: Actor, at: datetime, locked: list[str]) -> list[str]:
    gone = []
    for option in piece.options:
        if not option.chosen:
            continue
        if holds.lock(session, piece.commission, option.stone, actor, at=at):
            locked.append(option.stone.reference)
        else:
            gone.append(option.stone.reference)
            piece.commission.record("stone_not_locked", actor, at, piece=piece.reference, stone=option.stone.reference)
    return gone


def _finish(
    session: Session, commission: Commission, piece: Piece, missing: list[str], actor: Actor, at: datetime
) -> str | None:
    """Complete the deposit of a piece; why not, where it cannot be."""
    deposit = next(due for due in dues(commission) if due.key == DEPOSIT)
    facts = {"cleared_minor": deposit.cleared.minor, "currency": deposit.amount.currency}
    together.show_where_open(session, piece, DEPOSIT_LOCK, "funds_cleared", actor, facts, at=at)
    if missing:
        return f"{piece.reference}: {', '.join(missing)} cannot be locked; choose another stone."
    stones = sorted(option.stone.reference for option in piece.options if option.chosen)
    told = {"stones": ", ".join(stones) or "none", "count": len(stones)}
    together.show_where_open(session, piece, DEPOSIT_LOCK, "stone_reserved", actor, told, at=at)
    try:
        steps.act(session, piece, Complete(DEPOSIT_LOCK), actor, at=at)
    except GateClosed as closed:
        return f"{piece.reference}: {closed}"
    return None
