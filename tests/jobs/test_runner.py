"""The runner: a task's effects and its being done are one; failures are read by people; slots are kept."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from bespoke.house import House
from bespoke.jobs import outbox
from bespoke.jobs.errors import AlreadyRecorded, CannotSucceed, LeaseLost
from bespoke.jobs.run import Failure, Run, Task, Tasks
from bespoke.jobs.runner import Runner
from bespoke.models.job import Job, JobState, Queue, enqueue
from tests.jobs.conftest import Clock, Effects

PLENTY_S = 10.0


def put(house: House, kind: str = "work", word: str = "a", **more: Any) -> str:
    with house.database.transaction() as session:
        options: dict[str, Any] = {"queue": Queue.RENDER, "at": house.clock()} | more
        return enqueue(session, kind, {"word": word}, **options).id


def look(house: House, job_id: str) -> Job:
    with house.database.reading() as session:
        return session.get_one(Job, job_id)


def write(session: Session, word: str, table: str = "effects") -> None:
    session.execute(text(f"INSERT INTO {table} (word) VALUES (:word)"), {"word": word})


def work(run: Run) -> None:
    with run.record() as session:
        write(session, run.payload["word"])


def runner_of(house: House, does: Callable[[Run], None], **more: Any) -> Runner:
    given_up = more.pop("given_up", None)
    return Runner(Tasks.of(Task("work", does, given_up)), house, **more)


def test_a_bell_does_everything_its_queue_has_due(job_house: House, effects: Effects, clock: Clock) -> None:
    for word in ("a", "b", "c"):
        put(job_house, word=word)
    put(job_house, word="mail", queue=Queue.MAIL)
    assert runner_of(job_house, work).answer(Queue.RENDER) == 3
    assert effects.words() == ["a", "b", "c"]


def test_a_task_that_records_nothing_is_done_all_the_same(job_house: House) -> None:
    job_id = put(job_house)
    runner_of(job_house, lambda run: run.progress(40, "Half way")).answer(Queue.RENDER)
    row = look(job_house, job_id)
    assert (row.state, row.progress_percent, row.progress_words) == (JobState.DONE, 100, "Half way")


def test_an_effect_is_not_kept_when_the_task_fails_after_it(job_house: House, effects: Effects) -> None:
    job_id = put(job_house)

    def fails_late(run: Run) -> None:
        with run.record() as session:
            write(session, "half")
            raise ValueError("the ink ran out")

    runner_of(job_house, fails_late).answer(Queue.RENDER)
    assert effects.words() == []
    row = look(job_house, job_id)
    assert (row.state, row.error, row.attempts) == (JobState.QUEUED, "ValueError: the ink ran out", 1)


def test_a_result_is_recorded_once(job_house: House, effects: Effects) -> None:
    job_id = put(job_house)
    refused: list[AlreadyRecorded] = []

    def twice(run: Run) -> None:
        work(run)
        try:
            work(run)
        except AlreadyRecorded as refusal:
            refused.append(refusal)

    runner_of(job_house, twice).answer(Queue.RENDER)
    assert effects.words() == ["a"]
    assert len(refused) == 1
    assert look(job_house, job_id).state is JobState.DONE


def test_a_failure_after_the_result_was_recorded_leaves_it_done(job_house: House, effects: Effects) -> None:
    job_id = put(job_house)

    def clumsy(run: Run) -> None:
        work(run)
        raise ValueError("while tidying up")

    runner_of(job_house, clumsy).answer(Queue.RENDER)
    assert (look(job_house, job_id).state, effects.words()) == (JobState.DONE, ["a"])


def test_a_failed_job_is_tried_again_when_its_pause_is_over(job_house: House, effects: Effects, clock: Clock) -> None:
    job_id = put(job_house)
    attempts: list[int] = []

    def second_time_lucky(run: Run) -> None:
        attempts.append(run.claim.attempt)
        if run.claim.attempt == 1:
            raise OSError("no light")
        work(run)

    runner = runner_of(job_house, second_time_lucky)
    assert runner.answer(Queue.RENDER) == 1
    assert runner.answer(Queue.RENDER) == 0
    clock.turn(2)
    assert runner.answer(Queue.RENDER) == 1
    assert (attempts, effects.words()) == ([1, 2], ["a"])
    row = look(job_house, job_id)
    assert (row.state, row.error) == (JobState.DONE, None)


def test_who_waits_for_a_job_is_told_once_when_it_is_given_up(job_house: House, effects: Effects, clock: Clock) -> None:
    job_id = put(job_house, max_attempts=2)

    def never(run: Run) -> None:
        raise OSError("no light")

    def given_up(session: Session, failure: Failure) -> None:
        write(session, f"{failure.payload['word']}: {failure.reason}")

    runner = runner_of(job_house, never, given_up=given_up)
    runner.answer(Queue.RENDER)
    assert effects.words() == []
    clock.turn(2)
    runner.answer(Queue.RENDER)
    assert effects.words() == ["a: OSError: no light"]
    assert look(job_house, job_id).state is JobState.FAILED


def test_a_refusal_is_final_and_shown_in_its_own_words(job_house: House) -> None:
    job_id = put(job_house)

    def refuses(run: Run) -> None:
        raise CannotSucceed("The file holds no mesh.")

    runner_of(job_house, refuses).answer(Queue.RENDER)
    row = look(job_house, job_id)
    assert (row.state, row.error, row.attempts) == (JobState.FAILED, "The file holds no mesh.", 1)


def test_a_kind_nobody_knows_fails_visibly(job_house: House) -> None:
    job_id = put(job_house, kind="dance")
    runner_of(job_house, work).answer(Queue.RENDER)
    row = look(job_house, job_id)
    assert (row.state, row.error) == (JobState.FAILED, "This worker knows no task called “dance”.")


def test_a_job_whose_workers_all_died_is_given_up_and_told(job_house: House, effects: Effects, clock: Clock) -> None:
    job_id = put(job_house, max_attempts=1)
    with job_house.database.transaction() as session:
        assert outbox.claim_next(session, Queue.RENDER, "dead", at=clock(), lease=outbox.backoff(1))
    clock.turn(60)
    told = lambda session, failure: write(session, failure.reason)  # noqa: E731
    runner_of(job_house, work, given_up=told).answer(Queue.RENDER)
    assert effects.words() == ["The worker ended without a word in each of 1 attempts."]
    assert look(job_house, job_id).state is JobState.FAILED


def test_a_job_is_failed_even_if_nobody_can_be_told(job_house: House, effects: Effects) -> None:
    job_id = put(job_house, max_attempts=1)

    def cannot_tell(session: Session, failure: Failure) -> None:
        write(session, "half told")
        raise KeyError("no such revision")

    def never(run: Run) -> None:
        raise OSError("no light")

    runner_of(job_house, never, given_up=cannot_tell).answer(Queue.RENDER)
    assert (look(job_house, job_id).state, effects.words()) == (JobState.FAILED, [])


def test_a_long_job_keeps_its_lease_by_beating(job_house: House, effects: Effects, clock: Clock) -> None:
    job_id = put(job_house)
    settings = job_house.settings
    assert settings.job_lease_seconds == 30
    renewed: list[bool] = []

    def long(run: Run) -> None:
        clock.turn(25)
        assert not run.cancelled()  # what the thread does every quarter of a lease
        clock.turn(25)
        with job_house.database.transaction() as session:
            renewed.append(outbox.claim(session, job_id, "thief", at=clock(), lease=outbox.backoff(1)) is None)
        work(run)

    runner_of(job_house, long).answer(Queue.RENDER)
    assert renewed == [True]
    assert effects.words() == ["a"]


def test_a_cancelled_run_notices_and_keeps_nothing(job_house: House, effects: Effects) -> None:
    job_id = put(job_house)
    noticed: list[bool] = []

    def cancelled_meanwhile(run: Run) -> None:
        with job_house.database.transaction() as session:
            outbox.cancel(session, job_id, at=job_house.clock())
        noticed.append(run.cancelled())
        with pytest.raises(LeaseLost):
            run.progress(50, "going on regardless")
        work(run)

    runner_of(job_house, cancelled_meanwhile).answer(Queue.RENDER)
    assert (noticed, effects.words()) == ([True], [])
    assert look(job_house, job_id).state is JobState.CANCELLED


def test_a_zombie_that_slept_through_its_lease_records_nothing(
    job_house: House, effects: Effects, clock: Clock
) -> None:
    job_id = put(job_house)

    def sleeps(run: Run) -> None:
        clock.turn(31)
        other = runner_of(job_house, work)
        assert other.answer(Queue.RENDER) == 1
        work(run)

    runner_of(job_house, sleeps).answer(Queue.RENDER)
    assert effects.words() == ["a"]
    assert look(job_house, job_id).attempts == 2


def test_what_a_zombie_did_on_the_way_is_not_kept_either(job_house: House, effects: Effects, clock: Clock) -> None:
    job_id = put(job_house)

    def on_the_way(run: Run) -> None:
        with run.partly() as session:
            write(session, "measured")
        clock.turn(31)
        assert runner_of(job_house, work).answer(Queue.RENDER) == 1
        with run.partly() as session:
            write(session, "measured too late")

    runner_of(job_house, on_the_way).answer(Queue.RENDER)
    assert effects.words() == ["a", "measured"]
    assert look(job_house, job_id).state is JobState.DONE


def test_a_race_while_telling_of_a_failure_is_tried_again(job_house: House, effects: Effects, clock: Clock) -> None:
    job_id = put(job_house, max_attempts=1)
    told: list[str] = []

    def tells(session: Session, failure: Failure) -> None:
        told.append(failure.reason)
        if len(told) == 1:
            raise StaleDataError("somebody else wrote on the commission")
        write(session, "told")

    def never(run: Run) -> None:
        raise OSError("no light")

    runner = runner_of(job_house, never, given_up=tells)
    runner.answer(Queue.RENDER)
    assert (look(job_house, job_id).state, effects.words()) == (JobState.RUNNING, [])
    clock.turn(31)
    runner.answer(Queue.RENDER)
    assert (look(job_house, job_id).state, effects.words()) == (JobState.FAILED, ["told"])


def test_one_picture_at_a_time_and_a_bell_in_the_meantime_is_not_lost(job_house: House, effects: Effects) -> None:
    put(job_house, word="first")
    inside, go_on = threading.Event(), threading.Event()
    at_once: list[int] = []
    running = 0
    lock = threading.Lock()

    def slow(run: Run) -> None:
        nonlocal running
        with lock:
            running += 1
            at_once.append(running)
        inside.set()
        assert go_on.wait(PLENTY_S)
        work(run)
        with lock:
            running -= 1

    runner = runner_of(job_house, slow)
    thread = threading.Thread(target=runner.answer, args=(Queue.RENDER,))
    thread.start()
    assert inside.wait(PLENTY_S)
    put(job_house, word="second")
    assert runner.answer(Queue.RENDER) == 0, "the slot is taken"
    go_on.set()
    thread.join(PLENTY_S)
    assert effects.words() == ["first", "second"]
    assert at_once == [1, 1]


def test_letters_go_out_side_by_side_where_there_are_slots(job_house: House, effects: Effects) -> None:
    together = threading.Barrier(2)

    def meet(run: Run) -> None:
        together.wait(PLENTY_S)
        work(run)

    for word in ("a", "b"):
        put(job_house, word=word, queue=Queue.MAIL)
    runner = runner_of(job_house, meet, slots={Queue.MAIL: 2})
    threads = [threading.Thread(target=runner.answer, args=(Queue.MAIL,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PLENTY_S)
    assert effects.words() == ["a", "b"]


def test_a_stopping_runner_finishes_what_it_has_and_takes_nothing_new(job_house: House, effects: Effects) -> None:
    for word in ("a", "b"):
        put(job_house, word=word)

    def stops(run: Run) -> None:
        runner.stop()
        work(run)

    runner = runner_of(job_house, stops)
    assert runner.answer(Queue.RENDER) == 1
    assert len(effects.words()) == 1


def test_progress_is_written_at_most_twice_a_second(job_house: House) -> None:
    job_id = put(job_house)
    seen: list[str] = []

    def chatty(run: Run) -> None:
        for percent in range(100):
            run.progress(percent, f"{percent} of 100")
        seen.append(look(job_house, job_id).progress_words)
        time.sleep(0.6)
        run.progress(100, "Nearly there")
        seen.append(look(job_house, job_id).progress_words)

    runner_of(job_house, chatty).answer(Queue.RENDER)
    assert seen == ["0 of 100", "Nearly there"]


def test_two_tasks_of_one_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="same kind"):
        Tasks.of(Task("work", work), Task("work", work))
