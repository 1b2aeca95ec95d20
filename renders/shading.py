"""The light a ray brings back from the piece: polished metal with its own reflections, traced stones, ground."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from renders.light import Light
from renders.materials import Metal
from renders.scene import Scene
from renders.tracing import fresnel, trace

Floats = NDArray[np.float32]
Indices = NDArray[np.int32]

REFLECTIONS = 2  # how often metal is seen in metal before the rest is estimated
UNSEEN = np.float32(0.75)  # share of the studio left after reflections that are not followed
LIFT_MM = np.float32(2e-3)  # a ray starts this far off the surface it leaves
TOO_NEAR_MM = 0.05  # a polished curve is made of flat triangles: what is met nearer is the curve itself


@dataclass(frozen=True, slots=True)
class Shading:
    """How one scene looks in one metal under one light, seen with the studio turned by `azimuth_deg`."""

    scene: Scene
    metal: Metal
    light: Light
    azimuth_deg: float

    def seen(self, origin: Floats, directions: Floats, triangles: Indices) -> Floats:
        """Radiance (n, 3) along rays from `origin` (3,) that are known to meet `triangles` (n,)."""
        scene = self.scene
        corner, flat = scene.corners[triangles, 0], scene.flat[triangles]
        slope = np.einsum("ij,ij->i", directions, flat)
        slope = np.where(np.abs(slope) < 1e-6, np.float32(-1e-6), slope)
        distance = np.einsum("ij,ij->i", corner - origin, flat) / slope
        points = origin + np.clip(distance, 0, 1e4)[:, None] * directions
        radiance: Floats = np.empty((len(points), 3), np.float32)
        marks = scene.stone[triangles]
        on_metal = np.flatnonzero(marks < 0)
        radiance[on_metal] = self.metal_radiance(points[on_metal], directions[on_metal], triangles[on_metal])
        on_stone = np.flatnonzero(marks >= 0)
        on_stone = on_stone[np.argsort(marks[on_stone], kind="stable")]
        if len(on_stone):
            radiance[on_stone] = self.stone_radiance(points[on_stone], directions[on_stone], triangles[on_stone])
        return radiance

    def metal_radiance(self, points: Floats, directions: Floats, triangles: Indices, depth: int = 0) -> Floats:
        """Radiance (n, 3) that polished metal at `points` sends back along `directions`."""
        normal, flat = self._normals(points, directions, triangles)
        cosine = np.clip(-np.einsum("ij,ij->i", directions, normal), 0, 1)
        base = np.asarray(self.metal.reflectance, np.float32)
        share = base + (1 - base) * ((1 - cosine) ** 5)[:, None]
        away = directions + 2 * cosine[:, None] * normal
        sunk = np.minimum(np.einsum("ij,ij->i", away, flat) - np.float32(0.02), 0)
        away = _unit(away - sunk[:, None] * flat)  # a smoothed normal must not send light into the metal
        return np.asarray(share * self.arriving(points + LIFT_MM * flat, away, depth), np.float32)

    def arriving(self, points: Floats, directions: Floats, depth: int = 0) -> Floats:
        """Radiance (n, 3) that arrives at `points` from `directions`: the piece itself, else the studio."""
        radiance = self.light.metal.radiance(directions, self.azimuth_deg)
        triangles, distance = self.scene.rays.first(points, directions)
        met = np.flatnonzero((triangles >= 0) & (distance > TOO_NEAR_MM))
        if not len(met):
            return radiance
        at = points[met] + distance[met, None] * directions[met]
        radiance[met] = self._second_hand(at, directions[met], triangles[met], depth)
        return radiance

    def stone_radiance(self, points: Floats, directions: Floats, triangles: Indices) -> Floats:
        """Radiance (n, 3) from stones, rays in the stones' order: their gloss, and what comes through them."""
        marks = self.scene.stone[triangles]
        normal, flat = self._normals(points, directions, triangles)
        cosine = np.clip(-np.einsum("ij,ij->i", directions, normal), 1e-3, 1)
        index = np.array([stone.optics.index for stone in self.scene.stones], np.float32)[marks]
        inner = np.sqrt(1 - (1 - cosine * cosine) / (index * index))
        gloss = fresnel(cosine, inner, 1.0, index)[:, None]
        away = directions + 2 * cosine[:, None] * normal
        outside = self._from_stone(points + LIFT_MM * flat, np.stack([away] * 3))
        gems = [stone.gem for stone in self.scene.stones if stone.gem is not None]
        number = np.cumsum([stone.gem is not None for stone in self.scene.stones]) - 1
        clear = np.array([stone.gem is not None for stone in self.scene.stones])[marks]
        body = np.empty_like(points)
        cut, matt = np.flatnonzero(clear), np.flatnonzero(~clear)
        if len(cut):
            which = number[marks[cut]].astype(np.int16)
            body[cut] = trace(gems, which, points[cut], directions[cut], flat[cut], self._from_stone)
        if len(matt):
            colours = np.array([stone.optics.transmission for stone in self.scene.stones], np.float32)
            body[matt] = (1 - gloss[matt]) * colours[marks[matt]] * self._diffuse(normal[matt])
        return np.asarray(gloss * outside + body, np.float32)

    def _from_stone(self, points: Floats, ways: Floats) -> Floats:
        """Radiance (n, 3) for light leaving a stone: fire in the studio's lights, plain colour in the metal."""
        radiance = np.empty_like(points)
        triangles, distance = self.scene.rays.first(points, ways[1])
        free = np.flatnonzero(triangles < 0)
        for channel in range(3):
            texels = self.light.stone.texels(ways[channel, free], self.azimuth_deg)
            radiance[free, channel] = self.light.stone.table[:, channel].take(texels)
        met = np.flatnonzero(triangles >= 0)
        at = points[met] + distance[met, None] * ways[1, met]
        radiance[met] = self._second_hand(at, ways[1, met], triangles[met], REFLECTIONS)
        return radiance

    def _second_hand(self, points: Floats, directions: Floats, triangles: Indices, depth: int) -> Floats:
        """What is seen of the piece in the piece itself."""
        marks = self.scene.stone[triangles]
        radiance = np.empty_like(points)
        on_metal = np.flatnonzero(marks < 0)
        if depth + 1 >= REFLECTIONS:
            chosen = triangles[on_metal]
            normal = self.scene.normals[chosen, 0]
            slope = np.einsum("ij,ij->i", directions[on_metal], normal)[:, None]
            away = directions[on_metal] - 2 * slope * normal
            base = np.asarray(self.metal.reflectance, np.float32)
            radiance[on_metal] = base * UNSEEN * self.light.metal.radiance(away, self.azimuth_deg)
        else:
            radiance[on_metal] = self.metal_radiance(
                points[on_metal], directions[on_metal], triangles[on_metal], depth + 1
            )
        on_stone = np.flatnonzero(marks >= 0)
        if len(on_stone):
            colours = np.array([stone.optics.transmission for stone in self.scene.stones], np.float32)
            normal = self.scene.flat[triangles[on_stone]]
            away = directions[on_stone] - 2 * np.einsum("ij,ij->i", directions[on_stone], normal)[:, None] * normal
            gloss = self.light.metal.radiance(away, self.azimuth_deg)
            through = self.light.stone.radiance(np.abs(normal), self.azimuth_deg)
            radiance[on_stone] = 0.1 * gloss + colours[marks[on_stone]] * (0.15 + 0.5 * through)
        return radiance

    def _diffuse(self, normal: Floats) -> Floats:
        """Light a matt surface would return: bright above, the ground's light below."""
        share = (normal[:, 2:3] * 0.5 + 0.5).astype(np.float32)
        return np.asarray(self.light.above * share + self.light.floor * (1 - share), np.float32)

    def _normals(self, points: Floats, directions: Floats, triangles: Indices) -> tuple[Floats, Floats]:
        """Polished normals at the points and flat ones, both turned towards where the rays came from."""
        corners, normals = self.scene.corners[triangles], self.scene.normals[triangles]
        weights = _weights(points, corners)
        smooth = np.einsum("ij,ijk->ik", weights, normals)
        flat = self.scene.flat[triangles]
        facing = np.where(np.einsum("ij,ij->i", directions, flat) > 0, np.float32(-1), np.float32(1))[:, None]
        smooth, flat = _unit(smooth * facing), flat * facing
        behind = np.maximum(np.einsum("ij,ij->i", directions, smooth) + np.float32(0.02), 0)
        return _unit(smooth - behind[:, None] * directions), flat


def _weights(points: Floats, corners: Floats) -> Floats:
    """Barycentric weights (n, 3) of points in their triangles, kept inside."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    offset = points - corners[:, 0]
    aa, ab, bb = (np.einsum("ij,ij->i", p, q) for p, q in ((first, first), (first, second), (second, second)))
    pa, pb = np.einsum("ij,ij->i", offset, first), np.einsum("ij,ij->i", offset, second)
    area = np.maximum(aa * bb - ab * ab, np.float32(1e-20))
    v, w = (bb * pa - ab * pb) / area, (aa * pb - ab * pa) / area
    weights = np.clip(np.stack([1 - v - w, v, w], axis=1), 0, 1)
    return np.asarray(weights / np.maximum(weights.sum(axis=1), np.float32(1e-6))[:, None], np.float32)


def _unit(vectors: Floats) -> Floats:
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return np.asarray(vectors / np.maximum(length, np.float32(1e-12))[:, None], np.float32)
