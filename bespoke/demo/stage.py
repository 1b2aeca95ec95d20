"""The stage of a rehearsal: the house, the people, the worker, and the lines that are printed."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.demo.cast import Cast
from bespoke.house import House
from bespoke.jobs.runner import Runner
from bespoke.models.job import Job, JobState, Queue
from bespoke.models.piece import Piece
from bespoke.services.errors import ServiceError
from renders.report import Report
from workflows.errors import WorkflowError

PATIENCE_S = 1800
LOOK_EVERY_S = 0.1
QUEUES = tuple(Queue)


class JobFailed(Exception):
    """A job of the rehearsal was given up; the text is its reason."""


class NotRefused(Exception):
    """Something that must be refused was allowed."""


@dataclass(slots=True)
class Stage:
    """Everything an act needs.

    Attributes:
        runner: does the jobs in this process; None where a worker elsewhere does them.
        piece_id: the piece that is made.
        reports: what was measured on each CAD file, in the order given.
        overrides: block codes that the workshop lead answers, with the reason.
        pictures: what the names of its bench photographs begin with.
    """

    house: House
    cast: Cast
    runner: Runner | None
    piece_id: int
    cads: tuple[Path, ...]
    reports: tuple[Report, ...]
    alloy: str
    size: str | None
    overrides: dict[str, str]
    out: Path
    printed: TextIO = field(default_factory=lambda: sys.stdout)
    refusals: int = 0
    pictures: str = "bench"

    @property
    def has_stones(self) -> bool:
        """Whether the design, as drawn first, carries stones."""
        return bool(self.reports[0].stones)

    def say(self, milestone: str, words: str) -> None:
        """One line of the story."""
        print(f"{milestone:22} {words}", file=self.printed, flush=True)

    @contextmanager
    def step(self) -> Iterator[tuple[Session, Piece]]:
        """One transaction with the piece in it, as a request would have."""
        with self.house.database.transaction() as session:
            yield session, session.get_one(Piece, self.piece_id)

    def refused(self, what: str, attempt: Callable[[Session, Piece], object]) -> None:
        """Try what is not allowed, and print the sentence it gets.

        Raises:
            NotRefused: it was allowed after all.
        """
        try:
            with self.step() as (session, piece):
                attempt(session, piece)
                raise NotRefused(f"{what} was allowed.")
        except (WorkflowError, ServiceError) as refusal:
            self.refusals += 1
            print(f"{'':22}   refused: {what}: {refusal}", file=self.printed, flush=True)

    def piece(self, session: Session) -> Piece:
        """The piece that is made."""
        return session.get_one(Piece, self.piece_id)

    def piece_reworked(self) -> bool:
        """Whether the piece has been sent back before."""
        with self.house.database.reading() as session:
            return session.get_one(Piece, self.piece_id).reworks > 0

    def work(self) -> None:
        """Let the jobs that are due be done, and wait until none is left.

        Raises:
            JobFailed: one was given up.
        """
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE_S:
            if self.runner is not None:
                for queue in QUEUES:
                    while self.runner.run_next(queue):
                        pass
            with self.house.database.reading() as session:
                left = session.scalars(select(Job).where(Job.state.in_((JobState.QUEUED, JobState.RUNNING)))).all()
                due = [job for job in left if job.due_at <= self.house.clock() or job.attempts]
                failed = session.scalars(select(Job).where(Job.state == JobState.FAILED)).first()
            if failed is not None:
                raise JobFailed(f"{failed.kind}: {failed.error}")
            if not due:
                return
            time.sleep(LOOK_EVERY_S)
        raise JobFailed(f"The jobs were not done within {PATIENCE_S} seconds; is a worker running?")
