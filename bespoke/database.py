"""The database: one engine, `with transaction() as session`, and a lost race named `Conflict`.

No Flask here, so that the worker and the command line stay light; `bespoke.web.database` binds
Flask-SQLAlchemy to the same engine for the pages. Rows subclass our own `Base` in both.

SQLite runs in WAL with synchronous=FULL (an acknowledged commit survives power loss), and every
writing transaction begins IMMEDIATE: readers never wait, writers queue for at most `PATIENCE_SECONDS`
instead of failing half-way when two had read before writing.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from bespoke.models.writing import WritingSession
from workflows.sentences import sentence

PATIENCE_SECONDS = 5
READING = "bespoke_reading"
JSON = json.JSONDecoder()
logger = logging.getLogger(__name__)

Hook = Callable[[Session], None]

POSTGRESQL = (
    f"lock_timeout={PATIENCE_SECONDS}s",
    "timezone=UTC",
    # many tables, few rows of each: finding the best order of twenty joins takes longer than taking any
    "join_collapse_limit=1",
    "jit=off",
    "plan_cache_mode=force_generic_plan",
)
SQLITE_TAKEN = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})
POSTGRESQL_TAKEN = frozenset({"23505", "23P01"})  # unique and exclusion violations
POSTGRESQL_RACE = frozenset({"40001", "40P01"})  # serialisation failure, deadlock
SQLITE_NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR")
POSTGRESQL_NO_ROOM = frozenset({"53100", "58030"})  # disk full, I/O error
POSTGRESQL_BUSY = frozenset({"55P03"})  # lock not available in time


class DatabaseError(Exception):
    """What the database refuses for a reason that is nobody's mistake."""


class Conflict(DatabaseError):
    """Somebody else changed the same thing first; nothing of this transaction was kept.

    Attributes:
        guard: the constraint that caught it as the database names it, or None where a row's version did.
    """

    def __init__(self, guard: str | None = None) -> None:
        super().__init__(sentence("Somebody else changed this a moment ago. Look at it again, then decide."))
        self.guard = guard


class Busy(DatabaseError):
    """The database was held by others for longer than `PATIENCE_SECONDS`; trying again is safe."""

    def __init__(self) -> None:
        super().__init__(sentence("The house is very busy. Nothing was changed; try again in a moment."))


class NoRoom(DatabaseError):
    """The database's disk is full, or fails."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "The database cannot write to its disk, which may be full. Nothing was changed; "
                "make room, then try again."
            )
        )


class ReadingOnly(DatabaseError):
    """A row was changed in a session opened by `reading()`, which never commits."""


class Database:
    """One database: its engine and the two ways to talk to it.

    Attributes:
        engine: for writing; on SQLite its transactions begin IMMEDIATE.
        reading_engine: the same pool, for reading; on SQLite its transactions never wait for a writer.
        before_commit: called in order with the session before each commit of `transaction()`, to add what
            follows from what was done; a hook that raises undoes the transaction.
        after_commit: called in order with the session after each commit of `transaction()`, for instance
            to ring the bell for the jobs the transaction added. A hook that fails is logged, not raised:
            what was committed stays committed.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = _engine(url)
        self.reading_engine = self.engine.execution_options(**{READING: True})
        self.before_commit: list[Hook] = []
        self.after_commit: list[Hook] = []
        self._writing = sessionmaker(self.engine, class_=WritingSession, expire_on_commit=False)
        self._reading = sessionmaker(self.reading_engine, autoflush=False, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database, a file."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose changes are all kept when the block ends, or none when it raises.

        Raises:
            Conflict: another transaction took what a constraint or a row's version guards.
            Busy: the database could not be had in time.
            NoRoom: its disk is full, or fails.
        """
        with self._writing() as session:
            try:
                yield session
                for hook in self.before_commit:
                    hook(session)
                session.commit()
            except (DBAPIError, StaleDataError) as fault:
                session.rollback()
                named = _named(fault)
                if named is None:
                    raise
                raise named from fault
            for hook in self.after_commit:
                try:
                    hook(session)
                except Exception:
                    logger.exception("after commit: %r failed; the sweeper will make up for it", hook)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session to look with: one unchanging view on SQLite, nothing kept at the end.

        Raises:
            ReadingOnly: the block changed a row, which would silently be lost.
        """
        with self._reading() as session:
            yield session
            if session.new or session.dirty or session.deleted:
                raise ReadingOnly(sentence("Rows were changed in a reading session; open a transaction instead."))

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    # what people wrote, and hashes of links, have no place in a log or in the reason of a failed job
    if make_url(url).get_backend_name() == "sqlite":
        patience = {"timeout": PATIENCE_SECONDS}
        engine = create_engine(url, hide_parameters=True, connect_args=patience, json_deserializer=_from_json)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = " ".join(f"-c {setting}" for setting in POSTGRESQL)
    return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args={"options": options})


def _from_json(text: str) -> Any:
    return [] if text == "[]" else JSON.decode(text)  # most lists of a milestone are empty


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours, see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _named(fault: DBAPIError | StaleDataError) -> DatabaseError | None:
    """Our name for a database's complaint; None where it is a mistake in the program."""
    if isinstance(fault, StaleDataError):
        return Conflict()
    original = fault.orig
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorname", "")
        if isinstance(fault, IntegrityError) and code in SQLITE_TAKEN:
            return Conflict(str(original).removeprefix("UNIQUE constraint failed: "))
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return Busy()
        if code.startswith(SQLITE_NO_ROOM):
            return NoRoom()
        return None
    return _named_by_postgresql(original)


def _named_by_postgresql(fault: Any) -> DatabaseError | None:
    """By its SQLSTATE; the driver's own classes are not asked, so that a house on SQLite need not load it."""
    state = getattr(fault, "sqlstate", None)
    if state in POSTGRESQL_TAKEN:
        return Conflict(fault.diag.constraint_name)
    if state in POSTGRESQL_RACE:
        return Conflict()
    if state in POSTGRESQL_BUSY:
        return Busy()
    return NoRoom() if state in POSTGRESQL_NO_ROOM else None
