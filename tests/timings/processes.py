"""What the running house takes: the memory of web and worker when nothing happens, and how soon `verify` answers."""

import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.timings.measure import Row
from tests.timings.scenes import a_house
from tests.timings.serving import MAIN, ROOT, memory_mb, served

SETTLED_S = 5.0


def idle(top: Path) -> Iterator[Row]:
    """Web, worker and their supervisor after the first page."""
    with a_house(top / "var"):
        pass
    with served(top, top / "var") as house:
        time.sleep(SETTLED_S)
        sizes = {pid: memory_mb(pid) for pid in house.processes}
        web = sizes[house.pages][0]
    shared = sum(one[1] for one in sizes.values())
    note = f"{len(sizes)} processes; {shared:.0f} MB where shared pages count once; {web:.0f} MB answer pages"
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
