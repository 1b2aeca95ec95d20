"""Light inside a convex faceted stone: every facet a plane, refraction, total reflection, colour and fire.

A ray is followed through the stone once; where some of it leaves, red, green and blue leave by their own
refractive index and so in their own direction, which is what makes fire.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from trimesh import Trimesh

from renders.materials import Optics

Floats = NDArray[np.float32]
Leaving = Callable[[Floats, Floats], Floats]

MOST_FACETS = 500  # a smoother surface is a cabochon or a bead, not a faceted stone
BOUNCES = 8
NEGLIGIBLE = 0.03
_PARALLEL = 1e-7
_CACHED = 80_000  # products of a block: they stay in the cache and wake no BLAS threads


@dataclass(frozen=True, slots=True)
class Gem:
    """A convex stone as planes `normals @ x = offsets` (k, 3) and (k,), in millimetres."""

    normals: Floats
    offsets: Floats
    indices: tuple[float, float, float]
    absorption: Floats  # per millimetre and channel
    glow: Floats  # the colour of the stone from afar, for reflections of it

    def moved(self, by: NDArray[np.float64]) -> "Gem":
        """The same stone shifted by `by` millimetres."""
        offsets = (self.offsets + self.normals @ by).astype(np.float32)
        return Gem(self.normals, offsets, self.indices, self.absorption, self.glow)


def gem(mesh: Trimesh, optics: Optics) -> Gem | None:
    """The planes of a faceted stone, or None when its shape is rounded or has hollows."""
    corners = np.asarray(mesh.vertices, np.float64)[mesh.faces]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(cross, axis=1)
    sound = area > 1e-9
    if not sound.any():
        return None
    normals = cross[sound] / area[sound, None]
    centre = corners.reshape(-1, 3).mean(axis=0)
    offsets = np.einsum("ij,ij->i", normals, corners[sound, 0] - centre)
    if offsets.mean() < 0:  # wound inside out
        normals, offsets = -normals, -offsets
    size = float(np.ptp(corners.reshape(-1, 3), axis=0).max())
    chosen = _distinct(normals, offsets / size, area[sound])
    if len(chosen) > MOST_FACETS or len(chosen) < 4:
        return None
    normals, offsets = normals[chosen], offsets[chosen]
    outside = (corners.reshape(-1, 3) - centre) @ normals.T - offsets
    if outside.max() > 0.02 * size:
        return None
    width = float(np.sort(np.ptp(corners.reshape(-1, 3), axis=0))[1])
    return Gem(
        normals.astype(np.float32),
        (offsets + normals @ centre).astype(np.float32),
        optics.indices,
        optics.absorption(width),
        np.asarray(optics.transmission, np.float32),
    )


def _distinct(
    normals: NDArray[np.float64], offsets: NDArray[np.float64], area: NDArray[np.float64]
) -> NDArray[np.intp]:
    """The largest triangle of every plane; planes closer than half a degree count as one."""
    chosen: list[np.intp] = []
    left = np.argsort(-area, kind="stable")
    while len(left) and len(chosen) <= MOST_FACETS:
        first = left[0]
        chosen.append(first)
        same = normals[left] @ normals[first] > np.cos(np.radians(0.5))
        same &= np.abs(offsets[left] - offsets[first]) < 2e-3
        left = left[~same]
    return np.array(chosen, np.intp)


def facets_facing(gem: Gem, normals: Floats) -> NDArray[np.intp]:
    """The facet (n,) whose direction is nearest to each of `normals` (n, 3)."""
    block = max(1, _CACHED // len(gem.offsets))
    parts = [normals[at : at + block] @ gem.normals.T for at in range(0, len(normals), block)]
    return np.concatenate([part.argmax(axis=1) for part in parts]) if parts else np.empty(0, np.intp)


def fresnel(cos_in: Floats, cos_out: Floats, index_in: float, index_out: float) -> Floats:
    """Share of unpolarised light reflected at a boundary, from the cosines on both sides."""
    across = (index_in * cos_in - index_out * cos_out) / (index_in * cos_in + index_out * cos_out)
    along = (index_in * cos_out - index_out * cos_in) / (index_in * cos_out + index_out * cos_in)
    return np.asarray(0.5 * (across * across + along * along), np.float32)


def trace(gem: Gem, points: Floats, directions: Floats, facets: NDArray[np.intp], leaving: Leaving) -> Floats:
    """Radiance (n, 3) that reaches the eye through the stone, without the gloss of its outside.

    Args:
        points: where the eye's rays (n, 3) enter, on facet `facets`.
        leaving: given points (m, 3) just outside and directions (3 channels, m, 3), the radiance (m, 3) that
            comes from there.
    """
    mean = gem.indices[1]
    normal = gem.normals[facets]
    cos_in = np.clip(-np.einsum("ij,ij->i", directions, normal), 0, 1)
    ratio = np.float32(1 / mean)
    cos_out = np.sqrt(1 - ratio * ratio * (1 - cos_in * cos_in))
    weight = np.repeat((1 - fresnel(cos_in, cos_out, 1.0, mean))[:, None], 3, axis=1)
    direction = ratio * directions + (ratio * cos_in - cos_out)[:, None] * normal
    light = np.zeros_like(points)
    active = np.arange(len(points))
    point = points
    for _ in range(BOUNCES):
        length, facet = _across(gem, point, direction)
        point = point + length[:, None] * direction
        weight = weight * np.exp(-length[:, None] * gem.absorption)
        normal = gem.normals[facet]
        cos_in = np.einsum("ij,ij->i", direction, normal)
        reflected, ways = _boundary(gem, direction, normal, cos_in)
        out = weight * (1 - reflected)
        bright = np.flatnonzero(out.max(axis=1) > NEGLIGIBLE)
        if len(bright):
            light[active[bright]] += out[bright] * leaving(
                point[bright] + normal[bright] * np.float32(1e-3), ways[:, bright]
            )
        weight = weight * reflected
        direction = direction - 2 * cos_in[:, None] * normal
        keep = np.flatnonzero(weight.max(axis=1) > NEGLIGIBLE)
        if not len(keep):
            break
        active, point, direction, weight = active[keep], point[keep], direction[keep], weight[keep]
    return light


def _across(gem: Gem, points: Floats, directions: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Length of the way through the stone to the facet it ends on."""
    count, facets = len(points), len(gem.offsets)
    length, facet = np.empty(count, np.float32), np.empty(count, np.intp)
    block = max(1, _CACHED // facets)
    approach, gap = (np.empty((block, facets), np.float32) for _ in range(2))
    across = np.ascontiguousarray(gem.normals.T)
    for start in range(0, count, block):
        part = slice(start, min(start + block, count))
        rows = part.stop - start
        a, g = approach[:rows], gap[:rows]
        np.dot(directions[part], across, out=a)
        np.dot(points[part], across, out=g)
        np.subtract(gem.offsets, g, out=g)
        np.maximum(g, 1e-9, out=g)
        # the facet reached first has the largest approach per gap; receding facets are below zero
        np.divide(a, g, out=a)
        best = a.argmax(axis=1)
        facet[part] = best
        length[part] = 1 / np.maximum(a[np.arange(rows), best], _PARALLEL)
    return length, facet


def _boundary(gem: Gem, direction: Floats, normal: Floats, cos_in: Floats) -> tuple[Floats, Floats]:
    """Share reflected inwards (n, 3) and the directions of what leaves (3 channels, n, 3)."""
    reflected = np.ones((len(direction), 3), np.float32)
    ways = np.empty((3, len(direction), 3), np.float32)
    for channel, index in enumerate(gem.indices):
        squared = 1 - index * index * (1 - cos_in * cos_in)
        free = squared > 0
        cos_out = np.sqrt(np.maximum(squared, 0)).astype(np.float32)
        reflected[free, channel] = fresnel(cos_in[free], cos_out[free], index, 1.0)
        ways[channel] = index * direction + (cos_out - index * cos_in)[:, None] * normal
    return reflected, ways
