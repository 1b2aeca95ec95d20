"""A piece and a commission read in a few statements: the very rows, nothing lost, changes noticed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, inspect
from sqlalchemy.orm.exc import StaleDataError

from bespoke.database import Database
from bespoke.models.commission import Commission
from bespoke.models.house import HouseRow
from bespoke.models.piece import MilestoneRow, Piece
from bespoke.models.stone import StoneRow
from bespoke.queries import whole
from bespoke.queries.gather import Gathering
from bespoke.services import pins, steps
from bespoke.services.gathering import READ, gather
from bespoke.storage.local import LocalStore
from tests.factories import NOON, Cast, a_cast, a_commission, brought_to
from tests.making import published


@pytest.fixture
def shown(database: Database, tmp_path: Path) -> tuple[Cast, int]:
    """A design before the client, with a remark on it: the cast and the piece's id."""
    with database.transaction() as session:
        cast = a_cast(session)
        piece = brought_to(session, a_commission(session, cast), "cad", cast).pieces[0]
        published(session, LocalStore(tmp_path / "files"), piece, cast)
        place = (1.5, -2.25, 0.125)
        pins.place(session, piece.revisions[-1], "A little lower", cast.client, at=NOON, place_mm=place)
        return cast, piece.id


def test_every_row_says_what_it_says_when_it_is_loaded_alone(database: Database, shown: tuple[Cast, int]):
    with database.reading() as session:
        piece = session.get_one(Piece, shown[1])
        found = [READ.rows(session, piece=piece.id, commission=piece.commission_id)]
        found += [gathering.rows(session, commission=piece.commission_id) for gathering in whole.GATHERINGS]
        gathered = {(model, row.id): _values(row) for rows in found for model in rows.models for row in rows.of(model)}
    kinds = {model.__name__ for model, _ in gathered}
    assert {"HouseRow", "Event", "MilestoneRow", "Content", "Payment", "Quote", "StoneHold", "Pin"} <= kinds
    for (model, number), values in gathered.items():
        with database.reading() as session:
            assert values == _values(session.get_one(model, number))


def test_the_state_of_a_piece_is_read_in_one_statement(database: Database, shown: tuple[Cast, int]):
    with database.reading() as session:
        piece = session.get_one(Piece, shown[1])
        with _counted(database) as sent:
            snapshot = steps.snapshot(session, piece)
            again = steps.snapshot(session, piece)
        assert len(sent) == 1
        assert snapshot == again
    with database.reading() as session:  # as its relations load it by themselves
        slow = session.get_one(Piece, shown[1])
        assert slow.snapshot(session.get_one(HouseRow, 1).rules()) == snapshot


def test_what_was_changed_and_not_yet_written_stays(database: Database, shown: tuple[Cast, int]):
    with database.transaction() as session:
        piece = session.get_one(Piece, shown[1])
        stone = piece.options[0].stone
        stone.colour = "changed a moment ago"
        with session.no_autoflush:
            gather(session, piece)
        assert stone.colour == "changed a moment ago"
        assert piece.options[0].stone is stone
    with database.reading() as session:
        assert session.get_one(StoneRow, stone.id).colour == "changed a moment ago"


def test_a_row_that_had_to_be_forgotten_is_read_again(database: Database, shown: tuple[Cast, int]):
    milestones = Gathering({MilestoneRow: MilestoneRow.piece_id == shown[1]})
    with database.transaction() as session:
        rows = milestones.rows(session).of(MilestoneRow)
        before = [_values(row) for row in rows]
        session.expire_all()
        with _counted(database) as sent:
            assert milestones.rows(session).of(MilestoneRow) == rows
            assert [_values(row) for row in rows] == before
        assert len(sent) == 1


def test_a_gathered_row_is_written_and_guarded_like_any_other(database: Database, shown: tuple[Cast, int]):
    cast, piece_id = shown
    with database.reading() as session:
        number = session.get_one(Piece, piece_id).commission_id
    commissions = Gathering({Commission: Commission.id == number})
    with database.transaction() as session:
        (row,) = commissions.rows(session).of(Commission)
        version = row.version
        row.record("looked", cast.lead, NOON)
        session.flush()
        session.connection().exec_driver_sql(f"UPDATE commissions SET version = 99 WHERE id = {number}")
        row.record("looked", cast.lead, NOON)
        with pytest.raises(StaleDataError):
            session.flush()
        session.rollback()
        row.record("looked", cast.lead, NOON)
    with database.reading() as session:
        assert session.get_one(Commission, number).version == version + 1


def _values(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
