"""The runner of a worker process: told that a queue has work, it does all of it, one lease at a time.

A bell names only a queue, so a lost, late or doubled one changes nothing: the rows say what is to be done.
"""

import logging
import os
import socket
import threading
from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from bespoke.database import Conflict, DatabaseError
from bespoke.house import House
from bespoke.jobs import outbox
from bespoke.jobs.errors import CannotSucceed, LeaseLost
from bespoke.jobs.outbox import Claim
from bespoke.jobs.run import Failure, Run, Task, Tasks
from bespoke.models.job import JobState, Queue

OWN_PACKAGES = ("bespoke", "workflows", "renders")
REASON_LENGTH = 2000
logger = logging.getLogger(__name__)


class Runner:
    """Does the jobs of this process.

    Attributes:
        slots: how many jobs of each queue may run at a time in this process; one where nothing is said,
            as for pictures, whose rasteriser uses every core by itself.
    """

    def __init__(self, tasks: Tasks, house: House, *, slots: Mapping[Queue, int] | None = None) -> None:
        self.slots = {queue: (slots or {}).get(queue, 1) for queue in Queue}
        self._tasks = tasks
        self._house = house
        self._lease = timedelta(seconds=house.settings.job_lease_seconds)
        self._lock = threading.Lock()
        self._busy = dict.fromkeys(Queue, 0)
        self._knocks = dict.fromkeys(Queue, 0)
        self._in_hand: dict[str, Claim] = {}
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Take no further job; those in hand are finished."""
        self._stopping.set()

    def give_back(self) -> int:
        """Let what is still in hand be done by the next worker without waiting for the lease to end.

        Whatever its task still tries to record is refused. Returns how many jobs that were.
        """
        with self._lock:
            held = list(self._in_hand.values())
        given = 0
        for claim in held:
            try:
                with self._house.database.transaction() as session:
                    given += outbox.give_back(session, claim, at=self._house.clock())
            except (DatabaseError, SQLAlchemyError) as fault:
                logger.warning("job %s waits for its lease to end: %s", claim.job_id, fault)
        return given

    def answer(self, queue: Queue) -> int:
        """Do whatever this queue has due, and say how many jobs that were.

        With every slot of the queue taken it returns at once, and whoever holds a slot looks again.
        """
        with self._lock:
            self._knocks[queue] += 1
            if self._busy[queue] >= self.slots[queue]:
                return 0
            self._busy[queue] += 1
        done = 0
        try:
            while True:
                with self._lock:
                    heard = self._knocks[queue]
                while not self._stopping.is_set() and self.run_next(queue):
                    done += 1
                with self._lock:  # a knock since the last look must not be lost
                    if self._stopping.is_set() or heard == self._knocks[queue]:
                        self._busy[queue] -= 1
                        return done
        except BaseException:
            with self._lock:
                self._busy[queue] -= 1
            raise

    def run_next(self, queue: Queue) -> bool:
        """Whether there was a job due in this queue; if so it has been tried once."""
        owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        try:
            while self._bury(queue):
                continue
            with self._house.database.transaction() as session:
                claim = outbox.claim_next(session, queue, owner, at=self._house.clock(), lease=self._lease)
        except Conflict:
            return True  # another worker was faster; look again
        if claim is None:
            return False
        with self._lock:
            self._in_hand[claim.owner] = claim
        try:
            self._attempt(claim)
        finally:
            with self._lock:
                del self._in_hand[claim.owner]
        return True

    def _attempt(self, claim: Claim) -> None:
        run = Run(claim, self._house)
        task: Task | None = None
        try:
            task = self._tasks.find(claim.kind)
            with run.beating():
                task.work(run)
                if not run.recorded:
                    with run.record():
                        pass
        except LeaseLost as lost:
            logger.warning("%s", lost)
        except Exception as fault:  # whatever a task raises becomes a reason people can read
            logger.warning("job %s (%s) failed", claim.job_id, claim.kind, exc_info=fault)
            if not run.recorded:
                self._fail(claim, task, fault)

    def _fail(self, claim: Claim, task: Task | None, fault: Exception) -> None:
        reason = reason_of(fault)
        final, at = isinstance(fault, CannotSucceed), self._house.clock()
        try:
            with self._house.database.transaction() as session:
                state = outbox.fail(session, claim, reason, at=at, final=final)
                if state is JobState.FAILED:
                    _tell(session, task, Failure(claim.job_id, claim.kind, claim.payload, reason, at))
        except LeaseLost as lost:
            logger.warning("%s", lost)
        except (DatabaseError, SQLAlchemyError) as second:
            # the lease runs out and the job is taken again
            logger.warning("failure of job %s could not be written: %s", claim.job_id, second)

    def _bury(self, queue: Queue) -> bool:
        at = self._house.clock()
        with self._house.database.transaction() as session:
            claim = outbox.bury_next(session, queue, at=at)
            if claim is None:
                return False
            reason = outbox.SILENT_END.format(attempts=claim.attempt)
            failure = Failure(claim.job_id, claim.kind, claim.payload, reason, at)
            _tell(session, self._tasks.by_kind.get(claim.kind), failure)
        logger.warning("job %s (%s) failed: %s", claim.job_id, claim.kind, reason)
        return True


def reason_of(fault: Exception) -> str:
    """Why an attempt failed, as a sentence: a refusal's own words, else the kind of fault before them."""
    words = str(fault).strip() or "no further word"
    own = type(fault).__module__.partition(".")[0] in OWN_PACKAGES
    return (words if own else f"{type(fault).__name__}: {words}")[:REASON_LENGTH]


def _tell(session: Session, task: Task | None, failure: Failure) -> None:
    if task is None or task.given_up is None:
        return
    try:
        with session.begin_nested():
            task.given_up(session, failure)
    except (OperationalError, StaleDataError):  # a lost race: nothing is kept, and it is given up and told once more
        raise
    except Exception:  # the job is failed all the same, and says why
        logger.exception("nobody could be told that job %s (%s) failed", failure.job_id, failure.kind)
