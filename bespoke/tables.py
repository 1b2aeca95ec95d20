"""Every row of a database as lines of JSON, and back: the same for SQLite and PostgreSQL.

The tables are read as they are in the database, not as the models say, so that a backup of an older
schema can be brought back before it is upgraded.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

from sqlalchemy import JSON, Connection, MetaData, Table, func, insert, inspect, select

from bespoke.database import Database
from bespoke.schema import migrating

VERSION_TABLE = "alembic_version"
AT_A_TIME = 500


class UnknownValue(Exception):
    """A column holds something no line can carry."""


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever others write meanwhile."""
    engine = database.reading_engine
    if not database.is_sqlite:  # SQLite's reading transactions see one state anyway
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.connect() as connection:
        yield connection


def tables_of(connection: Connection) -> tuple[Table, ...]:
    """The tables there are, by name, without the one that remembers the schema's revision."""
    found = MetaData()
    found.reflect(connection)
    for table in found.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type.none_as_null = True  # absent stays absent, rather than JSON's null
    return tuple(found.tables[name] for name in sorted(found.tables) if name != VERSION_TABLE)


def write_rows(connection: Connection, table: Table, file: IO[str]) -> int:
    """Write every row of a table, one line of JSON each, in the order of its key; how many there were."""
    rows = 0
    query = select(table).order_by(*table.primary_key.columns)
    for row in connection.execution_options(yield_per=AT_A_TIME).execute(query).mappings():
        line = {name: _packed(value) for name, value in row.items()}
        file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        rows += 1
    return rows


def read_rows(connection: Connection, table: Table, file: IO[str]) -> int:
    """Insert the rows `write_rows` wrote; how many there were."""
    rows, batch = 0, list[dict[str, Any]]()
    for line in file:
        batch.append({name: _unpacked(value) for name, value in json.loads(line).items()})
        rows += 1
        if len(batch) == AT_A_TIME:
            connection.execute(insert(table), batch)
            batch.clear()
    if batch:
        connection.execute(insert(table), batch)
    return rows


@contextmanager
def filling(database: Database) -> Iterator[Connection]:
    """A connection in one transaction for inserting rows in any order; references are checked at its end.

    Counters for new keys go on after the highest key that came in.
    """
    with migrating(database) as connection:
        if database.is_sqlite:
            yield connection
            return
        foreign_keys = _foreign_keys(connection)
        for table, name in foreign_keys:
            connection.exec_driver_sql(f'ALTER TABLE "{table}" ALTER CONSTRAINT "{name}" DEFERRABLE')
        connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
        yield connection
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        for table, name in foreign_keys:
            connection.exec_driver_sql(f'ALTER TABLE "{table}" ALTER CONSTRAINT "{name}" NOT DEFERRABLE')
        _advance_counters(connection)


def _foreign_keys(connection: Connection) -> Sequence[tuple[str, str]]:
    inspector = inspect(connection)
    return [
        (table, str(key["name"])) for table in inspector.get_table_names() for key in inspector.get_foreign_keys(table)
    ]


def _advance_counters(connection: Connection) -> None:
    for table in tables_of(connection):
        for column in table.primary_key.columns:
            counter = connection.scalar(select(func.pg_get_serial_sequence(f'"{table.name}"', column.name)))
            if counter:
                highest = connection.scalar(select(func.max(column)))
                connection.execute(select(func.setval(counter, highest or 1, highest is not None)))


def _packed(value: Any) -> Any:
    """A value as JSON; what JSON has no word for goes as a list of its kind and its text."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
            return ["moment", moment.isoformat()]
        case date():
            return ["date", value.isoformat()]
        case Decimal():
            return ["exact", str(value)]
        case bytes():
            return ["bytes", base64.b64encode(value).decode()]
        case dict() | list():
            return ["json", value]
        case _:
            raise UnknownValue(f"{type(value).__name__} cannot be written into a backup.")


def _unpacked(value: Any) -> Any:
    match value:
        case ["moment", str(text)]:
            return datetime.fromisoformat(text)
        case ["date", str(text)]:
            return date.fromisoformat(text)
        case ["exact", str(text)]:
            return Decimal(text)
        case ["bytes", str(text)]:
            return base64.b64decode(text)
        case ["json", content]:
            return content
        case _:
            return value
