"""Transactions: kept whole or not at all, a lost race is a Conflict, on SQLite and PostgreSQL."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, func, insert, select, text
from sqlalchemy import update as change
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from bespoke.database import Busy, Conflict, Database

metadata = MetaData()
gems = Table(
    "test_gems",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("state", String(10), nullable=False, server_default="free"),
)
holds = Table(
    "test_holds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("gem_id", ForeignKey("test_gems.id"), nullable=False),
    Column("state", String(10), nullable=False),
    Index(
        "uq_test_holds_live",
        "gem_id",
        unique=True,
        sqlite_where=text("state = 'live'"),
        postgresql_where=text("state = 'live'"),
    ),
)
unguarded = Table("test_unguarded", metadata, Column("id", Integer, primary_key=True), Column("gem_id", Integer))


@pytest.fixture
def gem(database: Database) -> Iterator[int]:
    metadata.create_all(database.engine)
    with database.transaction() as session:
        session.execute(insert(gems).values(id=1))
    yield 1
    metadata.drop_all(database.engine)


def count(database: Database, table: Table) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def hold(database: Database, gem: int) -> bool:
    try:
        with database.transaction() as session:
            session.execute(insert(holds).values(gem_id=gem, state="live"))
    except Conflict:
        return False
    return True


def test_a_transaction_is_kept_when_its_block_ends(database: Database, gem: int):
    with database.transaction() as session:
        session.execute(insert(holds).values(gem_id=gem, state="over"))
    assert count(database, holds) == 1


def test_a_transaction_whose_block_raises_leaves_nothing(database: Database, gem: int):
    with suppress(LookupError), database.transaction() as session:
        session.execute(insert(holds).values(gem_id=gem, state="over"))
        raise LookupError
    assert count(database, holds) == 0


def test_the_second_live_hold_is_a_conflict_named_by_its_guard(database: Database, gem: int):
    assert hold(database, gem)
    with pytest.raises(Conflict) as lost, database.transaction() as session:
        session.execute(insert(holds).values(gem_id=gem, state="live"))
    assert lost.value.guard
    assert count(database, holds) == 1


def test_of_many_holds_at_once_one_wins(database: Database, gem: int):
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda _: hold(database, gem), range(40)))
    assert won.count(True) == 1
    assert count(database, holds) == 1


def test_without_the_guard_the_same_race_sells_twice(database: Database, gem: int):
    together = threading.Barrier(4)

    def look_then_take(_: int) -> None:
        with database.reading() as session:
            taken = session.scalars(select(func.count()).select_from(unguarded)).one()
        together.wait(20)
        if not taken:
            with database.transaction() as session:
                session.execute(insert(unguarded).values(gem_id=gem))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look_then_take, range(4)))
    assert count(database, unguarded) > 1


def test_a_mistake_of_the_program_is_not_called_a_conflict(database: Database, gem: int):
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(insert(holds).values(gem_id=4711, state="live"))
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(insert(holds).values(gem_id=gem, state=None))


def test_readers_do_not_wait_for_a_writer(database: Database, gem: int):
    with database.transaction() as session:
        session.execute(change(gems).values(state="held"))
        session.flush()
        begun = time.monotonic()
        assert count(database, holds) == 0
        assert time.monotonic() - begun < 4  # one that waits is refused after five seconds


def test_a_writer_that_waits_too_long_is_told_the_house_is_busy(
    database: Database, gem: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bespoke.database.PATIENCE_SECONDS", 1)
    impatient = Database(database.url.render_as_string(hide_password=False))
    with database.transaction() as session:
        session.execute(change(gems).values(state="held"))
        with pytest.raises(Busy), impatient.transaction() as other:
            other.execute(change(gems).values(state="sold"))
    impatient.close()


def test_the_bell_rings_after_the_commit_and_only_then(database: Database, gem: int):
    heard: list[int] = []
    database.after_commit.append(lambda session: heard.append(count(database, holds)))
    with database.transaction() as session:
        session.execute(insert(holds).values(gem_id=gem, state="over"))
        assert heard == []
    assert heard == [1]
    with suppress(LookupError), database.transaction():
        raise LookupError
    assert heard == [1]


def test_a_bell_that_breaks_does_not_undo_what_was_kept(database: Database, gem: int, caplog: pytest.LogCaptureFixture):
    def broken(session: Session) -> None:
        raise OSError("no broker")

    heard: list[bool] = []
    database.after_commit += [broken, lambda session: heard.append(True)]
    with caplog.at_level(logging.ERROR), database.transaction() as session:
        session.execute(insert(holds).values(gem_id=gem, state="over"))
    assert count(database, holds) == 1
    assert heard == [True]
    assert "no broker" in caplog.text


def test_sqlite_survives_a_loss_of_power_and_checks_references(sqlite_url: str):
    database = Database(sqlite_url)
    with database.engine.connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked] == ["wal", 2, 1, 5000]
    database.close()


WRITER = """
import sys
from sqlalchemy import text
from bespoke.database import Database
database = Database(sys.argv[1])
number = int(sys.argv[2])
while True:
    number += 1
    with database.transaction() as session:
        session.execute(text("insert into said values (:number)"), {"number": number})
        session.execute(text("update latest set number = :number"), {"number": number})
    print(number, flush=True)
"""


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'killed.sqlite3'}"
    database = Database(url)
    with database.transaction() as session:
        session.execute(text("create table said (number integer primary key)"))
        session.execute(text("create table latest (number integer)"))
        session.execute(text("insert into latest values (0)"))
    acknowledged = 0
    for kill in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(acknowledged + 1)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
        )
        assert writer.stdout is not None
        for _ in range(3 + kill * 7):
            acknowledged = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        writer.stdout.close()
        writer.wait()
        with database.reading() as session:
            kept = session.scalars(text("select max(number) from said")).one()
            assert kept == session.scalars(text("select number from latest")).one()
            assert kept >= acknowledged
        acknowledged = kept
    database.close()


def test_what_people_wrote_is_not_repeated_in_a_fault(database: Database):
    with pytest.raises(DBAPIError) as fault, database.transaction() as session:
        session.execute(text("INSERT INTO nowhere (word) VALUES (:word)"), {"word": "a secret"})
    assert "a secret" not in str(fault.value)
