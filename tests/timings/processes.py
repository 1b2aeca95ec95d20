"""What the running house takes: the memory of web and worker when nothing happens, and how soon `verify` answers."""

import os
import resource
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.services_running import free_port
from tests.timings.measure import Row

MAIN = [sys.executable, "-c", "import sys; from bespoke.cli import main; sys.exit(main())"]
ROOT = Path(__file__).parents[2]
SETTLED_S = 5.0
READY_S = 90.0


def idle(top: Path) -> Iterator[Row]:
    """Web, worker and their supervisor after the first page."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    settings = os.environ | {"BESPOKE_DATA_FOLDER": str(top / "var"), "BESPOKE_LISTEN": address}
    made = [*MAIN, "init", "--name", "Orrell & Finch", "--prefix", "OF"]
    subprocess.run(made, env=settings, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    log = (top / "serve.log").open("wb")
    serving = subprocess.Popen([*MAIN, "serve"], env=settings, cwd=ROOT, stdout=log, stderr=log)
    try:
        _wait_for(f"http://{address}/")
        time.sleep(SETTLED_S)
        sizes = {pid: _memory(pid) for pid in (serving.pid, *_below(serving.pid))}
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait(30)
        log.close()
    shared = sum(one[1] for one in sizes.values())
    note = f"{len(sizes)} processes; {shared:.0f} MB where shared pages count once"
    yield Row("web and worker idle, resident", "MB", [sum(one[0] for one in sizes.values())], 250, note=note)


def verify(top: Path) -> Iterator[Row]:
    """`bespoke verify` on a file that is no dossier: nothing but its start."""
    file = top / "other.pdf"
    file.write_bytes(b"%PDF-1.4\n%%EOF\n")
    walls, cpus = [], []
    for _ in range(5):
        began, used = time.perf_counter(), _children_cpu()
        subprocess.run([*MAIN, "verify", str(file)], cwd=ROOT, check=False, capture_output=True)
        walls.append(time.perf_counter() - began)
        cpus.append(_children_cpu() - used)
    yield Row("bespoke verify, start to answer", "s", walls, None, cpus)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wait_for(address: str) -> None:
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


def _below(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found = [parent]
    for one in found:  # grows while it is walked
        found += [pid for pid, of in pairs if of == one]
    return found[1:]


def _memory(pid: int) -> tuple[float, float]:
    """Resident and proportional memory in MB."""
    told = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        told[name] = int(value.split()[0]) / 1000
    return told["Rss"], told["Pss"]
