"""A house in the middle of things, made once and copied for each death in it."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest
from sqlalchemy import func, select

from bespoke.config import Settings
from bespoke.demo.rehearse import Play, play
from bespoke.house import House, open_house, utc_now
from bespoke.jobs.runner import Runner
from bespoke.jobs.tasks import TASKS
from bespoke.models.event import Event
from bespoke.models.job import Job, JobState, Queue
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.proof.codes import new_code
from bespoke.services import designs, doctor, dossiers, steps
from bespoke.services.doctor import Breach
from bespoke.storage.uploads import PART_BYTES
from renders.examination import examine
from tests import cadfiles, drawn, factories, rings
from tests.faults.killed import Order, Point
from tests.timings import scenes
from workflows.roles import Role

ROOT = Path(__file__).parents[2]
LATER = timedelta(minutes=10)  # every lease has run out, and nothing counts as stuck yet


@dataclass(frozen=True, slots=True)
class Start:
    """A prepared house: its folder, what the stories need to know of it, and drawings that were made before."""

    folder: Path
    facts: dict[str, Any]
    breaches: frozenset[Breach]  # sketches of the factories, whose bytes nobody has


@dataclass(slots=True)
class Aftermath:
    """The house after somebody died in it, opened again some minutes later."""

    house: House
    facts: dict[str, Any]
    before: dict[str, int]
    known: frozenset[Breach]

    def well(self) -> None:
        """Assert that doctor finds nothing but what the preparation left."""
        assert _breaches(self.house) == self.known

    def work(self) -> None:
        """Let a worker do what is left, and assert that nothing is after it."""
        runner = Runner(TASKS, self.house)
        for queue in Queue:
            while runner.run_next(queue):
                pass
        with self.house.database.reading() as session:
            kinds = session.scalars(select(Job.state).where(Job.due_at <= self.house.clock())).all()
        assert set(kinds) <= {JobState.DONE, JobState.CANCELLED}

    def happened(self, kind: str) -> int:
        """How often the history got this line since the house was prepared."""
        return _events(self.house).get(kind, 0) - self.before.get(kind, 0)


Die = Callable[[Start, str, Point], Aftermath]


@pytest.fixture
def die(tmp_path: Path) -> Iterator[Die]:
    """Copies a prepared house, kills a process at a point of a story in it, and opens the house again."""
    opened: list[House] = []

    def kill(start: Start, story: str, point: Point) -> Aftermath:
        folder = tmp_path / "var"
        shutil.copytree(start.folder, folder)
        before = open_house(Settings(data_folder=folder))
        events = _events(before)
        before.close()
        order = Order(story, str(folder), point, start.facts)
        command = [sys.executable, "-m", "tests.faults.killed", order.to_json()]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=240, check=False)
        assert done.returncode == -SIGKILL, f"{point} was never reached: {done.stdout}{done.stderr}"
        settings = Settings(data_folder=folder, turntable_frames=4)
        house = open_house(settings, clock=_later)
        opened.append(house)
        drawn.remember(Path(start.facts["drawn"]))
        return Aftermath(house, start.facts, events, start.breaches)

    yield kill
    drawn.forget()
    for house in opened:
        house.close()


@pytest.fixture(scope="session")
def designing(tmp_path_factory: pytest.TempPathFactory) -> Start:
    """A design before the client, a stone nobody holds, a file come in parts, and a drawing to be examined."""
    top = tmp_path_factory.mktemp("designing")
    remembered = top / "drawn"
    remembered.mkdir()
    cad = cadfiles.write(rings.plain(17.3, segments=60).parts, top / "band.stl")
    work = top / "work"
    work.mkdir()
    report = examine(cad, work, name="ring.glb")
    with scenes.a_house(top / "var") as house:
        with house.database.transaction() as session:
            cast = factories.a_cast(session)
            stone = factories.a_diamond(session, cast, "D-FREE").id
        shown_piece, drawn_piece = scenes.before_the_client(house, cast, cad, report, 2)
        with house.database.transaction() as session:
            piece = session.get_one(Piece, drawn_piece)
            with cad.open("rb") as content:
                stored = house.storage.put([content.read() + b" "])
            revision = designs.hand_in(
                session, house.storage, piece, stored, "next.stl", cast.designer, at=utc_now(), unit="mm"
            )
            revision_id, commission_id = revision.id, piece.commission_id
        with house.database.reading() as session:
            shown = steps.manifest(session, session.get_one(Piece, shown_piece), "render_approval")
        facts: dict[str, Any] = {
            "drawn": str(remembered),
            "piece_id": shown_piece,
            "drawn_piece_id": drawn_piece,
            "designer_id": int(cast.designer.id),
            "cad": str(cad),
            "shown": shown,
            "client_id": int(cast.client.id),
            "office_id": int(cast.office.id),
            "commission_id": commission_id,
            "stone_id": stone,
            "revision_id": revision_id,
            **_uploaded(house),
        }
        for due in (Queue.MAIL, Queue.DOCUMENT):  # holds that were made in the past, and invoices of those days
            Runner(TASKS, house).answer(due)
        known = _breaches(house)
    assert {breach.check for breach in known} == {"files have their bytes"}
    return Start(top / "var", facts, known)


@pytest.fixture(scope="session")
def handed_over(tmp_path_factory: pytest.TempPathFactory) -> Start:
    """A ring that was handed over with its dossier, and a second version of the dossier asked for."""
    top = tmp_path_factory.mktemp("handed-over")
    remembered = top / "drawn"
    remembered.mkdir()
    cad = cadfiles.write(rings.plain(17.3, segments=60).parts, top / "band.stl")
    settings = Settings(data_folder=top / "var", turntable_frames=4)
    drawn.remember(remembered)
    try:
        assert play(settings, Play((cad,), top / "out")) == 0
    finally:
        drawn.forget()
    house = open_house(settings)
    with house.database.transaction() as session:
        piece = session.scalars(select(Piece)).first()
        assert piece is not None
        office = next(p for p in session.scalars(select(Person)) if Role.OFFICE in p.roles).acting(Role.OFFICE)
        document = dossiers.issue(session, piece, new_code(), office, at=utc_now(), changes="The strap of the box.")
        facts = {"drawn": str(remembered), "document_id": document.id}
    known = _breaches(house)
    assert known == frozenset()
    house.close()
    return Start(top / "var", facts, known)


def _uploaded(house: House) -> dict[str, Any]:
    content = bytes(range(256)) * (PART_BYTES // 256) + b"the second part"
    upload = house.uploads.begin("somebody", "ring.stl", len(content), at=utc_now())
    for number, piece in enumerate((content[:PART_BYTES], content[PART_BYTES:]), 1):
        digest = hashlib.sha256(piece).hexdigest()
        address = house.uploads.sign(upload, number, digest, at=utc_now())
        body = BytesIO(piece)
        house.uploads.receive(upload.identifier, number, address.token, body, announced=len(piece), at=utc_now())
    return {"upload": asdict(upload), "sha256": hashlib.sha256(content).hexdigest()}


def _events(house: House) -> dict[str, int]:
    with house.database.reading() as session:
        return dict(session.execute(select(Event.kind, func.count()).group_by(Event.kind)).all())


def _breaches(house: House) -> frozenset[Breach]:
    with house.database.reading() as session:
        return frozenset(doctor.examine(session, house.storage, at=house.clock(), deep=True).breaches)


def _later() -> datetime:
    return utc_now() + LATER
