"""The demo's people at work beside the house: each story looks again until it is told to its end."""

import logging
import threading
from collections.abc import Callable

from bespoke.demo import afterwards, finished
from bespoke.house import House

LOOK_EVERY_S = 2.0
STORIES: tuple[Callable[[House], bool], ...] = (afterwards.go_on, finished.go_on)
logger = logging.getLogger(__name__)


def begin(house: House, stop: threading.Event) -> list[threading.Thread]:
    """A thread for each story; they end with it, or when `stop` is set."""
    threads = [threading.Thread(target=_tell, args=(one, house, stop), name="people", daemon=True) for one in STORIES]
    for thread in threads:
        thread.start()
    return threads


def _tell(go_on: Callable[[House], bool], house: House, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            if not go_on(house):
                return
        except Exception:
            logger.exception("the demo's people could not go on")
            return
        stop.wait(LOOK_EVERY_S)
