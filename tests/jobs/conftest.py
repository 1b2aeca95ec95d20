"""A house on each database, with a clock the test turns by hand and a table in which effects are counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bespoke.config import Settings
from bespoke.database import Database
from bespoke.house import House, open_house, prepare

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
