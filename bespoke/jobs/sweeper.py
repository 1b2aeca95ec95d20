"""The sweeper: looks every second for what is due or was dropped by a dead worker, and rings for it.

Any number of sweepers may run; they only ring, and ringing twice does nothing twice.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from bespoke.database import DatabaseError
from bespoke.house import House
from bespoke.jobs import due, outbox
from bespoke.jobs.bell import Bell
from bespoke.jobs.due import Recurring
from bespoke.jobs.outbox import Waiting
from bespoke.models.job import Queue

EVERY_S = 1.0
MOST_BELLS = 4  # workers woken for one queue at a time; each then does all it finds
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(seconds=30)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rung:
    """When a queue was last rung for, over which work, and how long until it is rung for again."""

    at: datetime
    over: Waiting
    pause: timedelta


class Sweeper:
    """Rings for waiting work: at once when it changes, else ever more rarely while nobody takes it."""

    def __init__(self, house: House, bell: Bell, recurring: Sequence[Recurring] = due.RECURRING) -> None:
        self._house = house
        self._bell = bell
        self._recurring = recurring
        self._rung: dict[Queue, Rung] = {}

    def sweep(self) -> int:
        """Ring for all that waits; the number of bells rung."""
        at = self._house.clock()
        with self._house.database.reading() as session:
            waiting = outbox.waiting(session, at=at)
            missing = due.missing(session, self._recurring)
        if missing:
            with self._house.database.transaction() as session:
                due.plan(session, missing, at=at)
        self._rung = {work.queue: self._rung[work.queue] for work in waiting if work.queue in self._rung}
        return sum(self._ring_for(work, at) for work in waiting)

    def run(self, stop: threading.Event, *, every_s: float = EVERY_S) -> None:
        """Look every `every_s` seconds until told to stop."""
        while True:
            self.look()
            if stop.wait(every_s):
                return

    def look(self) -> None:
        """Sweep once; a database that is away for a while is only logged."""
        try:
            self.sweep()
        except (DatabaseError, SQLAlchemyError) as fault:
            logger.warning("the sweeper could not look this time: %s", fault)

    def _ring_for(self, work: Waiting, at: datetime) -> int:
        last = self._rung.get(work.queue)
        unchanged = last is not None and last.over == work
        if last is not None and unchanged and last.at <= at < last.at + last.pause:  # a clock set back is no pause
            return 0
        pause = min(LONGEST_PAUSE, last.pause * 2) if last is not None and unchanged else FIRST_PAUSE
        bells = min(work.count, MOST_BELLS)
        if not self._bell.ring([work.queue] * bells):
            return 0
        self._rung[work.queue] = Rung(at, work, pause)
        return bells
