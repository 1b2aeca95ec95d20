"""What falls due back at a supplier, and what nobody collects: looked at once a day."""

from bespoke.jobs.run import Run, Task
from bespoke.services import memos, uncollected


def watch(run: Run) -> None:
    """Say of every memo stone that is due back soon that it is, and of every piece left for too long."""
    with run.record() as session:
        memos.tell_due(session, at=run.house.clock())
        uncollected.tell_overdue(session, at=run.house.clock())


TASK = Task(memos.WATCH, watch)
