"""A drawing is measured by the real child; a file that cannot be used is refused with its reason, never tried again."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from bespoke.config import Settings
from bespoke.house import House, open_house, prepare
from bespoke.jobs import workplace
from bespoke.jobs.examining import given_up
from bespoke.jobs.run import Failure
from bespoke.jobs.runner import Runner
from bespoke.jobs.tasks import TASKS
from bespoke.models.design import Examination, Revision
from bespoke.models.event import Event
from bespoke.models.job import Job, JobState, Queue
from bespoke.models.piece import Piece
from bespoke.services import designs
from bespoke.storage.store import Stored
from tests.factories import NOON, a_cast, a_commission, after, brought_to
from tests.making import a_drawing


@pytest.fixture
def studio(settings: Settings, sqlite_url: str) -> Iterator[House]:
    """A house by a standing clock, with a piece ready to be drawn."""
    settings = replace(settings, database_url=sqlite_url, turntable_frames=4)
    prepare(settings)

    def clock() -> datetime:
        return NOON

    with closing(open_house(settings, clock=clock)) as house:
        with house.database.transaction() as session:
            cast = a_cast(session)
            brought_to(session, a_commission(session, cast), "cad", cast)
        yield house


def handed_in(house: House, stored: Stored, *, unit: str | None = None) -> int:
    with house.database.transaction() as session:
        cast = a_cast(session)
        piece = session.scalars(select(Piece)).one()
        revision = designs.hand_in(session, house.storage, piece, stored, "ring.stl", cast.designer, at=NOON, unit=unit)
        return revision.id


def seen(house: House, revision_id: int) -> tuple[Examination, str, JobState, int]:
    with house.database.reading() as session:
        revision = session.get_one(Revision, revision_id)
        job = session.scalars(select(Job).where(Job.kind == designs.EXAMINE)).one()
        return revision.examination, revision.refusal, job.state, job.attempts


def test_a_broken_file_is_refused_with_its_reason_and_the_job_is_done(studio: House):
    broken = studio.storage.put([b"glTF\x02\x00\x00\x00" + b"\xff" * 400])
    revision_id = handed_in(studio, broken)
    assert Runner(TASKS, studio).run_next(Queue.RENDER)
    examination, refusal, state, attempts = seen(studio, revision_id)
    assert (examination, state, attempts) == (Examination.REFUSED, JobState.DONE, 1)
    assert len(refusal) > 20
    with studio.database.reading() as session:
        told = session.scalars(select(Event).where(Event.kind == "revision_refused")).all()
        assert [event.facts["reason"] for event in told] == [refusal]
    assert list(studio.settings.work_folder.iterdir()) == []


def test_a_child_that_ends_badly_is_told_on_the_revision(studio: House):
    starved = replace(studio, settings=replace(studio.settings, child_memory_mb=64))
    revision_id = handed_in(studio, a_drawing(studio.storage))
    assert Runner(TASKS, starved).run_next(Queue.RENDER)
    examination, refusal, state, _ = seen(studio, revision_id)
    assert (examination, state) == (Examination.REFUSED, JobState.DONE)
    assert refusal


def test_a_job_that_was_given_up_is_told_with_its_moment(studio: House):
    revision_id = handed_in(studio, a_drawing(studio.storage))
    failure = Failure("a-job", designs.EXAMINE, {"revision_id": revision_id}, "It was killed.", after(hours=1))
    for _ in range(2):
        with studio.database.transaction() as session:
            given_up(session, failure)
    with studio.database.reading() as session:
        told = session.scalars(select(Event).where(Event.kind == "revision_refused")).all()
        assert [(event.at, event.facts["reason"]) for event in told] == [
            (after(hours=1), "The examination was given up: It was killed.")
        ]


def test_folders_of_killed_workers_are_cleared_and_those_at_work_stay(settings: Settings):
    prepare(settings)
    assert workplace.clear(settings, older_than_s=0, now_s=0) == 0
    with workplace.folder_for(settings, "examine") as left:
        (left / "big.npz").write_bytes(b"x")
        written = left.stat().st_mtime
        assert workplace.clear(settings, older_than_s=60, now_s=written + 59) == 0
        assert workplace.clear(settings, older_than_s=60, now_s=written + 61) == 1
        assert not left.exists()
        left.mkdir()
    assert not left.exists()
