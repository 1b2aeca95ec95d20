"""Load a CAD file of any format we read, and refuse what holds no proper surface."""

from importlib import import_module
from pathlib import Path

import numpy as np

from renders.errors import BrokenFile, EmptyDesign, NotFinite
from renders.formats import Format, check_triangles, sniff_file
from renders.parts import Loaded, Part
from workflows.sentences import sentence

READERS = {  # loaded when a file of the format comes: OpenCASCADE and trimesh each take a second to start
    Format.STL: "stl",
    Format.OBJ: "obj",
    Format.PLY: "ply",
    Format.GLB: "glb",
    Format.THREEMF: "threemf",
    Format.STEP: "step",
    Format.RHINO: "rhino",
}
_FARTHEST = 1e9  # beyond this, differences in single precision are no longer millimetres


def load(path: Path) -> Loaded:
    """The parts of the file, checked: finite corners, faces that name them, within our limits.

    Raises:
        RenderError: a named refusal; see `renders.errors`.
    """
    reader = import_module(f"renders.readers.{READERS[sniff_file(path).format]}")
    loaded: Loaded = reader.read(path)
    parts = tuple(part for part in loaded.parts if len(part.faces))
    check_triangles(sum(len(part.faces) for part in parts))
    if not parts:
        raise EmptyDesign(sentence("The file is readable and holds no surface. Export the design with its meshes."))
    for part in parts:
        _check(part)
    return Loaded(parts, loaded.stated, loaded.notes)


def _check(part: Part) -> None:
    if part.faces.min() < 0 or part.faces.max() >= len(part.vertices):
        raise BrokenFile(
            sentence("A face of “%(part)s” names a corner the file does not hold. Export it again.", part=part.name)
        )
    used = part.vertices[part.faces.ravel()]
    if not np.isfinite(used).all():
        raise NotFinite(
            sentence("“%(part)s” has corners that are not numbers. Repair and export it again.", part=part.name),
            body=part.name,
        )
    if np.abs(used).max() > _FARTHEST:
        raise NotFinite(
            sentence("“%(part)s” lies too far from the origin to be measured. Move it there.", part=part.name),
            body=part.name,
        )
    if np.ptp(used, axis=0).max() == 0:
        raise EmptyDesign(
            sentence("All corners of “%(part)s” are one point. Export the design again.", part=part.name),
            body=part.name,
        )
