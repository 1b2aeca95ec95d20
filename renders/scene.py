"""A design set up for the camera: upright on the ground, one list of triangles, stones ready to be traced."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import fast_simplification
import numpy as np
import pyvista
from numpy.typing import NDArray

from renders.bodies import Body, Design, Kind
from renders.errors import EmptyDesign
from renders.materials import Optics, optics
from renders.rays import Rays, rays_against
from renders.tracing import Gem, gem
from workflows.sentences import sentence

Floats = NDArray[np.float32]

CREASE_DEG = 32.0  # surfaces meeting at a smaller angle are drawn as one polished surface
LOOKS, THINNED = 600, 20_000  # directions and points an outline is looked for in
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
        raise EmptyDesign(sentence("The design holds no surface of metal or stone to draw."))
    turn, shift = standing(design)
    share = min(1.0, DRAWN_FACES / sum(len(body.mesh.faces) for body in shown))
    metal = [_thinned(body, share) for body in shown if body.kind is not Kind.STONE]
    cut = [_cornered(body) for body in shown if body.kind is Kind.STONE]
    # all metal is polished at once: bodies share no points, so none is smoothed into another
    surfaces = [polished(*_together(metal))] if metal else []
    marks = [np.full(len(surfaces[0][1]), -1, np.int16)] if metal else []
    surfaces += cut
    marks += [np.full(len(faces), number, np.int16) for number, (_, faces, _) in enumerate(cut)]
    points, faces = _together([(points, faces) for points, faces, _ in surfaces])
    placed, joined = (points @ turn.T + shift).astype(np.float32), faces.astype(np.int32)
    corners = placed[joined]
    normals = (np.concatenate([normals for *_, normals in surfaces]) @ turn.T).astype(np.float32)
    stone = np.concatenate(marks)
    return Scene(
        points=placed,
        faces=joined,
        corners=corners,
        normals=normals[joined],
        flat=_flat(corners),
        stone=stone,
        stones=tuple(
            _stone(body, corners[stone == number])
            for number, body in enumerate(body for body in shown if body.kind is Kind.STONE)
        ),
        rays=rays_against(placed, joined),
        outline=_outline(placed),
    )


def surface_of(points: NDArray[Any], faces: NDArray[Any]) -> Any:
    """A VTK surface from plain arrays; the only way geometry gets into VTK here."""
    return pyvista.PolyData.from_regular_faces(points, faces)


def cloud_of(points: NDArray[Any]) -> Any:
    """Bare points for VTK to measure from."""
    return pyvista.PolyData(points)


def polished(
    points: NDArray[np.float64], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Points, faces and normals at the points; edges sharper than the crease have their points doubled."""
    surface: Any = surface_of(points, faces).compute_normals(
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


def standing(design: Design) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How the piece gets from the file's frame onto the ground: rotation (3, 3), then a shift (3,) in mm."""
    turn = _upright(design)
    shown = [body for body in design.bodies if body.kind is not Kind.HELPER and len(body.mesh.faces)]
    ends = [np.asarray(body.mesh.vertices, np.float64) @ turn.T for body in shown or design.bodies]
    low = np.min([points.min(axis=0) for points in ends], axis=0)
    high = np.max([points.max(axis=0) for points in ends], axis=0)
    return turn, -np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])


def _upright(design: Design) -> NDArray[np.float64]:
    """Rotation whose rows are the picture's x, y and z in the file's frame."""
    up = design.pose.up / np.linalg.norm(design.pose.up)
    away = design.pose.axis - up * (design.pose.axis @ up)
    away = away / np.linalg.norm(away)
    return np.stack([np.cross(away, up), away, up])


def _thinned(body: Body, share: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    points, faces = np.asarray(body.mesh.vertices, np.float64), np.asarray(body.mesh.faces, np.int64)
    if share < 1.0 and len(faces) > 500:
        reduced = fast_simplification.simplify(points, faces, target_reduction=1.0 - share, agg=3)
        points, faces = np.asarray(reduced[0], np.float64), np.asarray(reduced[1], np.int64)
    return points, faces


def _cornered(body: Body) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """A stone with corners of its own for every triangle, so that facets stay flat."""
    corners = np.asarray(body.mesh.vertices, np.float64)[body.mesh.faces]
    normals = np.repeat(_flat(corners), 3, axis=0).astype(np.float64)
    return corners.reshape(-1, 3), np.arange(3 * len(corners), dtype=np.int64).reshape(-1, 3), normals


def _together(
    parts: Sequence[tuple[NDArray[np.float64], NDArray[np.int64]]],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    starts = np.cumsum([0, *(len(points) for points, _ in parts)])
    faces = [faces + start for (_, faces), start in zip(parts, starts, strict=False)]
    return np.concatenate([points for points, _ in parts]), np.concatenate(faces)


def _stone(body: Body, corners: Floats) -> Stone:
    found = optics(body)
    return Stone(found, gem(corners, found) if found.clear else None)


def _flat(corners: NDArray[np.floating]) -> Floats:
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1)
    return np.asarray(normal / np.maximum(length, 1e-20)[:, None], np.float32)


def _outline(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """The points farthest out in many directions; cheaper than a hull and enough for a frame."""
    number = np.arange(LOOKS) + 0.5
    turn, height = number * np.pi * (3 - np.sqrt(5)), 1 - 2 * number / LOOKS
    across = np.sqrt(1 - height * height)
    directions = np.stack([across * np.cos(turn), across * np.sin(turn), height])
    thinned = points if len(points) < THINNED else points[:: len(points) // THINNED + 1]
    thinned = np.concatenate([thinned, points[points.argmin(axis=0)], points[points.argmax(axis=0)]])
    best = np.concatenate([(thinned @ directions[:, at : at + 50]).argmax(axis=0) for at in range(0, LOOKS, 50)])
    return np.asarray(thinned[np.unique(best)], np.float64)
