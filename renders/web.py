"""A light model for the browser: fewer triangles, quantised, in metres with y up, every part under its name.

The format is GLB with KHR_mesh_quantization: positions are whole 16-bit steps within each part's own cube
(not normalised, so that readers which ignore the extension still get the right size), normals 8 bits.
Parts keep the file's millimetre coordinates; only the root node turns and scales them, so that a place
picked in the viewer can be told in the file's own coordinates.
"""

import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fast_simplification
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from renders.bodies import Body, Design, Kind
from renders.errors import EmptyDesign
from renders.materials import metal as metal_of
from renders.materials import optics
from renders.scene import cloud_of, polished, standing, surface_of
from workflows.sentences import sentence

Points = NDArray[np.float64]
Faces = NDArray[np.int64]

_BYTES_PER_FACE = 12.8  # three 16-bit corners, and half a vertex of 12 bytes, some of them split at edges
_KEPT_FACES = 160  # a part this small is left as it is
_MOST_POINTS = 65_535  # what 16-bit corners can name
_ROUNDS = 6
_FLOAT, _USHORT, _BYTE = 5126, 5123, 5120


@dataclass(frozen=True, slots=True)
class WebModel:
    """What was written, and how far its surface is from the drawn one."""

    bytes: int
    sha256: str
    triangles: int
    triangles_before: int
    max_error_um: float
    mean_error_um: float


@dataclass(frozen=True, slots=True)
class _Part:
    """A body made light: points with normals, in the file's millimetres."""

    body: Body
    points: Points
    faces: Faces
    normals: Points


def write(design: Design, path: Path, *, max_bytes: int = 1_000_000, metal: str = "AU750Y") -> WebModel:
    """Write the design as a GLB of at most `max_bytes`; stones keep their flat facets.

    The error is measured after quantising, in both directions, between the points of one surface and the
    triangles of the other.

    Raises:
        EmptyDesign: no body has a surface.
    """
    bodies = [body for body in design.bodies if len(body.mesh.faces)]
    if not bodies:
        raise EmptyDesign(sentence("The design holds no surface to show."))
    room = max_bytes - 4_000 - 900 * len(bodies)
    target = int(room / _BYTES_PER_FACE)
    parts, packed = _packed(design, bodies, target, metal)
    for _ in range(_ROUNDS):
        if len(packed) <= max_bytes:
            break
        target = int(target * 0.97 * max_bytes / len(packed))
        parts, packed = _packed(design, bodies, target, metal)
    path.write_bytes(packed)
    errors = np.concatenate([_errors_mm(part) for part in parts]) * 1000.0
    return WebModel(
        len(packed),
        hashlib.sha256(packed).hexdigest(),
        sum(len(part.faces) for part in parts),
        sum(len(body.mesh.faces) for body in bodies),
        round(float(errors.max()), 1),
        round(float(errors.mean()), 2),
    )


def _packed(design: Design, bodies: Sequence[Body], target: int, metal: str) -> tuple[list[_Part], bytes]:
    share = min(1.0, target / sum(len(body.mesh.faces) for body in bodies))
    parts = [_light(body, share) for body in bodies]
    return parts, _glb(design, parts, metal)


def _light(body: Body, share: float) -> _Part:
    points, faces = np.asarray(body.mesh.vertices, np.float64), np.asarray(body.mesh.faces, np.int64)
    if share < 1.0 and len(faces) * share > _KEPT_FACES / 2 and not _faceted(body):
        reduced = fast_simplification.simplify(points, faces, target_reduction=1.0 - share, agg=4.0)
        points, faces = np.asarray(reduced[0], np.float64), np.asarray(reduced[1], np.int64)
    if body.kind is Kind.STONE:
        corners = points[faces]
        flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        flat /= np.maximum(np.linalg.norm(flat, axis=1), 1e-20)[:, None]
        own = np.arange(3 * len(faces), dtype=np.int64).reshape(-1, 3)
        return _Part(body, corners.reshape(-1, 3), own, np.repeat(flat, 3, axis=0))
    return _Part(body, *polished(points, faces))


def _faceted(body: Body) -> bool:
    return body.kind is Kind.STONE and len(body.mesh.faces) <= 2_000


def _glb(design: Design, parts: Sequence[_Part], metal: str) -> bytes:
    """The whole file: a JSON chunk and a binary chunk, each padded to four bytes."""
    blob = bytearray()
    views: list[dict[str, Any]] = []
    accessors: list[dict[str, Any]] = []
    meshes: list[dict[str, Any]] = []
    materials = _materials(parts, metal)
    named = [material["name"] for material in materials]
    nodes: list[dict[str, Any]] = [
        {"name": "piece", "matrix": _to_metres(design), "children": list(range(1, len(parts) + 1))}
    ]

    def keep(array: NDArray[Any], kind: str, component: int, target: int, **more: Any) -> int:
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(blob), "byteLength": array.nbytes, "target": target}
        if kind == "VEC3":
            view["byteStride"] = array.strides[0]
        blob.extend(array.tobytes())
        blob.extend(b"\0" * (-len(blob) % 4))
        views.append(view)
        accessors.append(
            {"bufferView": len(views) - 1, "componentType": component, "count": array.shape[0], "type": kind, **more}
        )
        return len(accessors) - 1

    for part in parts:
        low = part.points.min(axis=0)
        extent = float(np.ptp(part.points, axis=0).max()) or 1.0
        primitives = []
        for points, faces, normals in _pieces(part):
            placed = _quantised(points, low, extent)
            primitives.append(
                {
                    "attributes": {
                        "POSITION": keep(
                            np.pad(placed, ((0, 0), (0, 1))),
                            "VEC3",
                            _USHORT,
                            34962,
                            min=placed.min(axis=0).tolist(),
                            max=placed.max(axis=0).tolist(),
                        ),
                        "NORMAL": keep(
                            np.pad(np.rint(normals * 127).astype(np.int8), ((0, 0), (0, 1))),
                            "VEC3",
                            _BYTE,
                            34962,
                            normalized=True,
                        ),
                    },
                    "indices": keep(faces.astype(np.uint16).ravel(), "SCALAR", _USHORT, 34963),
                    "material": named.index(_material_name(part.body, metal)),
                }
            )
        meshes.append({"name": part.body.name, "primitives": primitives})
        nodes.append(
            {
                "name": part.body.name,
                "mesh": len(meshes) - 1,
                "translation": low.tolist(),
                "scale": [extent / 65_535] * 3,
                "extras": {"kind": part.body.kind.value, "layer": part.body.layer},
            }
        )
    document = {
        "asset": {"version": "2.0", "generator": "bespoke"},
        "extensionsUsed": ["KHR_mesh_quantization", *_EXTENSIONS],
        "extensionsRequired": ["KHR_mesh_quantization"],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": materials,
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(blob)}],
    }
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    header = struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + len(blob))
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(blob), b"BIN\0") + bytes(blob)
    return header + chunks


_EXTENSIONS = ("KHR_materials_transmission", "KHR_materials_ior", "KHR_materials_volume", "KHR_materials_dispersion")


def _materials(parts: Sequence[_Part], metal: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        name = _material_name(part.body, metal)
        if part.body.kind is not Kind.STONE:
            factor = {
                "baseColorFactor": [*metal_of(metal).reflectance, 1],
                "metallicFactor": 1,
                "roughnessFactor": 0.12,
            }
            found.setdefault(name, {"name": name, "pbrMetallicRoughness": factor})
            continue
        stone = optics(part.body)
        width = float(np.sort(np.ptp(part.points, axis=0))[1])
        through: dict[str, Any] = {
            "KHR_materials_transmission": {"transmissionFactor": 1 if stone.clear else 0},
            "KHR_materials_ior": {"ior": stone.index},
            "KHR_materials_volume": {
                "thicknessFactor": width / 1000,
                "attenuationDistance": width / 1000,
                "attenuationColor": list(stone.transmission),
            },
            # the extension's number is 20 over the Abbe number, here by the B to G interval
            "KHR_materials_dispersion": {"dispersion": round(20 * stone.dispersion / (stone.index - 1) / 1.7, 3)},
        }
        base = [1, 1, 1, 1] if stone.clear else [*stone.transmission, 1]
        factor = {"baseColorFactor": base, "metallicFactor": 0, "roughnessFactor": 0}
        found.setdefault(name, {"name": name, "pbrMetallicRoughness": factor, "extensions": through})
    return list(found.values())


def _material_name(body: Body, metal: str) -> str:
    return optics(body).species if body.kind is Kind.STONE else metal_of(metal).name


def _pieces(part: _Part) -> list[tuple[Points, Faces, Points]]:
    """The part as it is, or in pieces small enough for 16-bit corners."""
    if len(part.points) <= _MOST_POINTS:
        return [(part.points, part.faces, part.normals)]
    step = _MOST_POINTS // 3
    pieces = []
    for start in range(0, len(part.faces), step):
        used, faces = np.unique(part.faces[start : start + step], return_inverse=True)
        pieces.append((part.points[used], faces.reshape(-1, 3), part.normals[used]))
    return pieces


def _quantised(points: Points, low: Points, extent: float) -> NDArray[np.uint16]:
    return np.clip(np.rint((points - low) / extent * 65_535), 0, 65_535).astype(np.uint16)


def _to_metres(design: Design) -> list[float]:
    """Column-major matrix from the file's millimetres to metres, standing on the ground, y up."""
    upright, shift = standing(design)
    turned = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], np.float64)  # z up to y up
    matrix = np.eye(4)
    matrix[:3, :3] = turned @ upright / 1000
    matrix[:3, 3] = turned @ shift / 1000
    return [float(value) for value in matrix.T.ravel()]


def _errors_mm(part: _Part) -> NDArray[np.float64]:
    """Distances between the drawn surface and the light one, as quantised, both ways."""
    low, extent = part.points.min(axis=0), float(np.ptp(part.points, axis=0).max()) or 1.0
    shown = low + _quantised(part.points, low, extent) / 65_535 * extent
    drawn = np.asarray(part.body.mesh.vertices, np.float64)
    faces = np.asarray(part.body.mesh.faces, np.int64)
    if len(part.faces) == len(faces):  # nothing was left out: only the quantising moved points
        nearest, _ = cKDTree(drawn).query(shown)
        return np.asarray(nearest, np.float64)
    return np.concatenate([_distances(drawn, shown, part.faces), _distances(shown, drawn, faces)])


def _distances(points: Points, to_points: Points, to_faces: Faces) -> NDArray[np.float64]:
    measured = cloud_of(points).compute_implicit_distance(surface_of(to_points, to_faces))
    return np.abs(np.asarray(measured.point_data["implicit_distance"], np.float64))
