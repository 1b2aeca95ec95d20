"""OBJ: groups, objects and material names; neither unit nor the material library is read."""

import re
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from renders.errors import BrokenFile
from renders.formats import check_triangles
from renders.parts import Loaded, Part
from workflows.sentences import sentence

_Key = tuple[str, str | None]


class _Faces:
    """The faces of one part: their words, and how many vertices had been read before each."""

    def __init__(self) -> None:
        self.words: list[bytes] = []
        self.seen: list[int] = []


def read(path: Path) -> Loaded:
    """The parts of an OBJ file, one for each pair of object or group and material.

    Raises:
        BrokenFile: a line that is not numbers, or a face that names a vertex the file does not hold.
    """
    text = path.read_bytes().replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    vertices: list[bytes] = []
    groups: dict[_Key, _Faces] = defaultdict(_Faces)
    name, material = "design", None
    current = groups[(name, material)]
    for line in text.splitlines():
        word, _, rest = line.strip().partition(b" ")
        if word == b"v":
            vertices.append(rest)
        elif word == b"f":
            current.words.append(rest)
            current.seen.append(len(vertices))
        elif word in (b"o", b"g", b"usemtl"):
            told = rest.decode("utf-8", "replace").strip()[:200]
            if word == b"usemtl":
                material = told or None
            else:
                name = told or "design"
            current = groups[(name, material)]
    points = _points(vertices)
    check_triangles(sum(len(faces.words) for faces in groups.values()))
    parts = tuple(_part(key, faces, points) for key, faces in groups.items() if faces.words)
    return Loaded(parts)


def _points(lines: list[bytes]) -> NDArray[np.float64]:
    try:
        return np.array([line.split()[:3] for line in lines], dtype=bytes).astype(np.float64).reshape(-1, 3)
    except ValueError as error:
        raise BrokenFile(sentence("A vertex line of the OBJ is not three numbers. Export it again.")) from error


def _part(key: _Key, faces: _Faces, points: NDArray[np.float64]) -> Part:
    corners = [re.sub(rb"/\S*", b"", words).split() for words in faces.words]
    try:
        if all(len(words) == 3 for words in corners):
            triangles = np.array(corners, dtype=bytes).astype(np.int64)
            origin = np.repeat(np.array(faces.seen), 3).reshape(-1, 3)
        else:
            fans = [
                (int(words[0]), int(words[at]), int(words[at + 1]), seen)
                for words, seen in zip(corners, faces.seen, strict=True)
                for at in range(1, len(words) - 1)
            ]
            table = np.array(fans, dtype=np.int64).reshape(-1, 4)
            triangles, origin = table[:, :3], table[:, 3:]
    except (ValueError, OverflowError) as error:
        raise BrokenFile(sentence("A face line of the OBJ is not made of vertex numbers. Export it again.")) from error
    triangles = np.where(triangles < 0, origin + triangles, triangles - 1)  # -1 is the vertex read last
    if triangles.size and (triangles.min() < 0 or triangles.max() >= len(points)):
        raise BrokenFile(sentence("A face of the OBJ names a vertex the file does not hold. Export it again."))
    used, renumbered = np.unique(triangles, return_inverse=True)
    return Part(key[0], None, key[1], points[used], renumbered.reshape(-1, 3).astype(np.int64))
