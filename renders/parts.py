"""What a reader hands over: surfaces as the file has them, in the file's own numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from renders.report import Finding, LengthUnit


@dataclass(frozen=True, slots=True)
class Part:
    """One surface as the file named it.

    Attributes:
        vertices: (n, 3) float64 in the unit of the file; corners may be listed more than once.
        faces: (m, 3) int64, indices into `vertices`.
    """

    name: str
    layer: str | None
    material: str | None
    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The parts of one file; `stated` is the unit the file names, None where it names none or cannot be believed."""

    parts: tuple[Part, ...]
    stated: LengthUnit | None = None
    notes: tuple[Finding, ...] = ()
