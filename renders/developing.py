"""From what each pixel shows to a developed picture: sampling, tone, ground and shadow, in that order."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from renders.camera import View
from renders.shading import Shading
from renders.visibility import Window

Floats = NDArray[np.float32]

CHUNK = 30_000  # rays shaded at once; bounds the memory
THREADS = min(4, os.cpu_count() or 1)
# the classic rotated grid, in pixels from the centre; the centre itself comes first
SHIFTS = (
    (0.0, 0.0),
    (0.0625, -0.1875),
    (-0.0625, 0.1875),
    (0.3125, 0.0625),
    (-0.1875, -0.3125),
    (-0.3125, 0.3125),
    (-0.4375, -0.0625),
    (0.1875, 0.4375),
    (0.4375, -0.4375),
)
EXPOSURE = np.float32(0.92)
_STEPS = 65_535  # of a 16-bit table: twenty to the darkest byte
_LINEAR = np.arange(_STEPS + 1) / _STEPS
_ENCODED = (np.where(_LINEAR <= 0.0031308, 12.92 * _LINEAR, 1.055 * _LINEAR ** (1 / 2.4) - 0.055) * 255 + 0.5).astype(
    np.uint8
)
BUSY = 0.05  # a step in tone between neighbours that asks for more samples


@dataclass(frozen=True, slots=True)
class Exposure:
    """The piece alone: display-linear colour (height, width, 3) times coverage, and coverage (height, width)."""

    colour: Floats
    coverage: Floats


def expose(window: Window, shading: Shading, view: View, samples: int) -> Exposure:
    """Take the picture with one sample a pixel, and `samples` of them at edges and in the stones."""
    width, height = view.size
    triangles = window.triangles(view)
    colour = np.zeros((height, width, 3), np.float32)
    rows, columns = np.nonzero(triangles >= 0)
    colour[rows, columns] = _shade(shading, view, columns, rows, triangles[rows, columns])
    coverage = (triangles >= 0).astype(np.float32)
    rows, columns = np.nonzero(_busy(colour, triangles))
    shifts = np.array(SHIFTS[1:samples], np.float32).reshape(-1, 2)
    if not len(rows) or not len(shifts):
        return Exposure(colour, coverage)
    # the extra samples of all busy pixels at once, one shift after the other
    pixel = np.tile(np.arange(len(rows)), len(shifts))
    across, down = ((axis[None, :] + shifts[:, side, None]).ravel() for side, axis in enumerate((columns, rows)))
    seen = _seen_again(window, shading, view, across, down, rows, columns, shifts)
    hit = np.flatnonzero(seen >= 0)
    extra = _shade(shading, view, across[hit], down[hit], seen[hit])
    taken = np.float32(1 + len(shifts))
    total = np.stack([np.bincount(pixel[hit], extra[:, channel], len(rows)) for channel in range(3)], axis=1)
    colour[rows, columns] = (colour[rows, columns] + total) / taken
    coverage[rows, columns] = (coverage[rows, columns] + np.bincount(pixel[hit], minlength=len(rows))) / taken
    return Exposure(colour, coverage)


def tone(radiance: Floats) -> Floats:
    """Our film: display-linear 0 to 1 from scene light; holds colour in the lights and keeps the blacks.

    Narkowicz's fit of the ACES curve on each channel, mixed with the same curve on the brightest channel
    alone, so that gold neither turns to lemon in the lights nor to brass in the shadows.
    """
    peak = np.maximum(radiance.max(axis=1, keepdims=True), np.float32(1e-6))
    whole = _curve(peak)
    kept = radiance / peak * whole
    return np.asarray(0.5 * _curve(radiance) + 0.5 * kept, np.float32)


def encode(linear: Floats) -> NDArray[np.uint8]:
    """sRGB bytes of display-linear values."""
    steps = (np.clip(linear, 0, 1) * np.float32(_STEPS) + np.float32(0.5)).astype(np.uint16)
    return _ENCODED.take(steps)


def _curve(x: Floats) -> Floats:
    x = x * EXPOSURE
    return np.asarray(np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1), np.float32)


def _seen_again(
    window: Window,
    shading: Shading,
    view: View,
    across: Floats,
    down: Floats,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    shifts: Floats,
) -> NDArray[np.int32]:
    """Triangles at the extra places: by rays where they are exact, else by drawing again for every shift."""
    if not shading.scene.rays.exact:
        again = [window.triangles(view, (float(x), float(y)))[rows, columns] for x, y in shifts]
        return np.concatenate(again)
    directions = view.directions(across, down)
    return shading.scene.rays.first(np.broadcast_to(view.position, directions.shape), directions)[0]


def _shade(
    shading: Shading,
    view: View,
    columns: NDArray[np.floating] | NDArray[np.intp],
    rows: NDArray[np.floating] | NDArray[np.intp],
    triangles: NDArray[np.int32],
) -> Floats:
    def shade(part: slice) -> Floats:
        directions = view.directions(np.asarray(columns[part], np.float32), np.asarray(rows[part], np.float32))
        return tone(shading.seen(view.position, directions, triangles[part]))

    # numpy and embree let go of the interpreter while they work, so two threads nearly halve the wait
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(shade, _parts(len(rows))))
    return np.concatenate(parts) if parts else np.empty((0, 3), np.float32)


def _parts(count: int) -> Iterator[slice]:
    return (slice(start, start + CHUNK) for start in range(0, count, CHUNK))


def _busy(colour: Floats, triangles: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixels whose neighbours differ: the outline, creases, edges of reflections and facets."""
    shown = triangles >= 0
    display = np.sqrt(colour)
    busy = binary_dilation(shown) & ~shown
    for axis in (0, 1):
        step = np.abs(np.diff(display, axis=axis)).max(axis=2) > BUSY
        edge = step | np.diff(shown, axis=axis)
        low = [slice(None), slice(None)]
        high = [slice(None), slice(None)]
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        busy[tuple(low)] |= edge
        busy[tuple(high)] |= edge
    return busy
