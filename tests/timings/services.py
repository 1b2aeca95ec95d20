"""How long the house takes to write down a yes, a hold and a record: whole transactions, synced to the disk."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from bespoke.house import House
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneRow
from bespoke.services import approvals, holds, production, steps
from renders.report import Report
from tests import factories
from tests.factories import Cast
from tests.timings import scenes

WARM = 5  # first of each kind, which compile statements and parse the template once a process
MANY = 40

Step = Callable[[Session, int], object]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a service took: each time in seconds of wall and of processor, and the statements it sent once warm."""

    wall: Sequence[float]
    cpu: Sequence[float]
    statements: int


def services(house: House, cad: Path, report: Report) -> dict[str, Taken]:
    """Approve a design, hold a stone and record a measuring, each `MANY` times on pieces of their own."""
    with scenes.a_cast(house) as cast:
        pieces = scenes.before_the_client(house, cast, cad, report, WARM + MANY)
        stones = _stones(house, cast, WARM + MANY)
    shown = _shown(house, pieces)
    to_hold = dict(zip(stones, pieces, strict=True))

    def approve(session: Session, piece_id: int) -> None:
        piece = session.get_one(Piece, piece_id)
        approvals.approve(
            session, piece, "render_approval", shown[piece_id], cast.client, at=house.clock(), circumstances=None
        )

    def hold(session: Session, stone_id: int) -> None:
        commission = session.get_one(Piece, to_hold[stone_id]).commission
        holds.hold(session, commission, session.get_one(StoneRow, stone_id), cast.office, at=house.clock())

    def record(session: Session, piece_id: int) -> None:
        piece = session.get_one(Piece, piece_id)
        told = {"inside_mm": "17.30"}
        production.show(session, piece, "pattern", "caliper_check", cast.bench, told, at=house.clock())

    return {
        "approve": _taken(house, approve, pieces),
        "hold": _taken(house, hold, stones),
        "record": _taken(house, record, pieces),
    }


def _shown(house: House, pieces: Sequence[int]) -> dict[int, str]:
    with house.database.reading() as session:
        return {one: steps.manifest(session, session.get_one(Piece, one), "render_approval") for one in pieces}


def _stones(house: House, cast: Cast, many: int) -> Sequence[int]:
    with house.database.transaction() as session:
        return [factories.a_diamond(session, cast, f"H-{number:03}").id for number in range(many)]


def _taken(house: House, step: Step, on: Sequence[int]) -> Taken:
    for identity in on[:WARM]:
        with _counted(house) as sent, house.database.transaction() as session:
            step(session, identity)
    wall, cpu = [], []
    for identity in on[WARM:]:
        began, used = time.perf_counter(), time.process_time()
        with house.database.transaction() as session:
            step(session, identity)
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - used)
    return Taken(wall, cpu, len(sent))


@contextmanager
def _counted(house: House) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(house.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(house.database.engine, "before_cursor_execute", note)
