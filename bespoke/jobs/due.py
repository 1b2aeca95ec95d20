"""What falls due by the clock, again and again: a table, and the jobs it keeps waiting."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.job import Job, JobState, Queue, enqueue

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
KEY = "due:{kind}"


@dataclass(frozen=True, slots=True)
class Recurring:
    """A job that is to run at every multiple of `every`, counted from midnight UTC."""

    kind: str
    queue: Queue
    every: timedelta

    def next_after(self, at: datetime) -> datetime:
        """The first of its moments later than `at`."""
        return EPOCH + ((at - EPOCH) // self.every + 1) * self.every


RECURRING: tuple[Recurring, ...] = (
    Recurring("sweep_leftovers", Queue.DOCUMENT, timedelta(days=1)),
    Recurring("remind", Queue.MAIL, timedelta(hours=1)),
    Recurring("watch_memos", Queue.DOCUMENT, timedelta(days=1)),
)


def missing(session: Session, recurring: Iterable[Recurring]) -> list[Recurring]:
    """Those of which no job waits for its turn; reads only."""
    by_key = {KEY.format(kind=each.kind): each for each in recurring}
    there = set(session.scalars(select(Job.dedupe_key).where(Job.dedupe_key.in_(by_key), Job.state == JobState.QUEUED)))
    return [each for key, each in by_key.items() if key not in there]


def plan(session: Session, recurring: Iterable[Recurring], *, at: datetime) -> None:
    """Queue the next turn of each; two planners at once still make one job each."""
    for each in recurring:
        enqueue(
            session,
            each.kind,
            {},
            queue=each.queue,
            key=KEY.format(kind=each.kind),
            due_at=each.next_after(at),
            at=at,
        )
