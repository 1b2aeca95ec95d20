"""Holds whose time is up: the stones are free again, and the history says so."""

from bespoke.jobs.run import Run, Task
from bespoke.services import holds


def lapse(run: Run) -> None:
    """End what is due by now; where money locked it or an announced transfer extended it, nothing."""
    with run.record() as session:
        holds.lapse_due(session, at=run.house.clock())


TASK = Task(holds.LAPSE, lapse)
