"""A house on each database, with a clock the test turns by hand and a table in which effects are counted."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bespoke.config import Settings
from bespoke.database import Database
from bespoke.house import House, open_house, prepare
from bespoke.jobs.supervisor import worker

ROOT = Path(__file__).parents[2]
SWEEP = "import os; from bespoke.config import read_settings; from bespoke.worker import sweep; " \
        "sweep(read_settings(os.environ))"  # fmt: skip
SUPERVISE = "from bespoke.jobs.supervisor import Supervisor, worker; " \
            "Supervisor([worker('tests.jobs.chaos_worker')]).run()"  # fmt: skip
SECRET = "a secret of forty characters for tests.."
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def effects(database: Database) -> "Effects":
    """What the tests' tasks do, in a table without any constraint, so that doing it twice shows."""
    return Effects.in_database(database)


@pytest.fixture
def job_house(database_url: str, effects: "Effects", clock: Clock, tmp_path: Path) -> Iterator[House]:
    """A house on this database whose jobs have a lease of 30 seconds by the test's own clock."""
    settings = Settings(
        data_folder=tmp_path / "var", database_url=database_url, secret_key=SECRET, job_lease_seconds=30
    )
    prepare(settings)
    house = open_house(settings, clock=clock)
    yield house
    house.close()


@dataclass
class Effects:
    """A counter of effects, seen by every process that uses the database."""

    database: Database

    @classmethod
    def in_database(cls, database: Database) -> "Effects":
        with database.transaction() as session:
            session.execute(text("CREATE TABLE effects (word VARCHAR(80))"))
            session.execute(text("CREATE TABLE starts (word VARCHAR(80))"))
        return cls(database)

    def words(self, table: str = "effects") -> list[str]:
        with self.database.reading() as session:
            return sorted(session.scalars(text(f"SELECT word FROM {table}")))


@dataclass
class Workplace:
    """Worker and sweeper processes for a house, each in a group of its own, so that all of it can be killed."""

    settings: Settings
    database: Database
    log: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def _start(self, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        settings = {
            "BESPOKE_DATA_FOLDER": str(self.settings.data_folder),
            "BESPOKE_DATABASE_URL": self.settings.database_url,
            "BESPOKE_BROKER_URL": self.settings.broker_url,
            "BESPOKE_SECRET_KEY": self.settings.secret_key,
            "BESPOKE_JOB_LEASE_SECONDS": str(self.settings.job_lease_seconds),
        }
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                list(command),
                env={**os.environ, **settings},
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def worker(self) -> "subprocess.Popen[bytes]":
        return self._start(worker("tests.jobs.chaos_worker").command)

    def sweeper(self) -> "subprocess.Popen[bytes]":
        return self._start([sys.executable, "-c", SWEEP])

    def supervisor(self) -> "subprocess.Popen[bytes]":
        return self._start([sys.executable, "-c", SUPERVISE])

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """kill -9 of the process and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.processes.remove(process)

    def close(self) -> None:
        for process in list(self.processes):
            self.kill(process)

    def until(self, condition: Callable[[], bool], *, seconds: float = 60) -> None:
        """Wait for it; when it does not come, show what the processes said."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                pytest.fail("it did not come to pass:\n" + self.log.read_text(errors="replace")[-4000:])
            time.sleep(0.03)
