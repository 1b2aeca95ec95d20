"""Rings with known truth, made from formulas. Millimetres; the finger's axis is Y, the head is up at +Z."""

from dataclasses import dataclass
from math import cos, pi, radians, sin, tan

import manifold3d
import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, HalfspaceIntersection
from trimesh import Trimesh

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ring:
    """A ring and what is true of it; `bore_mm` is that of its facets, not of the circle they stand for."""

    metal: tuple[tuple[str, Trimesh], ...]
    stones: tuple[tuple[str, Trimesh], ...]
    bore_mm: float | None

    @property
    def parts(self) -> dict[str, Trimesh]:
        """All parts by name."""
        return dict((*self.metal, *self.stones))

    def soup(self) -> Trimesh:
        """All parts as one mesh without names."""
        return trimesh.util.concatenate([mesh.copy() for mesh in self.parts.values()])

    def moved(self, matrix: Array) -> "Ring":
        """The same ring in another pose."""

        def move(parts: tuple[tuple[str, Trimesh], ...]) -> tuple[tuple[str, Trimesh], ...]:
            return tuple((name, mesh.copy().apply_transform(matrix)) for name, mesh in parts)

        return Ring(move(self.metal), move(self.stones), self.bore_mm)


def any_pose(seed: int) -> Array:
    """A rotation about any axis and a shift of up to some centimetres."""
    chance = np.random.default_rng(seed)
    matrix = np.asarray(trimesh.transformations.random_rotation_matrix(chance.random(3)))
    matrix[:3, 3] = chance.normal(0, 20, 3)
    return matrix


def loft(sections: Array) -> Trimesh:
    """Sections (n, m, 3) joined all the way round: a closed surface like a torus."""
    count, around, _ = sections.shape
    i, j = np.arange(count)[:, None], np.arange(around)[None, :]
    a, b = i * around + j, ((i + 1) % count) * around + j
    c, d = ((i + 1) % count) * around + (j + 1) % around, i * around + (j + 1) % around
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    mesh = Trimesh(sections.reshape(-1, 3), faces, process=False)
    if mesh.volume < 0:
        mesh.invert()
    return mesh


def section(kind: str, width: float, thickness: float) -> Array:
    """The cross-section of a band, (m, 2): outwards from the finger (0 at its innermost) and along the axis."""
    turn = np.linspace(0, 2 * pi, 64, endpoint=False)
    out, along = np.cos(turn), np.sin(turn)
    if kind == "flat":
        power = 8.0
    elif kind == "comfort":
        power = 2.6
    elif kind == "D":
        outer = np.linspace(-pi / 2, pi / 2, 40)
        inner = np.linspace(width / 2 - 0.1, -width / 2 + 0.1, 21)
        return np.concatenate(
            [
                np.column_stack([0.2 + (thickness - 0.2) * np.cos(outer), width / 2 * np.sin(outer)]),
                np.column_stack([np.zeros(21), inner]),
            ]
        )
    else:
        raise ValueError(kind)
    rounded = np.column_stack(
        [
            thickness / 2 * (1 + np.sign(out) * np.abs(out) ** (2 / power)),
            width / 2 * np.sign(along) * np.abs(along) ** (2 / power),
        ]
    )
    return np.asarray(rounded, np.float64)


def band(
    bore_mm: float = 17.3,
    width: float = 4.0,
    thickness: float = 1.8,
    kind: str = "comfort",
    *,
    top_width: float | None = None,
    top_thickness: float | None = None,
    segments: int = 360,
) -> Trimesh:
    """A closed band of any section, tapering towards the top where told."""
    profile = section(kind, width, thickness)
    turn = np.linspace(0, 2 * pi, segments, endpoint=False)
    share = (1 + np.cos(turn)) / 2
    wide = 1 + ((top_width or width) / width - 1) * share
    thick = 1 + ((top_thickness or thickness) / thickness - 1) * share
    radius = bore_mm / 2 + profile[None, :, 0] * thick[:, None]
    along = profile[None, :, 1] * wide[:, None]
    return loft(np.stack([radius * np.sin(turn)[:, None], along, radius * np.cos(turn)[:, None]], -1))


def faceted_bore(bore_mm: float, segments: int = 360) -> float:
    """The inner diameter of the polygon that stands for a circle of `bore_mm`."""
    return bore_mm * cos(pi / segments)


def plain(bore_mm: float = 17.3, kind: str = "comfort", segments: int = 360, **shape: float) -> Ring:
    """A band alone."""
    mesh = band(bore_mm, kind=kind, segments=segments, **shape)
    return Ring((("shank", mesh),), (), faceted_bore(bore_mm, segments))


def split_shank(bore_mm: float = 17.3) -> Ring:
    """Two bands that part towards the head and are one below."""
    halves = []
    for side in (1, -1):
        mesh = band(bore_mm, 1.2, 1.6, "flat")
        vertices = np.array(mesh.vertices)
        turn = np.arctan2(vertices[:, 0], vertices[:, 2])
        vertices[:, 1] += side * (0.54 + ((1 + np.cos(turn)) / 2) ** 2)
        halves.append(Trimesh(vertices, mesh.faces, process=False))
    return Ring((("shank", union(halves)),), (), faceted_bore(bore_mm))


def signet(bore_mm: float = 19.8) -> Ring:
    """A band with a round plate on top, bored through."""
    shank = band(bore_mm, 4.0, 1.6, "flat", top_width=12.0, top_thickness=3.0)
    plate = trimesh.creation.cylinder(radius=7, height=3.2, sections=96)
    plate.apply_translation([0, 0, bore_mm / 2 + 2.2])
    along_y = trimesh.transformations.rotation_matrix(pi / 2, [1, 0, 0])
    hole = trimesh.creation.cylinder(radius=bore_mm / 2, height=40, sections=720, transform=along_y)
    whole = solid(union([shank, plate])) - solid(hole)
    return Ring((("signet", _mesh(whole)),), (), faceted_bore(bore_mm, 720))


def solitaire(bore_mm: float = 17.3, stone_mm: float = 6.5, claws: int = 6, pave: int = 0, segments: int = 360) -> Ring:
    """A tapered band, a round brilliant between claws on a gallery, `pave` small stones on each shoulder."""
    top = bore_mm / 2 + 1.6
    girdle = top + 2.2 + stone_mm / 8
    half = stone_mm / 2
    shank = band(bore_mm, 2.2, 1.7, "D", top_width=1.9, top_thickness=1.6, segments=segments)
    metal = [("Shank", shank), ("Gallery", torus(half * 0.62, 0.42, girdle - half * 0.62))]
    metal.append(("Peg", torus(half * 0.36, 0.5, top - 0.25)))
    for number in range(claws):
        turn = 2 * pi * (number + 0.5) / claws
        metal.append((f"Claw {number + 1}", claw(turn, half, top, girdle)))
    stones = [("Stone centre", brilliant(stone_mm).apply_translation([0, 0, girdle]))]
    for side in (-1, 1):
        for number in range(pave):
            turn = side * (0.42 + number * 0.14)
            small = brilliant(1.3, girdle_facets=32).apply_translation([0, 0, top + 0.2])
            small.apply_transform(trimesh.transformations.rotation_matrix(turn, [0, 1, 0]))
            stones.append((f"Stone pave {'left' if side < 0 else 'right'} {number + 1}", small))
    return Ring(tuple(metal), tuple(stones), faceted_bore(bore_mm, segments))


def torus(radius: float, thickness: float, height: float, segments: int = 72, around: int = 24) -> Trimesh:
    """A wire ring of radius `thickness`, level, at `height`."""
    turn = np.linspace(0, 2 * pi, segments, endpoint=False)[:, None]
    small = np.linspace(0, 2 * pi, around, endpoint=False)[None, :]
    out = radius + thickness * np.cos(small)
    up = np.broadcast_to(height + thickness * np.sin(small), (segments, around))
    return loft(np.stack([out * np.cos(turn), out * np.sin(turn), up], -1))


def claw(turn: float, half: float, top: float, girdle: float) -> Trimesh:
    """A claw leaning outwards from the gallery and over the girdle."""
    outwards = np.array([cos(turn), sin(turn), 0.0])
    out = [half * 0.3, half * 0.75, half + 0.22, half * 0.9]
    up = [top - 0.5, girdle - half * 0.75, girdle, girdle + 0.7]
    way = np.linspace(0, 3, 25)
    chain = np.interp(way, range(4), out)[:, None] * outwards
    chain[:, 2] = np.interp(way, range(4), up)
    spheres = [solid(trimesh.creation.icosphere(2, 0.42).apply_translation(point)) for point in chain]
    rods = [manifold3d.Manifold.batch_hull(list(pair)) for pair in zip(spheres, spheres[1:], strict=False)]
    return _mesh(manifold3d.Manifold.batch_boolean(rods, manifold3d.OpType.Add))


def from_planes(normals: list[Array], distances: list[float]) -> Trimesh:
    """The convex body inside planes that surround the origin."""
    unit = np.array(normals, np.float64)
    unit /= np.linalg.norm(unit, axis=1)[:, None]
    points = HalfspaceIntersection(np.column_stack([unit, -np.array(distances)]), np.zeros(3)).intersections
    points = np.unique(np.round(points, 7), axis=0)
    mesh = Trimesh(points, ConvexHull(points).simplices, process=False)
    mesh.fix_normals()
    return mesh


def brilliant(diameter: float = 6.5, girdle_facets: int = 96) -> Trimesh:
    """A round brilliant: table 57 %, crown 34.5°, pavilion 40.75°, girdle 3 %; 57 facets and the girdle's."""
    table, star, lower, girdle = 0.57, 0.5, 0.77, 0.03
    crown, pavilion = radians(34.5), radians(40.75)
    top, tilt = girdle + tan(crown) * (1 - table), cos(pi / 8)
    star_out = table * tilt + (1 - table * tilt) * star
    star_up = girdle + tan(crown) * (1 - star_out * tilt)
    culet = -girdle - tan(pavilion)
    lower_out = 1 - lower
    lower_up = culet + tan(pavilion) * lower_out * tilt
    normals: list[Array] = [np.array([0.0, 0.0, 1.0])]
    distances = [top]

    def at(turn: float, out: float, up: float) -> Array:
        return np.array([out * cos(turn), out * sin(turn), up])

    def plane(one: Array, two: Array, three: Array) -> None:
        normal = np.cross(two - one, three - one)
        normal /= np.linalg.norm(normal)
        distance = float(normal @ one)
        normals.append(normal if distance > 0 else -normal)
        distances.append(abs(distance))

    eighth = pi / 8
    for number in range(8):
        turn = number * pi / 4
        for angle, sign in ((crown, 1), (pavilion, -1)):
            main = np.array([sin(angle) * cos(turn), sin(angle) * sin(turn), sign * cos(angle)])
            normals.append(main)
            distances.append(float(main @ at(turn, 1, sign * girdle)))
        plane(at(turn, table, top), at(turn + 2 * eighth, table, top), at(turn + eighth, star_out, star_up))
        for side in (-eighth, eighth):
            plane(at(turn, 1, girdle), at(turn + side, 1, girdle), at(turn + side, star_out, star_up))
            plane(at(turn, 1, -girdle), at(turn + side, 1, -girdle), at(turn + side, lower_out, lower_up))
    for number in range(girdle_facets):
        turn = 2 * pi * (number + 0.5) / girdle_facets
        normals.append(at(turn, 1, 0))
        distances.append(cos(pi / girdle_facets))
    return from_planes(normals, distances).apply_scale(diameter / 2)


def oval(length: float = 8.1, width: float = 6.3) -> Trimesh:
    """A brilliant stretched to an oval."""
    return brilliant(width).apply_scale([length / width, 1, 1])


def step_cut(length: float = 8.0, width: float = 6.0, corner: float = 0.18) -> Trimesh:
    """An emerald cut with cut corners (none at `corner` 0: a baguette), two steps above and three below."""
    sides = [((1.0, 0.0), length / 2), ((-1.0, 0.0), length / 2), ((0.0, 1.0), width / 2), ((0.0, -1.0), width / 2)]
    if corner:
        slant = 0.5**0.5
        far = (length / 2 + width / 2) * slant - corner * width * slant
        sides += [((x * slant, y * slant), far) for x in (1, -1) for y in (1, -1)]
    normals: list[Array] = [np.array([0.0, 0.0, 1.0])]
    distances = [0.19 * width]
    for (x, y), out in sides:
        normals.append(np.array([x, y, 0.0]))
        distances.append(out)
        for angle, inset, up in ((48, 0.0, 0.02), (32, 0.09, 0.02 + 0.09 * tan(radians(48)))):
            _slope(normals, distances, (x, y, 1), angle, out - inset * width, up * width)
        for angle, inset, down in ((60, 0.0, 0.02), (46, 0.12, 0.2), (38, 0.26, 0.34)):
            _slope(normals, distances, (x, y, -1), angle, out - inset * width, -down * width)
    return from_planes(normals, distances)


def _slope(
    normals: list[Array], distances: list[float], way: tuple[float, float, int], angle: float, out: float, up: float
) -> None:
    x, y, sign = way
    lean = radians(angle)
    normal = np.array([x * sin(lean), y * sin(lean), sign * cos(lean)])
    normals.append(normal)
    distances.append(float(normal @ np.array([x * out, y * out, up])))


def solid(mesh: Trimesh) -> manifold3d.Manifold:
    """The mesh for boolean operations."""
    return manifold3d.Manifold(manifold3d.Mesh64(np.array(mesh.vertices, np.float64), np.array(mesh.faces, np.uint64)))


def union(meshes: list[Trimesh]) -> Trimesh:
    """One mesh of several that overlap."""
    return _mesh(manifold3d.Manifold.batch_boolean([solid(mesh) for mesh in meshes], manifold3d.OpType.Add))


def _mesh(whole: manifold3d.Manifold) -> Trimesh:
    made = whole.to_mesh64()
    return Trimesh(made.vert_properties[:, :3], made.tri_verts.astype(np.int64), process=False)
