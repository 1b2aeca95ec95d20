"""What was left lying: uploads nobody finished, and files a crash broke off."""

from bespoke.jobs.run import Run, Task
from bespoke.services import attempts
from bespoke.storage.local import LocalStore

SWEEP = "sweep_leftovers"


def sweep(run: Run) -> None:
    """Let abandoned uploads, broken-off files and old counts of tries go; what is kept for good is never touched."""
    house = run.house
    house.uploads.sweep(at=house.clock())
    with run.partly() as session:
        attempts.sweep(session, at=house.clock())
    if isinstance(house.storage, LocalStore):
        house.storage.sweep()


TASK = Task(SWEEP, sweep)
