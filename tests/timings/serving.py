"""A real `bespoke serve` in processes of its own, and what /proc tells of each of them."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services_running import free_port

MAIN = [sys.executable, "-c", "import sys; from bespoke.cli import main; sys.exit(main())"]
ROOT = Path(__file__).parents[2]
READY_S = 90.0
END_S = 30.0
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
WEB = "bespoke.app:create_app()"


@dataclass(frozen=True, slots=True)
class Served:
    """A house that is served: where, and the process of its supervisor."""

    address: str
    pid: int

    @property
    def processes(self) -> tuple[int, ...]:
        """Its supervisor and all below."""
        return (self.pid, *_below(self.pid))

    @property
    def pages(self) -> int:
        """The process that answers pages: the last of the server's, below the one that only watches."""
        return [pid for pid in self.processes if WEB in Path(f"/proc/{pid}/cmdline").read_text()][-1]


@contextmanager
def served(top: Path, folder: Path) -> Iterator[Served]:
    """`bespoke serve` of the house in `folder` until the block ends; its log is in `top`.

    Raises:
        TimeoutError: it did not answer.
    """
    listen = f"127.0.0.1:{free_port()}"
    settings = os.environ | {"BESPOKE_DATA_FOLDER": str(folder), "BESPOKE_LISTEN": listen}
    with (top / "serve.log").open("ab") as log:
        serving = subprocess.Popen([*MAIN, "serve"], env=settings, cwd=ROOT, stdout=log, stderr=log)
        try:
            wait_for(f"http://{listen}/")
            yield Served(f"http://{listen}", serving.pid)
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait(END_S)


def wait_for(address: str) -> None:
    """Until a page answers, whatever it says. Raises TimeoutError."""
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.HTTPError as answered:
            answered.close()
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"{address} did not answer within {READY_S:.0f} s")


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident and proportional memory of a process in MB."""
    told = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        told[name] = int(value.split()[0]) / 1000
    return told["Rss"], told["Pss"]


def peak_mb(pid: int) -> float:
    """The most resident memory a process ever had, in MB."""
    told = Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2]
    return int(told.split()[0]) / 1000


def cpu_seconds(pid: int) -> float:
    """What processors have spent on a process since it began, in steps of a hundredth."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) * TICK_S


def _below(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = [parent]
    for one in found:  # grows while it is walked
        found += [pid for pid, of in pairs if of == one]
    return found[1:]
