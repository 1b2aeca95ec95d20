"""Drawings of the same design are the same pictures: here each is drawn once and remembered in a folder.

For tests that draw one design again and again and look at something else; the pictures stay real.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from renders import drawing
from renders.drawing import PICTURES_FILE, Drawn
from renders.examination import DESIGN_FILE

_draw, _begun = drawing.draw, drawing.begun


def remember(folder: Path) -> None:
    """From now on this process draws a design only when the folder has no drawing of it."""

    def draw(place: Path, **options: Any) -> tuple[Drawn, ...]:
        how = repr((options.get("metal"), options.get("frames"))).encode()
        kept = folder / hashlib.sha256((place / DESIGN_FILE).read_bytes() + how).hexdigest()
        if not (kept / PICTURES_FILE).is_file():
            found = _draw(place, **options)
            kept.mkdir(exist_ok=True)
            for name in (*(one.name for one in found), PICTURES_FILE):  # the list last: with it all is there
                shutil.copyfile(place / name, kept / name)
            return found
        for path in kept.iterdir():
            shutil.copyfile(path, place / path.name)
        told = json.loads((place / PICTURES_FILE).read_text(encoding="utf-8"))["pictures"]
        return tuple(
            Drawn(one["name"], one["kind"], one.get("camera"), one.get("ground"), one["sha256"]) for one in told
        )

    @contextmanager
    def begun(place: Path, **options: Any) -> Iterator[Callable[[], tuple[Drawn, ...]]]:
        yield lambda: drawing.draw(place, **options)

    drawing.draw, drawing.begun = draw, begun


def forget() -> None:
    """Draw anew every time from now on."""
    drawing.draw, drawing.begun = _draw, _begun
