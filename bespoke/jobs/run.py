"""A task and the run of it: what a task function is given, and how its result is recorded exactly once."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bespoke.database import DatabaseError
from bespoke.house import House
from bespoke.jobs import outbox
from bespoke.jobs.errors import AlreadyRecorded, LeaseLost, UnknownKind
from bespoke.jobs.outbox import Claim

PROGRESS_EVERY_S = 0.5
BEATS_PER_LEASE = 4
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that is given up, for whoever waits for it; `at` is the moment it was."""

    job_id: str
    kind: str
    payload: Mapping[str, Any]
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """What a kind of job does.

    Attributes:
        work: does it and records the result by `run.record()`; without that the job is simply done.
        given_up: called in the transaction that marks the job `failed`, to say so where people look.
    """

    kind: str
    work: Callable[["Run"], None]
    given_up: Callable[[Session, Failure], None] | None = None


@dataclass(frozen=True, slots=True)
class Tasks:
    """The one table of tasks, by kind."""

    by_kind: Mapping[str, Task]

    @classmethod
    def of(cls, *tasks: Task) -> "Tasks":
        """The table of these tasks.

        Raises:
            ValueError: two tasks have the same kind.
        """
        by_kind = {task.kind: task for task in tasks}
        if len(by_kind) != len(tasks):
            raise ValueError(f"two tasks have the same kind: {sorted(task.kind for task in tasks)}")
        return cls(MappingProxyType(by_kind))

    def find(self, kind: str) -> Task:
        """The task of this kind.

        Raises:
            UnknownKind: none is registered.
        """
        if kind not in self.by_kind:
            raise UnknownKind(kind)
        return self.by_kind[kind]


class Run:
    """One attempt at a job, in the hands of a task function.

    Attributes:
        payload: what was enqueued: names to JSON scalars.
        house: what the house runs on; changes to its database belong into `record()` or `partly()`.
        claim: the job's id, kind, attempt and cause.
    """

    def __init__(self, claim: Claim, house: House) -> None:
        self.claim = claim
        self.payload = claim.payload
        self.house = house
        self.recorded = False
        self._lease = timedelta(seconds=house.settings.job_lease_seconds)
        self._lost = threading.Event()
        self._told_at = float("-inf")

    def progress(self, percent: int, words: str) -> None:
        """Show how far the job is; at most two a second are written.

        Raises:
            LeaseLost: the job was cancelled or taken over; stop working.
        """
        self._check()
        if time.monotonic() - self._told_at < PROGRESS_EVERY_S:
            return
        with self.house.database.transaction() as session:
            outbox.say_progress(session, self.claim, percent=percent, words=words)
        self._told_at = time.monotonic()

    def cancelled(self) -> bool:
        """Whether the job is no longer ours, so that going on would be in vain; renews the lease if it is."""
        if self._lost.is_set() or self.recorded:
            return self._lost.is_set()
        with self.house.database.transaction() as session:
            held = outbox.renew(session, self.claim, at=self.house.clock(), lease=self._lease)
        if not held:
            self._lost.set()
        return not held

    @contextmanager
    def record(self) -> Iterator[Session]:
        """The transaction in which the job is done together with its effects, or neither.

        Raises:
            LeaseLost: the job was cancelled or taken over; nothing was kept.
            AlreadyRecorded: it was recorded before.
        """
        if self.recorded:
            raise AlreadyRecorded(self.claim.job_id)
        self._check()
        with self.house.database.transaction() as session:
            outbox.finish(session, self.claim, at=self.house.clock())
            yield session
        self.recorded = True

    @contextmanager
    def partly(self) -> Iterator[Session]:
        """A transaction for something done on the way, kept only while the job is ours; the lease begins anew.

        Raises:
            LeaseLost: the job was cancelled or taken over; nothing was kept.
        """
        self._check()
        with self.house.database.transaction() as session:
            if not outbox.renew(session, self.claim, at=self.house.clock(), lease=self._lease):
                raise LeaseLost(self.claim.job_id, self.claim.owner)
            yield session

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Renews the lease from a thread of its own while the block runs."""
        ended = threading.Event()
        name = f"lease-{self.claim.job_id[:8]}"
        thread = threading.Thread(target=self._beat, args=(ended,), name=name, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _beat(self, ended: threading.Event) -> None:
        while not ended.wait(self._lease.total_seconds() / BEATS_PER_LEASE):
            try:
                if self.cancelled():
                    return
            except (DatabaseError, SQLAlchemyError) as fault:
                logger.warning("lease of job %s not renewed this time: %s", self.claim.job_id, fault)

    def _check(self) -> None:
        if self._lost.is_set():
            raise LeaseLost(self.claim.job_id, self.claim.owner)
