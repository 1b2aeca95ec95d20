"""A process that does one thing in a house and is killed at a named point on the way: `python -m tests.faults.killed`.

The point is a function of ours (or the commit itself), before or after its n-th call; there SIGKILL ends the process,
as the kernel or a power cut would, without a word to anybody.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

from bespoke.config import Settings
from bespoke.house import House, open_house
from bespoke.jobs.bell import ring_after_commit
from bespoke.jobs.runner import Runner
from bespoke.jobs.tasks import TASKS
from bespoke.models.commission import Commission
from bespoke.models.job import Queue
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneRow
from bespoke.services import approvals, designs, files, holds
from bespoke.storage.store import chunks_of
from bespoke.storage.uploads import Upload
from tests import drawn
from workflows.roles import Role


@dataclass(frozen=True, slots=True)
class Point:
    """Where the process dies: `module:name` or `module:Class.name`, before or after its call number `nth`."""

    function: str
    when: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.when} {self.function.partition(':')[2]}" + (f" {self.nth}" if self.nth > 1 else "")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done, with what, and where it ends."""

    story: str
    data_folder: str
    point: Point
    facts: dict[str, Any]

    def to_json(self) -> str:
        """As the command line carries it."""
        return json.dumps(asdict(self))


def set_trap(point: Point) -> None:
    """From now on the process ends at that point."""
    module_name, _, path = point.function.partition(":")
    holder: Any = import_module(module_name)
    *classes, name = path.split(".")
    for one in classes:
        holder = getattr(holder, one)
    original: Callable[..., Any] = getattr(holder, name)
    left = [point.nth]

    @wraps(original)
    def trapped(*arguments: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and point.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **named)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(holder, name, trapped)


def approve(house: House, facts: dict[str, Any]) -> None:
    """The client says yes to the design that is shown."""
    with house.database.transaction() as session:
        piece = session.get_one(Piece, facts["piece_id"])
        client = session.get_one(Person, facts["client_id"]).acting(Role.CLIENT)
        approvals.approve(session, piece, "render_approval", facts["shown"], client, at=house.clock())


def hold(house: House, facts: dict[str, Any]) -> None:
    """The office keeps a stone for a commission."""
    with house.database.transaction() as session:
        commission = session.get_one(Commission, facts["commission_id"])
        office = session.get_one(Person, facts["office_id"]).acting(Role.OFFICE)
        holds.hold(session, commission, session.get_one(StoneRow, facts["stone_id"]), office, at=house.clock())


def hand_in(house: House, facts: dict[str, Any]) -> None:
    """The designer hands the next drawing in."""
    with Path(facts["cad"]).open("rb") as content:
        stored = house.storage.put(chunks_of(content))
    with house.database.transaction() as session:
        piece = session.get_one(Piece, facts["drawn_piece_id"])
        designer = session.get_one(Person, facts["designer_id"]).acting(Role.DESIGNER)
        designs.hand_in(session, house.storage, piece, stored, "next.stl", designer, at=house.clock())


def finish_upload(house: House, facts: dict[str, Any]) -> None:
    """A file that has come in parts is kept, entered and its parts let go, as the route does it."""
    upload = Upload(**facts["upload"])
    stored = house.uploads.finish(upload, house.storage)
    with house.database.transaction() as session:
        files.enter(session, stored, "model/stl", at=house.clock())
    house.uploads.discard(upload)


def work(house: House, facts: dict[str, Any]) -> None:
    """The worker does what is due."""
    runner = Runner(TASKS, house)
    for queue in Queue:
        while runner.run_next(queue):
            pass


STORIES = {"approve": approve, "hold": hold, "hand_in": hand_in, "upload": finish_upload, "work": work}


def main(told: str) -> None:
    """Do what the order says; whoever gets past its point says so."""
    raw = json.loads(told)
    order = Order(raw["story"], raw["data_folder"], Point(**raw["point"]), raw["facts"])
    drawn.remember(Path(order.facts["drawn"]))
    house = open_house(Settings(data_folder=Path(order.data_folder), turntable_frames=4))
    ring_after_commit(house)
    set_trap(order.point)
    STORIES[order.story](house, order.facts)
    sys.stdout.write("not killed\n")


if __name__ == "__main__":
    main(sys.argv[1])
