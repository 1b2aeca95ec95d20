"""The crown of a stone as seen from above, in line, from its cut and its measured length and width.

A solid is cut by planes as a lapidary cuts it, so that facets meet where they must. The outline has the stone's own
measures; the facets are the usual ones of its cut, since a register knows no others. Lengths in mm.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

Point = tuple[float, float, float]
Face = list[Point]
Plane = tuple[Point, float]  # what lies beyond normal · point = distance is cut away
Outline = Sequence[tuple[float, float]]

SIDES = 48  # of the girdle
STEP_CUTS = frozenset({"emerald", "asscher", "baguette", "tapered_baguette"})
SQUARE_CUTS = frozenset({"princess", "radiant"})
ROUNDNESS = {"round": 2.0, "oval": 2.0, "rose": 2.0, "old_european": 2.0, "cushion": 2.8, "old_mine": 2.6}
SEEN = 0.02  # a facet that rises less belongs to the girdle


@dataclass(frozen=True, slots=True)
class Plan:
    """A drawing in its own millimetres, the length lying: `path` for the facets, `outline` for the edge."""

    length_mm: float
    width_mm: float
    path: str
    outline: str


@lru_cache(maxsize=512)
def plan(shape: str, length_mm: float, width_mm: float) -> Plan | None:
    """The crown of a stone of this cut; None for a cut we have no drawing of."""
    if not (0 < length_mm < 200 and 0 < width_mm < 200):
        return None
    rx, ry = length_mm / 2, width_mm / 2
    planes = _planes(shape, rx, ry)
    if planes is None:
        return None
    faces = _cut(planes, max(rx, ry))
    edges = dict.fromkeys(edge for face, up in faces if up > SEEN for edge in _edges(face))
    rim = _hull([(x, y) for face, _up in faces for x, y, _z in face])
    path = "".join(f"M{_n(ax)} {_n(ay)}L{_n(bx)} {_n(by)}" for (ax, ay), (bx, by) in edges)
    outline = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in rim) + "Z"
    return Plan(length_mm, width_mm, path, outline)


def _planes(shape: str, rx: float, ry: float) -> list[Plane] | None:
    if shape in STEP_CUTS:
        corner = 0.0 if "baguette" in shape else 0.30
        return _steps(rx, ry, corner)
    if shape in SQUARE_CUTS:
        return _brilliant(rx, ry, _support(_cornered(0.0 if shape == "princess" else 0.25)))
    if shape == "marquise":
        return _brilliant(rx, ry, _support(_pointed(both=True)))
    if shape == "pear":
        return _brilliant(rx, ry, _support(_pointed(both=False)))
    if shape in ROUNDNESS:
        power = ROUNDNESS[shape]
        return _brilliant(rx, ry, lambda turn: _superellipse(turn, power))
    return None


def _brilliant(rx: float, ry: float, reach: Callable[[float], float]) -> list[Plane]:
    """Main, star and upper girdle facets around a table; drawn in a unit circle, then stretched to the stone."""
    crown, table, eight = math.radians(34.5), 0.57, 2 * math.pi / 8
    height = math.tan(crown) * (1 - table)
    planes: list[Plane] = []

    def facet(turn: float, steep: float, x: float, y: float, z: float) -> None:
        normal = (math.cos(turn) * math.sin(steep), math.sin(turn) * math.sin(steep), math.cos(steep))
        planes.append((normal, normal[0] * x + normal[1] * y + normal[2] * z))

    for number in range(SIDES):
        turn = 2 * math.pi * number / SIDES
        facet(turn, math.pi / 2, math.cos(turn) * reach(turn), math.sin(turn) * reach(turn), 0)
    for number in range(8):
        main, star = number * eight, (number + 0.5) * eight
        facet(main, crown, math.cos(main) * reach(main), math.sin(main) * reach(main), 0)
        far = table * reach(star) * math.cos(eight / 2)
        rise = height * (reach(main) + reach(star)) / 2
        facet(star, crown * 0.62, math.cos(star) * far, math.sin(star) * far, rise)
        for side in (main - eight / 4, main + eight / 4):
            facet(side, crown * 1.17, math.cos(side) * reach(side), math.sin(side) * reach(side), 0)
    mean = sum(reach(number * eight) for number in range(8)) / 8
    planes.append(((0.0, 0.0, 1.0), height * mean))
    return [_stretched(plane, rx, ry) for plane in planes]


def _steps(rx: float, ry: float, corner: float) -> list[Plane]:
    """Three rows of long facets on each side, the corners cut."""
    half = math.sqrt(0.5)
    across = [(1.0, 0.0, rx), (-1.0, 0.0, rx), (0.0, 1.0, ry), (0.0, -1.0, ry)]
    if corner:
        reach = (rx + ry - min(rx, ry) * corner) * half
        across += [(x * half, y * half, reach) for x in (1, -1) for y in (1, -1)]
    small, planes = min(rx, ry), list[Plane]()
    rows, z, inset = ((46, 0.17), (38, 0.16), (26, 0.10)), 0.0, 0.0
    for degrees, wide in rows:
        steep = math.radians(degrees)
        for x, y, reach in across:
            normal = (x * math.sin(steep), y * math.sin(steep), math.cos(steep))
            planes.append((normal, (reach - inset) * math.sin(steep) + z * math.cos(steep)))
        inset += wide * small
        z += wide * small * math.tan(steep)
    planes += [((x, y, 0.0), reach) for x, y, reach in across]
    return [*planes, ((0.0, 0.0, 1.0), z)]


def _cut(planes: Sequence[Plane], size: float) -> list[tuple[Face, float]]:
    """What is left of a block, each face with how far it looks up."""
    s, low = size * 3, -size
    corners = [(x, y, z) for x in (-s, s) for y in (-s, s) for z in (low, s)]
    sides = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    faces = [([corners[number] for number in side], 0.0) for side in sides]
    for normal, distance in planes:
        kept: list[tuple[Face, float]] = []
        rim: list[Point] = []
        for face, up in faces:
            left = _clipped(face, normal, distance, rim)
            if len(left) > 2:
                kept.append((left, up))
        if len(rim) > 2:
            kept.append((_around(rim, normal), normal[2]))
        faces = kept
    return faces


def _clipped(face: Face, normal: Point, distance: float, rim: list[Point]) -> Face:
    left: Face = []
    depths = [normal[0] * x + normal[1] * y + normal[2] * z - distance for x, y, z in face]
    for number, point in enumerate(face):
        before, here = depths[number - 1], depths[number]
        if (before > 1e-9) != (here > 1e-9):
            share = before / (before - here)
            last = face[number - 1]
            met = tuple(a + share * (b - a) for a, b in zip(last, point, strict=True))
            left.append(met)  # type: ignore[arg-type]  # three of them
            rim.append(met)  # type: ignore[arg-type]
        if here <= 1e-9:
            left.append(point)
    return left


def _around(points: list[Point], normal: Point) -> Face:
    """The points in their order around a facet; each was met by both of its neighbours."""
    unique = list({tuple(round(part, 6) for part in point): point for point in points}.values())
    mid = tuple(sum(point[axis] for point in unique) / len(unique) for axis in range(3))
    other = (1.0, 0.0, 0.0) if abs(normal[0]) < 0.9 else (0.0, 1.0, 0.0)
    u = _cross(normal, other)
    v = _cross(normal, u)

    def turn(point: Point) -> float:
        away = tuple(a - b for a, b in zip(point, mid, strict=True))
        return math.atan2(
            sum(a * b for a, b in zip(away, v, strict=True)), sum(a * b for a, b in zip(away, u, strict=True))
        )

    return sorted(unique, key=turn)


def _edges(face: Face) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    flat = [(round(x, 3), round(y, 3)) for x, y, _z in face]
    pairs = [(min(a, b), max(a, b)) for a, b in zip(flat, [*flat[1:], flat[0]], strict=True) if a != b]
    return [pair for pair in pairs if math.dist(*pair) > 1e-3]


def _stretched(plane: Plane, rx: float, ry: float) -> Plane:
    (x, y, z), distance = plane
    x, y, z = x / rx, y / ry, z / (min(rx, ry) * 0.62 + math.sqrt(rx * ry) * 0.38)
    long = math.hypot(x, y, z)
    return (x / long, y / long, z / long), distance / long


def _support(points: Outline) -> Callable[[float], float]:
    """How far a shape reaches in a direction, from points of its outline."""
    return lambda turn: max(x * math.cos(turn) + y * math.sin(turn) for x, y in points)


def _superellipse(turn: float, power: float) -> float:
    dual = power / (power - 1)
    return float((abs(math.cos(turn)) ** dual + abs(math.sin(turn)) ** dual) ** (1 / dual))


def _cornered(cut: float) -> Outline:
    near = 1 - cut
    return [(x * a, y * b) for x in (1, -1) for y in (1, -1) for a, b in ((1, near), (near, 1))]


def _pointed(*, both: bool) -> Outline:
    """Two arcs that meet in a point, or one half of them and half an ellipse."""
    turns = [math.pi * number / 60 for number in range(61)]
    arcs = [(math.cos(turn), sign * math.sin(turn) ** 1.5) for turn in turns for sign in (1, -1)]
    if both:
        return arcs
    return [point for point in arcs if point[0] >= 0] + [(-math.sin(turn), math.cos(turn)) for turn in turns]


def _hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The outer points in their order."""
    ordered = sorted({(round(x, 3), round(y, 3)) for x, y in points})
    halves: list[list[tuple[float, float]]] = []
    for run in (ordered, ordered[::-1]):
        half: list[tuple[float, float]] = []
        for point in run:
            while len(half) > 1 and _left(half[-2], half[-1], point) <= 0:
                half.pop()
            half.append(point)
        halves.append(half[:-1])
    return halves[0] + halves[1]


def _left(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _cross(a: Point, b: Point) -> Point:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-0", "0") if abs(value) < 0.005 else f"{value:.2f}"
