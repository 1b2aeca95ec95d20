"""PLY, text and binary: one surface without unit, names or parts."""

import io
import re
from pathlib import Path

import numpy as np
import trimesh

from renders.errors import BrokenFile, EmptyDesign, TooLarge
from renders.formats import HEAD_BYTES, MOST_TRIANGLES, check_triangles
from renders.parts import Loaded, Part
from workflows.sentences import sentence


def read(path: Path) -> Loaded:
    """The surface of a PLY file.

    Raises:
        BrokenFile: the file does not hold what its header announces.
        EmptyDesign: points without faces.
    """
    text = path.read_bytes()
    header = text[: text.find(b"end_header", 0, 16 * HEAD_BYTES) + 1]
    if not header:
        raise BrokenFile(sentence("The PLY has no end of its header. Export it again."))
    counts = {name: int(number) for name, number in re.findall(rb"element[ \t]+(\w+)[ \t]+(\d{1,18})\b", header)}
    faces, vertices = counts.get(b"face", 0), counts.get(b"vertex", 0)
    check_triangles(faces)
    if vertices > 3 * MOST_TRIANGLES:
        raise TooLarge(
            sentence(
                "The PLY announces %(vertices)s vertices. Export it with a coarser mesh.", vertices=f"{vertices:,}"
            ),
            vertices=vertices,
        )
    if faces == 0:
        raise EmptyDesign(sentence("The PLY holds points and no faces. Export the design as a surface."))
    try:
        mesh = trimesh.load_mesh(io.BytesIO(text), file_type="ply", process=False)
    except MemoryError:
        raise
    except Exception as error:
        raise BrokenFile(sentence("The PLY does not hold what its header announces. Export it again.")) from error
    if len(mesh.vertices) != vertices or len(mesh.faces) < faces:
        raise BrokenFile(
            sentence(
                "The PLY announces %(faces)s faces and holds %(faces2)s: it was cut off. Export it again.",
                faces=f"{faces:,}",
                faces2=f"{len(mesh.faces):,}",
            ),
            announced=faces,
        )
    return Loaded(
        (Part("design", None, None, np.asarray(mesh.vertices, np.float64), np.asarray(mesh.faces, np.int64)),)
    )
