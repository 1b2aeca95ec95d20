"""Corners joined, surfaces taken apart, edges counted: the plain combinatorics of triangles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Points = NDArray[np.float64]
Faces = NDArray[np.int64]

SEAM = 1e-4  # of the surface's largest extent: 2.4 µm on a ring, well below any wall


@dataclass(frozen=True, slots=True)
class EdgeCount:
    """How the triangles meet; all three are zero on a surface that encloses a volume.

    Attributes:
        open: edges of one triangle only.
        crowded: edges of more than two triangles.
        twisted: edges whose two triangles disagree on which side is outside.
    """

    open: int
    crowded: int
    twisted: int

    @property
    def closed(self) -> bool:
        """Whether the surface encloses a volume."""
        return self.open == self.crowded == self.twisted == 0


def weld(vertices: Points, faces: Faces) -> tuple[Points, Faces]:
    """The same surface with equal corners joined and triangles without area dropped.

    Seams narrower than `SEAM` are closed where that is what keeps the surface open.
    """
    points, numbers = unique_rows(vertices)
    points, welded = _compact(points, numbers[faces])
    loose = count_edges(welded).open
    if loose:
        closed = _close_seams(points, welded)
        if count_edges(closed).open < loose:
            points, welded = _compact(points, closed)
    return points, welded


def count_edges(faces: Faces) -> EdgeCount:
    """How often each edge is used, and in which direction."""
    if not len(faces):
        return EdgeCount(0, 0, 0)
    begin, end = _directed(faces)
    size = int(faces.max()) + 1
    ways = np.sort((np.minimum(begin, end) * size + np.maximum(begin, end)) * 2 + (begin > end))
    starts = np.flatnonzero(np.diff(ways >> 1, prepend=-1))
    uses = np.diff(starts, append=len(ways))
    pairs = starts[uses == 2]
    twisted = int((ways[pairs] == ways[pairs + 1]).sum())
    return EdgeCount(int((uses == 1).sum()), int((uses > 2).sum()), twisted)


def edges(faces: Faces) -> NDArray[np.int64]:
    """Each edge once, (n, 2), the lower corner first."""
    begin, end, size = *_directed(faces), int(faces.max()) + 1
    keys = np.sort(np.minimum(begin, end) * size + np.maximum(begin, end))
    return np.column_stack(np.divmod(keys[np.diff(keys, prepend=-1) > 0], size))


def components(faces: Faces, corners: int) -> NDArray[np.int64]:
    """A number for each face: faces that share corners, directly or by others, have the same; from 0 upwards."""
    ends = (np.concatenate([faces[:, 0], faces[:, 1]]), np.concatenate([faces[:, 1], faces[:, 2]]))
    graph = coo_matrix((np.ones(len(ends[0]), np.int8), ends), shape=(corners, corners))
    labels = connected_components(graph, directed=False)[1][faces[:, 0]]
    present = np.bincount(labels) > 0
    return (np.cumsum(present) - 1)[labels].astype(np.int64)


def neighbours(faces: Faces) -> NDArray[np.int64]:
    """Pairs of faces that share an edge no third face uses, (n, 2)."""
    return shared_edges(faces)[1]


def shared_edges(faces: Faces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Edges of exactly two faces: their corners (n, 2), and the two faces beside each (n, 2)."""
    begin, end, size = *_directed(faces), int(faces.max()) + 1
    keys = np.minimum(begin, end) * size + np.maximum(begin, end)
    order = np.argsort(keys)
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    first = starts[np.diff(starts, append=len(keys)) == 2]
    corners = np.column_stack(np.divmod(keys[order[first]], size))
    return corners, np.column_stack([order[first], order[first + 1]]) % len(faces)


def normals(vertices: Points, faces: Faces) -> tuple[Points, NDArray[np.float64]]:
    """Unit normals (zero for a triangle without area) and areas."""
    corners = vertices[faces]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    twice = np.linalg.norm(cross, axis=1)
    return cross / np.maximum(twice, 1e-300)[:, None], twice / 2


def signed_volume(vertices: Points, faces: Faces) -> float:
    """The enclosed volume, negative where the triangles face inwards; only for closed surfaces."""
    return float(_cones_from(vertices, faces, np.zeros(len(faces), np.int64)).sum())


def pieces(vertices: Points, faces: Faces) -> list[tuple[Points, Faces]]:
    """The connected pieces of a surface, each on its own."""
    return [taken(vertices, faces[own]) for own in faces_of_pieces(components(faces, len(vertices)))]


def faces_of_pieces(labels: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """For each number that `components` gave, the numbers of its faces in the order of the file."""
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.searchsorted(labels[order], np.arange(1, int(labels.max()) + 1)))


def taken(vertices: Points, faces: Faces) -> tuple[Points, Faces]:
    """A part of a surface on its own: only the corners its faces use."""
    return _compact(vertices, faces)


def facing_outwards(vertices: Points, faces: Faces) -> tuple[Faces, int]:
    """Faces wound so that each closed piece encloses a positive volume, hollows inside a piece a negative one.

    The second value counts the triangles that had to be turned. Open and one-sided surfaces stay as they are.
    """
    wound = _consistent(faces)
    labels = components(wound, len(vertices))
    own = faces_of_pieces(labels)
    volumes = np.bincount(labels, _cones_from(vertices, wound, labels))
    inward = [number for number in np.flatnonzero(volumes < 0) if count_edges(wound[own[number]]).closed]
    solids = [taken(vertices, wound[own[number]]) for number in np.flatnonzero(volumes > 0)] if inward else []
    for number in inward:
        point = vertices[wound[own[number][0], 0]]
        if not any(_holds(*solid, point) for solid in solids):
            wound[own[number]] = wound[own[number]][:, ::-1]
    return wound, int((wound[:, 0] != faces[:, 0]).sum())


def triple(values: NDArray[np.float64], places: int) -> tuple[float, float, float]:
    """Three numbers as plain floats, rounded; never -0.0."""
    one, two, three = (round(float(value), places) + 0.0 for value in values)
    return one, two, three


def _directed(faces: Faces) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Begins and ends of all edges as the faces go round them, edge k of face f at k * len(faces) + f."""
    return faces.T.ravel(), faces[:, [1, 2, 0]].T.ravel()


def _consistent(faces: Faces) -> Faces:
    """Neighbours wound alike: patches that already agree are turned as wholes."""
    begin, end = _directed(faces)
    size = int(faces.max()) + 1
    keys = np.minimum(begin, end) * size + np.maximum(begin, end)
    order = np.argsort(keys)
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    first = starts[np.diff(starts, append=len(keys)) == 2]
    one, two = order[first], order[first + 1]
    disagree = begin[one] == begin[two]
    if not disagree.any():
        return faces.copy()
    pairs = np.column_stack([one, two]) % len(faces)
    graph = coo_matrix((np.ones(int((~disagree).sum()), np.int8), tuple(pairs[~disagree].T)), shape=(len(faces),) * 2)
    count, patch = connected_components(graph, directed=False)
    turned = _two_coloured(patch[pairs[disagree]], np.bincount(patch, minlength=count))
    wound = faces.copy()
    wound[turned[patch]] = wound[turned[patch]][:, ::-1]
    return wound


def _two_coloured(pairs: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which patches to turn so that the two of each pair differ; of two ways the one that turns fewer faces."""
    beside: dict[int, set[int]] = {}
    for one, two in np.unique(pairs, axis=0).tolist():
        beside.setdefault(one, set()).add(two)
        beside.setdefault(two, set()).add(one)
    colour: dict[int, bool] = {}
    turned = np.zeros(len(sizes), bool)
    for start in beside:
        if start in colour:
            continue
        colour[start] = False
        group, waiting = [start], [start]
        while waiting:
            patch = waiting.pop()
            for other in beside[patch] - colour.keys():
                colour[other] = not colour[patch]
                group.append(other)
                waiting.append(other)
        members = np.array(group)
        flips = np.array([colour[patch] for patch in group])
        more = sizes[members[flips]].sum() > sizes[members[~flips]].sum()
        turned[members] = ~flips if more else flips
    return turned


def _cones_from(vertices: Points, faces: Faces, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Per face, the signed volume of its cone from the middle of its own piece."""
    corners = vertices[faces]
    centres = corners.mean(axis=1)
    count = np.bincount(labels)
    middle = np.column_stack([np.bincount(labels, centres[:, axis]) / count for axis in range(3)])
    corners = corners - middle[labels][:, None]
    volumes: NDArray[np.float64] = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    return volumes


def _holds(points: Points, faces: Faces, point: NDArray[np.float64]) -> bool:
    """Whether the point is inside the closed surface, by the solid angle the surface fills around it."""
    if (point < points.min(axis=0)).any() or (point > points.max(axis=0)).any():
        return False
    corners = points[faces] - point
    one, two, three = corners[:, 0], corners[:, 1], corners[:, 2]
    far = np.linalg.norm(corners, axis=2)
    top = np.einsum("ij,ij->i", one, np.cross(two, three))
    under = (
        far.prod(axis=1)
        + np.einsum("ij,ij->i", one, two) * far[:, 2]
        + np.einsum("ij,ij->i", two, three) * far[:, 0]
        + np.einsum("ij,ij->i", three, one) * far[:, 1]
    )
    return bool(2 * np.arctan2(top, under).sum() > 2 * np.pi)


def unique_rows(vertices: Points) -> tuple[Points, NDArray[np.int64]]:
    """Distinct rows and each row's number among them, by a 64-bit hash that is checked afterwards."""
    rows = np.ascontiguousarray(vertices + 0.0)  # + 0.0 makes -0.0 equal to 0.0 in its bits too
    bits = rows.view(np.uint64)
    mixed = bits[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    for column in (1, 2):
        mixed = (mixed ^ (mixed >> np.uint64(29)) ^ bits[:, column]) * np.uint64(0xBF58476D1CE4E5B9)
    _, first, numbers = np.unique(mixed, return_index=True, return_inverse=True)
    if np.array_equal(rows[first][numbers], rows):
        return rows[first], numbers.astype(np.int64)
    points, numbers = np.unique(rows, axis=0, return_inverse=True)  # two rows shared a hash
    return points, numbers.ravel().astype(np.int64)


def _compact(points: Points, faces: Faces) -> tuple[Points, Faces]:
    distinct = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    kept = faces[distinct]
    used = np.zeros(len(points), bool)
    used[kept] = True
    return points[used], (np.cumsum(used) - 1)[kept]


def _close_seams(points: Points, faces: Faces) -> Faces:
    """Faces with corners along open edges joined to those within `SEAM`."""
    begin, end, size = *_directed(faces), len(points)
    keys = np.minimum(begin, end) * size + np.maximum(begin, end)
    _, first, uses = np.unique(keys, return_index=True, return_counts=True)
    loose = np.unique(np.concatenate([begin[first[uses == 1]], end[first[uses == 1]]]))
    reach = SEAM * float(np.ptp(points, axis=0).max())
    pairs = cKDTree(points[loose]).query_pairs(reach, output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(loose),) * 2)
    _, labels = connected_components(graph, directed=False)
    leader = np.full(int(labels.max()) + 1, -1, np.int64)
    leader[labels[::-1]] = loose[::-1]
    numbers = np.arange(size, dtype=np.int64)
    numbers[loose] = leader[labels]
    return numbers[faces]
