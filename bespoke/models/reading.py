"""Lines of a database as the session's rows, by plans that are made once.

What comes out are rows as ever: one object for each row, its changes noticed. The session's own loader prepares anew,
for each statement, how its lines become rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Select, Table, bindparam, inspect, select
from sqlalchemy.orm import Mapper, RelationshipDirection, Session
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value

from bespoke.models.base import Base

Line = Sequence[Any]
Processor = Callable[[Any], Any]
KEY = "key_of_row"


@dataclass(frozen=True, slots=True)
class Shape:
    """Where one table's columns are in a line, and how the database's values become ours."""

    model: type[Any]
    new: Callable[[], Any]
    names: tuple[str, ...]
    known: frozenset[str]
    key: int  # place of the row's key in the line
    values: Callable[[Line], Sequence[Any]]
    processors: tuple[tuple[str, Processor], ...]

    def row(self, session: Session, line: Line) -> Any:
        """The session's row for a line; what it knows of the row already stays as it is."""
        key = (self.model, (line[self.key],), None)
        found = session.identity_map.get(key)
        if found is None:
            found = self.new()
            state = instance_state(found)
            state.key, state.session_id = key, session.hash_key
            instance_dict(found).update(self._read(line))
            session.identity_map.add(state)
        elif not self.known <= instance_dict(found).keys():
            values = self._read(line)
            for name in self.known - instance_dict(found).keys():
                set_committed_value(found, name, values[name])
        return found

    def _read(self, line: Line) -> dict[str, Any]:
        values = dict(zip(self.names, self.values(line), strict=True))
        for name, processor in self.processors:
            value = values[name]
            if value is not None:
                values[name] = processor(value)
        return values


def shaped(model: type[Any], places: Sequence[int], dialect: Dialect, kinds: Sequence[Any]) -> Shape:
    """The shape of a table.

    Args:
        places: of its columns in a line, in their order; its key is the first.
        kinds: of all columns of a line, as the driver names them.
    """
    mapper = inspect(model)
    columns: Sequence[Column[Any]] = list(model.__table__.columns)
    names = tuple(mapper.get_property_by_column(column).key for column in columns)
    ours = (
        (name, column.type.dialect_impl(dialect).result_processor(dialect, kinds[place]))
        for name, column, place in zip(names, columns, places, strict=True)
    )
    processors = tuple((name, found) for name, found in ours if found is not None)
    new = mapper.class_manager.new_instance
    return Shape(model, new, names, frozenset(names), places[0], itemgetter(*places), processors)


class Finding:
    """A row by its key, with those of its relations that are always read with it, in one statement."""

    def __init__(self, mapper: Mapper[Any]) -> None:
        self._joined = [one for one in mapper.relationships if one.lazy == "joined"]
        self._models = [mapper.class_, *(one.mapper.class_ for one in self._joined)]
        self._statement = self._select(mapper)
        self._shapes: dict[str, Sequence[Shape]] = {}  # by the kind of database

    def row(self, session: Session, key: Any) -> Any:
        """The row of that key; None where there is none."""
        connection = session.connection()
        result = connection.execute(self._statement, {KEY: key})
        cursor = result.cursor
        if cursor is None:
            raise TypeError("a statement that finds a row gives one")
        shapes = self._shapes.get(connection.dialect.name) or self._shape(connection, cursor.description)
        line = cursor.fetchone()
        result.close()
        if line is None:
            return None
        row, *others = [shape.row(session, line) for shape in shapes]
        for relation, other in zip(self._joined, others, strict=True):
            if relation.key not in instance_dict(row):
                set_committed_value(row, relation.key, other)
        return row

    def _select(self, mapper: Mapper[Any]) -> Select[Any]:
        columns = [column for model in self._models for column in model.__table__.columns]
        found = select(*columns).where(mapper.primary_key[0] == bindparam(KEY))
        for relation in self._joined:
            found = found.join(relation.mapper.local_table, relation.primaryjoin)
        return found

    def _shape(self, connection: Connection, description: Sequence[Any]) -> Sequence[Shape]:
        kinds, first, shapes = [column[1] for column in description], 0, []
        for model in self._models:
            end = first + len(model.__table__.columns)
            shapes.append(shaped(model, range(first, end), connection.dialect, kinds))
            first = end
        return self._shapes.setdefault(connection.dialect.name, shapes)


@cache
def finding(model: type[Base]) -> Finding | None:
    """How a row of a class is found; None where more than a key and rows that are always there take part in it."""
    mapper: Mapper[Any] = inspect(model)
    if not isinstance(mapper.local_table, Table) or mapper.inherits is not None or len(mapper.primary_key) != 1:
        return None
    together = [relation for relation in mapper.relationships if relation.lazy not in ("select", "joined")]
    joined = [relation for relation in mapper.relationships if relation.lazy == "joined"]
    if together or any(one.direction is not RelationshipDirection.MANYTOONE or not one.innerjoin for one in joined):
        return None
    return Finding(mapper)
