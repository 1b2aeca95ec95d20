"""The one table of what jobs do; a kind that is not in it fails visibly."""

from bespoke.jobs import (
    binding,
    examining,
    invoicing,
    lapsing,
    refunding,
    reminding,
    sweeping,
    telling,
    watching,
    writing,
)
from bespoke.jobs.run import Tasks

TASKS = Tasks.of(
    examining.TASK,
    binding.TASK,
    invoicing.TASK,
    lapsing.TASK,
    *refunding.TASKS,
    sweeping.TASK,
    telling.TASK,
    reminding.TASK,
    watching.TASK,
    writing.NEWS,
    writing.LINK,
    writing.CODE,
    writing.ALERT,
    writing.ENQUIRY,
)
