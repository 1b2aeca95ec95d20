"""The session all writing goes through: what is plain is written straight, by statements made once a table.

The session's own unit of work is made for any graph of rows: at each flush it asks every relation of every changed
row what it has to tell another, and sorts all tables anew, which takes longer than the statements. Most of what the
house writes needs none of it: new rows that name others by their number, and rows of which some columns changed.
What hangs on a relation, and every deletion, still goes the session's own way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import Column, Connection, Insert, Table, Update, bindparam, insert, inspect, update
from sqlalchemy.orm import InstanceState, Mapper, Session
from sqlalchemy.orm.attributes import instance_dict, instance_state
from sqlalchemy.orm.exc import StaleDataError

from bespoke.models.base import Base
from bespoke.models.reading import finding

KEY = "key_of_row"  # parameters that find the row to change, beside those of its columns
VERSION = "version_of_row"


class WritingSession(Session):
    """A session as ever, only quicker with plain rows."""

    def get(self, entity: Any, ident: Any, **ways: Any) -> Any:
        """The row of that number, from the session or, where it is not there yet, from the database; or None."""
        plan = None if any(ways.values()) or not isinstance(ident, int | str) else finding(entity)
        if plan is None or (entity, (ident,), None) in self.identity_map:
            return super().get(entity, ident, **ways)
        if self.autoflush:
            self.flush()
        return plan.row(self, ident)

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what was added and changed since the last time.

        Raises:
            StaleDataError: a row is gone, or somebody else changed it since it was read.
        """
        work = None if objects is not None or self._flushing else _plain(self)
        if work is None:
            super().flush(objects)
        elif work:
            self._write(work)

    def _write(self, work: "Sequence[_Work]") -> None:
        try:
            connection = self.connection()
            for (plan, new, names), alike in groupby(work, attrgetter("kind")):
                if new:
                    _put_down(connection, plan, list(alike))
                elif names:
                    _change(connection, plan, list(alike))
            self._register_persistent({one.state for one in work})
        except BaseException:
            # as after any flush that failed: nothing is done in this transaction any more but rolling it back
            self._autobegin_t()._begin().rollback(_capture_exception=True)
            raise


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """How rows of one table are written.

    Attributes:
        rank: a table comes after those it refers to.
        filled: columns that get a value by themselves where none is given.
    """

    rank: int
    columns: Mapping[str, Column[Any]]
    relations: frozenset[str]
    filled: frozenset[str]
    key: str
    version: str | None
    insert: Insert
    update: Update


@dataclass(frozen=True, slots=True)
class _Work:
    """A row and the values to write of it."""

    plan: _Plan
    state: InstanceState[Any]
    new: bool
    place: Any  # among the rows of its table
    values: dict[str, Any]

    @property
    def kind(self) -> tuple[_Plan, bool, frozenset[str]]:
        """What is alike goes into one statement."""
        return self.plan, self.new, frozenset(self.values)


def _plain(session: Session) -> Sequence[_Work] | None:
    """What there is to write, in order; None where something of it is not plain."""
    if session.deleted:
        return None
    work = []
    for row in session.dirty:
        changed = _changed(row)
        if changed is None:
            return None
        work.append(changed)
    for row in session.new:
        added = _added(row)
        if added is None:
            return None
        work.append(added)
    return sorted(work, key=lambda one: (one.plan.rank, one.new, one.place))


def _changed(row: Base) -> _Work | None:
    plan, state, now = _plan(type(row)), instance_state(row), instance_dict(row)
    if plan is None or plan.key not in now:  # an expired row has nothing, not even its number, until it is read
        return None
    values = {}
    for name, was in state.committed_state.items():
        column = plan.columns.get(name)
        if column is None or column.primary_key or name not in now or hasattr(now[name], "__clause_element__"):
            return None
        if not column.type.compare_values(now[name], was):
            values[name] = now[name]
    if values and plan.version is not None:
        if plan.version in state.committed_state or plan.version not in now:
            return None
        values[plan.version] = now[plan.version] + 1
    return _Work(plan, state, False, now[plan.key], values)


def _added(row: Base) -> _Work | None:
    plan, state, now = _plan(type(row)), instance_state(row), instance_dict(row)
    if plan is None or not plan.relations.isdisjoint(now):
        return None
    given = {name: now.get(name) for name in plan.columns}
    if any(hasattr(value, "__clause_element__") for value in given.values()):
        return None
    values = {name: value for name, value in given.items() if value is not None or name not in plan.filled}
    return _Work(plan, state, True, state.insert_order, values)


def _put_down(connection: Connection, plan: _Plan, alike: Sequence[_Work]) -> None:
    for one in alike:
        result = connection.execute(plan.insert, one.values)
        written = cast(Mapping[str, Any], result.last_inserted_params())
        one.state.dict.update((name, written.get(name)) for name in plan.columns)
        if result.inserted_primary_key is not None:
            one.state.dict[plan.key] = result.inserted_primary_key[0]


def _change(connection: Connection, plan: _Plan, alike: Sequence[_Work]) -> None:
    told = [one.values | {KEY: one.place} for one in alike]
    if plan.version is not None:
        for one, parameters in zip(alike, told, strict=True):
            parameters[VERSION] = one.state.dict[plan.version]
    found = connection.execute(plan.update, told).rowcount
    if found != len(told):
        raise StaleDataError(f"{len(told)} rows of {plan.update.table} were to be changed, {found} were found.")
    for one in alike:
        one.state.dict.update(one.values)


@cache
def _plan(model: type[Base]) -> _Plan | None:
    """How rows of a class are written; None where they lean on more than one table, or on another row's life."""
    mapper: Mapper[Any] = inspect(model)
    table, version = mapper.local_table, mapper.version_id_col
    relations = [relation for other in mapper.registry.mappers for relation in other.relationships]
    orphaned = any(relation.mapper is mapper and relation.cascade.delete_orphan for relation in relations)
    if not isinstance(table, Table) or mapper.inherits is not None or len(mapper.primary_key) != 1 or orphaned:
        return None
    key, columns = mapper.primary_key[0], dict(mapper.columns.items())
    row = [key == bindparam(KEY, type_=key.type)]
    if version is not None:
        row.append(version == bindparam(VERSION, type_=version.type))
    return _Plan(
        rank=Base.metadata.sorted_tables.index(table),
        columns=columns,
        relations=frozenset(mapper.relationships.keys()),
        filled=frozenset(
            name
            for name, column in columns.items()
            if column.primary_key or column.default is not None or column.type.should_evaluate_none
        ),
        key=str(key.key),
        version=None if version is None else version.key,
        insert=insert(table),
        update=update(table).where(*row),
    )
