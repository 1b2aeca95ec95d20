"""Line drawings as SVG from the real geometry: facet plots of a stone, the piece's elevation with dimensions.

Lines and words take the page's colour (`currentColor`); one unit of the drawing is one millimetre, and the
figures are also there as data: `data-length-mm` and so on, on the root element.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from renders import surface
from renders.bodies import Design, Kind, Mesh
from renders.linework import dimension, drawing, joined, path
from renders.scene import Scene, stage, standing

Points = NDArray[np.float64]
Segments = NDArray[np.float64]  # (n, 2 ends, 2 coordinates)

MOST_TRIANGLES = 3_000
SAME_FACET_DEG = 0.7
SIDE = 0.03  # facets whose normal rises less belong to the girdle
_GRAZING = 0.02  # a wall that runs straight away from the viewer counts as turned away
_STONE_EDGE_DEG, _METAL_EDGE_DEG = 8.0, 32.0
_HIDDEN_MM = 0.15  # what covers a line from nearer is the line's own surface


def facets(mesh: Mesh, up: NDArray[np.floating]) -> str:
    """Crown and pavilion of a faceted stone side by side, length upright, with length and width.

    Args:
        mesh: the stone in millimetres.
        up: the direction its table faces.
    """
    flat, lift = _laid(mesh, np.asarray(up, np.float64))
    rim = flat[ConvexHull(flat).vertices]
    width, length = np.ptp(rim, axis=0)
    ends, rises = _facet_edges(mesh, flat, lift)
    gap, text = 0.42 * width, 0.075 * length
    mirror = np.array([-1.0, 1.0])
    pavilion = np.array([width + gap + text * 1.6, 0.0])
    lines = [
        path([rim], closed=True, weight=0.014 * length),
        path(ends[(rises > SIDE).any(axis=1)], weight=0.006 * length),
        path([rim * mirror + pavilion], closed=True, weight=0.014 * length),
        path(ends[(rises < -SIDE).any(axis=1)] * mirror + pavilion, weight=0.006 * length),
        dimension((-width / 2, length / 2 + text), (width / 2, length / 2 + text), f"{width:.2f} mm", text),
        dimension((width / 2 + text, length / 2), (width / 2 + text, -length / 2), f"{length:.2f} mm", text),
    ]
    box = (-width / 2 - text, -length / 2 - text, 2 * width + gap + 3.6 * text, length + 4.2 * text)
    return drawing(
        box,
        lines,
        f"Facets, {length:.2f} by {width:.2f} mm",
        {"length-mm": f"{length:.3f}", "width-mm": f"{width:.3f}"},
    )


def elevation(design: Design, *, scene: Scene | None = None) -> str:
    """The piece seen along the finger, with its bore, the head's height above the finger and the stone's width.

    Without a bore the whole piece is dimensioned; `scene` is the design's where there is one already.
    """
    bore = design.bore
    turn, shift = standing(design)
    scene = scene or stage(design)
    sharp, cut = _creases(scene)
    metal = _seen_from_front(_visible(scene, np.concatenate([_outlines(scene), sharp])))
    facet = _seen_from_front(_visible(scene, cut))
    drawn = np.concatenate([metal, facet])
    low, high = drawn.reshape(-1, 2).min(axis=0), drawn.reshape(-1, 2).max(axis=0)
    text = 0.042 * float(high[1] - low[1])
    lines = [path(joined(metal), weight=0.10 * text), path(joined(facet), weight=0.05 * text)]
    facts = {"width-mm": f"{high[0] - low[0]:.3f}", "height-mm": f"{high[1] - low[1]:.3f}"}
    top = low[1]
    stones = design.of(Kind.STONE)
    if stones:
        main = max(
            (np.asarray(body.mesh.vertices, np.float64) for body in stones),
            key=lambda at: float(np.prod(np.ptp(at, axis=0))),
        )
        across = _seen_from_front(main @ turn.T + shift)
        left, right, top = float(across[:, 0].min()), float(across[:, 0].max()), float(across[:, 1].min())
        lines.append(dimension((left, low[1] - text), (right, low[1] - text), f"{right - left:.2f}", text, above=True))
        facts["stone-width-mm"] = f"{right - left:.3f}"
    if bore is not None:
        centre = _seen_from_front(turn @ bore.centre + shift)
        radius = bore.diameter / 2
        lines.append(
            dimension(
                (centre[0] - radius, centre[1]),
                (centre[0] + radius, centre[1]),
                f"{bore.diameter:.2f} inside",
                text,
                above=True,
            )
        )
        facts["bore-mm"] = f"{bore.diameter:.3f}"
        height = centre[1] - radius - top
        if height > 2 * text:
            side = float(drawn[drawn[..., 1] < centre[1] - radius][:, 0].max()) + 2.5 * text
            lines.append(dimension((side, centre[1] - radius), (side, top), f"{height:.2f}", text, upright=True))
        facts["head-above-finger-mm"] = f"{height:.3f}"
    else:
        lines.append(dimension((low[0], high[1] + text), (high[0], high[1] + text), f"{high[0] - low[0]:.2f}", text))
    box = (low[0] - 2 * text, low[1] - 3.4 * text, high[0] - low[0] + 7 * text, high[1] - low[1] + 6.2 * text)
    return drawing(box, lines, "Front elevation, dimensions in millimetres", facts)


def is_faceted(mesh: Mesh) -> bool:
    """Whether a stone has facets to plot: a closed surface of fewer planes than a dome needs."""
    return bool(len(mesh.faces) <= MOST_TRIANGLES and surface.count_edges(np.asarray(mesh.faces, np.int64)).closed)


def _seen_from_front(points: Points) -> Points:
    """Drawing coordinates (…, 2), downwards as SVG has it, of points (…, 3) standing upright."""
    return np.asarray(points[..., [0, 2]] * np.array([1.0, -1.0]), np.float64)


def _laid(mesh: Mesh, up: Points) -> tuple[Points, Points]:
    """Corners seen along -up with the length upright and centred (n, 2), and how each face rises (m,)."""
    up = up / np.linalg.norm(up)
    right = np.cross(np.eye(3)[int(np.abs(up).argmin())], up)
    right /= np.linalg.norm(right)
    corners = np.asarray(mesh.vertices, np.float64)
    flat = np.stack([corners @ right, corners @ np.cross(up, right)], axis=1)
    rim = flat[ConvexHull(flat).vertices]
    sides = np.diff(np.vstack([rim, rim[:1]]), axis=0)
    turns = np.unique(np.round(np.arctan2(sides[:, 1], sides[:, 0]) % (np.pi / 2), 4))
    # the smallest rectangle round an outline lies along one of its sides
    areas = np.array([np.prod(np.ptp(rim @ _rotation(turn), axis=0)) for turn in turns])
    # every rectangle of a round stone is as good; the first leaves it as it lies
    best = turns[0] if areas.max() < areas.min() * 1.01 else turns[int(areas.argmin())]
    flat = flat @ _rotation(best)
    width, length = np.ptp(flat, axis=0)
    if width > length:
        flat = flat[:, ::-1] * np.array([1.0, -1.0])
    faces = np.asarray(mesh.faces, np.int64)
    normals, _ = surface.normals(corners, faces)
    if surface.signed_volume(corners, faces) < 0:
        normals = -normals
    return flat - (flat.max(axis=0) + flat.min(axis=0)) / 2, normals @ up


def _rotation(turn: float) -> Points:
    cos, sin = np.cos(turn), np.sin(turn)
    return np.array([[cos, -sin], [sin, cos]])


def _facet_edges(mesh: Mesh, flat: Points, lift: Points) -> tuple[Segments, Points]:
    """Edges between facets in the drawing (n, 2, 2) and how the two facets beside each rise (n, 2)."""
    faces = np.asarray(mesh.faces, np.int64)
    edges, beside = surface.shared_edges(faces)
    kept = _angles(np.asarray(mesh.vertices, np.float64), faces, beside) > np.radians(SAME_FACET_DEG)
    rises = lift[beside]
    kept &= ~(np.abs(rises) <= SIDE).all(axis=1)
    # an edge on the girdle belongs to the outline already
    kept &= ~((rises > SIDE).any(axis=1) & (rises < -SIDE).any(axis=1))
    kept &= ~(np.abs(rises) <= SIDE).any(axis=1)
    return flat[edges[kept]], rises[kept]


def _angles(points: Points, faces: NDArray[np.int64], beside: NDArray[np.int64]) -> NDArray[np.float64]:
    """Radians by which the surface turns from one face to the other, for each pair of faces."""
    normals, _ = surface.normals(points, faces)
    cosines = np.einsum("ij,ij->i", normals[beside[:, 0]], normals[beside[:, 1]])
    return np.asarray(np.arccos(np.clip(cosines, -1.0, 1.0)), np.float64)


def _outlines(scene: Scene) -> Segments:
    """Where polished surfaces turn away from the viewer: segments (n, 2, 3), one across each such triangle."""
    metal = np.flatnonzero(scene.stone < 0)
    facing = -scene.normals[metal, :, 1] - _GRAZING
    corners = scene.corners[metal].astype(np.float64)
    mixed = (facing.min(axis=1) < 0) & (facing.max(axis=1) > 0)
    facing, corners = facing[mixed], corners[mixed]
    crossings = []
    for one, other in ((0, 1), (1, 2), (2, 0)):
        a, b = facing[:, one], facing[:, other]
        share = np.where((a < 0) != (b < 0), a / np.where(a == b, 1, a - b), np.nan)
        crossings.append(corners[:, one] + share[:, None] * (corners[:, other] - corners[:, one]))
    points = np.stack(crossings, axis=1)
    order = np.argsort(np.isnan(points[:, :, 0]), axis=1, kind="stable")[:, :2]
    pairs = np.take_along_axis(points, order[:, :, None], axis=1)
    return np.asarray(pairs[~np.isnan(pairs).any(axis=(1, 2))], np.float64)


def _creases(scene: Scene) -> tuple[Segments, Segments]:
    """Sharp edges of the metal and facet edges of the stones, each once."""
    _, numbers = surface.unique_rows(np.asarray(np.round(scene.points, 5), np.float64))
    corners = np.empty((int(numbers.max()) + 1, 3))
    corners[numbers] = scene.points  # where they are: a sliver's normal would turn with a rounded corner
    faces = numbers[scene.faces]
    sound = (faces != np.roll(faces, 1, axis=1)).all(axis=1)
    faces, marks = faces[sound], scene.stone[sound]
    edges, beside = surface.shared_edges(faces)
    angles = _angles(corners, faces, beside)
    stone = marks[beside[:, 0]] >= 0
    return corners[edges[~stone & (angles > np.radians(_METAL_EDGE_DEG))]], corners[
        edges[stone & (angles > np.radians(_STONE_EDGE_DEG))]
    ]


def _visible(scene: Scene, strokes: Segments) -> Segments:
    """The strokes nothing stands before, seen along +y."""
    middle = strokes.mean(axis=1).astype(np.float32)
    towards = np.broadcast_to(np.array([0, -1, 0], np.float32), middle.shape)
    start = middle + np.float32(_HIDDEN_MM) * towards
    triangles, _ = scene.rays.first(start, towards)
    return strokes[triangles < 0]
