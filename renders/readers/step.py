"""STEP: exact surfaces, made into triangles by OpenCASCADE (through cascadio) finely enough to measure a bore."""

import tempfile
from dataclasses import replace
from pathlib import Path

import cascadio

from renders.errors import BrokenFile, EmptyDesign
from renders.parts import Loaded
from renders.readers import glb
from renders.report import LengthUnit
from workflows.sentences import sentence

CHORD_MM = 0.002  # the farthest a triangle lies from its surface: a bore is then right within 0.004 mm
ANGLE_RAD = 0.2
_END = b"END-ISO-10303-21"
_MM_PER_METRE = 1000.0


def read(path: Path) -> Loaded:
    """The bodies of a STEP file as triangles in millimetres; the file's own unit is a fact, not a guess.

    Raises:
        BrokenFile: cut off, or OpenCASCADE cannot read it.
        EmptyDesign: it holds no solid or surface.
    """
    if _END not in path.read_bytes()[-4096:].upper():
        raise BrokenFile(sentence("The STEP file has no end: it was cut off. Export or upload it again."))
    with tempfile.TemporaryDirectory() as folder:
        # a folder of its own: after a failure cascadio only prints and would leave an older output in place
        output = Path(folder) / "shape.glb"
        source = Path(folder) / "shape.step"
        source.symlink_to(path.resolve())
        code = cascadio.step_to_glb(str(source), str(output), CHORD_MM, ANGLE_RAD, use_parallel=False)
        if code != 0 or not output.is_file():
            raise BrokenFile(sentence("The STEP file cannot be read as a design. Export it again, as AP214 or AP242."))
        loaded = glb.read(output)
    if not loaded.parts:
        raise EmptyDesign(sentence("The STEP file holds no solid. Export the design with its bodies."))
    parts = tuple(replace(part, vertices=part.vertices * _MM_PER_METRE) for part in loaded.parts)
    return Loaded(parts, LengthUnit.MILLIMETRE)
