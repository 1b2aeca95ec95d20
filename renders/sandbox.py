"""Run a Python module in a child that may use only so much, sees no secrets and cannot hurt its parent."""

import json
import os
import resource
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from renders.confine import OUT_OF_MEMORY, Limits
from renders.errors import (
    REFUSAL_FILE,
    REFUSED,
    ChildCrashed,
    ChildFailed,
    ChildOutOfMemory,
    ChildTimedOut,
    refusal_from_json,
)
from workflows.sentences import sentence

__all__ = ["PICTURE", "READ", "Finished", "Limits", "Started", "network_is_shut", "run", "started"]

READ = Limits(memory_mb=4096, cpu_seconds=120, wall_seconds=300, file_mb=1024)
PICTURE = Limits(memory_mb=4096, cpu_seconds=300, wall_seconds=600, file_mb=1024)

_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DRJIT_LIBLLVM_PATH", "FONTCONFIG_PATH", "LIBGL_DRIVERS_PATH")
_KEPT_BYTES = 64 * 1024
_LAST_WORDS_SECONDS, _LOOK_UP_MS = 5, 200
_ROOT = Path(__file__).resolve().parent.parent
_MEMORY_WORDS = ("bad_alloc", "MemoryError", "Cannot allocate memory", "out of memory", "Unable to allocate")


@dataclass(frozen=True, slots=True)
class Finished:
    """A child that ended well; what it printed is cut after 64 kB."""

    stdout: str
    stderr: str
    wall_seconds: float
    cpu_seconds: float
    peak_memory_mb: float


def run(module: str, arguments: Sequence[str], *, folder: Path, limits: Limits) -> Finished:
    """Run `python -m module arguments` limited; `folder` is its working, home and temporary folder.

    The child has its own session, no network where the kernel allows, and an environment of its own; when its
    time is up, or when it ends, everything it started in that session ends with it; when this process dies, the child
    does. What it put into a session of its own lives on within the same limits, and is not waited for.

    Raises:
        RenderError: the refusal the child left in its folder, as the class it had there.
        ChildTimedOut: wall or CPU seconds used up.
        ChildOutOfMemory: it asked for more than `limits.memory_mb`.
        ChildCrashed: ended by a signal.
        ChildFailed: ended with an error of its own.
    """
    with started(module, arguments, folder=folder, limits=limits) as child:
        return child.finish()


class Started:
    """A limited child at work; `started` makes it and ends it."""

    def __init__(self, child: subprocess.Popen[bytes], limits: Limits, refusal: Path) -> None:
        self._child = child
        self._limits = limits
        self._refusal = refusal
        self._begun = _monotonic()
        self._timed_out = threading.Event()
        self._timer = threading.Timer(limits.wall_seconds, self._time_is_up)
        self._timer.daemon = True
        self._timer.start()
        self._said = _Kept(child.stdout), _Kept(child.stderr)

    def finish(self) -> Finished:
        """Wait for its end; raises what `run` raises."""
        # the child stays a zombie until wait4, so its number cannot pass to a stranger before the group ends
        try:
            os.waitid(os.P_PID, self._child.pid, os.WEXITED | os.WNOWAIT)
        finally:
            used = self._end()
        stdout, stderr = (one.text() for one in self._said)
        cpu = used.ru_utime + used.ru_stime
        finished = Finished(stdout, stderr, _monotonic() - self._begun, cpu, used.ru_maxrss / 1024)
        code, limits = self._child.returncode, self._limits
        if self._timed_out.is_set():
            raise ChildTimedOut(
                sentence(
                    "The work was stopped after %(wall_seconds)s seconds. The file is probably "
                    "too complex: simplify it.",
                    wall_seconds=limits.wall_seconds,
                ),
                seconds=limits.wall_seconds,
            )
        if code == REFUSED and self._refusal.is_file():
            raise refusal_from_json(self._refusal.read_text(encoding="utf-8", errors="replace")[: 64 * 1024])
        if code != 0:
            raise _failure(code, finished, limits)
        return finished

    def stop(self) -> None:
        """End it with all it started, unless it has ended."""
        if self._child.returncode is None:
            self._end()
        for one in self._said:  # its last words are still being read, and the pipe is closed next
            one.leave()

    def _end(self) -> resource.struct_rusage:
        self._timer.cancel()
        _end_group(self._child.pid)
        _, status, used = os.wait4(self._child.pid, 0)
        self._child.returncode = os.waitstatus_to_exitcode(status)
        return used

    def _time_is_up(self) -> None:
        self._timed_out.set()
        _end_group(self._child.pid)


@contextmanager
def started(module: str, arguments: Sequence[str], *, folder: Path, limits: Limits) -> Iterator[Started]:
    """A child as `run` runs it, at work while the block runs; what is left of it ends with the block."""
    refusal = folder / REFUSAL_FILE
    refusal.unlink(missing_ok=True)
    confined = ["renders.confine", json.dumps(asdict(limits)), str(os.getpid()), module]
    child = subprocess.Popen(
        [sys.executable, "-P", "-s", "-m", *confined, *arguments],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        close_fds=True,
    )
    with child:
        begun = Started(child, limits, refusal)
        try:
            yield begun
        finally:
            begun.stop()


def network_is_shut(folder: Path) -> bool:
    """Whether a child started here is cut off from the network; some kernels and containers forbid it."""
    limits = Limits(memory_mb=512, cpu_seconds=10, wall_seconds=30, file_mb=1)
    return run("renders.confine", ["--network"], folder=folder, limits=limits).stdout.strip() == "shut"


class _Kept:
    """The first 64 kB of a stream, read by a thread of its own so that a talkative child never waits."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        assert stream is not None
        self._stream = stream
        self._parts = bytearray()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def text(self) -> str:
        """What was said, once all of it is read or left."""
        self.leave()
        return self._parts.decode("utf-8", errors="replace")

    def leave(self) -> None:
        """Read to the end of it, or leave it after five seconds to a grandchild that left the session and holds it."""
        self._thread.join(timeout=_LAST_WORDS_SECONDS)
        self._left.set()
        self._thread.join()

    def _drain(self) -> None:
        # never a blocking read: closing the pipe would wait for it, as long as anybody holds the other end
        pipe = self._stream.fileno()
        ready = select.poll()
        ready.register(pipe, select.POLLIN)
        while not self._left.is_set():
            if not ready.poll(_LOOK_UP_MS):
                continue
            part = os.read(pipe, _KEPT_BYTES)
            if not part:
                return
            self._parts += part[: max(0, _KEPT_BYTES - len(self._parts))]


def _monotonic() -> float:
    return os.times().elapsed


def _end_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
    except PermissionError:  # macOS says so for a group of zombies only
        return


def _failure(code: int, finished: Finished, limits: Limits) -> Exception:
    said = finished.stderr.strip()[-2000:]
    if code == OUT_OF_MEMORY or (code != 0 and any(word in said for word in _MEMORY_WORDS)):
        return ChildOutOfMemory(
            sentence(
                "The work needed more than the %(memory_mb)s MB it may use. Simplify the file or "
                "export a coarser mesh.",
                memory_mb=limits.memory_mb,
            ),
            memory_mb=limits.memory_mb,
        )
    if code == -signal.SIGXCPU:
        return ChildTimedOut(
            sentence(
                "The work was stopped after %(cpu_seconds)s seconds of computing. Simplify the file.",
                cpu_seconds=limits.cpu_seconds,
            ),
            seconds=limits.cpu_seconds,
        )
    if code < 0:
        name = signal.Signals(-code).name
        return ChildCrashed(
            sentence(
                "The program that reads such files crashed on this one (%(name)s). Export it "
                "anew, or in another format.",
                name=name,
            ),
            signal=name,
            said=said,
        )
    last = said.splitlines()[-1] if said else f"exit code {code}"
    return ChildFailed(f"The work ended with an error: {last}", code=code, said=said)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours but where programs lie: settings and keys stay with the parent."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return passed | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_ROOT),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "2",
    }
