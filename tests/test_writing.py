"""Plain rows are written straight, and come out as the session's own way would have written them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, inspect, update
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlalchemy.orm.exc import StaleDataError

from bespoke.database import Database
from bespoke.models.commission import Commission
from bespoke.models.event import Event
from bespoke.models.job import Job, JobState, Queue
from bespoke.models.piece import MilestoneRow, Piece
from bespoke.models.production import Evidence, WorkSpan
from tests.factories import NOON, Cast, a_cast, a_commission
from workflows.snapshot import Status


@pytest.fixture
def begun(database: Database) -> tuple[Cast, int]:
    """A commission just taken in: the cast and its piece's id."""
    with database.transaction() as session:
        cast = a_cast(session)
        return cast, a_commission(session, cast).pieces[0].id


def a_job(**facts: Any) -> Job:
    return Job(id="0" * 32, kind="ring", queue=Queue.MAIL, payload={}, due_at=NOON, created_at=NOON, **facts)


def test_a_new_row_has_its_number_and_defaults_without_being_read_again(database: Database, begun: tuple[Cast, int]):
    cast, piece_id = begun
    with database.transaction() as session:
        job = a_job(progress_words=None)
        span = WorkSpan(piece_id=piece_id, milestone="pattern", person_id=int(cast.bench.id), started_at=NOON)
        session.add_all([job, span])
        with _sent(database) as sent:
            session.flush()
            assert (job.state, job.attempts, job.progress_words, job.owner) == (JobState.QUEUED, 0, "", None)
            assert span.id is not None
            assert span.ended_at is None
        assert len(sent) == 2
        assert session.get(WorkSpan, span.id) is span
    with database.reading() as session:
        for row in (job, span):
            assert _values(session.get_one(type(row), row.id)) == _values(row)


def test_a_row_that_was_forgotten_is_changed_without_being_read_again(database: Database, begun: tuple[Cast, int]):
    with database.transaction() as session:
        milestone = session.get_one(Piece, begun[1]).milestones[0]
        number = milestone.id
        session.expire(milestone)
        milestone.rounds = 7
    with database.reading() as session:
        assert session.get_one(MilestoneRow, number).rounds == 7


def test_what_was_changed_is_written_and_nothing_else(database: Database, begun: tuple[Cast, int]):
    with database.transaction() as session:
        piece = session.get_one(Piece, begun[1])
        first, second = piece.milestones[:2]
        first.rounds, second.rounds = 4, 5
        first.status = Status(first.status)  # set, and no other than it was
        with _sent(database) as sent:
            session.flush()
            session.flush()
        assert len(sent) == 1
        assert sent[0].startswith("UPDATE milestones SET rounds=")
        ids = first.id, second.id
    with database.reading() as session:
        assert [session.get_one(MilestoneRow, one).rounds for one in ids] == [4, 5]


def test_what_hangs_on_a_relation_is_written_with_it(database: Database, begun: tuple[Cast, int]):
    with database.transaction() as session:
        piece = session.get_one(Piece, begun[1])
        row = MilestoneRow(key="extra", status=Status.OPEN)
        piece.milestones.append(row)
        session.flush()
        assert row.piece_id == piece.id
        assert row.evidence == []
        session.delete(row)
    with database.reading() as session:
        assert session.get(MilestoneRow, row.id) is None


def test_of_two_changes_of_one_version_the_second_is_stale(database: Database, begun: tuple[Cast, int]):
    with database.transaction() as session:
        commission = session.get_one(Piece, begun[1]).commission
        version = commission.version
        commission.record("looked", begun[0].lead, NOON)
        session.flush()
        assert commission.version == version + 1
        session.execute(update(Commission.__table__).values(version=99))
        commission.record("looked", begun[0].lead, NOON)
        with pytest.raises(StaleDataError):
            session.flush()
        session.rollback()
        assert commission.version == version


def test_a_row_that_is_gone_cannot_be_changed(database: Database, begun: tuple[Cast, int]):
    with database.transaction() as session:
        row = session.get_one(Piece, begun[1]).milestones[-1]
        session.connection().exec_driver_sql(f"DELETE FROM milestones WHERE id = {row.id}")
        row.rounds = 7
        with pytest.raises(StaleDataError):
            session.flush()
        session.rollback()


def test_after_a_refused_row_nothing_is_written_before_the_transaction_is_undone(
    database: Database, begun: tuple[Cast, int]
):
    with database.transaction() as session:
        session.add(a_job())
        session.flush()
        evidence = Evidence(piece_id=10_000, milestone="pattern", kind="note", facts={}, by_id=1, at=NOON)
        session.add(evidence)
        with pytest.raises(IntegrityError):
            session.flush()
        with pytest.raises(PendingRollbackError):
            session.get(Piece, begun[1])
        session.rollback()
        assert evidence not in session
        assert session.get(Job, "0" * 32) is None


def test_what_a_savepoint_took_back_is_no_row_of_the_session(database: Database, begun: tuple[Cast, int]):
    with database.transaction() as session:
        commission = session.get_one(Piece, begun[1]).commission
        count = commission.events_count
        with session.begin_nested() as savepoint:
            told = commission.record("looked", begun[0].lead, NOON)
            session.flush()
            assert told in session
            savepoint.rollback()
        assert told not in session
        assert commission.events_count == count
    with database.reading() as session:
        assert session.get(Event, told.id) is None


def _values(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}


@contextmanager
def _sent(database: Database) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
