"""How long a drawing of 300 MB takes to come in parts, beside a copy on the same disk, and the memory it takes.

The house is served as always and the sender is a process of its own. Both are on this machine, so what the sender
spends on hashing and sending is told apart.
"""

import hashlib
import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from bespoke.database import Database
from bespoke.house import House
from bespoke.models.job import Job, JobState
from bespoke.models.people import Person
from bespoke.services import links
from tests.factories import a_commission, brought_to
from tests.timings import scenes
from tests.timings.measure import Row
from tests.timings.serving import ROOT, Served, cpu_seconds, memory_mb, peak_mb, served

SIZE = 300_000_000
RUNS = 3
CHUNK = 1 << 20
QUIET_S = 120.0


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds by the clock, and of processor: of whoever sent or copied, and of the process that answers pages."""

    wall: float
    cpu: float
    web: float = 0.0


def uploads(top: Path) -> Iterator[Row]:
    """Copies and uploads by turns, each upload into a commission of its own."""
    source = top / "source"
    _write(source)
    with scenes.a_house(top / "var") as house:
        pieces = list(_pieces(house))
    copies, sent = [], []
    with served(top, top / "var") as running:
        idle = memory_mb(running.pages)[0]
        for link, piece in pieces:
            copies.append(_copied(source, top / "copy"))
            sent.append(_sent(running, link, piece, source))
            _wait_until_quiet(house.settings.database)
        peak = peak_mb(running.pages)
    yield Row("copy of 300 MB, hashed and synced", "s", [one.wall for one in copies], None, [one.cpu for one in copies])
    web = [one.web for one in sent]
    both = f"the sender spends {min(one.cpu for one in sent):.2f} s of processor beside it"
    yield Row("upload of 300 MB, hashed, synced and kept", "s", [one.wall for one in sent], None, web, both)
    walls = [one.wall / other.wall for one, other in zip(sent, copies, strict=True)]
    cpus = [one.web / other.cpu for one, other in zip(sent, copies, strict=True)]
    yield Row("upload to copy, each after the other", "times", walls, 1.5, cpus)
    yield Row("process that answers pages, most ever resident", "MB", [peak], 100, note=f"{idle:.0f} MB before")


def _write(source: Path) -> None:
    """A file that calls itself a GLB; what is in it is nothing that could be pressed together."""
    with source.open("wb") as file:
        file.write(b"glTF" + struct.pack("<II", 2, SIZE) + struct.pack("<I4s", 16, b"JSON") + b"{}".ljust(16))
        while rest := SIZE - file.tell():
            file.write(os.urandom(min(CHUNK, rest)))
        file.flush()
        os.fsync(file.fileno())


def _pieces(house: House) -> Iterator[tuple[str, str]]:
    """A fresh sign-in link of the designer and the address of a piece that waits for a drawing, for each run."""
    with scenes.a_cast(house) as cast:
        for _ in range(RUNS):
            with house.database.transaction() as session:
                person = session.get_one(Person, int(cast.designer.id))
                link = links.issue_for_staff(session, person, at=house.clock())
                commission = brought_to(session, a_commission(session, cast), "cad", cast)
                yield f"/enter/staff/{link.secret}", f"/studio/{commission.reference}/A"


def _sent(running: Served, link: str, piece: str, source: Path) -> Taken:
    before = cpu_seconds(running.pages)
    command = [sys.executable, "-m", "tests.timings.sender", running.address, link, piece, str(source)]
    told = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    return Taken(told["wall"], told["cpu"], cpu_seconds(running.pages) - before)


def _copied(source: Path, copy: Path) -> Taken:
    began, used, hashed = time.perf_counter(), time.process_time(), hashlib.sha256()
    with source.open("rb") as file, copy.open("wb") as target:
        while chunk := file.read(CHUNK):
            hashed.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    taken = Taken(time.perf_counter() - began, time.process_time() - used)
    copy.unlink()
    return taken


def _wait_until_quiet(url: str) -> None:
    """Until the worker has looked at what was sent, so that it does not disturb the next."""
    database, until = Database(url), time.monotonic() + QUIET_S
    busy = select(Job.kind).where(Job.state == JobState.RUNNING)
    try:
        while time.monotonic() < until:
            with database.reading() as session:
                kinds = session.scalars(busy).all()
            if not kinds:
                return
            time.sleep(0.5)
    finally:
        database.close()
    raise TimeoutError(f"the worker was busy with {kinds} for more than {QUIET_S:.0f} s")
