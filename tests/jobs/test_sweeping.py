"""Abandoned uploads go by themselves; the embedded worker looks once a day."""

from datetime import timedelta

from bespoke.house import House
from bespoke.jobs import due, sweeping
from bespoke.jobs.runner import Runner
from bespoke.jobs.tasks import TASKS
from bespoke.models.job import Queue, enqueue


def test_an_upload_nobody_finished_is_let_go_and_a_fresh_one_stays(house: House) -> None:
    now = house.clock()
    old = house.uploads.begin("client", "old.stl", 10, at=now - timedelta(days=30))
    fresh = house.uploads.begin("client", "fresh.stl", 10, at=now)
    with house.database.transaction() as session:
        enqueue(session, sweeping.SWEEP, {}, queue=Queue.DOCUMENT, at=now)
    assert Runner(TASKS, house).run_next(Queue.DOCUMENT)
    left = set(house.uploads._parts.uploads())
    assert fresh.identifier in left
    assert old.identifier not in left


def test_it_is_among_what_falls_due() -> None:
    assert sweeping.SWEEP in [each.kind for each in due.RECURRING]
