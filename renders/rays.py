"""What a ray meets first: embree where it exists, a slower march through a k-d tree elsewhere."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

try:  # wheels exist for x86_64 only
    from embreex.mesh_construction import TriangleMesh
    from embreex.rtcore_scene import EmbreeScene
except ImportError:
    EmbreeScene = None

Floats = NDArray[np.float32]
Faces = NDArray[np.int32]

FAR_MM = 1.0e4


class Rays(Protocol):
    """Finds the first triangle along each ray; `exact` tells whether to the last bit of the triangles."""

    exact: bool

    def first(self, origins: Floats, directions: Floats) -> tuple[NDArray[np.int32], Floats]:
        """Indices (n,) of the triangles met, -1 for none, and distances (n,) in millimetres."""
        ...


def rays_against(vertices: Floats, faces: Faces) -> Rays:
    """The fastest tracer this machine has for one triangle mesh in millimetres."""
    if EmbreeScene is None:
        return MarchingRays(vertices, faces)
    return EmbreeRays(vertices, faces)


class EmbreeRays:
    """Exact first hits by embree, about a million rays a second and core."""

    exact = True

    def __init__(self, vertices: Floats, faces: Faces) -> None:
        self._scene = EmbreeScene()
        self._mesh = TriangleMesh(
            self._scene, np.ascontiguousarray(vertices, np.float32), np.ascontiguousarray(faces, np.int32)
        )

    def first(self, origins: Floats, directions: Floats) -> tuple[NDArray[np.int32], Floats]:
        """See `Rays.first`."""
        if not len(origins):
            return np.empty(0, np.int32), np.empty(0, np.float32)
        found = self._scene.run(
            np.ascontiguousarray(origins, np.float32), np.ascontiguousarray(directions, np.float32), output=1
        )
        return np.asarray(found["primID"], np.int32), np.asarray(found["tfar"], np.float32)


class MarchingRays:
    """First hits to about a tenth of a millimetre by walking from nearest point to nearest point."""

    exact = False

    def __init__(self, vertices: Floats, faces: Faces, *, spacing_mm: float = 0.12, steps: int = 48) -> None:
        points, self._owner = _scattered(np.asarray(vertices, np.float64)[faces], spacing_mm)
        self._tree = cKDTree(points)
        self._low = points.min(axis=0) - 1.0
        self._high = points.max(axis=0) + 1.0
        self._close = spacing_mm * 0.6
        self._steps = steps

    def first(self, origins: Floats, directions: Floats) -> tuple[NDArray[np.int32], Floats]:
        """See `Rays.first`."""
        triangle = np.full(len(origins), -1, np.int32)
        distance = np.full(len(origins), FAR_MM, np.float32)
        travelled = np.full(len(origins), 2.0 * self._close)  # leaves the surface it starts on
        walking = np.arange(len(origins))
        for _ in range(self._steps):
            place = origins[walking] + travelled[walking, None] * directions[walking]
            inside = ((place > self._low) & (place < self._high)).all(axis=1)
            heading = ((self._low + self._high) / 2 - place) * directions[walking]
            alive = inside | (heading.sum(axis=1) > 0)
            walking, place = walking[alive], place[alive]
            if not len(walking):
                break
            gap, nearest = self._tree.query(place)
            hit = gap < self._close
            triangle[walking[hit]] = self._owner[np.asarray(nearest)[hit]]
            distance[walking[hit]] = travelled[walking[hit]]
            travelled[walking] += np.maximum(gap - 0.5 * self._close, 0.5 * self._close)
            walking = walking[~hit]
        return triangle, distance


def _scattered(triangles: NDArray[np.float64], spacing: float) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Points on every triangle no further apart than `spacing`, with the triangle each belongs to."""
    longest = np.linalg.norm(triangles - np.roll(triangles, 1, axis=1), axis=2).max(axis=1)
    pieces = np.clip(np.ceil(longest / spacing), 1, 64).astype(int)
    points, owners = [], []
    for count in np.unique(pieces):
        chosen = np.flatnonzero(pieces == count)
        i, j = (grid.ravel() for grid in np.mgrid[0:count, 0:count])
        keep = i + j < count
        u, v = (i[keep] + 1 / 3) / count, (j[keep] + 1 / 3) / count
        corners = triangles[chosen]
        edge_u, edge_v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        placed = corners[:, :1] + u[None, :, None] * edge_u[:, None] + v[None, :, None] * edge_v[:, None]
        points.append(placed.reshape(-1, 3))
        owners.append(np.repeat(chosen, len(u)))
    return np.concatenate(points), np.concatenate(owners).astype(np.int32)
