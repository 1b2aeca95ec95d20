"""Draw an examined design without touching it here: the limited child draws, we read what it left."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from renders import sandbox
from renders.errors import BrokenReport

PICTURES_FILE = "pictures.json"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One file the child left in the folder; `kind` is still, turn, model, elevation or facets."""

    name: str
    kind: str
    camera: str | None
    ground: str | None
    sha256: str


def draw(
    folder: Path,
    *,
    metal: str | None = None,
    frames: int | None = None,
    only: Sequence[str] = (),
    limits: sandbox.Limits = sandbox.PICTURE,
) -> tuple[Drawn, ...]:
    """Everything drawn of the design that `renders.examination.examine` left in `folder`.

    Args:
        metal: the alloy's code; yellow gold of 18 carats where left out.
        frames: of the turntable; 36 where left out.
        only: of stills, turntable, web and plans; all where empty.

    Raises:
        RenderError: it cannot be drawn; the class says why.
    """
    arguments = ["picture", str(folder.resolve())]
    arguments += ["--metal", metal] if metal is not None else []
    arguments += ["--frames", str(frames)] if frames is not None else []
    arguments += [word for part in only for word in ("--only", part)]
    (folder / PICTURES_FILE).unlink(missing_ok=True)
    sandbox.run("renders", arguments, folder=folder, limits=limits)
    try:
        told = json.loads((folder / PICTURES_FILE).read_text(encoding="utf-8"))["pictures"]
        return tuple(
            Drawn(str(one["name"]), str(one["kind"]), one.get("camera"), one.get("ground"), str(one["sha256"]))
            for one in told
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenReport("The drawing left no list of its pictures. Draw the design again.") from error
