"""The one table of what jobs do; a kind that is not in it fails visibly."""

from bespoke.jobs.run import Tasks

TASKS = Tasks.of()
