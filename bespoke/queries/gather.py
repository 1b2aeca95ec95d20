"""Rows of many tables in one statement, so that a page about a whole commission asks the database a few times only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, literal_column, select, union_all
from sqlalchemy.orm import Session, lazyload
from sqlalchemy.orm.attributes import set_committed_value

from bespoke.models.base import Base

Row = TypeVar("Row", bound=Base)
Child = TypeVar("Child", bound=Base)


class Gathered:
    """What was found, by table; it keeps the rows alive, so that many-to-one relations need no statement."""

    def __init__(self, rows: dict[type[Base], list[Any]]) -> None:
        self._rows = rows

    def of(self, model: type[Row]) -> list[Row]:
        """All rows of one table, in the order of their number."""
        found: list[Row] = self._rows[model]
        return found


def gather(session: Session, *groups: Mapping[type[Any], ColumnElement[bool]]) -> Gathered:
    """The rows of each table that meet its condition; every table has a whole number `id`.

    One statement for each group lists the numbers of its tables below one another and joins each table to its own
    lines, so rows do not multiply as they would with one join after another. A line is as wide as all tables of its
    group, so tables with many rows go with few others.
    """
    rows: dict[type[Base], list[Any]] = {}
    for wanted in groups:
        rows |= _group(session, wanted)
    return Gathered(rows)


def _group(session: Session, wanted: Mapping[type[Any], ColumnElement[bool]]) -> dict[type[Base], list[Any]]:
    models = list(wanted)
    numbers = union_all(
        *(
            select(literal_column(str(place)).label("place"), model.id.label("row")).where(wanted[model])
            for place, model in enumerate(models)
        )
    ).subquery()
    # relations that load themselves by a join would take the other tables' lines away
    statement = select(*models).select_from(numbers).options(lazyload("*"))
    for place, model in enumerate(models):
        own = and_(numbers.c.place == place, numbers.c.row == model.id)
        statement = statement.outerjoin(model, own)
    rows: dict[type[Base], list[Any]] = {model: [] for model in models}
    for line in session.execute(statement):
        for model, row in zip(models, line, strict=True):
            if row is not None:
                rows[model].append(row)
    for found in rows.values():
        found.sort(key=lambda row: row.id)
    return rows


def attach(
    parents: Iterable[Base],
    name: str,
    children: Sequence[Child],
    parent_of: Callable[[Child], int | None],
    *,
    by: Callable[[Child], Any] | None = None,
) -> None:
    """Put children that are loaded already in the place of a relation, so that it is not loaded again."""
    kept: dict[int | None, list[Child]] = {}
    for child in children if by is None else sorted(children, key=by):
        kept.setdefault(parent_of(child), []).append(child)
    for parent in parents:
        set_committed_value(parent, name, kept.get(parent.id, []))  # type: ignore[attr-defined]  # every row has one
