"""What a design is made of: bodies of metal and stone in millimetres, and how the piece stands."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Kind(StrEnum):
    """What a body stands for."""

    METAL = "metal"
    STONE = "stone"
    HELPER = "helper"  # sprues, rulers, text: drawn by the designer, never made


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles as plain arrays: vertices (n, 3) float64, faces (m, 3) int64 that index them."""

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Body:
    """One closed or open surface as the file named it; its mesh is in millimetres."""

    name: str
    layer: str | None
    material: str | None
    kind: Kind
    mesh: Mesh


@dataclass(frozen=True, slots=True)
class Pose:
    """How the piece stands in the file: all unit vectors; `centre` in millimetres.

    For a ring `axis` is the finger's axis and `up` points from the finger to the head.
    """

    axis: NDArray[np.float64]
    up: NDArray[np.float64]
    centre: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bore:
    """A finger hole as a cylinder: diameter and a point on its axis in the unit of the bodies, axis a unit vector."""

    diameter: float
    axis: NDArray[np.float64]
    centre: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Design:
    """Everything read from one CAD file, scaled to millimetres; `bore` is None where no finger fits."""

    bodies: tuple[Body, ...]
    pose: Pose
    bore: Bore | None = None

    def of(self, kind: Kind) -> tuple[Body, ...]:
        """The bodies of one kind, in the order of the file."""
        return tuple(body for body in self.bodies if body.kind is kind)
