"""Rows of many tables in one statement, so that a page or a rule asks the database a few times only.

The session's own loader looks at every line once for each table that a statement names, whether or not the line has
something of it, and prepares that anew each time. Here a line is read for its one table alone, by a plan that is made
once for each kind of database. What comes out are the session's rows as ever: one object for each row, changes noticed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    and_,
    inspect,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value

from bespoke.models.base import Base

Row = TypeVar("Row", bound=Base)
Child = TypeVar("Child", bound=Base)
Processor = Callable[[Any], Any]
PLACE = itemgetter(0)  # of a line's table among those of its statement


class Gathered:
    """What was found, by table; it keeps the rows alive, so that many-to-one relations need no statement."""

    def __init__(self, rows: dict[type[Any], list[Any]]) -> None:
        self._rows = rows

    @property
    def models(self) -> Sequence[type[Any]]:
        """The tables that were asked for."""
        return list(self._rows)

    def of(self, model: type[Row]) -> list[Row]:
        """All rows of one table, in the order of their number."""
        found: list[Row] = self._rows[model]
        return found

    def __or__(self, other: "Gathered") -> "Gathered":
        """What either of them found."""
        return Gathered(self._rows | other._rows)


class Gathering:
    """The rows of each table that meet its condition, in one statement; every table has a whole number `id`.

    The statement lists the numbers of its tables below one another and joins each table to its own lines, so rows do
    not multiply as they would with one join after another. A line is as wide as all tables together, so tables with
    many rows go with few others.
    """

    def __init__(self, wanted: Mapping[type[Any], ColumnElement[bool]]) -> None:
        self._models = list(wanted)
        self._statement = _statement(wanted)
        self._shapes: dict[str, Sequence[_Shape]] = {}  # by the kind of database

    def rows(self, session: Session, **values: object) -> Gathered:
        """What there is of them now; a row that the session has already stays as it is.

        Args:
            values: of the parameters that the conditions name.
        """
        if session.autoflush:
            session.flush()
        rows: dict[type[Any], list[Any]] = {model: [] for model in self._models}
        for shape, lines in self._lines(session.connection(), values):
            rows[shape.model] = [shape.row(session, line) for line in lines]
        return Gathered(rows)

    def _lines(
        self, connection: Connection, values: Mapping[str, object]
    ) -> Iterator[tuple["_Shape", Iterable[Sequence[Any]]]]:
        """The lines of each table that has any, as the database's driver gives them."""
        result = connection.execute(self._statement, values)
        cursor, dialect = result.cursor, connection.dialect
        if cursor is None:
            raise TypeError("a statement that gathers rows gives rows")
        shapes = self._shapes.get(dialect.name)
        if shapes is None:
            kinds = [column[1] for column in cursor.description]
            shapes = self._shapes[dialect.name] = list(_shaped(self._models, dialect, kinds))
        lines = cursor.fetchall()
        result.close()
        for place, theirs in groupby(lines, key=PLACE):
            yield shapes[place], theirs


def gather(session: Session, *groups: Mapping[type[Any], ColumnElement[bool]]) -> Gathered:
    """The rows that meet conditions made for this once, in one statement a group.

    A page that is opened often keeps a `Gathering` with named parameters instead, which is made ready only once.
    """
    found = Gathered({})
    for wanted in groups:
        found |= Gathering(wanted).rows(session)
    return found


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where one table's columns are in a line, and how the database's values become ours."""

    model: type[Any]
    mapper: Mapper[Any]
    first: int
    end: int
    names: tuple[str, ...]
    known: frozenset[str]
    processors: tuple[tuple[int, Processor], ...]

    def row(self, session: Session, line: Sequence[Any]) -> Any:
        """The session's row for a line."""
        key = self.mapper.identity_key_from_primary_key((line[self.first],))
        found = session.identity_map.get(key)
        if found is None:
            found = self.mapper.class_manager.new_instance()
            state = instance_state(found)
            state.key, state.session_id = key, session.hash_key
            instance_dict(found).update(zip(self.names, self._values(line), strict=True))
            session.identity_map.add(state)
        elif not self.known <= instance_dict(found).keys():
            values = dict(zip(self.names, self._values(line), strict=True))
            for name in self.known - instance_dict(found).keys():
                set_committed_value(found, name, values[name])
        return found

    def _values(self, line: Sequence[Any]) -> Sequence[Any]:
        values = list(line[self.first : self.end])
        for place, processor in self.processors:
            if values[place] is not None:
                values[place] = processor(values[place])
        return values


def _shaped(models: Sequence[type[Any]], dialect: Dialect, kinds: Sequence[Any]) -> Iterator[_Shape]:
    first = 1  # after the place
    for model in models:
        mapper: Mapper[Any] = inspect(model)
        columns: Sequence[Column[Any]] = list(model.__table__.columns)
        names = tuple(mapper.get_property_by_column(column).key for column in columns)
        ours = (
            (place, column.type.dialect_impl(dialect).result_processor(dialect, kinds[first + place]))
            for place, column in enumerate(columns)
        )
        processors = tuple((place, found) for place, found in ours if found is not None)
        yield _Shape(model, mapper, first, first + len(columns), names, frozenset(names), processors)
        first += len(columns)


def _statement(wanted: Mapping[type[Any], ColumnElement[bool]]) -> Select[Any]:
    numbers = union_all(
        *(
            select(literal_column(str(place)).label("place"), model.id.label("row")).where(wanted[model])
            for place, model in enumerate(wanted)
        )
    ).subquery()
    tables = [model.__table__ for model in wanted]
    statement = select(numbers.c.place, *(column for table in tables for column in table.columns)).select_from(numbers)
    for place, table in enumerate(tables):
        own = and_(numbers.c.place == place, numbers.c.row == table.c.id)
        statement = statement.outerjoin(table, own)
    return statement.order_by(numbers.c.place, numbers.c.row)


def attach(
    parents: Iterable[Base],
    name: str,
    children: Sequence[Child],
    parent_of: Callable[[Child], int | None],
    *,
    by: Callable[[Child], Any] | None = None,
    back: str = "",
) -> None:
    """Put children that are loaded already in the place of a relation, so that it is not loaded again.

    A relation that is there already stays as it is, with what was changed in it.

    Args:
        by: what they are in order of; of their number where left out.
        back: the children's own relation to their parent.
    """
    kept: dict[int | None, list[Child]] = {}
    for child in children if by is None else sorted(children, key=by):
        kept.setdefault(parent_of(child), []).append(child)
    for parent in parents:
        if name not in instance_dict(parent):
            theirs = kept.get(parent.id, [])  # type: ignore[attr-defined]  # every row has one
            set_committed_value(parent, name, theirs)
            for child in theirs if back else ():
                set_committed_value(child, back, parent)
