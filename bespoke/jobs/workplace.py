"""Where a job puts down what it has in hand: a folder of its own, taken away when the job ends."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bespoke.config import Settings


@contextmanager
def folder_for(settings: Settings, what: str) -> Iterator[Path]:
    """An empty folder under the house's own, gone when the block ends; a killed worker leaves it to `clear`."""
    settings.work_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{what}-", dir=settings.work_folder) as place:
        yield Path(place)


def clear(settings: Settings, *, older_than_s: float, now_s: float) -> int:
    """Take away what killed workers left; how many folders there were.

    Args:
        older_than_s: younger folders may be another worker's, who is at work.
        now_s: seconds since 1970, by the clock that dates the files.
    """
    cleared = 0
    for path in settings.work_folder.glob("*-*"):
        try:
            old = path.stat().st_mtime < now_s - older_than_s
        except FileNotFoundError:  # its own worker was quicker
            continue
        if old:
            shutil.rmtree(path, ignore_errors=True)
            cleared += 1
    return cleared
