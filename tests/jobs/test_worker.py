"""Whole worker processes: killed in mid-task, without a broker, with an emptied one; nothing lost or doubled."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
import redis
from sqlalchemy import select

from bespoke.config import Settings
from bespoke.database import Database
from bespoke.house import House, open_house, prepare
from bespoke.jobs.bell import Bell, make_celery, ring_after_commit
from bespoke.jobs.supervisor import worker
from bespoke.models.job import Job, JobState, Queue, enqueue
from tests import services_running
from tests.jobs.conftest import ROOT, SECRET, Effects, Workplace

pytestmark = pytest.mark.slow  # a worker process takes seconds to start
JOBS = 24
KILLS = 5
Open = Callable[[str, str], tuple[House, Workplace, Effects]]


@pytest.fixture
def open_workplace(tmp_path: Path) -> Iterator[Open]:
    """Opens a house with a lease of two seconds, whose commits ring, and room for its processes."""
    with ExitStack() as closing:

        def begin(database_url: str, broker_url: str) -> tuple[House, Workplace, Effects]:
            settings = Settings(
                data_folder=tmp_path / "var",
                database_url=database_url,
                broker_url=broker_url,
                secret_key=SECRET,
                job_lease_seconds=2,
            )
            prepare(settings)
            house = open_house(settings)
            closing.callback(house.close)
            ring_after_commit(house)
            workplace = Workplace(settings, house.database, tmp_path / "processes.log")
            closing.callback(workplace.close)
            return house, workplace, Effects.in_database(house.database)

        yield begin


def put(house: House, word: str, seconds: float, **more: object) -> str:
    options = {"queue": Queue.RENDER, "max_attempts": 20} | more
    with house.database.transaction() as session:
        payload: dict[str, str | float] = {"word": word, "seconds": seconds}
        return enqueue(session, "slow", payload, **options).id  # type: ignore[arg-type]


def states(database: Database) -> list[JobState]:
    with database.reading() as session:
        # what the house plans by itself is not the jobs of these tests
        return list(session.scalars(select(Job.state).where(Job.kind == "slow")))


def has_a_job(house: House, process_id: int) -> bool:
    running = Job.state == JobState.RUNNING, Job.owner.contains(f":{process_id}:")
    with house.database.reading() as session:
        return session.scalar(select(Job.id).where(*running)) is not None


PLACES = [
    pytest.param("sqlite_url", None, id="files with SQLite"),
    pytest.param("sqlite_url", "valkey", id="Valkey with SQLite", marks=pytest.mark.services),
    pytest.param("postgres_with_tables", "valkey", id="Valkey with PostgreSQL", marks=pytest.mark.services),
]


@pytest.fixture
def postgres_with_tables(postgres_url: str) -> str:
    database = Database(postgres_url)
    Job.metadata.create_all(database.engine, tables=[Job.__table__])  # type: ignore[list-item]
    database.close()
    return postgres_url


@pytest.mark.parametrize(("database_fixture", "broker_fixture"), PLACES)
def test_five_kills_in_mid_task_lose_nothing_and_double_nothing(
    database_fixture: str, broker_fixture: str | None, request: pytest.FixtureRequest, open_workplace: Open
) -> None:
    broker = "filesystem://"
    if broker_fixture is not None:
        broker = request.getfixturevalue(broker_fixture).url
        redis.Redis.from_url(broker).flushall()
    house, workplace, effects = open_workplace(request.getfixturevalue(database_fixture), broker)
    words = sorted(f"job {number:02}" for number in range(JOBS))
    for word in words:
        put(house, word, 0.6)
    embedded = broker == "filesystem://"
    sweeper = None if embedded else workplace.sweeper()
    workers = [workplace.worker(), workplace.worker()]
    for kill in range(KILLS):
        victim = workers.pop(0)
        workplace.until(lambda victim=victim: has_a_job(house, victim.pid))  # type: ignore[misc]
        time.sleep(random.uniform(0, 0.4))
        workplace.kill(victim)
        workers.append(workplace.worker())
        if sweeper is not None and kill == 2:
            workplace.kill(sweeper)
            sweeper = workplace.sweeper()
    workplace.until(lambda: set(states(house.database)) == {JobState.DONE})
    assert effects.words() == words
    assert len(effects.words("starts")) > JOBS, "at least one job was in hand when its worker was killed"


@contextmanager
def own_valkey(port: int, folder: Path) -> Iterator[None]:
    binary = services_running._valkey_binary()
    command = [str(binary), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.services
def test_a_commit_succeeds_without_a_broker_and_its_job_is_done_once_there_is_one(
    sqlite_url: str, tmp_path: Path, open_workplace: Open, caplog: pytest.LogCaptureFixture
) -> None:
    port = services_running.free_port()
    house, workplace, effects = open_workplace(sqlite_url, f"redis://127.0.0.1:{port}/0")
    began = time.monotonic()
    put(house, "first", 0)
    put(house, "second", 0)
    assert time.monotonic() - began < 4, "nobody waits for a broker that is not there"
    assert states(house.database) == [JobState.QUEUED, JobState.QUEUED]
    assert sum("the broker cannot be reached" in said for said in caplog.messages) == 1
    workplace.sweeper()
    impatient = Bell(make_celery(house.settings))
    assert not impatient.ring([Queue.RENDER])
    with own_valkey(port, tmp_path):
        assert not impatient.ring([Queue.RENDER]), "it is left alone for a moment"
        workplace.worker()
        workplace.until(lambda: effects.words() == ["first", "second"])
        workplace.until(lambda: impatient.ring([Queue.RENDER]))
        workplace.close()


@pytest.mark.services
def test_an_emptied_broker_loses_nothing(
    sqlite_url: str, valkey: services_running.Valkey, open_workplace: Open
) -> None:
    client = redis.Redis.from_url(valkey.url)
    client.flushall()
    house, workplace, effects = open_workplace(sqlite_url, valkey.url)
    words = sorted(f"job {number:02}" for number in range(12))
    for number, word in enumerate(words):
        put(house, word, 0.3, queue=(Queue.RENDER, Queue.MAIL, Queue.DOCUMENT)[number % 3])
    assert client.keys("*") != []
    client.flushall()
    workplace.worker()
    workplace.sweeper()
    workplace.until(lambda: len(effects.words()) >= 2)
    client.flushall()
    put(house, "later", 0, queue=Queue.MAIL)
    client.flushall()
    workplace.until(lambda: set(states(house.database)) == {JobState.DONE})
    assert effects.words() == sorted([*words, "later"])
    client.close()


def test_the_embedded_worker_starts_due_jobs_on_time_and_answers_bells_at_once(
    sqlite_url: str, open_workplace: Open
) -> None:
    house, workplace, effects = open_workplace(sqlite_url, "filesystem://")
    put(house, "warm up", 0)
    workplace.worker()
    workplace.until(lambda: effects.words() == ["warm up"])
    due = datetime.now(UTC) + timedelta(seconds=2.5)
    later = put(house, "later", 0, due_at=due)
    now = put(house, "now", 0, queue=Queue.MAIL)
    workplace.until(lambda: len(effects.words()) == 3)
    with house.database.reading() as session:
        first, second = session.get_one(Job, now), session.get_one(Job, later)
    assert first.started_at is not None
    assert second.started_at is not None
    assert (first.started_at - first.created_at).total_seconds() < 5
    assert 0 <= (second.started_at - due).total_seconds() < 10


def test_a_worker_that_is_asked_to_end_finishes_what_it_has(sqlite_url: str, open_workplace: Open) -> None:
    house, workplace, effects = open_workplace(sqlite_url, "filesystem://")
    for word in ("in hand", "not begun"):
        put(house, word, 1.5)
    running = workplace.worker()
    workplace.until(lambda: effects.words("starts") != [])
    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 0
    assert len(effects.words()) == 1
    assert sorted(states(house.database)) == [JobState.DONE, JobState.QUEUED]


def test_a_job_too_long_for_an_ending_worker_is_given_back_at_once(sqlite_url: str, open_workplace: Open) -> None:
    house, workplace, effects = open_workplace(sqlite_url, "filesystem://")
    put(house, "long", 300)
    running = workplace.worker()
    workplace.until(lambda: effects.words("starts") != [])
    running.send_signal(signal.SIGTERM)
    workplace.until(lambda: states(house.database) == [JobState.QUEUED], seconds=60)
    with house.database.reading() as session:
        assert session.scalars(select(Job.attempts)).all() == [0]


def test_a_worker_without_a_prepared_house_ends_and_says_why(tmp_path: Path) -> None:
    environment = {**os.environ, "BESPOKE_DATA_FOLDER": str(tmp_path / "nothing")}
    ended = subprocess.run(worker().command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "Run `bespoke init` first" in ended.stderr


def test_a_house_goes_on_working_when_its_worker_is_killed(sqlite_url: str, open_workplace: Open) -> None:
    house, workplace, effects = open_workplace(sqlite_url, "filesystem://")
    put(house, "before", 0)
    supervisor = psutil.Process(workplace.supervisor().pid)
    workplace.until(lambda: effects.words() == ["before"])
    (killed,) = supervisor.children()
    killed.kill()
    put(house, "after", 0)
    workplace.until(lambda: effects.words() == ["after", "before"])
    everyone = supervisor.children(recursive=True)
    supervisor.terminate()
    workplace.until(lambda: not any(each.is_running() for each in everyone), seconds=60)
