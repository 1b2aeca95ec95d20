"""A hold nobody pays for ends by itself when the worker comes by, and one that was paid for does not."""

from bespoke.house import House
from bespoke.jobs.runner import Runner
from bespoke.jobs.tasks import TASKS
from bespoke.models.commission import Commission
from bespoke.models.job import Queue
from bespoke.models.stone import StoneRow
from bespoke.services import holds
from tests.factories import a_cast, a_commission, a_diamond
from tests.jobs.conftest import Clock

HOURS_S = 3600.0


def test_the_worker_frees_what_is_due_and_leaves_what_is_locked(job_house: House, clock: Clock) -> None:
    with job_house.database.transaction() as session:
        cast = a_cast(session)
        free, locked = a_diamond(session, cast, "D-1"), a_diamond(session, cast, "D-2")
        commission = a_commission(session, cast)
        for stone in (free, locked):
            holds.hold(session, commission, stone, cast.office, at=clock())
        holds.lock(session, commission, locked, cast.office, at=clock())
        ids = (free.id, locked.id)
    runner = Runner(TASKS, job_house)
    assert runner.answer(Queue.MAIL) == 0  # not before their time
    clock.turn(72 * HOURS_S)
    assert runner.answer(Queue.MAIL) == 2
    with job_house.database.transaction() as session:
        live = [holds.live(session, session.get_one(StoneRow, one)) for one in ids]
        assert [held is not None for held in live] == [False, True]
        assert session.query(Commission).count() == 1
