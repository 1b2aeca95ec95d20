"""Rows of many tables in one statement, so that a page or a rule asks the database a few times only.

The session's own loader looks at every line once for each table that a statement names, whether or not the line has
something of it, and prepares that anew each time. Here a line is read for its one table alone, by a plan that is made
once for each kind of database. What comes out are the session's rows as ever: one object for each row, changes noticed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count, groupby
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Connection,
    Date,
    DateTime,
    Dialect,
    Float,
    Integer,
    String,
    Text,
    TypeDecorator,
    cast,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, set_committed_value
from sqlalchemy.types import TypeEngine

from bespoke.models.base import Base
from bespoke.models.reading import Shape, shaped

Row = TypeVar("Row", bound=Base)
Child = TypeVar("Child", bound=Base)
PLACE = itemgetter(0)  # of a line's table among those of its statement
PLACE_AND_NUMBER = itemgetter(0, 1)
KINDS: Mapping[type[TypeEngine[Any]], TypeEngine[Any]] = {  # what a column is to a database, and the widest of it
    Integer: BigInteger(),
    Boolean: Boolean(),
    String: Text(),
    DateTime: DateTime(timezone=True),
    Date: Date(),
    Float: Float(),
    JSON: JSON(),
}


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

    The statement puts the lines of its tables below one another. Each table fills as many of the columns of a kind
    (numbers, texts, moments) as it has of them, so that a line is hardly wider than the widest table.
    """

    def __init__(self, wanted: Mapping[type[Any], ColumnElement[bool]]) -> None:
        self._models = list(wanted)
        self._places = {model: tuple(_places(model)) for model in wanted}
        self._statement = _statement(wanted, self._places)
        self._shapes: dict[str, Sequence[Shape]] = {}  # by the kind of database

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
    ) -> Iterator[tuple[Shape, Iterable[Sequence[Any]]]]:
        """The lines of each table that has any, as the database's driver gives them."""
        result = connection.execute(self._statement, values)
        cursor, dialect = result.cursor, connection.dialect
        if cursor is None:
            raise TypeError("a statement that gathers rows gives rows")
        shapes = self._shapes.get(dialect.name)
        if shapes is None:
            kinds = [column[1] for column in cursor.description]
            shapes = self._shapes[dialect.name] = list(_shaped(self._places, dialect, kinds))
        lines = sorted(cursor.fetchall(), key=PLACE_AND_NUMBER)
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


def _shaped(places: Mapping[type[Any], Sequence["_Place"]], dialect: Dialect, kinds: Sequence[Any]) -> Iterator[Shape]:
    """Where each table's columns are in a line; a line begins with the place of its table, then the row's number."""
    slots = list(_slots(places.values()))
    for model, own in places.items():
        yield shaped(model, [1 + slots.index(place) for place in own], dialect, kinds)


_Place = tuple[type[TypeEngine[Any]], int]  # the how-manieth column of its kind


def _places(model: type[Any]) -> Iterator[_Place]:
    """The place of each column of a table in a line; its number has the first one."""
    counted = {kind: count() for kind in KINDS}
    for column in model.__table__.columns:
        kind = _kind(column.type)
        yield kind, next(counted[kind])


def _kind(of: TypeEngine[Any]) -> type[TypeEngine[Any]]:
    plain = of.impl_instance if isinstance(of, TypeDecorator) else of
    return next(kind for kind in KINDS if isinstance(plain, kind))


def _slots(places: Iterable[Sequence[_Place]]) -> Iterator[_Place]:
    """The columns of a line behind the place of its table: of each kind as many as the table with most has."""
    taken = {place for own in places for place in own}
    return (place for kind in KINDS for place in sorted((one for one in taken if one[0] is kind), key=itemgetter(1)))


def _statement(
    wanted: Mapping[type[Any], ColumnElement[bool]], places: Mapping[type[Any], Sequence[_Place]]
) -> CompoundSelect[Any]:
    slots = list(_slots(places.values()))
    return union_all(
        *(
            select(literal_column(str(number)).label("place"), *_line(model, places[model], slots)).where(condition)
            for number, (model, condition) in enumerate(wanted.items())
        )
    )


def _line(model: type[Any], own: Sequence[_Place], slots: Sequence[_Place]) -> Iterator[ColumnElement[Any]]:
    columns = dict(zip(own, model.__table__.columns, strict=True))
    for number, slot in enumerate(slots):
        given = columns.get(slot)
        yield (cast(null(), KINDS[slot[0]]) if given is None else given).label(f"c{number}")


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
