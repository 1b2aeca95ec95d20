"""Light inside a convex faceted stone: every facet a plane, refraction, total reflection, colour and fire.

A ray is followed through the stone once; where some of it leaves, red, green and blue leave by their own
refractive index and so in their own direction, which is what makes fire.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from renders.materials import Optics

Floats = NDArray[np.float32]
Indices = NDArray[np.int16]
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


def gem(corners: NDArray[np.floating], optics: Optics) -> Gem | None:
    """The planes of a faceted stone from its triangles (n, 3, 3), or None when it is rounded or has hollows."""
    corners = np.asarray(corners, np.float64)
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


def fresnel(cos_in: Floats, cos_out: Floats, index_in: Floats | float, index_out: Floats | float) -> Floats:
    """Share of unpolarised light reflected at a boundary, from the cosines on both sides."""
    across = (index_in * cos_in - index_out * cos_out) / (index_in * cos_in + index_out * cos_out)
    along = (index_in * cos_out - index_out * cos_in) / (index_in * cos_out + index_out * cos_in)
    return np.asarray(0.5 * (across * across + along * along), np.float32)


def trace(
    gems: Sequence[Gem], which: Indices, points: Floats, directions: Floats, normals: Floats, leaving: Leaving
) -> Floats:
    """Radiance (n, 3) that reaches the eye through the stones, without the gloss of their outside.

    Args:
        which: the stone (n,) each of the eye's rays enters, in ascending order.
        points: where the rays (n, 3) enter, through facets with outward `normals`.
        leaving: given points (m, 3) just outside and directions (3 channels, m, 3), the radiance (m, 3) that
            comes from there.
    """
    refraction = np.array([gem.indices for gem in gems], np.float32)
    absorption = np.array([gem.absorption for gem in gems], np.float32)
    mean = refraction[which, 1]
    cos_in = np.clip(-np.einsum("ij,ij->i", directions, normals), 0, 1)
    ratio = 1 / mean
    cos_out = np.sqrt(1 - ratio * ratio * (1 - cos_in * cos_in))
    weight = np.repeat((1 - fresnel(cos_in, cos_out, 1.0, mean))[:, None], 3, axis=1)
    direction = ratio[:, None] * directions + (ratio * cos_in - cos_out)[:, None] * normals
    light = np.zeros_like(points)
    active = np.arange(len(points))
    point = points
    for _ in range(BOUNCES):
        length, normal = _across(gems, which, point, direction)
        point = point + length[:, None] * direction
        weight = weight * np.exp(-length[:, None] * absorption[which])
        cos_in = np.einsum("ij,ij->i", direction, normal)
        reflected, ways = _boundary(refraction[which], direction, normal, cos_in)
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
        active, which, point = active[keep], which[keep], point[keep]
        direction, weight = direction[keep], weight[keep]
    return light


def _across(gems: Sequence[Gem], which: Indices, points: Floats, directions: Floats) -> tuple[Floats, Floats]:
    """Length of each ray's way through its stone, and the outward normal of the facet it ends on."""
    length, normal = np.empty(len(points), np.float32), np.empty_like(points)
    limits = np.searchsorted(which, np.arange(len(gems) + 1))
    for gem, first, last in zip(gems, limits, limits[1:], strict=False):
        if first == last:
            continue
        block = max(1, _CACHED // len(gem.offsets))
        across = np.ascontiguousarray(gem.normals.T)
        for start in range(first, last, block):
            part = slice(start, min(start + block, last))
            approach, gap = directions[part] @ across, points[part] @ across
            np.subtract(gem.offsets, gap, out=gap)
            np.maximum(gap, np.float32(1e-9), out=gap)
            # the facet reached first has the largest approach per gap; receding facets are below zero
            np.divide(approach, gap, out=approach)
            facet = approach.argmax(axis=1)
            length[part] = 1 / np.maximum(approach[np.arange(len(facet)), facet], _PARALLEL)
            normal[part] = gem.normals[facet]
    return length, normal


def _boundary(refraction: Floats, direction: Floats, normal: Floats, cos_in: Floats) -> tuple[Floats, Floats]:
    """Share reflected inwards (n, 3) and the directions of what leaves (3 channels, n, 3)."""
    squared = 1 - refraction * refraction * (1 - cos_in * cos_in)[:, None]
    cos_out = np.sqrt(np.maximum(squared, 0))
    reflected = np.where(squared > 0, fresnel(cos_in[:, None], cos_out, refraction, 1.0), np.float32(1))
    bend = cos_out - refraction * cos_in[:, None]
    ways = np.empty((3, len(direction), 3), np.float32)
    for channel in range(3):
        ways[channel] = refraction[:, channel, None] * direction + bend[:, channel, None] * normal
    return np.asarray(reflected, np.float32), ways
