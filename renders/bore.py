"""The finger hole: the largest cylinder that passes through the piece, in any position, at any scale."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, maximum_filter
from scipy.optimize import linprog

from renders import surface
from renders.bodies import Body, Bore, Kind
from renders.surface import Faces, Points

GRID = 160  # pixels across the piece in the first look along an axis
SAMPLES = 30_000
SECTORS = 24
ENCLOSED = 21  # sectors around the hole that hold metal; an open ring may leave a gap
LEAST = 0.08  # of the piece's largest extent: a smaller hole is a drilling, not a bore
_NEAR = 1.12  # radii: what lies farther from the axis does not touch a cylinder improved from a pixel's guess
_STEPS = 40
_DONE = 1e-8
_MANY = 8_000  # edges that tell nearly as much as all of them
_ROUNDS = 8
_FEW = 1_000  # smallest steps a later round begins with
_KEPT = 12  # steps of the present size that the edges kept are good for
_ALONG = 0.9986  # cosine of 3°
_TWO = 1.9  # diameters: longer than this, a file may hold two rings
_SAME = 5e-5  # of the radius: 0.4 µm on a ring


@dataclass(frozen=True, slots=True)
class _Hole:
    """A hole in the unit square of the normalised piece."""

    radius: float
    axis: NDArray[np.float64]
    centre: NDArray[np.float64]


def bore_of_bodies(bodies: Iterable[Body]) -> Bore | None:
    """The bore of the metal; of everything that is made where nothing is known to be metal."""
    return _bore_of(_metal(bodies))


def bore_beside(bodies: Iterable[Body], first: Bore) -> Bore | None:
    """The opening of another piece in the same file: of the metal that lies wholly beside the first opening."""
    metal = _metal(bodies)
    points = np.concatenate([vertices for vertices, _ in metal])
    if np.ptp(points, axis=0).max() < _TWO * first.diameter:  # one ring alone is never so long
        return None
    loose = [piece for vertices, faces in metal for piece in surface.pieces(vertices, faces)]
    return _bore_of(
        [
            (vertices, faces)
            for vertices, faces in loose
            if np.linalg.norm((vertices.min(axis=0) + vertices.max(axis=0)) / 2 - first.centre) > first.diameter
        ]
    )


def _metal(bodies: Iterable[Body]) -> list[tuple[Points, Faces]]:
    made = [body for body in bodies if body.kind is not Kind.HELPER]
    chosen = [body.mesh for body in made if body.kind is Kind.METAL] or [body.mesh for body in made]
    return [(np.asarray(mesh.vertices, np.float64), np.asarray(mesh.faces, np.int64)) for mesh in chosen]


def _bore_of(surfaces: Sequence[tuple[Points, Faces]]) -> Bore | None:
    if not surfaces:
        return None
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in surfaces)])
    faces = [faces + start for (_, faces), start in zip(surfaces, starts, strict=False)]
    return find_bore(np.concatenate([vertices for vertices, _ in surfaces]), np.concatenate(faces))


def find_bore(vertices: Points, faces: Faces) -> Bore | None:
    """The largest cylinder through the piece that metal surrounds, or None where nothing goes through.

    The first look is along the axes of the file and of the piece's own symmetry, as a picture of 160 pixels;
    then position and tilt are improved by linear programmes over the edges nearest to the axis, and the radius
    is the exact distance of the axis to all edges.
    """
    lowest, highest = vertices.min(axis=0), vertices.max(axis=0)
    middle, span = (lowest + highest) / 2, float((highest - lowest).max())
    points = (vertices - middle) / span
    samples, axes = _look(points, faces)
    hole = max((_hole(samples, axis) for axis in axes), key=_radius, default=None)
    if hole is None or hole.radius < LEAST:
        hole = max((_hole(samples, axis) for axis in _all_round()), key=_radius)
    if hole.radius < LEAST / 2:
        return None
    hole = _upright(_refined(_tilted(samples, hole), points, faces), points, faces)
    if hole.radius < LEAST or not _passes(hole, points, faces):
        return None
    return Bore(2 * hole.radius * span, hole.axis, hole.centre * span + middle)


def _radius(hole: _Hole) -> float:
    return hole.radius


def _look(points: Points, faces: Faces) -> tuple[Points, list[NDArray[np.float64]]]:
    """Points spread over the surface, and the directions in which a finger may go."""
    normal, area = surface.normals(points, faces)
    chance = np.random.default_rng(0)
    steps = np.cumsum(area)
    chosen = np.minimum(np.searchsorted(steps, chance.random(SAMPLES) * steps[-1]), len(faces) - 1)
    weight = chance.random((SAMPLES, 2))
    weight[weight.sum(axis=1) > 1] = 1 - weight[weight.sum(axis=1) > 1]
    corners = points[faces[chosen]]
    samples = corners[:, 0] + (
        weight[:, :1] * (corners[:, 1] - corners[:, 0]) + weight[:, 1:] * (corners[:, 2] - corners[:, 0])
    )
    spread = np.linalg.eigh(np.cov((samples - samples.mean(axis=0)).T))[1]
    facing = np.linalg.eigh((normal * area[:, None]).T @ normal)[1]
    axes: list[NDArray[np.float64]] = []
    for axis in (*np.eye(3), *spread.T, *facing.T):
        if all(abs(axis @ other) < 0.9999 for other in axes):
            axes.append(axis)
    return samples, axes


def _all_round(count: int = 100) -> list[NDArray[np.float64]]:
    """Directions spread evenly over half a sphere."""
    height = (np.arange(count) + 0.5) / count
    turn = np.pi * (1 + 5**0.5) * np.arange(count)
    across = np.sqrt(1 - height**2)
    return list(np.column_stack([across * np.cos(turn), across * np.sin(turn), height]))


def _frame(axis: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    start = np.eye(3)[int(np.argmin(np.abs(axis)))]
    right = np.cross(axis, start)
    right /= np.linalg.norm(right)
    return right, np.cross(axis, right)


def _hole(samples: Points, axis: NDArray[np.float64]) -> _Hole:
    """The largest surrounded empty circle seen along the axis, to a pixel; radius 0 where there is none."""
    right, up = _frame(axis)
    flat = np.column_stack([samples @ right, samples @ up])
    low = flat.min(axis=0)
    pixel = float(np.ptp(flat, axis=0).max()) / (GRID - 1)
    spots = ((flat - low) / pixel).astype(np.int64)
    empty = np.ones((GRID, GRID), bool)
    empty[spots[:, 0], spots[:, 1]] = False
    distance = distance_transform_edt(empty)
    peaks = np.argwhere((distance == maximum_filter(distance, 9)) & (distance > 2))
    peaks = peaks[np.argsort(-distance[peaks[:, 0], peaks[:, 1]])][:40]
    few = flat[::4]
    for peak in peaks:
        radius = float(distance[tuple(peak)]) * pixel
        centre = low + (peak + 0.5) * pixel
        if _enclosed(few - centre, radius):
            return _Hole(radius, axis, centre[0] * right + centre[1] * up)
    return _Hole(0.0, axis, np.zeros(3))


def _enclosed(flat: NDArray[np.float64], radius: float) -> bool:
    near = flat[flat[:, 0] ** 2 + flat[:, 1] ** 2 < (1.7 * radius) ** 2]
    sector = ((np.arctan2(near[:, 1], near[:, 0]) / (2 * np.pi) + 0.5) * SECTORS).astype(np.int64) % SECTORS
    return len(np.unique(sector)) >= ENCLOSED


def _tilted(samples: Points, hole: _Hole) -> _Hole:
    """The hole seen from a better direction near by, for pieces whose symmetry is not the finger's."""
    best, step = hole, 0.2
    while step > 0.02:
        right, up = _frame(best.axis)
        around = [best.axis + step * (turn * right + lean * up) for turn, lean in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        found = max((_hole(samples, axis / np.linalg.norm(axis)) for axis in around), key=_radius)
        if found.radius > best.radius * 1.002:
            best = found
        else:
            step /= 2
    return best


def _upright(hole: _Hole, points: Points, faces: Faces) -> _Hole:
    """The same hole along an axis of the file where that costs nothing: a narrow or domed band lets it lean."""
    nearest = int(np.argmax(np.abs(hole.axis)))
    if abs(hole.axis[nearest]) < _ALONG:
        return hole
    straight = _refined(_Hole(hole.radius, np.eye(3)[nearest], hole.centre), points, faces, leaning=False)
    return straight if straight.radius > hole.radius * (1 - _SAME) else hole


def _refined(hole: _Hole, points: Points, faces: Faces, *, leaning: bool = True) -> _Hole:
    """The largest cylinder near this one: linear programmes with a bounded step, accepted only if it grows."""
    near = _edges_within(hole.axis, hole.centre, _NEAR * hole.radius, points, faces)
    if not len(near):
        return _Hole(0.0, hole.axis, hole.centre)
    middle = float(np.median(near[:, 0] @ hole.axis))
    axis, centre = hole.axis, hole.centre + (middle - hole.centre @ hole.axis) * hole.axis
    half = max(float(np.abs((near - centre) @ axis).max()), 1e-6) if leaning else np.inf
    working, bound = near[:: max(1, len(near) // _MANY)], 0.04 * hole.radius
    radius = hole.radius
    for _ in range(_ROUNDS):  # most of the way is found with few of the edges; those it passed over join them
        axis, centre, radius = _improved(axis, centre, working, bound, half)
        distance = _distances(axis, centre, near)[0]
        lost = radius - float(distance.min())
        if lost < _DONE:
            break
        passed = np.flatnonzero(distance < radius)
        working = np.concatenate([working, near[passed[np.argsort(distance[passed])[:_MANY]]]])
        bound = min(bound, max(4 * lost, _FEW * _DONE))
    nearest = _distances(axis, centre, _edges_within(axis, centre, 1.01 * radius, points, faces))[0]
    return _Hole(float(nearest.min()), axis, centre)


def _improved(
    axis: NDArray[np.float64], centre: NDArray[np.float64], near: NDArray[np.float64], bound: float, half: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """A better axis and a point of it, and the distance of the nearest of these edges; no step exceeds `bound`."""
    radius = float(_distances(axis, centre, near)[0].min())
    largest = bound
    for _ in range(_STEPS):
        if bound < _DONE:
            break
        move, hoped = _step(axis, centre, near, bound, half)
        right, up = _frame(axis)
        leant = axis + move[2] * right + move[3] * up
        leant /= np.linalg.norm(leant)
        shifted = centre + move[0] * right + move[1] * up
        reached = float(_distances(leant, shifted, near)[0].min())
        gain, promise = reached - radius, hoped - radius
        if gain > 0:
            axis, centre, radius = leant, shifted, reached
        if promise < _DONE:
            break
        bound = min(largest, bound * (2.0 if gain > 0.7 * promise else (1.0 if gain > 0.2 * promise else 0.25)))
        if bound <= largest / 4:  # steps this small never reach the edges farther out
            largest = bound
            near = near[_distances(axis, centre, near)[0] < radius + _KEPT * bound]
    return axis, centre, radius


def _edges_within(
    axis: NDArray[np.float64], centre: NDArray[np.float64], reach: float, points: Points, faces: Faces
) -> NDArray[np.float64]:
    """All edges, (n, 2, 3), that come nearer to the axis than `reach`."""
    right, up = _frame(axis)
    across = (points - centre) @ right
    along = (points - centre) @ up
    far = np.hypot(across, along)
    one, two, three = faces.T
    length = np.maximum(np.abs(across[one] - across[two]), np.abs(across[one] - across[three]))
    length += np.maximum(np.abs(along[one] - along[two]), np.abs(along[one] - along[three]))
    nearest = np.minimum(np.minimum(far[one], far[two]), far[three])
    edges = points[surface.edges(faces[nearest - 2 * length < reach])]  # no edge is longer than twice this
    return edges[_distances(axis, centre, edges)[0] < reach]


def _distances(
    axis: NDArray[np.float64], centre: NDArray[np.float64], edges: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """For edges (n, 2, 3): distance to the axis, the nearest point in the plane across it, its height."""
    right, up = _frame(axis)
    # as one long list of points: numpy would multiply an array of pairs pair by pair
    placed = ((edges.reshape(-1, 3) - centre) @ np.column_stack([right, up, axis])).reshape(-1, 2, 3)
    begin, along = placed[:, 0], placed[:, 1] - placed[:, 0]
    length = np.maximum(along[:, 0] ** 2 + along[:, 1] ** 2, 1e-300)
    share = np.clip(-(begin[:, 0] * along[:, 0] + begin[:, 1] * along[:, 1]) / length, 0, 1)
    nearest = begin + along * share[:, None]
    return np.hypot(nearest[:, 0], nearest[:, 1]), nearest[:, :2], nearest[:, 2]


def _step(
    axis: NDArray[np.float64], centre: NDArray[np.float64], edges: NDArray[np.float64], bound: float, half: float
) -> tuple[NDArray[np.float64], float]:
    """The shift (2) and lean (2) that a linear view of the distances promises most for, and the radius promised."""
    distance, spot, height = _distances(axis, centre, edges)
    close = distance < distance.min() + 4 * bound
    distance, spot, height = distance[close], spot[close], height[close]
    turn = ((np.arctan2(spot[:, 1], spot[:, 0]) / (2 * np.pi) + 0.5) * 120).astype(np.int64)
    level = ((height / half + 1) * 4).clip(0, 7).astype(np.int64)
    order = np.argsort(distance)
    _, first = np.unique((turn * 8 + level)[order], return_index=True)
    rows = order[first]  # the nearest of each sector and level speaks for it
    outward = spot[rows] / np.maximum(distance[rows], 1e-12)[:, None]
    table = np.column_stack([outward, outward * height[rows, None], np.ones(len(rows))])
    limits = [(-bound, bound)] * 2 + [(-bound / half, bound / half)] * 2 + [(0, None)]
    found = linprog([0, 0, 0, 0, -1], table, distance[rows], bounds=limits, method="highs")
    return (np.zeros(4), 0.0) if found.x is None else (found.x[:4], float(found.x[4]))


def _passes(hole: _Hole, points: Points, faces: Faces) -> bool:
    """No triangle lies across the hole, and metal still surrounds it."""
    right, up = _frame(hole.axis)
    flat = np.column_stack([(points - hole.centre) @ right, (points - hole.centre) @ up])
    if not _enclosed(flat, hole.radius):
        return False
    one, two, three = (flat[faces[:, corner]] for corner in range(3))
    sides = np.column_stack([_cross(one, two), _cross(two, three), _cross(three, one)])
    across = (sides > 0).all(axis=1) | (sides < 0).all(axis=1)
    return not across.any()


def _cross(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    crossed: NDArray[np.float64] = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    return crossed
