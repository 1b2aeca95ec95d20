"""What falls due back at a supplier: looked at once a day."""

from bespoke.jobs.run import Run, Task
from bespoke.services import memos


def watch(run: Run) -> None:
    """Say of every memo stone that is due back soon that it is."""
    with run.record() as session:
        memos.tell_due(session, at=run.house.clock())


TASK = Task(memos.WATCH, watch)
