"""The bell: tells workers that a queue has work. Celery carries it; nothing is lost when it does not ring."""

import logging
import threading
import time
from collections.abc import Callable, Iterable

from celery import Celery
from kombu.exceptions import OperationalError
from sqlalchemy.orm import Session

from bespoke.config import Settings
from bespoke.house import House
from bespoke.models.job import BELLS, Queue

ANSWER = "bespoke.answer"  # the one Celery task: look what this queue has due
EMBEDDED = "filesystem://"
POLL_S = 0.1
SILENCE_S = 5.0  # how long a broker that did not answer is left alone; the sweeper rings meanwhile
KEPT_S = 600  # an unheard bell is worth nothing after this; the sweeper rings again
logger = logging.getLogger(__name__)


def make_celery(settings: Settings) -> Celery:
    """The Celery app of this house: three queues, one task, no results, no remote control."""
    app = Celery("bespoke", set_as_current=False)
    app.conf.update(
        broker_url=settings.broker_url,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=2,
        task_queues={queue.value: {"exchange": "bespoke", "routing_key": queue.value} for queue in Queue},
        task_default_queue=Queue.DOCUMENT.value,
        task_default_exchange="bespoke",
        task_default_routing_key=Queue.DOCUMENT.value,
        task_create_missing_queues=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_pool="threads",
        worker_concurrency=1 + 2 * settings.worker_concurrency,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        task_serializer="json",
        accept_content=["json"],
        enable_utc=True,
    )
    if settings.broker_url.startswith(EMBEDDED):
        folders = {name: settings.queue_folder / name for name in ("messages", "control")}
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        app.conf.update(
            broker_url=f"{EMBEDDED}localhost/",
            broker_transport="bespoke.jobs.folder_broker:Transport",
            broker_transport_options={
                "data_folder_in": str(folders["messages"]),
                "data_folder_out": str(folders["messages"]),
                "control_folder": str(folders["control"]),
                "polling_interval": POLL_S,
            },
        )
    else:
        app.conf.update(broker_transport_options={"max_retries": 0, "socket_connect_timeout": 2})
    return app


class Bell:
    """Rings for queues; a broker that does not answer is logged and left alone for a moment."""

    def __init__(self, celery: Celery, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._celery = celery
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._silent_until = float("-inf")

    def ring(self, queues: Iterable[Queue]) -> bool:
        """Tell the workers of these queues; False when the broker could not be reached."""
        if self._monotonic() < self._silent_until:
            return False
        try:
            for queue in queues:
                self._celery.send_task(ANSWER, args=[queue.value], queue=queue.value, expires=KEPT_S, retry=False)
        except (OperationalError, OSError) as fault:
            with self._lock:
                self._silent_until = self._monotonic() + SILENCE_S
            logger.warning("the broker cannot be reached, the sweeper will ring later: %s", fault)
            return False
        return True


def ring_after_commit(house: House, celery: Celery | None = None) -> Bell:
    """From now on each commit in this process that enqueued something due rings for it.

    Args:
        celery: the app to ring with; made from the house's settings when left out.
    """
    bell = Bell(celery or make_celery(house.settings))

    def hook(session: Session) -> None:
        queues: set[Queue] = session.info.pop(BELLS, set())
        if queues:
            bell.ring(sorted(queues))

    house.database.after_commit.append(hook)
    return bell
