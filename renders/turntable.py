"""A full turn of the piece before a fixed camera and fixed lights, as small pictures."""

import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image

from renders.bodies import Design
from renders.camera import TURNTABLE, place, swept
from renders.light import Ground
from renders.scene import stage
from renders.stills import Picture, Set, opened, take

FRAMES = 36
SIZE = (960, 720)
SAMPLES = 4
FRAME_BYTES = 60_000
_QUALITIES = (86, 78, 68, 55, 40)


def write(
    design: Design,
    folder: Path,
    frames: int = FRAMES,
    size: tuple[int, int] = SIZE,
    *,
    metal: str = "AU750Y",
    ground: str = Ground.DARK,
) -> tuple[Picture, ...]:
    """The frames as `turn-00.webp` and on, each at most 60 kB; the head stays up, frame 0 follows the last.

    One window serves the whole turn. On free cores a frame of a 230,000-triangle ring takes about a second of
    processor time, most of it in the stones.

    Raises:
        EmptyDesign: there is nothing of metal or stone to draw.
    """
    with opened(stage(design), size) as stand:
        return tuple(turn(stand, folder, frames, metal=metal, size=size, ground=Ground(ground)))


def turn(
    stand: Set, folder: Path, frames: int, *, metal: str, size: tuple[int, int], ground: Ground
) -> Iterator[Picture]:
    """The frames of one turn from an open set, each written when it is handed out."""
    room = swept(stand.scene.outline)  # one distance for the whole turn, or the piece would breathe
    for number in range(frames):
        azimuth = (TURNTABLE.azimuth_deg + 360.0 * number / frames) % 360.0
        view = place(TURNTABLE, room, size, azimuth_deg=azimuth)
        pixels = take(stand, view, metal=metal, ground=ground, samples=SAMPLES)
        encoded = _encoded(Image.fromarray(pixels))
        name = f"turn-{number:02}.webp"
        (folder / name).write_bytes(encoded)
        digest = hashlib.sha256(encoded).hexdigest()
        yield Picture(name, "turn", TURNTABLE.name, str(ground), size, digest, azimuth)


def _encoded(picture: Image.Image) -> bytes:
    """WebP at the best quality that stays within a frame's bytes."""
    written = BytesIO()
    for quality in _QUALITIES:
        written = BytesIO()
        picture.save(written, "WEBP", quality=quality, method=4)
        if written.tell() <= FRAME_BYTES:
            break
    return written.getvalue()
