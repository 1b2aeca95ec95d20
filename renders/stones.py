"""The stones as drawn: shape by outline, length, width and depth, and what they would weigh."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from renders import surface
from renders.bodies import Body
from renders.report import StoneReport
from renders.sorting import facets, species_by_words
from workflows.gems import GEMS, Shape
from workflows.units import CARAT_G

ROUND_UP_TO = 1.03  # length over width
SQUARE_UP_TO = 1.05
_MM3_PER_CM3 = 1000.0


@dataclass(frozen=True, slots=True)
class _Outline:
    """A stone seen from above: sides of its smallest rectangle and how it fills it."""

    length: float
    width: float
    fill: float  # area of the outline over that of the rectangle
    corners: int  # of the outline, after joining what hardly turns
    lopsided: float  # distance of the outline's centroid from the rectangle's middle, over the length


def describe_stones(bodies: Sequence[Body]) -> tuple[StoneReport, ...]:
    """One report per stone body, largest first; meshes in millimetres."""
    reports = [_describe(body) for body in bodies]
    return tuple(sorted(reports, key=lambda stone: -(stone.length_mm * stone.width_mm)))


def _describe(body: Body) -> StoneReport:
    vertices, faces = np.asarray(body.mesh.vertices, np.float64), np.asarray(body.mesh.faces, np.int64)
    table = table_normal(vertices, faces)
    outline = _outline(vertices, table)
    closed = surface.count_edges(faces).closed
    volume = abs(surface.signed_volume(vertices, faces)) if closed else None
    species = species_by_words(body.material, body.name, body.layer)
    return StoneReport(
        name=body.name,
        shape=_shape(outline).value,
        length_mm=round(outline.length, 3),
        width_mm=round(outline.width, 3),
        depth_mm=round(float(np.ptp(vertices @ table)), 3),
        volume_mm3=None if volume is None else round(volume, 4),
        estimated_ct_if_diamond=_carats(volume, "diamond"),
        species=species,
        estimated_ct=None if species is None else _carats(volume, species),
    )


def table_normal(vertices: NDArray[np.float64], faces: NDArray[np.int64]) -> NDArray[np.float64]:
    """The direction the table faces: that of the largest facet."""
    normal, area = surface.normals(vertices, faces)
    facet = facets(faces, normal)
    largest = facet == np.argmax(np.bincount(facet, area))
    direction = (normal[largest] * area[largest, None]).sum(axis=0)
    return np.asarray(direction / np.linalg.norm(direction), np.float64)


def _carats(volume_mm3: float | None, gem: str) -> float | None:
    if volume_mm3 is None:
        return None
    return round(volume_mm3 / _MM3_PER_CM3 * float(GEMS[gem].gravity) / float(CARAT_G), 4)


def _outline(vertices: NDArray[np.float64], table: NDArray[np.float64]) -> _Outline:
    """The outline across the table's normal, by the hull of the projected corners."""
    start = np.eye(3)[int(np.argmin(np.abs(table)))]
    right = np.cross(table, start)
    right /= np.linalg.norm(right)
    flat = np.column_stack([vertices @ right, vertices @ np.cross(table, right)])
    try:
        hull = flat[ConvexHull(flat).vertices]
    except QhullError:
        extents = np.sort(np.ptp(flat, axis=0))
        return _Outline(float(extents[1]), float(extents[0]), 1.0, 4, 0.0)
    sides = np.diff(np.vstack([hull, hull[:1]]), axis=0)
    turns = np.arctan2(sides[:, 1], sides[:, 0])
    cosine, sine = np.cos(turns)[:, None], np.sin(turns)[:, None]
    along = hull[:, 0] * cosine + hull[:, 1] * sine
    across = hull[:, 1] * cosine - hull[:, 0] * sine
    lengths, widths = np.ptp(along, axis=1), np.ptp(across, axis=1)
    best = int(np.argmin(lengths * widths))  # a rectangle of least area lies along one side of the hull
    length, width = sorted((float(lengths[best]), float(widths[best])), reverse=True)
    area, centroid = _centroid(hull)
    middle = np.array([along[best].max() + along[best].min(), across[best].max() + across[best].min()]) / 2
    turn = np.array([[np.cos(turns[best]), np.sin(turns[best])], [-np.sin(turns[best]), np.cos(turns[best])]])
    lopsided = float(np.linalg.norm(turn @ centroid - middle)) / length
    return _Outline(length, width, area / (length * width), _corners(sides), lopsided)


def _centroid(hull: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    following = np.roll(hull, -1, axis=0)
    cross = hull[:, 0] * following[:, 1] - following[:, 0] * hull[:, 1]
    area = float(cross.sum()) / 2
    return area, ((hull + following) * cross[:, None]).sum(axis=0) / (6 * area)


def _corners(sides: NDArray[np.float64]) -> int:
    """How many sides a person would count: those longer than a twentieth of the way round."""
    lengths = np.linalg.norm(sides, axis=1)
    directions = np.arctan2(sides[:, 1], sides[:, 0])
    long = lengths > 0.05 * lengths.sum()
    return len(np.unique(np.round(directions[long], 1))) if lengths[long].sum() > 0.9 * lengths.sum() else 0


def _shape(outline: _Outline) -> Shape:
    """The shape by its outline alone; what cutting it has, a person says."""
    ratio = outline.length / outline.width
    if outline.corners == 3:
        return Shape.TRILLION
    if outline.corners == 4 and outline.fill > 0.97:
        return Shape.PRINCESS if ratio <= SQUARE_UP_TO else Shape.BAGUETTE
    if outline.corners == 4 and outline.fill > 0.75:
        return Shape.TAPERED_BAGUETTE
    if outline.corners == 8 and outline.fill > 0.85:
        return Shape.ASSCHER if ratio <= SQUARE_UP_TO else Shape.EMERALD
    if outline.lopsided > 0.03:
        return Shape.PEAR
    if outline.fill > 0.82:
        return Shape.CUSHION
    if outline.fill < 0.74:
        return Shape.MARQUISE if ratio > 1.4 else Shape.OTHER
    return Shape.ROUND if ratio <= ROUND_UP_TO else Shape.OVAL
