"""The piece's soft shadow on the ground, and its faint reflection where the ground is dark and polished."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates, uniform_filter

from renders.camera import View
from renders.light import Light, hemisphere
from renders.scene import Scene
from renders.shading import Shading

Floats = NDArray[np.float32]

CELLS = 144  # along each side of the shadowed square
DIRECTIONS = 96
SPINS = 3
FAINT = 0.012  # shade below this is left out, so that paper ends in pure white
STONE_SHADE = np.float32(0.45)  # a clear stone lets the rest of the light through


@dataclass(frozen=True, slots=True)
class Shadow:
    """For each cell of a square on the ground, which directions of the sky the piece hides."""

    hidden: NDArray[np.float32]  # (CELLS * CELLS, DIRECTIONS), 0 free to 1 hidden
    half_mm: float

    def darkness(self, light: Light, azimuth_deg: float) -> Floats:
        """Share of the ground's light kept away (CELLS, CELLS), rows along y, with the studio turned."""
        # tempered: a real table also gets light back from walls and the sky between the boxes
        share = np.zeros(CELLS * CELLS, np.float32)
        for spin, cells in enumerate(_spins()):
            weight = light.metal.radiance(_sky(spin), azimuth_deg).mean(axis=1) ** np.float32(0.7)
            share[cells] = self.hidden[cells] @ (weight / weight.sum())
        even = uniform_filter(share.reshape(CELLS, CELLS), SPINS)
        return np.asarray(np.maximum(gaussian_filter(even, 0.7) - np.float32(FAINT), 0), np.float32)

    def on(self, view: View, light: Light, *, reduced: int = 2) -> Floats:
        """The shadow as seen in the picture (height, width): 0 lit to 1 black; reckoned every `reduced` pixels."""
        width, height = view.size
        rows, columns = np.mgrid[0 : height + reduced : reduced, 0 : width + reduced : reduced]
        directions = view.directions(columns.ravel(), rows.ravel())
        down = directions[:, 2] < -1e-4
        distance = -view.position[2] / np.where(down, directions[:, 2], -1)
        x, y = ((view.position[a] + distance * directions[:, a]) for a in (0, 1))
        cell = 2 * self.half_mm / CELLS
        place = np.stack([(y + self.half_mm) / cell - 0.5, (x + self.half_mm) / cell - 0.5])
        seen = map_coordinates(self.darkness(light, view.azimuth_deg), place, order=1, mode="constant", cval=0.0)
        shade: Floats = np.where(down, seen, 0).reshape(rows.shape).astype(np.float32)
        return enlarged(shade, view.size, reduced)


def cast(scene: Scene) -> Shadow:
    """The shadow a scene casts; one for every camera and turn of the studio."""
    half = scene.reach_mm * 1.9 + 2.0
    side = (np.arange(CELLS) + 0.5) / CELLS * 2 * half - half
    x, y = np.meshgrid(side, side)
    ground = np.stack([x.ravel(), y.ravel(), np.full(x.size, 1e-3)], axis=1).astype(np.float32)
    hidden = np.empty((len(ground), DIRECTIONS), np.float32)
    for spin, cells in enumerate(_spins()):
        sky, start = _sky(spin), ground[cells]
        origins, directions = np.repeat(start, DIRECTIONS, axis=0), np.tile(sky, (len(start), 1))
        triangles, _ = scene.rays.first(origins, directions)
        met = triangles >= 0
        stone = met & (scene.stone[np.maximum(triangles, 0)] >= 0)
        hidden[cells] = np.where(stone, STONE_SHADE, met).reshape(-1, DIRECTIONS)
    # the square's rim fades out, so that no edge of it can be seen
    rim = np.clip((half - np.maximum(np.abs(x), np.abs(y))).ravel() / (0.35 * half), 0, 1).astype(np.float32)
    return Shadow(hidden * (rim * rim * (3 - 2 * rim))[:, None], half)


def sheen(shading: Shading, view: View, *, reduced: int = 4) -> Floats:
    """What a dark, satin ground reflects of the piece (height, width, 3) in scene light, blurred with depth."""
    width, height = view.size
    rows, columns = np.mgrid[0 : height + reduced : reduced, 0 : width + reduced : reduced]
    directions = view.directions(columns.ravel(), rows.ravel())
    glow = np.zeros((rows.size, 3), np.float32)
    down = np.flatnonzero(directions[:, 2] < -1e-3)
    distance = -view.position[2] / directions[down, 2]
    ground = view.position + distance[:, None] * directions[down]
    near = np.hypot(ground[:, 0], ground[:, 1]) < 6 * shading.scene.reach_mm
    down, ground = down[near], ground[near]
    mirrored = directions[down] * np.array([1, 1, -1], np.float32)
    triangles, way = shading.scene.rays.first(ground, mirrored)
    met = np.flatnonzero(triangles >= 0)
    at = ground[met] + way[met, None] * mirrored[met]
    seen = shading.metal_radiance(at, mirrored[met], triangles[met], 1)
    cosine = -directions[down[met], 2]
    share = 0.05 + 0.5 * (1 - cosine) ** 4
    glow[down[met]] = np.minimum(seen, 3) * (share * np.exp(-way[met] / 9.0))[:, None]
    picture = glow.reshape(*rows.shape, 3)
    blur = 9.0 * height / 1200 * 4 / reduced
    wide, near_by = (gaussian_filter(picture, (sigma, sigma, 0)) for sigma in (blur, blur / 3))
    soft = np.asarray(0.6 * wide + 0.4 * near_by, np.float32)
    return np.stack([enlarged(soft[..., c], view.size, reduced) for c in range(3)], axis=2)


def _spins() -> list[NDArray[np.intp]]:
    """Cells in interleaved classes, each with the sky turned a little, so that no single direction shows."""
    row, column = np.divmod(np.arange(CELLS * CELLS), CELLS)
    spin = row % SPINS * SPINS + column % SPINS
    return [np.flatnonzero(spin == number) for number in range(SPINS * SPINS)]


def _sky(spin: int) -> Floats:
    turn = 2.399963 * spin / (SPINS * SPINS)
    cos, sin = np.cos(turn), np.sin(turn)
    return hemisphere(DIRECTIONS) @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], np.float32)


def enlarged(small: Floats, size: tuple[int, int], reduced: int) -> Floats:
    """A picture reckoned every `reduced` pixels, filled in between by straight lines."""
    width, height = size
    at_row, at_column = (np.arange(count, dtype=np.float32) / np.float32(reduced) for count in (height, width))
    row, column = at_row.astype(int), at_column.astype(int)
    up, left = (at_row - row.astype(np.float32))[:, None], at_column - column.astype(np.float32)
    lines = small[:, column] * (1 - left) + small[:, column + 1] * left
    return np.asarray(lines[row] * (1 - up) + lines[row + 1] * up, np.float32)
