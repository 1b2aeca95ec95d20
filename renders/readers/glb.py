"""GLB, the one-file form of glTF 2.0: parts, names, materials. Its metres are not believed: most rings come in mm."""

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from renders.errors import BrokenFile, EmptyDesign, RenderError, UnsupportedContent
from renders.formats import check_triangles
from renders.parts import Loaded, Part
from workflows.sentences import sentence

_JSON, _BIN = 0x4E4F534A, 0x004E4942
_COMPONENT = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTH = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_TRIANGLES, _STRIP, _FAN = 4, 5, 6
_COMPRESSION = {"KHR_draco_mesh_compression": "Draco", "EXT_meshopt_compression": "meshopt"}
_DEEPEST = 64
_MOST_NODES = 100_000

_Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Glb:
    tree: _Tree
    chunk: bytes

    def of(self, kind: str) -> list[_Tree]:
        return list(self.tree.get(kind) or [])


@dataclass(frozen=True, slots=True)
class _Piece:
    """One primitive, read once and placed as often as nodes ask for it."""

    material: str | None
    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]


def read(path: Path) -> Loaded:
    """The parts of a GLB file, each placed by its nodes; the parent node's name is the layer.

    Raises:
        BrokenFile: cut off, or a reference to something the file does not hold.
        UnsupportedContent: compressed geometry, or geometry in another file.
        EmptyDesign: no triangles.
    """
    try:
        return Loaded(_parts(_open(path.read_bytes())))
    except RenderError:
        raise
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise BrokenFile(sentence("The GLB refers to something it does not hold. Export it again.")) from error


def _open(data: bytes) -> _Glb:
    if len(data) < 20:
        raise BrokenFile(sentence("The GLB stops in its header: it was cut off. Export or upload it again."))
    version, length = struct.unpack_from("<II", data, 4)
    if version != 2:
        raise UnsupportedContent(
            sentence("The GLB is of version %(version)s and we read version 2. Export it again.", version=version)
        )
    if length > len(data):
        raise BrokenFile(
            sentence(
                "The GLB announces %(length)s bytes and has %(data)s: it was cut off. Upload it again.",
                length=f"{length:,}",
                data=f"{len(data):,}",
            ),
            announced=length,
        )
    chunks: dict[int, bytes] = {}
    at = 12
    while at + 8 <= length:
        size, kind = struct.unpack_from("<II", data, at)
        if at + 8 + size > length:
            raise BrokenFile(sentence("A chunk of the GLB is longer than the file. Export it again."))
        chunks.setdefault(kind, data[at + 8 : at + 8 + size])
        at += 8 + size
    tree = json.loads(chunks[_JSON])
    if not isinstance(tree, dict):
        raise BrokenFile(sentence("The GLB's description is not an object. Export it again."))
    compressed = [_COMPRESSION[name] for name in tree.get("extensionsRequired") or [] if name in _COMPRESSION]
    if compressed:
        raise UnsupportedContent(
            sentence(
                "The GLB's geometry is compressed with %(compressed)s. Export it uncompressed.",
                compressed=compressed[0],
            )
        )
    return _Glb(tree, chunks.get(_BIN, b""))


def _parts(glb: _Glb) -> tuple[Part, ...]:
    nodes, meshes = glb.of("nodes"), glb.of("meshes")
    if not meshes:
        raise EmptyDesign(sentence("The GLB holds no surface. Export the design with its meshes."))
    read: dict[int, list[_Piece]] = {}
    parts: list[Part] = []
    triangles = visits = 0
    waiting: list[tuple[int, NDArray[np.float64], str | None, int]]
    waiting = [(root, np.eye(4), None, 0) for root in reversed(_roots(glb.tree, nodes))]
    while waiting:
        number, above, layer, depth = waiting.pop()
        visits += 1
        if depth > _DEEPEST or visits > _MOST_NODES:
            raise BrokenFile(sentence("The GLB's nodes contain each other without end. Export it again."))
        node = nodes[_index(number)]
        placed = above @ _matrix(node)
        name = str(node.get("name") or "").strip()[:200]
        if "mesh" in node:
            mesh = meshes[_index(node["mesh"])]
            if node["mesh"] not in read:
                read[node["mesh"]] = _pieces(glb, mesh)
            pieces = read[node["mesh"]]
            triangles += sum(len(piece.faces) for piece in pieces)
            check_triangles(triangles)
            called = name or str(mesh.get("name") or "").strip()[:200] or f"part {len(parts) + 1}"
            parts.extend(_placed(piece, called, layer, placed) for piece in pieces)
        below = name or layer
        waiting.extend((child, placed, below, depth + 1) for child in reversed(node.get("children") or []))
    return tuple(parts)


def _roots(tree: _Tree, nodes: list[_Tree]) -> list[int]:
    scenes = tree.get("scenes") or []
    if scenes:
        return list(scenes[_index(tree.get("scene", 0))].get("nodes") or [])
    held = {child for node in nodes for child in node.get("children") or []}
    return [number for number in range(len(nodes)) if number not in held]


def _matrix(node: _Tree) -> NDArray[np.float64]:
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    x, y, z, w = (float(one) for one in node.get("rotation", (0, 0, 0, 1)))
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = turn * np.array(node.get("scale", (1, 1, 1)), np.float64)
    matrix[:3, 3] = np.array(node.get("translation", (0, 0, 0)), np.float64)
    return matrix


def _pieces(glb: _Glb, mesh: _Tree) -> list[_Piece]:
    """The primitives of a mesh, those of one material joined."""
    found: dict[str | None, list[_Piece]] = {}
    for primitive in mesh.get("primitives") or []:
        mode = primitive.get("mode", _TRIANGLES)
        if mode not in (_TRIANGLES, _STRIP, _FAN):
            continue  # points and lines are a drawing aid
        if "KHR_draco_mesh_compression" in (primitive.get("extensions") or {}):
            raise UnsupportedContent(sentence("The GLB's geometry is compressed with Draco. Export it uncompressed."))
        vertices = _accessor(glb, primitive["attributes"]["POSITION"], 3)
        order = (
            _accessor(glb, primitive["indices"], 1).ravel().astype(np.int64)
            if "indices" in primitive
            else np.arange(len(vertices), dtype=np.int64)
        )
        if order.size and (order.min() < 0 or order.max() >= len(vertices)):
            raise BrokenFile(sentence("A face of the GLB names a vertex the file does not hold. Export it again."))
        material = None
        if "material" in primitive:
            material = str(glb.of("materials")[_index(primitive["material"])].get("name") or "").strip()[:200]
        found.setdefault(material or None, []).append(_Piece(material or None, vertices, _faces(order, mode)))
    return [_joined(material, pieces) for material, pieces in found.items()]


def _joined(material: str | None, pieces: list[_Piece]) -> _Piece:
    starts = np.cumsum([0, *(len(piece.vertices) for piece in pieces)])
    faces = [piece.faces + start for piece, start in zip(pieces, starts, strict=False)]
    return _Piece(material, np.concatenate([piece.vertices for piece in pieces]), np.concatenate(faces))


def _faces(order: NDArray[np.int64], mode: int) -> NDArray[np.int64]:
    if mode == _TRIANGLES:
        return order[: len(order) // 3 * 3].reshape(-1, 3)
    last = max(0, len(order) - 2)
    if mode == _FAN:
        return np.column_stack([np.repeat(order[:1], last), order[1 : last + 1], order[2 : last + 2]])
    faces = np.column_stack([order[:last], order[1 : last + 1], order[2 : last + 2]])
    faces[1::2] = faces[1::2, ::-1]  # every other triangle of a strip is wound the other way
    return faces


def _accessor(glb: _Glb, number: int, width: int) -> NDArray[np.float64]:
    """The numbers of an accessor, (count, width), checked against the bytes that are there."""
    accessor = glb.of("accessors")[_index(number)]
    if accessor.get("sparse") or "bufferView" not in accessor:
        raise UnsupportedContent(sentence("The GLB stores its geometry sparsely. Export it again without that option."))
    if _WIDTH[accessor["type"]] != width:
        raise BrokenFile(sentence("The GLB's geometry is not of the kind it is used as. Export it again."))
    view = glb.of("bufferViews")[_index(accessor["bufferView"])]
    if "uri" in glb.of("buffers")[_index(view["buffer"])] or _index(view["buffer"]) != 0:
        raise UnsupportedContent(sentence("The GLB keeps its geometry in another file. Export it as one file."))
    kind = np.dtype(_COMPONENT[accessor["componentType"]])
    count, row = _index(accessor["count"]), kind.itemsize * width
    stride = _index(view.get("byteStride", 0)) or row
    start = _index(view.get("byteOffset", 0)) + _index(accessor.get("byteOffset", 0))
    if count == 0:
        return np.zeros((0, width))
    if stride < row or start + stride * (count - 1) + row > len(glb.chunk):
        raise BrokenFile(sentence("The GLB's geometry reaches beyond the end of the file. Export it again."))
    table = np.ndarray((count, width), kind, glb.chunk, start, (stride, kind.itemsize))
    numbers = table.astype(np.float64)
    if accessor.get("normalized") and kind.kind in "iu":
        numbers = np.maximum(numbers / np.iinfo(kind).max, -1.0)
    return numbers


def _index(told: object) -> int:
    if not isinstance(told, int) or isinstance(told, bool) or told < 0:
        raise BrokenFile(sentence("A reference in the GLB is not a number. Export it again."))
    return told


def _placed(piece: _Piece, name: str, layer: str | None, matrix: NDArray[np.float64]) -> Part:
    faces = piece.faces if np.linalg.det(matrix[:3, :3]) >= 0 else piece.faces[:, ::-1]
    return Part(name, layer, piece.material, piece.vertices @ matrix[:3, :3].T + matrix[:3, 3], faces)
