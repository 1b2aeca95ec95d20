"""A worker whose only task takes its time and then leaves an effect; used by processes that get killed."""

import os
import time
from functools import cache
from typing import Any

from celery import Celery
from sqlalchemy import text

from bespoke.config import read_settings
from bespoke.jobs.run import Run, Task, Tasks
from bespoke.worker import make_app


def slow(run: Run) -> None:
    """Say that it began, work for a while, and count the effect together with being done."""
    words = {"word": run.payload["word"]}
    with run.house.database.transaction() as session:
        session.execute(text("INSERT INTO starts (word) VALUES (:word)"), words)
    time.sleep(run.payload["seconds"])
    with run.record() as session:
        session.execute(text("INSERT INTO effects (word) VALUES (:word)"), words)


@cache
def _app() -> Celery:
    return make_app(read_settings(os.environ), Tasks.of(Task("slow", slow)), ())


def __getattr__(name: str) -> Any:
    if name in ("app", "celery"):
        return _app()
    raise AttributeError(name)
