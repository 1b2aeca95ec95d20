"""Holds: one stone kept for one commission, until a moment or, once money has cleared, for good.

The database is the guard: a stone has at most one live hold, by a partial unique index. Every change here is a
conditional statement, so that of two people at once exactly one wins and the other is told who keeps the stone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, CommissionState
from bespoke.models.job import Queue, enqueue
from bespoke.models.stone import LIVE, StoneHold, StoneRow
from bespoke.services import house
from bespoke.services.errors import NotPossible
from workflows import stones as rules
from workflows.errors import NotAllowed
from workflows.roles import STAFF, Actor, Role
from workflows.sentences import sentence
from workflows.stones import BadHold, HoldRules, NotHoldable, StoneTaken

CLOCK = Actor("system", Role.SYSTEM, "Bespoke")
LAPSE = "lapse_holds"
HOLDERS = STAFF | {Role.SYSTEM}
LIVE_ON_STONE = (
    select(StoneHold)
    .where(StoneHold.stone_id == bindparam("stone"), StoneHold.ended_at.is_(None))
    .execution_options(populate_existing=True)
)
UNLESS_TAKEN = {
    name: insert(StoneHold).on_conflict_do_nothing(index_elements=["stone_id"], index_where=LIVE).returning(StoneHold)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


@dataclass(frozen=True, slots=True)
class Lapse:
    """A hold that ended because its time was up."""

    stone: str
    commission: str


def hold(
    session: Session,
    commission: Commission,
    stone: StoneRow,
    actor: Actor,
    *,
    at: datetime,
    until: datetime | None = None,
) -> StoneHold:
    """Keep a stone for a commission; the one that exists already, where it is kept for it.

    Args:
        until: the house's usual time when left out, and never longer than that.

    Raises:
        StoneTaken: another commission holds it; `.until` says how long, None for good.
        NotHoldable: the stone is broken, lost, gone back, set, or another client's own.
        BadHold: no time at all, or longer than the house holds.
        NotPossible: the commission has ended.
    """
    if actor.role not in HOLDERS:
        raise NotAllowed(sentence("The house holds stones; tell it which one you would like to have kept."))
    if commission.state in (CommissionState.CANCELLED, CommissionState.CLOSED):
        raise NotPossible(sentence("%(reference)s has ended; no stone is held for it.", reference=commission.reference))
    mine = live(session, stone)
    if mine is not None and mine.commission_id == commission.id and not rules.has_lapsed(mine.fact(), at):
        return mine
    limits = limits_of(session)
    until = until or at + limits.lifetime
    rules.check_hold(stone.status(mine), commission=str(commission.id), at=at, until=until, rules=limits)
    if mine is not None:
        _end_if_due(session, mine, at)
    found = _insert_unless_taken(session, commission, stone, at, until)
    session.expire(stone, ["holds"])
    if found is None:
        raise _taken(session, stone)
    commission.record("stone_held", actor, at, stone=stone.reference, until=until.isoformat())
    _look_again(session, found, until, at)
    session.flush()
    return found


def extend(session: Session, held: StoneHold, actor: Actor, *, at: datetime) -> bool:
    """Keep it longer, once and by the house's limit, because a transfer was announced; whether it was extended.

    A locked hold needs no extension, a lapsed one or one that was extended before gets none.
    """
    try:
        longer = rules.extended(held.fact(), announced_at=at, rules=limits_of(session))
    except BadHold:
        return False
    until = longer.until
    if until is None:
        return False
    extended = _change(
        session, held, StoneHold.extended_at.is_(None), StoneHold.locked_at.is_(None), until=until, extended_at=at
    )
    if extended:
        held.commission.record("stone_hold_extended", actor, at, stone=held.stone.reference, until=until.isoformat())
        _look_again(session, held, until, at)
        session.flush()
    return extended


def release(session: Session, held: StoneHold, reason: str, actor: Actor, *, at: datetime) -> None:
    """Let go of a stone.

    Raises:
        NotAllowed: only staff, and only the office or the owner once money has locked it.
        NotPossible: without a reason; the hold has ended already.
    """
    if actor.role not in HOLDERS:
        raise NotAllowed(sentence("The house lets go of a stone; tell it that you no longer want this one."))
    if held.locked_at is not None and actor.role not in (Role.OFFICE, Role.OWNER):
        raise NotAllowed(
            sentence(
                "Stone %(reference)s is locked by cleared money; only the office may free it.",
                reference=held.stone.reference,
            )
        )
    if not reason.strip():
        raise NotPossible(sentence("Say why the stone is let go."))
    if not end(session, held, reason, actor, at=at):
        raise NotPossible(sentence("The hold on %(reference)s has ended already.", reference=held.stone.reference))


def end(session: Session, held: StoneHold, reason: str, actor: Actor, *, at: datetime) -> bool:
    """End a hold with a reason, locked or not; whether it was still live."""
    ended = _change(session, held, ended_at=at, end_reason=reason.strip()[:40])
    if ended:
        held.commission.record("stone_released", actor, at, stone=held.stone.reference, reason=reason.strip())
        session.flush()
    return ended


def lock(session: Session, commission: Commission, stone: StoneRow, actor: Actor, *, at: datetime) -> bool:
    """Make a stone the commission's for good, because money cleared; whether it is.

    A hold that lapsed is taken up again where nobody else has the stone meanwhile.
    """
    held = live(session, stone)
    if held is not None and held.commission_id == commission.id and held.locked_at is not None:
        return True
    if held is None or held.commission_id != commission.id:
        try:
            held = hold(session, commission, stone, actor, at=at)
        except (StoneTaken, NotHoldable, NotPossible):
            return False
    if not _change(session, held, StoneHold.commission_id == commission.id, locked_at=at, until=None):
        return False
    commission.record("stone_locked", actor, at, stone=stone.reference)
    session.flush()
    return True


def lapse_due(session: Session, *, at: datetime) -> tuple[Lapse, ...]:
    """End every hold whose time is up and that no money has locked; called by the clock as each falls due."""
    due = session.scalars(
        select(StoneHold)
        .where(StoneHold.ended_at.is_(None), StoneHold.locked_at.is_(None), StoneHold.until <= at)
        .order_by(StoneHold.commission_id, StoneHold.id)
    ).all()
    lapsed = []
    for held in due:
        still_due = (StoneHold.locked_at.is_(None), StoneHold.until <= at)
        if _change(session, held, *still_due, ended_at=at, end_reason="lapsed"):
            held.commission.record("stone_hold_lapsed", CLOCK, at, stone=held.stone.reference)
            lapsed.append(Lapse(held.stone.reference, held.commission.reference))
    session.flush()
    return tuple(lapsed)


def live(session: Session, stone: StoneRow) -> StoneHold | None:
    """The one live hold on a stone as the database has it now, whoever's it is."""
    session.flush()
    session.expire(stone, ["holds"])
    return session.scalar(LIVE_ON_STONE, {"stone": stone.id})


def of(session: Session, commission: Commission) -> Sequence[StoneHold]:
    """All live holds of a commission."""
    statement = select(StoneHold).where(StoneHold.commission_id == commission.id, StoneHold.ended_at.is_(None))
    return session.scalars(statement.order_by(StoneHold.id).execution_options(populate_existing=True)).all()


def limits_of(session: Session) -> HoldRules:
    """How long the house keeps a stone without money, and how much longer once a transfer was announced."""
    own = house.current(session)
    lifetime, extension = timedelta(hours=own.hold_hours), timedelta(hours=own.hold_extension_hours)
    return HoldRules(lifetime, extension, lifetime + extension)


def refuse_if_taken(session: Session, commission: Commission, stone: StoneRow, *, at: datetime) -> None:
    """Nothing, where the stone could be held for the commission at this moment.

    Raises:
        StoneTaken, NotHoldable: as for `hold`.
    """
    mine = live(session, stone)
    if mine is not None and mine.commission_id == commission.id and not rules.has_lapsed(mine.fact(), at):
        return
    limits = limits_of(session)
    rules.check_hold(stone.status(mine), commission=str(commission.id), at=at, until=at + limits.lifetime, rules=limits)


def _insert_unless_taken(
    session: Session, commission: Commission, stone: StoneRow, at: datetime, until: datetime
) -> StoneHold | None:
    # waits for another transaction that is holding the same stone, then finds out whether it kept it
    told = {"stone_id": stone.id, "commission_id": commission.id, "created_at": at, "until": until, "end_reason": ""}
    return session.scalar(UNLESS_TAKEN[session.get_bind().dialect.name], told)


def _look_again(session: Session, held: StoneHold, until: datetime, at: datetime) -> None:
    """Let the clock come by when the hold is over; what was locked or extended by then is left alone."""
    enqueue(
        session,
        LAPSE,
        {"hold_id": held.id},
        queue=Queue.MAIL,
        due_at=until,
        at=at,
        commission=held.commission.reference,
        subject=held.stone.reference,
    )


def _end_if_due(session: Session, held: StoneHold, at: datetime) -> None:
    if _change(session, held, StoneHold.locked_at.is_(None), StoneHold.until <= at, ended_at=at, end_reason="lapsed"):
        held.commission.record("stone_hold_lapsed", CLOCK, at, stone=held.stone.reference)


def _change(session: Session, held: StoneHold, *conditions: ColumnElement[bool], **values: object) -> bool:
    """Change a live hold if, in the database and at this moment, the conditions are met; whether it was changed."""
    statement = (
        update(StoneHold)
        .where(StoneHold.id == held.id, StoneHold.ended_at.is_(None), *conditions)
        .values(**values)
        .returning(StoneHold.id)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    changed = session.scalar(statement) is not None
    session.refresh(held)
    session.expire(held.stone, ["holds"])
    return changed


def _taken(session: Session, stone: StoneRow) -> StoneTaken:
    held = live(session, stone)
    return StoneTaken(stone.reference, None if held is None or held.locked_at is not None else held.until)
