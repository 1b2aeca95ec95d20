"""The photographer's studio around the piece: soft boxes, black cards and the ground, as radiance by direction.

The studio turns with the camera, as it does when a piece turns on a stand before a fixed tripod.
Radiance is linear; 1.0 is the paper in full light.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

TEXELS = 512


class Ground(StrEnum):
    """What the piece stands on in the picture."""

    PAPER = "paper"  # levelled to pure white, so the picture can be multiplied onto a page
    DARK = "dark"
    CLEAR = "clear"  # transparent, with a soft shadow in the alpha channel


@dataclass(frozen=True, slots=True)
class Box:
    """A soft box or, with radiance 0, a black card: centre and extent in degrees, 0 azimuth at the camera."""

    azimuth: float
    elevation: float
    width: float
    height: float
    radiance: float
    feather: float = 4.0  # degrees over which the edge fades
    warmth: float = 0.0  # +1 is tungsten, -1 a blue sky


@dataclass(frozen=True, slots=True)
class Studio:
    """A room: radiance overhead, at the horizon and below it, with boxes and cards put up in order."""

    overhead: float
    horizon: float
    floor: float
    boxes: tuple[Box, ...]

    def radiance(self, directions: Floats, softness: float) -> Floats:
        """Radiance (n, 3) arriving from `directions` (n, 3); edges fade over `softness` radians."""
        height = directions[:, 2]
        azimuth = np.arctan2(directions[:, 0], -directions[:, 1])
        elevation = np.arcsin(np.clip(height, -1, 1))
        base = self.horizon + (self.overhead - self.horizon) * np.clip(height, 0, 1) ** 1.2
        blend = np.clip(0.5 - height / (2 * softness + 0.05), 0, 1)
        light = np.repeat((base * (1 - blend) + self.floor * blend)[:, None], 3, axis=1)
        for box in self.boxes:
            # azimuth shrinks towards the pole; measured on the sphere a box keeps its width
            aside = np.abs((azimuth - np.radians(box.azimuth) + np.pi) % (2 * np.pi) - np.pi)
            above = np.abs(elevation - np.radians(box.elevation))
            fade = softness + np.radians(box.feather)
            share = _fade((np.radians(box.width) / 2 - aside) * np.cos(np.radians(box.elevation)), fade)
            share *= _fade(np.radians(box.height) / 2 - above, fade)
            colour = box.radiance * np.array([1 + 0.08 * box.warmth, 1.0, 1 - 0.12 * box.warmth])
            light += share[:, None] * (colour - light)
        return np.asarray(light, np.float32)


_PAPER_METAL = Studio(
    overhead=1.5,
    horizon=0.62,
    floor=0.72,
    boxes=(
        Box(0, 6, 56, 44, 0.16, 18),  # the camera and its operator, a dark card
        Box(-112, 10, 18, 90, 0.03, 5),
        Box(108, 8, 16, 90, 0.03, 5),
        Box(180, 2, 80, 26, 0.12, 10),
        Box(-30, -30, 30, 26, 0.30, 14),
        Box(36, -26, 20, 26, 0.26, 12),
        Box(-60, 40, 62, 52, 4.6, 16, 0.3),
        Box(66, 32, 30, 70, 3.4, 10),
        Box(180, 44, 100, 30, 2.8, 12),
        Box(0, 84, 360, 18, 3.6, 10),
    ),
)
_STONE_BOXES = (
    Box(0, 30, 40, 60, 0.05),
    Box(-62, 40, 46, 38, 5.6, 2),
    Box(64, 30, 28, 52, 4.6, 2),
    Box(180, 46, 70, 26, 3.2, 2),
    Box(0, 82, 360, 14, 3.6, 2),
    Box(25, 58, 18, 14, 9.0, 1),
    Box(-18, 62, 9, 24, 9.0, 1),
    Box(-130, 30, 10, 50, 4.0, 1),
    Box(140, 40, 12, 40, 4.0, 1),
)
_PAPER_STONE = Studio(overhead=0.34, horizon=0.20, floor=0.24, boxes=_STONE_BOXES)
_DARK_METAL = Studio(
    overhead=0.34,
    horizon=0.17,
    floor=0.09,
    boxes=(
        Box(0, 4, 50, 50, 0.05, 20),
        Box(-100, 6, 20, 90, 0.03, 12),
        Box(-60, 40, 66, 54, 2.6, 30, 0.2),
        Box(64, 32, 34, 74, 1.9, 20),
        Box(180, 42, 100, 30, 1.3, 16),
        Box(0, 84, 360, 18, 1.9, 12),
        Box(-140, 12, 12, 90, 1.6, 8),
        Box(124, 8, 9, 90, 1.8, 6),
        Box(-30, -24, 50, 14, 0.34, 14),  # light thrown back from below by the table
    ),
)
_DARK_STONE = Studio(overhead=0.16, horizon=0.09, floor=0.04, boxes=_STONE_BOXES)


@dataclass(frozen=True, slots=True)
class Lookup:
    """A studio's radiance baked on an octahedron, turned by the camera's azimuth."""

    table: Floats  # (TEXELS * TEXELS, 3)

    def radiance(self, directions: Floats, azimuth_deg: float) -> Floats:
        """Radiance (n, 3) from unit `directions` (n, 3) given in the piece's own frame."""
        return self.table.take(self.texels(directions, azimuth_deg), axis=0)

    def texels(self, directions: Floats, azimuth_deg: float) -> NDArray[np.int32]:
        """Which texel (n,) each direction falls on."""
        turn = np.radians(azimuth_deg)
        cos, sin = np.float32(np.cos(turn)), np.float32(np.sin(turn))
        x = directions[:, 0] * cos + directions[:, 1] * sin
        y = directions[:, 1] * cos - directions[:, 0] * sin
        z = directions[:, 2]
        scale = 1 / (np.abs(x) + np.abs(y) + np.abs(z))
        x, y = x * scale, y * scale
        below = z < 0
        folded_x = (1 - np.abs(y)) * np.copysign(np.float32(1), x)
        folded_y = (1 - np.abs(x)) * np.copysign(np.float32(1), y)
        x, y = np.where(below, folded_x, x), np.where(below, folded_y, y)
        column = np.clip((x * 0.5 + 0.5) * TEXELS, 0, TEXELS - 1).astype(np.int32)
        row = np.clip((y * 0.5 + 0.5) * TEXELS, 0, TEXELS - 1).astype(np.int32)
        return row * TEXELS + column


@dataclass(frozen=True, slots=True)
class Light:
    """The studio as metal and as stones see it: metal blurs a little, stones want small bright lights."""

    metal: Lookup
    stone: Lookup
    floor: float  # radiance of the ground in full light
    above: float  # mean radiance of the upper half of the room


@cache
def light(ground: Ground) -> Light:
    """The light used over one kind of ground."""
    room, stones = (_DARK_METAL, _DARK_STONE) if ground is Ground.DARK else (_PAPER_METAL, _PAPER_STONE)
    above = float(room.radiance(hemisphere(2000), 0.1).mean())
    return Light(_bake(room, 0.09), _bake(stones, 0.03), room.floor, above)


def hemisphere(count: int) -> Floats:
    """Evenly spread unit directions (count, 3) above the ground, denser towards the zenith as cosine asks."""
    number = np.arange(count) + 0.5
    turn = number * np.pi * (3 - np.sqrt(5))
    across = np.sqrt(number / count)
    return np.stack([across * np.cos(turn), across * np.sin(turn), np.sqrt(1 - number / count)], axis=1).astype(
        np.float32
    )


def _bake(studio: Studio, softness: float) -> Lookup:
    edge = (np.arange(TEXELS, dtype=np.float32) + 0.5) / TEXELS * 2 - 1
    x, y = (grid.ravel() for grid in np.meshgrid(edge, edge))
    z = 1 - np.abs(x) - np.abs(y)
    below = z < 0
    folded_x = (1 - np.abs(y)) * np.copysign(1, x)
    folded_y = (1 - np.abs(x)) * np.copysign(1, y)
    directions = np.stack([np.where(below, folded_x, x), np.where(below, folded_y, y), z], axis=1)
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    return Lookup(studio.radiance(directions.astype(np.float32), softness))


def _fade(inside: Floats, softness: float) -> Floats:
    share = np.clip(inside / softness + 0.5, 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
