"""The schema: upgrade, downgrade and drift around Alembic; a copy of the SQLite file before upgrading."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, event

import bespoke.models  # noqa: F401  # every table is known only once every model is imported
from bespoke.database import Database
from bespoke.models.base import Base

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADING = 0x6265_7370_6F6B_65  # an advisory lock of our own, so that two upgrades take turns


class BrokenReferences(Exception):
    """A migration left rows that refer to rows which are gone; `rows` counts them. Nothing was kept."""

    def __init__(self, rows: int) -> None:
        super().__init__(f"The migration would leave {rows} rows that refer to nothing; it was not kept.")
        self.rows = rows


def upgrade(database: Database, *, backups: Path | None = None, to: str = "head") -> Path | None:
    """Bring the schema to revision `to` in one transaction: after a crash it is the old or the new one.

    Args:
        backups: a folder; an SQLite file that holds something is first copied there.

    Returns:
        The copy, where one was made.
    """
    now = current(database)
    if now == _resolved(to):
        return None
    copy = None
    if backups is not None and database.is_sqlite and now is not None:
        copy = backups / f"before-upgrade-from-{now}.sqlite3"
        copy_sqlite(database, copy)
    with migrating(database) as connection:
        command.upgrade(_config(connection), to)
    return copy


def downgrade(database: Database, to: str) -> None:
    """Take the schema back to revision `to`, or to nothing with "base"; what only later ones hold is lost."""
    with migrating(database) as connection:
        command.downgrade(_config(connection), to)


def current(database: Database) -> str | None:
    """The revision the database has, or None for an empty one."""
    with database.reading_engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """The revision a connection sees, or None where there is no schema yet."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest revision this program knows, or None where there is none."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def drift(database: Database) -> tuple[str, ...]:
    """Each difference between the tables as they are and as the models say; empty when they agree."""
    with database.reading_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return tuple(str(difference) for difference in compare_metadata(context, Base.metadata))


def copy_sqlite(database: Database, target: Path) -> None:
    """A consistent copy of the SQLite database at `target`, made while others read and write.

    Args:
        target: appears only when whole; one of the same name is replaced.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(str(database.url.database))) as source,
        closing(sqlite3.connect(unfinished)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    unfinished.replace(target)


@contextmanager
def migrating(database: Database) -> Iterator[Connection]:
    """A connection in one transaction; SQLite's foreign keys rest meanwhile and are checked at its end.

    Altering a table on SQLite makes it anew and drops the old one, which with foreign keys on would empty
    or refuse whatever refers to it; the pragma only works outside a transaction.
    """
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({UPGRADING})")
            yield connection
        return
    engine = create_engine(database.url, poolclass=NullPool)
    event.listen(engine, "connect", _rest_foreign_keys)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        yield connection
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise BrokenReferences(len(broken))


def _resolved(revision: str) -> str | None:
    return head() if revision == "head" else revision


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _rest_foreign_keys(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF"):
        connection.execute(f"PRAGMA {pragma}")
