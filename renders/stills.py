"""Stills of a design from the named cameras: metal, traced stones and a soft shadow on the chosen ground."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from renders import camera as cameras
from renders.bodies import Design
from renders.camera import CAMERAS, Camera, Frame, View, frame_like
from renders.developing import encode, expose, tone
from renders.light import Ground, light
from renders.materials import metal as metal_of
from renders.scene import Scene, stage
from renders.shading import Shading
from renders.shadow import Shadow, cast, sheen
from renders.visibility import Window

Floats = NDArray[np.float32]

SIZE = (1600, 1200)
SAMPLES = 6
RIM = 0.11  # of the height: where the shadow fades out towards the picture's edge
PAPER_SHADE = np.float32(0.62)  # how much of the reckoned shadow shows; paper in a studio never goes black
DARK_FROM = np.array([0.0168, 0.0160, 0.0145], np.float32)  # display-linear, around #22211F
DARK_TO = np.array([0.0058, 0.0054, 0.0047], np.float32)  # around #12110F


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as written: file name in its folder, pixels, and the SHA-256 of the file."""

    name: str
    kind: str  # still, turn
    camera: str
    ground: str
    size: tuple[int, int]
    sha256: str
    azimuth_deg: float
    frame: Frame | None = None  # of stills: where the camera stood


@dataclass(frozen=True, slots=True)
class Set:
    """A scene in front of an open window, with its shadow: everything pictures of one size share."""

    scene: Scene
    window: Window
    shadow: Shadow


@contextmanager
def opened(scene: Scene, size: tuple[int, int], shadow: Callable[[], Shadow] | None = None) -> Iterator[Set]:
    """A set for pictures of one size; the window is closed afterwards.

    Args:
        shadow: gives the scene's shadow where somebody has cast it already, or is still at it.
    """
    with Window(scene, size) as window:
        yield Set(scene, window, cast(scene) if shadow is None else shadow())


def write(
    design: Design,
    folder: Path,
    *,
    metal: str = "AU750Y",
    size: tuple[int, int] = SIZE,
    ground: str = Ground.PAPER,
) -> tuple[Picture, ...]:
    """The three stills as PNG files `still-CAMERA.png` in `folder`, in the metal of an alloy code.

    Raises:
        EmptyDesign: there is nothing of metal or stone to draw.
    """
    with opened(stage(design), size) as stand:
        return tuple(still(stand, folder, camera, metal=metal, size=size, ground=Ground(ground)) for camera in CAMERAS)


def still(
    stand: Set,
    folder: Path,
    camera: Camera,
    *,
    metal: str,
    size: tuple[int, int],
    ground: Ground,
    like: Frame | None = None,
) -> Picture:
    """One still from an open set; grounds other than paper carry their name in the file's.

    Args:
        like: the frame an earlier drawing of the piece was seen in; kept where this one fits it.
    """
    frame = frame_like(camera, stand.scene.outline, size, like)
    view = cameras.stand(camera, frame, size)
    pixels = take(stand, view, metal=metal, ground=ground, samples=SAMPLES)
    name = f"still-{camera.name}.png" if ground is Ground.PAPER else f"still-{camera.name}-{ground}.png"
    written = BytesIO()
    Image.fromarray(pixels).save(written, "PNG", compress_level=6)
    (folder / name).write_bytes(written.getvalue())
    digest = hashlib.sha256(written.getvalue()).hexdigest()
    return Picture(name, "still", camera.name, str(ground), size, digest, camera.azimuth_deg, frame)


def take(stand: Set, view: View, *, metal: str, ground: Ground, samples: int) -> NDArray[np.uint8]:
    """The developed picture (height, width, 3) in sRGB, or (height, width, 4) over clear ground."""
    shading = Shading(stand.scene, metal_of(metal), light(ground), view.azimuth_deg)
    exposure = expose(stand.window, shading, view, samples)
    shade = stand.shadow.on(view, shading.light) * PAPER_SHADE * _margin(view.size)
    if ground is Ground.CLEAR:
        alpha = exposure.coverage + (1 - exposure.coverage) * shade
        colour = (exposure.colour / np.maximum(alpha, 1e-4)[..., None]).astype(np.float32)
        return np.concatenate([encode(colour), (alpha * 255 + 0.5).astype(np.uint8)[..., None]], axis=2)
    table = (1 - shade)[..., None] if ground is Ground.PAPER else _dark(shading, view, shade)
    return encode(exposure.colour + (1 - exposure.coverage)[..., None] * table)


def _margin(size: tuple[int, int]) -> Floats:
    """1 within the picture, 0 at its rim (height, width): a shadow never runs off the page."""
    sides = []
    for count in (size[1], size[0]):
        place = (np.arange(count, dtype=np.float32) + 0.5) / size[1]
        near = np.clip(np.minimum(place, place[::-1]) / RIM - 0.1, 0, 1)
        sides.append(near * near * (3 - 2 * near))
    return np.asarray(sides[0][:, None] * sides[1], np.float32)


def _dark(shading: Shading, view: View, shade: Floats) -> Floats:
    """A dark satin table: a little lighter far away, the piece's warm sheen in front of it."""
    height = view.size[1]
    far = np.linspace(1, 0, height, dtype=np.float32)[:, None, None] ** 2
    table = DARK_TO + (DARK_FROM - DARK_TO) * far
    glow = sheen(shading, view)
    lit = table * (1 - np.minimum(shade * 1.4, 0.9))[..., None]
    return np.asarray(lit + 0.75 * tone(glow.reshape(-1, 3)).reshape(glow.shape), np.float32)
