"""The demo house: filled once, kept by a restart, open to every role, and played on when a drawing was examined."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bespoke.app import create_app
from bespoke.cli.demo import told
from bespoke.config import Settings
from bespoke.demo import afterwards
from bespoke.demo.house import doors, open_demo
from bespoke.demo.populate import MAREEL
from bespoke.house import House
from bespoke.models.commission import Commission
from bespoke.models.event import Event
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneRow
from bespoke.services import designs, doctor
from tests.making import SYSTEM, a_report, pictures
from tests.web.conftest import token_of
from workflows.snapshot import Status

STONES = 28  # the twenty-five samples, and those the samples have none of


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
        assert session.scalar(select(func.count(Commission.id))) == 8
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
    assert all(way.address in told(demo.settings, ways) for way in ways)
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


def newest(house: House) -> tuple[int, bool, Status]:
    """The newest revision of the Mareel ring, whether it is published, and how its approval stands."""
    with house.database.reading() as session:
        piece = session.scalars(select(Piece).join(Commission).where(Commission.reference == MAREEL)).one()
        revision = piece.revisions[-1]
        return revision.number, revision.published_at is not None, piece.milestone("render_approval").status


def examine(house: House) -> None:
    """What the worker would have measured and drawn, said by hand."""
    with house.database.transaction() as session:
        piece = session.scalars(select(Piece).join(Commission).where(Commission.reference == MAREEL)).one()
        revision, at = piece.revisions[-1], house.clock()
        designs.record_report(session, revision, a_report(revision.digest, weight_g=3.3), SYSTEM, at=at)
        kept = pictures(house.storage, f"r{revision.number}")
        designs.record_pictures(session, revision, kept, SYSTEM, at=at)
