"""The worker: `celery -A bespoke.worker worker [-Q render,document,mail]`, and `sweep` for beside it.

Importing this module reads nothing; Celery asks for `app`, which is then made from the environment.
"""

import os
import signal
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from celery import Celery, signals

from bespoke.config import Settings, read_settings
from bespoke.house import House, NotPrepared, open_house
from bespoke.jobs import workplace
from bespoke.jobs.bell import ANSWER, EMBEDDED, Bell, make_celery, ring_after_commit
from bespoke.jobs.due import RECURRING, Recurring
from bespoke.jobs.run import Tasks
from bespoke.jobs.runner import Runner
from bespoke.jobs.sweeper import EVERY_S, Sweeper
from bespoke.jobs.tasks import TASKS
from bespoke.jobs.telling import tell_what_happens
from bespoke.models.job import Queue

# How long a job in hand may still take when its worker has to end, before it is given back: within the grace
# of our own supervisor, and of containers that are told to wait for long jobs.
EMBEDDED_PATIENCE_S = 3.0
PATIENCE_S = 60.0


class Worker:
    """What one worker process holds open between Celery's start and its end.

    Attributes:
        app: the Celery app whose only task answers bells.
        sweeps: whether this worker also looks for what is due, so that no other process need.
    """

    def __init__(self, settings: Settings, tasks: Tasks, recurring: Sequence[Recurring]) -> None:
        self.app = make_celery(settings)
        self.sweeps = settings.broker_url.startswith(EMBEDDED)
        self._settings = settings
        self._tasks = tasks
        self._recurring = recurring
        self._stop = threading.Event()
        self._sweeping: threading.Thread | None = None
        self._giving_back: threading.Timer | None = None
        self._house: House | None = None
        self._runner: Runner | None = None
        self.app.task(self.answer, name=ANSWER)

    def answer(self, queue: str) -> None:
        """Do what the queue has due; a database that is away is left to the next bell."""
        if self._runner is not None:
            self._runner.answer(Queue(queue))

    def open(self, **_: Any) -> None:
        """Open the house; called by Celery before the first bell."""
        try:
            self._house = open_house(self._settings)
        except NotPrepared as refusal:  # Celery would only log an exception, and listen without a house
            raise SystemExit(str(refusal)) from refusal
        tell_what_happens(self._house)
        ring_after_commit(self._house, self.app)
        longest = float(self._settings.child_cpu_seconds * 3 + self._settings.picture_cpu_seconds * 2)
        workplace.clear(self._settings, older_than_s=longest, now_s=self._house.clock().timestamp())
        several = dict.fromkeys((Queue.DOCUMENT, Queue.MAIL), self._settings.worker_concurrency)
        self._runner = Runner(self._tasks, self._house, slots=several)

    def begin(self, **_: Any) -> None:
        """Look for what waits already, and go on looking if nobody else does; called when Celery listens."""
        if self._house is None:
            return
        sweeper = Sweeper(self._house, Bell(self.app), self._recurring)
        if self.sweeps:
            arguments = (self._stop,)
            self._sweeping = threading.Thread(target=sweeper.run, args=arguments, name="sweeper", daemon=True)
            self._sweeping.start()
        else:
            sweeper.look()

    def end(self, **_: Any) -> None:
        """Take no new job; those in hand are finished, or given back when that takes too long."""
        self._stop.set()
        if self._runner is not None and self._giving_back is None:
            self._runner.stop()
            patience = EMBEDDED_PATIENCE_S if self.sweeps else PATIENCE_S
            self._giving_back = threading.Timer(patience, self._runner.give_back)
            self._giving_back.daemon = True
            self._giving_back.start()

    def close(self, **_: Any) -> None:
        """Give back what was opened."""
        self._stop.set()
        if self._giving_back is not None:
            self._giving_back.cancel()
        if self._sweeping is not None:
            self._sweeping.join(timeout=10)
        if self._house is not None:
            self._house.close()


def make_app(settings: Settings, tasks: Tasks = TASKS, recurring: Sequence[Recurring] = RECURRING) -> Celery:
    """The Celery app of a worker process for these tasks; a process makes one."""
    worker = Worker(settings, tasks, recurring)
    signals.worker_init.connect(worker.open, weak=False)
    signals.worker_ready.connect(worker.begin, weak=False)
    signals.worker_shutting_down.connect(worker.end, weak=False)
    signals.worker_shutdown.connect(worker.close, weak=False)
    return worker.app


def sweep(settings: Settings, *, every_s: float = EVERY_S) -> None:
    """Ring for what is due, until SIGTERM or SIGINT; one such process beside workers on a real broker."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    house = open_house(settings)
    try:
        Sweeper(house, Bell(make_celery(settings)), RECURRING).run(stop, every_s=every_s)
    finally:
        house.close()


@cache
def _app() -> Celery:
    return make_app(read_settings(os.environ))


def __getattr__(name: str) -> Any:
    if name in ("app", "celery"):
        return _app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
