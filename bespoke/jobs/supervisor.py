"""The supervisor of `bespoke serve`: starts web and worker, starts again what dies, leaves nothing behind.

It imports neither web nor database, so it takes next to no memory: `python -m bespoke.jobs.supervisor`.
"""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from bespoke.config import Settings, read_settings

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0  # a child that lived this long is started again without delay
LOOK_EVERY_S = 0.2
END_EVERY_S = 0.05
PR_SET_PDEATHSIG: Final = 1
WEB = "bespoke.app:create_app()"
WORKER = "bespoke.worker"
LEAN = {"MALLOC_ARENA_MAX": "2"}  # else each thread keeps freed memory of its own
AS_ROOT = "ignore:You're running the worker with superuser privileges"  # as in a container or the demo
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running.

    Attributes:
        command: program and arguments.
        environment: variables set beside the supervisor's own.
        grace_s: how long it may take to end after SIGTERM before it is killed with all it started.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = 6.0


class _Post:
    """One child's place: the process in it, and when it may be started again."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_at = 0.0
        self.pause_s = 0.0

    def start(self, now: float) -> None:
        self.process = subprocess.Popen(
            list(self.child.command),
            env={**os.environ, **self.child.environment},
            start_new_session=True,  # its own group, so that all it starts can be ended with it
            preexec_fn=_end_with(os.getpid()),
        )
        self.started_at = now

    def look(self, now: float) -> None:
        if self.process is not None and self.process.poll() is not None:
            self._bury(self.process, now)
        if self.process is None and now >= self.start_at:
            self.start(now)

    def _bury(self, process: subprocess.Popen[bytes], now: float) -> None:
        _signal_group(process, signal.SIGKILL)  # what it may have left behind
        steady = now - self.started_at >= STEADY_S
        self.pause_s = 0.0 if steady else min(LONGEST_PAUSE_S, max(FIRST_PAUSE_S, self.pause_s * 2))
        self.start_at = now + self.pause_s
        self.process = None
        logger.warning("%s ended (%s); starting it again in %.1f s", self.child.name, process.returncode, self.pause_s)


class Supervisor:
    """Keeps children running until told to stop."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        ending: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ending = ending
        self._posts = [_Post(child) for child in children]
        self._monotonic = monotonic
        self._stopping = False
        self._hurried = False

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """End after the present look, and when told again without grace; usable as a signal handler."""
        self._hurried = self._stopping
        self._stopping = True

    def run(self) -> None:
        """Start all children and stay until SIGTERM or SIGINT, then end them, gently first."""
        before = {number: signal.signal(number, self.stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not self._stopping:
                for post in self._posts:
                    post.look(self._monotonic())
                time.sleep(LOOK_EVERY_S)
        finally:
            self._ending()
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end_all(self) -> None:
        running = [post for post in self._posts if post.process is not None]
        for post in running:
            if post.process is not None:
                post.process.terminate()
        asked_at = self._monotonic()
        for post in running:
            if post.process is not None:
                self._see_out(post.process, post.child, asked_at)

    def _see_out(self, process: subprocess.Popen[bytes], child: Child, asked_at: float) -> None:
        while process.poll() is None and not self._hurried and self._monotonic() < asked_at + child.grace_s:
            time.sleep(END_EVERY_S)
        if process.poll() is None:
            waited = self._monotonic() - asked_at
            logger.warning("%s did not end within %.0f s and is killed", child.name, waited)
        _signal_group(process, signal.SIGKILL)
        process.wait()


def web(settings: Settings) -> Child:
    """The pages: one process with threads."""
    options = {
        "--bind": settings.listen,
        "--workers": "1",
        "--worker-class": "gthread",
        "--threads": str(settings.web_threads),
        "--graceful-timeout": "4",
        "--log-level": "warning",
    }
    given = [word for pair in options.items() for word in pair]
    command = [sys.executable, "-m", "gunicorn", *given, "--no-control-socket", WEB]
    return Child("web", command, LEAN)


def worker(app: str = WORKER) -> Child:
    """The one worker of an embedded house, which also looks for what falls due."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", app, "worker", "--loglevel", "WARNING"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Child("worker", [*command, *quiet], {**LEAN, "PYTHONWARNINGS": AS_ROOT})


def serve(settings: Settings, *, ending: Callable[[], None] = lambda: None) -> None:
    """Run web and worker until SIGTERM or SIGINT; `ending` is called before they are asked to end."""
    clear(settings.queue_folder / "messages")
    Supervisor([web(settings), worker()], ending=ending).run()


def clear(messages: Path) -> None:
    """Throw away what an earlier run left in the embedded queue; the rows know what is to be done."""
    for left in messages.glob("*") if messages.is_dir() else ():
        left.unlink(missing_ok=True)


def become() -> NoReturn:
    """Replace this process, whatever it has loaded, by the supervisor of this environment's house."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "bespoke.jobs.supervisor"])


def main() -> None:
    """`python -m bespoke.jobs.supervisor`: serve the house of this environment."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    serve(read_settings(os.environ))


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _end_with(parent: int) -> Callable[[], None] | None:
    """What the new process runs first: the kernel sends SIGTERM when the supervisor dies, however it dies."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the kernel could be asked
            os.kill(os.getpid(), signal.SIGTERM)

    return ask


if __name__ == "__main__":
    main()
