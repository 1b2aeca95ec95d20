"""A design set up for the camera: upright on the ground, one list of triangles, stones ready to be traced."""

from dataclasses import dataclass
from typing import Any

import fast_simplification
import numpy as np
import pyvista
from numpy.typing import NDArray
from trimesh import Trimesh

from renders.bodies import Body, Design, Kind
from renders.errors import EmptyDesign
from renders.materials import Optics, optics
from renders.rays import Rays, rays_against
from renders.tracing import Gem, gem

Floats = NDArray[np.float32]

CREASE_DEG = 32.0  # surfaces meeting at a smaller angle are drawn as one polished surface
DRAWN_FACES = 400_000  # above this a picture gains nothing: a pixel is wider than a triangle


@dataclass(frozen=True, slots=True)
class Scene:
    """Triangles of one piece in millimetres, z upwards from the ground; corner arrays are (faces, 3, 3)."""

    points: Floats  # (points, 3)
    faces: NDArray[np.int32]  # (faces, 3) indices into `points`
    corners: Floats
    normals: Floats  # of the polished surface, at the corners
    flat: Floats  # (faces, 3) of the triangles themselves
    stone: NDArray[np.int16]  # (faces,) index into `stones`, -1 on metal
    stones: tuple["Stone", ...]
    rays: Rays
    outline: NDArray[np.float64]  # vertices of the convex hull, enough to place a camera

    @property
    def reach_mm(self) -> float:
        """Distance of the farthest point from the vertical through the piece."""
        return float(np.hypot(self.outline[:, 0], self.outline[:, 1]).max())


@dataclass(frozen=True, slots=True)
class Stone:
    """One stone of the scene; `gem` is None where the shape or species is drawn by its surface."""

    optics: Optics
    gem: Gem | None


def stage(design: Design) -> Scene:
    """The scene of a design; bodies drawn only to help the designer are left out.

    Raises:
        EmptyDesign: no body of metal or stone has a surface.
    """
    shown = [body for body in design.bodies if body.kind is not Kind.HELPER and len(body.mesh.faces)]
    if not shown:
        raise EmptyDesign("The design holds no surface of metal or stone to draw.")
    turn = _upright(design)
    share = min(1.0, DRAWN_FACES / sum(len(body.mesh.faces) for body in shown))
    vertices, triangles, normals, marks = [], [], [], []
    stones: list[Stone] = []
    start = 0
    for body in shown:
        points, faces, smooth = _surface(body, turn, share)
        mark = -1
        if body.kind is Kind.STONE:
            mark = len(stones)
            stones.append(_stone(body, points, faces))
        vertices.append(points)
        normals.append(smooth)
        triangles.append(faces + start)
        marks.append(np.full(len(faces), mark, np.int16))
        start += len(points)
    positions: NDArray[np.float64] = np.concatenate(vertices)
    indices: NDArray[np.int64] = np.concatenate(triangles)
    low, high = positions.min(axis=0), positions.max(axis=0)
    standing = -np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    positions = positions + standing
    stones = [Stone(s.optics, s.gem.moved(standing) if s.gem else None) for s in stones]
    placed, joined = positions.astype(np.float32), indices.astype(np.int32)
    corners = placed[joined]
    return Scene(
        points=placed,
        faces=joined,
        corners=corners,
        normals=np.concatenate(normals)[indices].astype(np.float32),
        flat=_flat(corners),
        stone=np.concatenate(marks),
        stones=tuple(stones),
        rays=rays_against(placed, joined),
        outline=_outline(positions),
    )


def surface_of(points: NDArray[Any], faces: NDArray[Any]) -> Any:
    """A VTK surface from plain arrays; the only way geometry gets into VTK here."""
    return pyvista.PolyData.from_regular_faces(points, faces)


def _upright(design: Design) -> NDArray[np.float64]:
    """Rotation whose rows are the picture's x, y and z in the file's frame."""
    up = design.pose.up / np.linalg.norm(design.pose.up)
    away = design.pose.axis - up * (design.pose.axis @ up)
    away = away / np.linalg.norm(away)
    return np.stack([np.cross(away, up), away, up])


def _surface(
    body: Body, turn: NDArray[np.float64], share: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Points, triangles and point normals of a body; edges sharper than the crease are split."""
    points = np.asarray(body.mesh.vertices, np.float64) @ turn.T
    triangles = np.asarray(body.mesh.faces, np.int64)
    if body.kind is Kind.STONE:
        corners = points[triangles]
        flat = np.repeat(_flat(corners), 3, axis=0).astype(np.float64)
        return corners.reshape(-1, 3), np.arange(3 * len(triangles), dtype=np.int64).reshape(-1, 3), flat
    if share < 1.0 and len(triangles) > 500:
        reduced = fast_simplification.simplify(points, triangles, target_reduction=1.0 - share, agg=3)
        points, triangles = np.asarray(reduced[0], np.float64), np.asarray(reduced[1], np.int64)
    surface: Any = surface_of(points, triangles).compute_normals(
        cell_normals=False,
        split_vertices=True,
        feature_angle=CREASE_DEG,
        consistent_normals=False,
        auto_orient_normals=False,
    )
    return (
        np.asarray(surface.points, np.float64),
        np.asarray(surface.regular_faces, np.int64),
        np.asarray(surface.point_data["Normals"], np.float64),
    )


def _stone(body: Body, points: NDArray[np.float64], triangles: NDArray[np.int64]) -> Stone:
    found = optics(body)
    return Stone(found, gem(Trimesh(points, triangles, process=False), found) if found.clear else None)


def _flat(corners: NDArray[np.floating]) -> Floats:
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1)
    return np.asarray(normal / np.maximum(length, 1e-20)[:, None], np.float32)


def _outline(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points farthest out in many directions; cheaper than a hull and enough for a frame."""
    number = np.arange(2000) + 0.5
    turn, height = number * np.pi * (3 - np.sqrt(5)), 1 - 2 * number / 2000
    across = np.sqrt(1 - height * height)
    directions = np.stack([across * np.cos(turn), across * np.sin(turn), height])
    thinned = points if len(points) < 60_000 else points[:: len(points) // 60_000 + 1]
    thinned = np.concatenate([thinned, points[points.argmin(axis=0)], points[points.argmax(axis=0)]])
    best = np.concatenate([(thinned @ directions[:, at : at + 100]).argmax(axis=0) for at in range(0, 2000, 100)])
    return np.asarray(thinned[np.unique(best)], np.float64)
