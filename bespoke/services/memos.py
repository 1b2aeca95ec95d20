"""Stones on memo: a supplier's property, due back on a day; the house is told before it comes."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.event import Event
from bespoke.models.stone import StoneHold, StoneRow
from bespoke.services.holds import CLOCK
from workflows.stones import Ownership, memo_alarm

WATCH = "watch_memos"


def tell_due(session: Session, *, at: datetime) -> int:
    """Write into the history of whichever commission holds it that a memo stone is due; once for each day it is due.

    Returns:
        How many were told now.
    """
    held = (
        select(StoneHold)
        .join(StoneRow, StoneRow.id == StoneHold.stone_id)
        .where(StoneHold.ended_at.is_(None), StoneRow.ownership == Ownership.MEMO, StoneRow.memo_due_at.is_not(None))
        .order_by(StoneHold.id)
    )
    told = 0
    for hold in session.scalars(held):
        stone, commission = hold.stone, hold.commission
        said = memo_alarm(stone.status(hold), at.date())
        due = None if stone.memo_due_at is None else stone.memo_due_at.date().isoformat()
        if said is None or _was_told(session, commission.id, stone.reference, due):
            continue
        commission.record("memo_due", CLOCK, at, stone=stone.reference, due=due, sentence=said)
        told += 1
    session.flush()
    return told


def _was_told(session: Session, commission_id: int, reference: str, due: str | None) -> bool:
    before = session.scalars(select(Event).where(Event.commission_id == commission_id, Event.kind == "memo_due"))
    return any((one.facts.get("stone"), one.facts.get("due")) == (reference, due) for one in before)
