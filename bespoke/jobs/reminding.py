"""Reminders: before a hold or a price ends, when an answer or a visit is owed, and half a year after.

Three at most, then rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.jobs import telling
from bespoke.jobs.run import Run, Task
from bespoke.models.commission import Commission, CommissionState
from bespoke.models.people import Person
from bespoke.models.piece import MilestoneRow, Piece
from bespoke.models.quote import Quote
from bespoke.models.stone import StoneHold
from bespoke.services import house, uncollected
from workflows.roles import Role
from workflows.snapshot import Course, Status

REMIND = "remind"
EVERY = timedelta(hours=1)
BEFORE_HOLD, BEFORE_QUOTE = timedelta(hours=24), timedelta(days=3)
OWED_AFTER = (timedelta(days=3), timedelta(days=7), timedelta(days=14))
FIRST_CLEANING, CLEANING_ENDS = timedelta(days=182), timedelta(days=212)


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to remind the client of; `about` is the same each time it is found."""

    commission: Commission
    kind: str
    about: str
    facts: dict[str, object]


def remind(run: Run) -> None:
    """Write a notice for whatever came due since the last look."""
    at = run.house.clock()
    with run.record() as session:
        told: dict[int, Person] = {}
        for each in due(session, at=at):
            client = each.commission.client
            if client.active and telling.add(
                session, client, each.commission, each.kind, each.about, each.facts, at=at
            ):
                told[client.id] = client
        for person in told.values():
            telling.have_written(session, person, at=at)


def due(session: Session, *, at: datetime) -> Iterator[Reminder]:
    """Everything to remind of at this moment, told already or not."""
    yield from _holds(session, at)
    yield from _quotes(session, at)
    yield from _answers(session, at)
    yield from _uncollected(session, at)
    yield from _cleanings(session, at)


def _holds(session: Session, at: datetime) -> Iterator[Reminder]:
    statement = select(StoneHold).where(
        StoneHold.ended_at.is_(None),
        StoneHold.locked_at.is_(None),
        StoneHold.until > at,
        StoneHold.until <= at + BEFORE_HOLD,
    )
    for held in session.scalars(statement):
        if held.until is not None and held.commission.state is CommissionState.OPEN:
            until = held.until.isoformat()
            yield Reminder(held.commission, "hold_ends", f"hold {held.id} until {until}", {"until": until})


def _quotes(session: Session, at: datetime) -> Iterator[Reminder]:
    statement = select(Quote).where(
        Quote.firm,
        Quote.sent_at.is_not(None),
        Quote.accepted_at.is_(None),
        Quote.superseded_at.is_(None),
        Quote.valid_until > at,
        Quote.valid_until <= at + BEFORE_QUOTE,
    )
    for quote in session.scalars(statement):
        if quote.commission.state is CommissionState.OPEN:
            facts: dict[str, object] = {"until": quote.valid_until.isoformat()}
            yield Reminder(quote.commission, "quote_ends", f"quote {quote.id}", facts)


def _answers(session: Session, at: datetime) -> Iterator[Reminder]:
    statement = (
        select(MilestoneRow)
        .join(MilestoneRow.piece)
        .where(
            MilestoneRow.status == Status.ASKED,
            MilestoneRow.asked_at <= at - OWED_AFTER[0],
            Piece.course == Course.LIVE,
        )
    )
    for row in session.scalars(statement):
        commission, asked_at = row.piece.commission, row.asked_at
        milestone = row.piece.template[row.key]
        if asked_at is None or Role.CLIENT not in milestone.approves or commission.state is not CommissionState.OPEN:
            continue
        times = sum(at - asked_at >= after for after in OWED_AFTER)
        facts: dict[str, object] = {
            "piece": row.piece.reference,
            "milestone": row.key,
            "asked": asked_at.isoformat(),
        }
        yield Reminder(commission, "still_asked", f"answer {row.id} of {asked_at.isoformat()}, time {times}", facts)


def _uncollected(session: Session, at: datetime) -> Iterator[Reminder]:
    charged = house.current(session).storage_fee_minor > 0
    for one in uncollected.waiting(session, at=at):
        since, rung = one.since.isoformat(), one.rung(at)
        kind = "storage" if charged and rung == len(uncollected.LADDER) else "uncollected"
        facts: dict[str, object] = {"piece": one.piece.reference, "first": one.since.date().isoformat()}
        yield Reminder(one.piece.commission, kind, f"piece {one.piece.id} ready {since}, time {rung}", facts)


def _cleanings(session: Session, at: datetime) -> Iterator[Reminder]:
    statement = (
        select(MilestoneRow)
        .where(MilestoneRow.key == "delivery", MilestoneRow.status == Status.DONE)
        .where(MilestoneRow.done_at <= at - FIRST_CLEANING, MilestoneRow.done_at > at - CLEANING_ENDS)
    )
    for row in session.scalars(statement):
        facts: dict[str, object] = {"piece": row.piece.reference}
        yield Reminder(row.piece.commission, "cleaning", f"cleaning of piece {row.piece_id}", facts)


TASK = Task(REMIND, remind)
