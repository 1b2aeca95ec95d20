"""The embedded queue: Celery's broker in a folder, with messages that are never seen half written."""

import os
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

LISTEN_S = 0.3


class Channel(filesystem.Channel):
    """kombu's channel, but a message appears and disappears by one rename within the folder.

    The original lets a reader see a message before it is written, and moves it through the system's
    temporary folder, where a killed worker leaves it behind for ever.
    """

    def _put(self, queue: str, payload: dict[str, Any], **_: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        unfinished = folder / f"{uuid4().hex}.writing"
        unfinished.write_text(dumps(payload), encoding="utf-8")  # type: ignore[no-untyped-call]
        unfinished.rename(folder / f"{time_ns():020d}_{uuid4().hex}.{queue}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f"{name}.{os.getpid()}.taken"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:
                continue  # another worker took it
            text = taken.read_text(encoding="utf-8")
            taken.unlink()
            message: dict[str, Any] = loads(text)  # type: ignore[no-untyped-call]
            return message
        raise Empty


class Transport(filesystem.Transport):
    """kombu's transport over that channel; a worker told to stop hears of it soon."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:  # type: ignore[override]
        """As kombu's, but back within `LISTEN_S`: Celery looks between two such waits whether it should stop."""
        soon = LISTEN_S if timeout is None else min(timeout, LISTEN_S)
        super().drain_events(connection, timeout=soon)  # type: ignore[no-untyped-call]
