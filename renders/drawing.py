"""Draw an examined design without touching it here: the limited child draws, we read what it left."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from renders import sandbox
from renders.errors import BrokenReport
from renders.examination import DESIGN_FILE
from workflows.sentences import sentence

PICTURES_FILE = "pictures.json"
ANYWHERE: Mapping[str, str] = MappingProxyType({})
OWN_FOLDER = "drawing"  # where the child works: a refusal it leaves is not mistaken for the other child's


@dataclass(frozen=True, slots=True)
class Drawn:
    """One file the child left in the folder; `kind` is still, swatch, turn, model, elevation or facets."""

    name: str
    kind: str
    camera: str | None
    ground: str | None
    sha256: str
    frame: str | None = None  # of a still: where its camera stood in mm, as a later drawing is told to stand


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
    asked = _Asked(metal, frames, tuple(only), limits, ANYWHERE, ())
    with _at_work(folder, asked) as child:
        child.finish()
    return _listed(folder)


@contextmanager
def begun(
    folder: Path,
    *,
    metal: str | None = None,
    frames: int | None = None,
    like: Mapping[str, str] = ANYWHERE,
    swatches: Sequence[str] = (),
    limits: sandbox.Limits = sandbox.PICTURE,
) -> Iterator[Callable[[], tuple[Drawn, ...]]]:
    """A child that gets ready at once and draws what `renders.examination.examine` leaves in `folder` meanwhile.

    It needs the shape and the pose alone, so it draws while the rest is still being measured. Call what the block
    is given to wait for all pictures, as from `draw`; when the block ends without that, the child is ended.

    Args:
        like: by the camera's name, the frame a still of an earlier drawing was taken in.
        swatches: codes of alloys the piece is drawn in once more, small: kind `swatch`.
        limits: its wall seconds begin now, so they should hold what the examination may take.
    """
    (folder / DESIGN_FILE).unlink(missing_ok=True)
    with _at_work(folder, _Asked(metal, frames, (), limits, like, tuple(swatches)), "--wait") as child:

        def finish() -> tuple[Drawn, ...]:
            child.finish()
            return _listed(folder)

        yield finish


@dataclass(frozen=True, slots=True)
class _Asked:
    metal: str | None
    frames: int | None
    only: tuple[str, ...]
    limits: sandbox.Limits
    like: Mapping[str, str]
    swatches: tuple[str, ...]


@contextmanager
def _at_work(folder: Path, asked: _Asked, *words: str) -> Iterator[sandbox.Started]:
    arguments = ["picture", str(folder.resolve()), *words]
    arguments += ["--metal", asked.metal] if asked.metal is not None else []
    arguments += ["--frames", str(asked.frames)] if asked.frames is not None else []
    arguments += [word for part in asked.only for word in ("--only", part)]
    arguments += [f"--like={camera}={frame}" for camera, frame in asked.like.items()]
    arguments += [word for alloy in asked.swatches for word in ("--swatch", alloy)]
    (folder / PICTURES_FILE).unlink(missing_ok=True)
    own = folder / OWN_FOLDER
    own.mkdir(exist_ok=True)
    with sandbox.started("renders", arguments, folder=own, limits=asked.limits) as child:
        yield child


def _listed(folder: Path) -> tuple[Drawn, ...]:
    try:
        told = json.loads((folder / PICTURES_FILE).read_text(encoding="utf-8"))["pictures"]
        return tuple(
            Drawn(
                str(one["name"]),
                str(one["kind"]),
                one.get("camera"),
                one.get("ground"),
                str(one["sha256"]),
                _framed(one),
            )
            for one in told
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenReport(sentence("The drawing left no list of its pictures. Draw the design again.")) from error


def _framed(told: Mapping[str, Any]) -> str | None:
    facts: Mapping[str, float] = told.get("facts") or {}
    if "distance_mm" not in facts:
        return None
    return ",".join(f"{float(facts[name]):.3f}" for name in ("distance_mm", "across_mm", "along_mm"))
