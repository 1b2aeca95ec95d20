"""The sweeper rings for what waits, more and more rarely while nobody comes, and plans what recurs."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bespoke.database import Database
from bespoke.house import House
from bespoke.jobs import outbox
from bespoke.jobs.bell import Bell, make_celery, ring_after_commit
from bespoke.jobs.due import Recurring
from bespoke.jobs.sweeper import Sweeper
from bespoke.models.job import Job, Queue, enqueue
from tests.jobs.conftest import NOON, Clock

HOURLY = Recurring("lapse_holds", Queue.MAIL, timedelta(hours=1))


@pytest.fixture
def bell(job_house: House) -> Iterator[Bell]:
    celery = make_celery(job_house.settings)
    yield Bell(celery)
    celery.close()


def put(house: House, **more: object) -> str:
    with house.database.transaction() as session:
        options = {"queue": Queue.RENDER, "at": house.clock()} | more
        return enqueue(session, "work", {}, **options).id  # type: ignore[arg-type]


def messages(house: House) -> list[str]:
    folder = house.settings.queue_folder / "messages"
    return sorted(path.name.split(".")[1] for path in folder.glob("*.msg"))


def test_a_commit_rings_for_the_queues_of_what_it_made_due(job_house: House) -> None:
    ring_after_commit(job_house)
    with job_house.database.transaction() as session:
        for queue in (Queue.MAIL, Queue.MAIL, Queue.RENDER):
            enqueue(session, "work", {}, queue=queue)
        enqueue(session, "work", {}, queue=Queue.DOCUMENT, due_at=NOON + timedelta(days=36500))
        assert messages(job_house) == [], "nothing rings before the commit"
    assert messages(job_house) == ["mail", "render"]


def test_a_rolled_back_transaction_rings_for_nothing(job_house: House) -> None:
    ring_after_commit(job_house)

    def change_of_mind() -> None:
        with job_house.database.transaction() as session:
            enqueue(session, "work", {}, queue=Queue.MAIL)
            raise RuntimeError("never mind")

    with pytest.raises(RuntimeError):
        change_of_mind()
    put(job_house, due_at=NOON + timedelta(hours=1))
    assert messages(job_house) == []


def test_the_sweeper_rings_for_what_no_bell_told_of(job_house: House, bell: Bell, clock: Clock) -> None:
    sweeper = Sweeper(job_house, bell, ())
    assert sweeper.sweep() == 0
    put(job_house)
    put(job_house, queue=Queue.MAIL, due_at=NOON + timedelta(minutes=1))
    assert sweeper.sweep() == 1
    assert messages(job_house) == ["render"]
    clock.turn(60)
    assert sweeper.sweep() == 2
    assert messages(job_house) == ["mail", "render", "render"]


def test_the_sweeper_rings_for_what_a_dead_worker_dropped(job_house: House, bell: Bell, clock: Clock) -> None:
    put(job_house)
    with job_house.database.transaction() as session:
        assert outbox.claim_next(session, Queue.RENDER, "dead", at=clock(), lease=timedelta(seconds=30))
    sweeper = Sweeper(job_house, bell, ())
    assert sweeper.sweep() == 0
    clock.turn(31)
    assert sweeper.sweep() == 1


def test_nobody_is_rung_to_death_while_no_worker_comes(job_house: House, bell: Bell, clock: Clock) -> None:
    for _ in range(50):
        put(job_house)
    sweeper = Sweeper(job_house, bell, ())
    rung = 0
    for _ in range(600):
        rung += sweeper.sweep()
        clock.turn(1)
    assert 80 <= rung <= 120
    assert len(messages(job_house)) == rung


def test_a_clock_that_is_set_back_does_not_silence_the_sweeper(job_house: House, bell: Bell, clock: Clock) -> None:
    clock.turn(3600)
    put(job_house, due_at=NOON)
    sweeper = Sweeper(job_house, bell, ())
    assert [sweeper.sweep(), sweeper.sweep()] == [1, 0]
    clock.turn(-1800)
    assert sweeper.sweep() == 1


def test_a_house_without_work_is_only_read(job_house: House, bell: Bell) -> None:
    sweeper = Sweeper(job_house, bell, (HOURLY,))
    sweeper.sweep()
    with job_house.database.reading() as session:
        before = session.scalar(select(func.count()).select_from(Job))
    with job_house.database.transaction():  # on SQLite this holds the only writer's place
        assert sweeper.sweep() == 0
    assert before == 1


def test_what_recurs_waits_exactly_once_for_its_next_moment(job_house: House, bell: Bell, clock: Clock) -> None:
    clock.turn(90)
    sweepers = [Sweeper(job_house, bell, (HOURLY,)) for _ in range(4)]
    threads = [threading.Thread(target=sweeper.look) for sweeper in sweepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with job_house.database.reading() as session:
        (job,) = session.scalars(select(Job)).all()
    assert (job.kind, job.queue, job.due_at) == ("lapse_holds", Queue.MAIL, NOON + timedelta(hours=1))


def test_what_recurs_is_planned_again_once_it_runs(job_house: House, bell: Bell, clock: Clock) -> None:
    sweeper = Sweeper(job_house, bell, (HOURLY,))
    sweeper.sweep()
    clock.turn(3600)
    with job_house.database.transaction() as session:
        assert outbox.claim_next(session, Queue.MAIL, "me", at=clock(), lease=timedelta(seconds=30))
    sweeper.sweep()
    with job_house.database.reading() as session:
        due = session.scalars(select(Job.due_at).order_by(Job.due_at)).all()
    assert due == [NOON + timedelta(hours=1), NOON + timedelta(hours=2)]


def test_a_sweeper_outlives_a_database_that_is_away(tmp_path: Path, job_house: House, bell: Bell) -> None:
    away = Database(f"sqlite:///{tmp_path}/nowhere/at/all.sqlite3")
    house = House(job_house.settings, away, job_house.storage, job_house.uploads, job_house.clock, job_house.secret_key)
    Sweeper(house, bell, ()).look()
    away.close()
