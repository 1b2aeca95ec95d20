"""A job row's way: claimed by one, fenced by its owner, retried, given up, cancelled, never done twice."""

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from bespoke.database import Conflict, Database
from bespoke.jobs import outbox
from bespoke.jobs.errors import AlreadyWaiting, JobOver, LeaseLost, NoSuchJob, NotOver
from bespoke.models.job import BELLS, Job, JobState, Queue, UnfitPayload, enqueue
from tests.jobs.conftest import NOON

LEASE = timedelta(seconds=30)
LATER = NOON + timedelta(seconds=31)


@dataclass(frozen=True, slots=True)
class Examine:
    revision_id: int
    digest: str


def put(database: Database, **more: Any) -> str:
    with database.transaction() as session:
        options: dict[str, Any] = {"queue": Queue.RENDER, "at": NOON} | more
        return enqueue(session, "examine", Examine(7, "abc"), **options).id


def take(database: Database, job_id: str, owner: str, at: datetime = NOON) -> outbox.Claim | None:
    with database.transaction() as session:
        return outbox.claim(session, job_id, owner, at=at, lease=LEASE)


def held(database: Database, job_id: str, owner: str, at: datetime = NOON) -> outbox.Claim:
    claim = take(database, job_id, owner, at)
    assert claim is not None
    return claim


def look(database: Database, job_id: str) -> Job:
    with database.reading() as session:
        return session.get_one(Job, job_id)


def test_a_job_exists_only_if_its_cause_was_committed(database: Database) -> None:
    def cause() -> None:
        with database.transaction() as session:
            enqueue(session, "examine", Examine(7, "abc"), queue=Queue.RENDER)
            raise RuntimeError("the cause failed")

    with pytest.raises(RuntimeError):
        cause()
    with database.reading() as session:
        assert session.scalars(select(Job)).all() == []


def test_a_job_carries_its_payload_its_cause_and_its_moment(database: Database) -> None:
    job = look(database, put(database, commission="OF-0412", subject="OF-0412-A revision 3"))
    assert job.payload == {"revision_id": 7, "digest": "abc"}
    assert (job.commission_reference, job.subject_reference) == ("OF-0412", "OF-0412-A revision 3")
    assert (job.state, job.attempts, job.due_at, job.created_at) == (JobState.QUEUED, 0, NOON, NOON)
    assert job.live


@pytest.mark.parametrize(
    "payload", [{"a": [1]}, {"a": {"b": 1}}, {"a": Decimal(1)}, {"a": float("nan")}, {1: "a"}, {"a": NOON}]
)
def test_a_payload_that_json_would_change_is_refused(sqlite_url: str, payload: Any) -> None:
    database = Database(sqlite_url)
    with pytest.raises(UnfitPayload), database.transaction() as session:
        enqueue(session, "examine", payload, queue=Queue.RENDER)
    database.close()


def test_only_one_of_many_gets_a_job(database: Database) -> None:
    for _ in range(10):
        job_id = put(database)
        claims: list[outbox.Claim | None] = []
        together = threading.Barrier(6)

        def try_it(owner: str, job_id: str = job_id, claims: Any = claims, together: Any = together) -> None:
            together.wait()
            claims.append(take(database, job_id, owner))

        threads = [threading.Thread(target=try_it, args=(f"w{number}",)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(claim is not None for claim in claims) == 1
        assert look(database, job_id).attempts == 1


def test_without_the_conditional_update_two_workers_do_the_same_job(database: Database) -> None:
    """The control: read first, write after, as one would by hand. Both believe that they hold the job."""
    job_id = put(database)
    both_have_read = threading.Barrier(2)
    winners: list[str] = []

    def read_then_write(owner: str) -> None:
        with database.reading() as session:
            free = session.scalar(select(Job.state).where(Job.id == job_id)) == JobState.QUEUED
        both_have_read.wait()
        if free:
            with database.transaction() as session:
                lease = {"owner": owner, "lease_until": LATER, "state": JobState.RUNNING}
                session.execute(update(Job).where(Job.id == job_id).values(lease))
            winners.append(owner)

    threads = [threading.Thread(target=read_then_write, args=(owner,)) for owner in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(winners) == ["one", "two"]


def test_a_job_is_not_taken_before_it_is_due(database: Database) -> None:
    job_id = put(database, due_at=NOON + timedelta(hours=1))
    assert take(database, job_id, "early", NOON + timedelta(minutes=59)) is None
    assert take(database, job_id, "on time", NOON + timedelta(hours=1)) is not None


def test_the_job_due_longest_is_taken_first_and_only_from_its_queue(database: Database) -> None:
    second = put(database, due_at=NOON - timedelta(seconds=1))
    first = put(database, due_at=NOON - timedelta(seconds=2))
    put(database, queue=Queue.MAIL, due_at=NOON - timedelta(seconds=3))
    taken = []
    for _ in range(3):
        with database.transaction() as session:
            claim = outbox.claim_next(session, Queue.RENDER, "w", at=NOON, lease=LEASE)
        taken.append(claim and claim.job_id)
    assert taken == [first, second, None]


def test_a_job_whose_worker_died_is_taken_again_when_the_lease_is_over(database: Database) -> None:
    job_id = put(database)
    held(database, job_id, "dead")
    assert take(database, job_id, "other", NOON + timedelta(seconds=29)) is None
    assert held(database, job_id, "other", LATER).attempt == 2


def test_a_renewed_lease_keeps_the_job(database: Database) -> None:
    job_id = put(database)
    mine = held(database, job_id, "me")
    with database.transaction() as session:
        assert outbox.renew(session, mine, at=NOON + timedelta(seconds=20), lease=LEASE)
    assert take(database, job_id, "other", LATER) is None


def test_a_worker_that_comes_back_from_the_dead_changes_nothing(database: Database) -> None:
    job_id = put(database)
    zombie = held(database, job_id, "zombie")
    heir = held(database, job_id, "heir", LATER)
    with pytest.raises(LeaseLost), database.transaction() as session:
        outbox.finish(session, zombie, at=LATER)
    with pytest.raises(LeaseLost), database.transaction() as session:
        outbox.fail(session, zombie, "I was away", at=LATER)
    with pytest.raises(LeaseLost), database.transaction() as session:
        outbox.say_progress(session, zombie, percent=50, words="half")
    with database.transaction() as session:
        assert not outbox.renew(session, zombie, at=LATER, lease=LEASE)
        outbox.finish(session, heir, at=LATER)
    done = look(database, job_id)
    assert (done.state, done.progress_percent, done.finished_at, done.owner) == (
        JobState.DONE, 100, LATER, None,
    )  # fmt: skip


def test_a_job_is_finished_once(database: Database) -> None:
    job_id = put(database)
    mine = held(database, job_id, "me")
    with database.transaction() as session:
        outbox.finish(session, mine, at=NOON)
    with pytest.raises(LeaseLost), database.transaction() as session:
        outbox.finish(session, mine, at=NOON)
    assert take(database, job_id, "other", NOON + timedelta(days=1)) is None


def test_pauses_between_attempts_double_up_to_ten_minutes() -> None:
    seconds = [outbox.backoff(attempt).total_seconds() for attempt in (1, 2, 3, 4, 9, 10, 50)]
    assert seconds == [2, 4, 8, 16, 512, 600, 600]


def test_a_failing_job_is_tried_again_later_and_then_stays_visible_with_its_reason(database: Database) -> None:
    job_id = put(database, max_attempts=3)
    at = NOON
    for attempt in (1, 2):
        with database.transaction() as session:
            assert outbox.fail(session, _claim(session, job_id, at), "No light", at=at) is JobState.QUEUED
        row = look(database, job_id)
        assert (row.error, row.due_at) == ("No light", at + outbox.backoff(attempt))
        assert take(database, job_id, "early", at) is None
        at = row.due_at
    with database.transaction() as session:
        assert outbox.fail(session, _claim(session, job_id, at), "Still no light", at=at) is JobState.FAILED
    row = look(database, job_id)
    assert (row.state, row.error, row.attempts, row.finished_at) == (JobState.FAILED, "Still no light", 3, at)
    assert take(database, job_id, "me", at + timedelta(days=9)) is None


def _claim(session: Any, job_id: str, at: datetime) -> outbox.Claim:
    claim = outbox.claim(session, job_id, "me", at=at, lease=LEASE)
    assert claim is not None
    return claim


def test_a_hopeless_failure_is_final_at_once(database: Database) -> None:
    job_id = put(database)
    mine = held(database, job_id, "me")
    with database.transaction() as session:
        assert outbox.fail(session, mine, "Not a mesh", at=NOON, final=True) is JobState.FAILED


def test_a_job_that_kills_its_worker_each_time_is_given_up_with_a_reason(database: Database) -> None:
    job_id = put(database, max_attempts=2)
    held(database, job_id, "first")
    held(database, job_id, "second", LATER)
    end = LATER + timedelta(seconds=31)
    assert take(database, job_id, "third", end) is None
    with database.transaction() as session:
        buried = outbox.bury_next(session, Queue.RENDER, at=end)
        assert buried is not None
        assert buried.job_id == job_id
        assert outbox.bury_next(session, Queue.RENDER, at=end) is None
    row = look(database, job_id)
    assert row.state is JobState.FAILED
    assert row.error == "The worker ended without a word in each of 2 attempts."


def test_a_person_cancels_a_waiting_job(database: Database) -> None:
    job_id = put(database)
    with database.transaction() as session:
        outbox.cancel(session, job_id, at=NOON, reason="Cancelled by Ines.")
    row = look(database, job_id)
    assert (row.state, row.error, row.live) == (JobState.CANCELLED, "Cancelled by Ines.", False)
    assert take(database, job_id, "me") is None


def test_a_cancelled_job_cannot_be_finished_by_the_worker_that_has_it(database: Database) -> None:
    job_id = put(database)
    mine = held(database, job_id, "me")
    with database.transaction() as session:
        outbox.cancel(session, job_id, at=NOON)
    with pytest.raises(LeaseLost), database.transaction() as session:
        outbox.finish(session, mine, at=NOON)


def test_what_is_over_cannot_be_cancelled_and_what_is_live_cannot_be_retried(database: Database) -> None:
    job_id = put(database)
    with pytest.raises(NotOver), database.transaction() as session:
        outbox.retry(session, job_id, at=NOON)
    mine = held(database, job_id, "me")
    with pytest.raises(NotOver), database.transaction() as session:
        outbox.retry(session, job_id, at=NOON)
    with database.transaction() as session:
        outbox.finish(session, mine, at=NOON)
    with pytest.raises(JobOver, match="done already"), database.transaction() as session:
        outbox.cancel(session, job_id, at=NOON)
    with pytest.raises(NoSuchJob), database.transaction() as session:
        outbox.cancel(session, "nothing", at=NOON)
    with pytest.raises(NoSuchJob), database.transaction() as session:
        outbox.retry(session, "nothing", at=NOON)


def test_a_person_retries_a_failed_job_with_all_its_attempts(database: Database) -> None:
    job_id = put(database, max_attempts=1)
    mine = held(database, job_id, "me")
    with database.transaction() as session:
        outbox.fail(session, mine, "No light", at=NOON)
    with database.transaction() as session:
        outbox.retry(session, job_id, at=LATER)
        assert session.info[BELLS] == {Queue.RENDER}
    assert held(database, job_id, "me", LATER).attempt == 1


def test_a_key_that_waits_is_not_queued_twice_but_comes_sooner(database: Database) -> None:
    far, near = NOON + timedelta(hours=2), NOON + timedelta(hours=1)
    first = put(database, key="draft:OF-0412", due_at=far)
    assert put(database, key="draft:OF-0412", due_at=near) == first
    assert put(database, key="draft:OF-0412", due_at=far) == first
    assert look(database, first).due_at == near
    assert put(database, key="draft:OF-0413") != first


def test_what_is_caused_while_the_job_of_its_key_runs_is_done_after_it(database: Database) -> None:
    first = put(database, key="draft:OF-0412")
    running = held(database, first, "me")
    second = put(database, key="draft:OF-0412")
    assert second != first
    assert put(database, key="draft:OF-0412") == second
    assert take(database, second, "other") is None, "two of one key must not run side by side"
    with database.transaction() as session:
        outbox.finish(session, running, at=NOON)
    assert take(database, second, "other") is not None
    assert put(database, key="draft:OF-0412") not in (first, second)


def test_a_failed_attempt_makes_way_for_the_newer_job_of_its_key(database: Database) -> None:
    first = put(database, key="draft:OF-0412")
    running = held(database, first, "me")
    second = put(database, key="draft:OF-0412")
    with database.transaction() as session:
        assert outbox.fail(session, running, "No paper", at=NOON) is JobState.CANCELLED
    assert "No paper" in (look(database, first).error or "")
    with pytest.raises(AlreadyWaiting) as refusal, database.transaction() as session:
        outbox.retry(session, first, at=NOON)
    assert refusal.value.waiting_id == second


def test_many_at_once_queue_one_job_for_a_key(database: Database) -> None:
    together = threading.Barrier(6)
    ids: list[str] = []
    refused: list[Exception] = []

    def try_it() -> None:
        together.wait()
        try:
            ids.append(put(database, key="draft:OF-0412"))
        except Exception as fault:  # noqa: BLE001  # any refusal would be a finding
            refused.append(fault)

    threads = [threading.Thread(target=try_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    assert len(ids) == 6
    assert len(set(ids)) == 1


def test_a_worker_cannot_take_a_job_that_an_open_transaction_has_just_joined(postgres_url: str) -> None:
    """Else it would run before the joining transaction's changes can be seen, and nobody would run after."""
    database = Database(postgres_url)
    Job.metadata.create_all(database.engine, tables=[Job.__table__])  # type: ignore[list-item]
    job_id = put(database, key="draft")
    outcome: list[outbox.Claim | None] = []
    worker = threading.Thread(target=lambda: outcome.append(take(database, job_id, "w")))
    with database.transaction() as session:
        enqueue(session, "examine", Examine(7, "abc"), queue=Queue.RENDER, key="draft", at=NOON)
        worker.start()
        worker.join(0.5)
        assert outcome == [], "the worker must wait for the open transaction"
    worker.join(5)
    assert outcome[0] is not None
    database.close()


@pytest.mark.parametrize(
    "change",
    [
        "state = 'running'",
        "state = 'done'",
        "state = 'failed', finished_at = created_at",
        "attempts = 9",
        "progress_percent = 101",
        "owner = 'nobody'",
        "queue = 'kitchen'",
        "state = 'lost'",
    ],
)
def test_the_database_itself_refuses_an_impossible_row(database: Database, change: str) -> None:
    job_id = put(database)
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(text(f"UPDATE jobs SET {change} WHERE id = :id"), {"id": job_id})


def test_the_database_itself_refuses_a_second_waiting_job_of_a_key(database: Database) -> None:
    put(database, key="draft")
    other = put(database)
    with pytest.raises(Conflict), database.transaction() as session:
        session.execute(update(Job).where(Job.id == other).values(dedupe_key="draft"))


def test_what_waits_is_counted_by_queue_and_what_runs_or_comes_later_is_not(database: Database) -> None:
    put(database)
    old = put(database, due_at=NOON - timedelta(minutes=5))
    put(database, queue=Queue.MAIL, due_at=NOON + timedelta(hours=1))
    held(database, put(database, queue=Queue.DOCUMENT), "me")
    with database.reading() as session:
        now, later = outbox.waiting(session, at=NOON), outbox.waiting(session, at=LATER)
    assert now == [outbox.Waiting(Queue.RENDER, 2, look(database, old).due_at)]
    assert Counter({each.queue: each.count for each in later}) == {Queue.RENDER: 2, Queue.DOCUMENT: 1}
