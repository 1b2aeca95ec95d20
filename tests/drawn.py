"""Drawings of the same design are the same pictures: here each is drawn once and remembered in a folder.

For tests that draw one design again and again and look at something else; the pictures stay real. A ring read from
another format is the same design when each of its bodies is the same to a twentieth of a millimetre.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from renders import drawing, neutral
from renders.drawing import PICTURES_FILE, Drawn
from renders.examination import DESIGN_FILE

ALIKE_MM = 0.05

_begun = drawing.begun


def remember(folder: Path) -> None:
    """From now on this process draws a design only when the folder has no drawing of it."""

    @contextmanager
    def begun(place: Path, **options: Any) -> Iterator[Callable[[], tuple[Drawn, ...]]]:
        (place / DESIGN_FILE).unlink(missing_ok=True)
        yield lambda: draw(folder, place, options)

    drawing.begun = begun


def forget() -> None:
    """Draw anew every time from now on."""
    drawing.begun = _begun


def draw(folder: Path, place: Path, options: dict[str, Any]) -> tuple[Drawn, ...]:
    """What the folder remembers of the design in `place`; drawn and put there where it remembers nothing."""
    kept = folder / _named(place / DESIGN_FILE, options)
    if not (kept / PICTURES_FILE).is_file():
        design = (place / DESIGN_FILE).read_bytes()
        with _begun(place, **options) as finish:
            (place / "again").write_bytes(design)
            (place / "again").rename(place / DESIGN_FILE)
            found = finish()
        kept.mkdir(exist_ok=True)
        for name in (*(one.name for one in found), PICTURES_FILE):  # the list last: with it all is there
            shutil.copyfile(place / name, kept / name)
        return found
    for path in kept.iterdir():
        shutil.copyfile(path, place / path.name)
    return drawing._listed(place)


def _named(path: Path, options: dict[str, Any]) -> str:
    """The name of the drawing: of the design's bodies, and how they are drawn."""
    bodies = [
        (body.kind.value, [round(float(most) / ALIKE_MM) for most in body.mesh.vertices.max(axis=0)])
        for body in neutral.load(path).bodies
    ]
    how = {name: repr(value) for name, value in options.items() if name != "limits"}
    return hashlib.sha256(json.dumps([bodies, how], sort_keys=True).encode()).hexdigest()
