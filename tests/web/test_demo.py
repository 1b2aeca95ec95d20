"""The demo house: filled once, kept by a restart, open to every role, and played on when a drawing was examined."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bespoke.app import create_app
from bespoke.cli.demo import told
from bespoke.config import Settings
from bespoke.demo import afterwards, finished
from bespoke.demo.house import doors, open_demo
from bespoke.demo.populate import HARBOUR, MAREEL
from bespoke.house import House
from bespoke.models.commission import Commission
from bespoke.models.document import Document
from bespoke.models.event import Event
from bespoke.models.job import Job, JobState
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneRow
from bespoke.services import designs, doctor, dossiers
from tests.making import SYSTEM, a_report, pictures
from tests.web.conftest import token_of
from workflows.snapshot import Status

STONES = 31  # the twenty-five samples, and those the samples have none of


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = open_demo(Settings(data_folder=tmp_path_factory.mktemp("demo") / "var"))
    yield house
    house.close()


def test_a_restart_keeps_what_is_there(demo: House):
    with demo.database.reading() as session:
        before = session.scalar(select(func.count(Event.id)))
    open_demo(demo.settings).close()
    with demo.database.reading() as session:
        assert session.scalar(select(func.count(Event.id))) == before
        assert session.scalar(select(func.count(Commission.id))) == 9
        assert session.scalar(select(func.count(StoneRow.id))) == STONES


def test_nothing_in_it_is_amiss(demo: House):
    with demo.database.reading() as session:
        found = doctor.examine(session, demo.storage, at=demo.clock(), deep=True)
    # told at moments that have passed, so some jobs are long due; the worker that starts next does them
    assert [breach for breach in found.breaches if breach.check != "no job is stuck"] == []


def test_every_role_comes_in_by_its_link_and_sees_every_commission(demo: House):
    app = create_app(house=demo)
    ways = doors(demo)
    assert [way.role for way in ways] == ["client", "designer", "bench", "lead", "office", "owner"]
    code = finished.check_code(demo)
    assert all(way.address in told(demo.settings, ways, code) for way in ways)
    assert f"{demo.settings.address}/v/{code}" in told(demo.settings, ways, code)
    with demo.database.reading() as session:
        references = session.scalars(select(Commission.reference)).all()
    for way in ways:
        browser, path = app.test_client(), way.address.removeprefix(demo.settings.address)
        assert browser.post(path, data={"csrf_token": token_of(browser, path)}).status_code == 303
        if way.role == "client":
            assert browser.get(f"/my/{MAREEL}/").status_code == 200
            continue
        assert browser.get("/house/").status_code == 200
        for reference in references:
            assert browser.get(f"/house/{reference}/").status_code == 200


def test_the_story_goes_on_when_the_drawings_are_examined(tmp_path: Path):
    house = open_demo(replace(Settings(), data_folder=tmp_path / "var"))
    try:
        assert afterwards.go_on(house)
        assert newest(house) == (1, False, Status.WAITING)
        examine(house)
        assert afterwards.go_on(house)
        assert newest(house) == (1, True, Status.ASKED)
        assert afterwards.go_on(house)
        assert newest(house)[0] == 2
        examine(house)
        assert not afterwards.go_on(house)
        assert newest(house) == (2, True, Status.ASKED)
        assert not afterwards.go_on(house)
        assert newest(house) == (2, True, Status.ASKED)
    finally:
        house.close()


def test_one_ring_is_finished_and_its_dossier_can_be_checked(tmp_path: Path):
    house = open_demo(replace(Settings(), data_folder=tmp_path / "var"))
    try:
        assert finished.go_on(house)
        assert revisions(house, HARBOUR) == 0  # the Mareel ring is measured first
        examine(house)
        with house.database.transaction() as session:
            for job in session.scalars(select(Job).where(Job.kind == designs.EXAMINE)):
                job.state, job.finished_at = JobState.DONE, house.clock()
        assert finished.go_on(house)
        assert revisions(house, HARBOUR) == 1
        assert finished.go_on(house)
        examine(house, HARBOUR, weight_g=2.87)
        for _ in range(60):
            if not finished.go_on(house):
                break
        assert not finished.go_on(house)  # a restart changes nothing any more
        with house.database.reading() as session:
            piece = piece_of(session, HARBOUR)
            assert {row.key: row.status for row in piece.milestones}["delivery"] is Status.DONE
            document = session.scalars(select(Document).where(Document.piece_id == piece.id)).one()
            assert document.code == finished.check_code(house)
            jobs = session.scalars(select(Job).where(Job.kind == dossiers.BIND)).all()
            assert [job.state for job in jobs] == [JobState.QUEUED]
            delivered = piece.milestone("delivery").done_at
            assert delivered is not None
            assert timedelta(days=20) < house.clock() - delivered < timedelta(days=120)  # not all of it today
            broken = doctor.examine(session, house.storage, at=house.clock()).breaches
        assert [one for one in broken if one.check != "no job is stuck"] == []
    finally:
        house.close()


def piece_of(session: Session, reference: str) -> Piece:
    return session.scalars(select(Piece).join(Commission).where(Commission.reference == reference)).one()


def revisions(house: House, reference: str) -> int:
    with house.database.reading() as session:
        return len(piece_of(session, reference).revisions)


def newest(house: House) -> tuple[int, bool, Status]:
    """The newest revision of the Mareel ring, whether it is published, and how its approval stands."""
    with house.database.reading() as session:
        piece = session.scalars(select(Piece).join(Commission).where(Commission.reference == MAREEL)).one()
        revision = piece.revisions[-1]
        return revision.number, revision.published_at is not None, piece.milestone("render_approval").status


def examine(house: House, reference: str = MAREEL, *, weight_g: float = 3.3) -> None:
    """What the worker would have measured and drawn, said by hand."""
    with house.database.transaction() as session:
        piece = piece_of(session, reference)
        revision, at = piece.revisions[-1], house.clock()
        designs.record_report(session, revision, a_report(revision.digest, weight_g=weight_g), SYSTEM, at=at)
        kept = pictures(house.storage, f"r{revision.number}")
        designs.record_pictures(session, revision, kept, SYSTEM, at=at)
