"""3DM, the files of Rhino and MatrixGold: the cached render meshes, with layers, materials and blocks expanded."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rhino3dm as _rhino3dm
from numpy.typing import NDArray

from renders.errors import BrokenFile, NoMeshes
from renders.formats import check_triangles
from renders.parts import Loaded, Part
from renders.report import Finding, LengthUnit, Level
from workflows.sentences import sentence

rhino3dm: Any = _rhino3dm  # its stubs lack much of what it has

_UNITS = {
    rhino3dm.UnitSystem.Microns: LengthUnit.MICROMETRE,
    rhino3dm.UnitSystem.Millimeters: LengthUnit.MILLIMETRE,
    rhino3dm.UnitSystem.Centimeters: LengthUnit.CENTIMETRE,
    rhino3dm.UnitSystem.Meters: LengthUnit.METRE,
    rhino3dm.UnitSystem.Inches: LengthUnit.INCH,
    rhino3dm.UnitSystem.Feet: LengthUnit.FOOT,
}
_HOW_TO = "In Rhino, shade the view, then save without “Save small”, so that the render meshes are in the file"
_DEEPEST = 16
_MOST_INSTANCES = 50_000


@dataclass(slots=True)
class _Count:
    """What was met on the way: instances placed, triangles read, surfaces without a mesh."""

    instances: int = 0
    triangles: int = 0
    bare: int = 0


@dataclass(frozen=True, slots=True)
class _Placed:
    """An object of the file and where its blocks put it; `block` is the name of the innermost one."""

    thing: Any
    matrix: NDArray[np.float64]
    block: str | None


def read(path: Path) -> Loaded:
    """The meshes of a 3DM file; a surface saved without its mesh is told as a finding, all of them as a refusal.

    Raises:
        BrokenFile: not readable, or blocks that contain each other.
        NoMeshes: surfaces, but no mesh of any of them.
    """
    file = rhino3dm.File3dm.Read(str(path))
    if file is None:
        raise BrokenFile(sentence("The 3DM cannot be read: it is damaged or cut off. Save it again in Rhino."))
    layers = {layer.Index: str(layer.FullPath) for layer in file.Layers}
    materials = [material.Name for material in file.Materials]
    count = _Count()
    parts = []
    for placed in _objects(file, count):
        attributes = placed.thing.Attributes
        material = attributes.MaterialIndex
        for vertices, faces in _meshes(placed.thing.Geometry, count):
            layer = layers.get(attributes.LayerIndex) or None
            name = attributes.Name or placed.block or (layer or "").rpartition("::")[2] or "object"
            parts.append(
                Part(
                    str(name)[:200],
                    layer,
                    materials[material] or None if 0 <= material < len(materials) else None,
                    vertices @ placed.matrix[:3, :3].T + placed.matrix[:3, 3],
                    faces if np.linalg.det(placed.matrix[:3, :3]) >= 0 else faces[:, ::-1],
                )
            )
    if not parts and count.bare:
        raise NoMeshes(
            sentence(
                "The 3DM has %(bare)s surfaces and no render mesh of any. %(how_to)s.", bare=count.bare, how_to=_HOW_TO
            ),
            surfaces=count.bare,
        )
    return Loaded(tuple(parts), _UNITS.get(file.Settings.ModelUnitSystem), notes=_notes(count))


def _notes(count: _Count) -> tuple[Finding, ...]:
    if not count.bare:
        return ()
    message = sentence(
        "%(bare)s surfaces of the 3DM have no render mesh and were not measured. %(how_to)s.",
        bare=count.bare,
        how_to=_HOW_TO,
    )
    return (Finding("missing_meshes", Level.BLOCK, message),)


def _objects(file: Any, count: _Count) -> Iterator[_Placed]:
    """Every object with geometry of its own; what only defines a block comes where the block is placed."""
    by_id = {str(thing.Attributes.Id): thing for thing in file.Objects}
    blocks = {str(block.Id): block for block in file.InstanceDefinitions}
    waiting: list[tuple[_Placed, int]] = [
        (_Placed(thing, np.eye(4), None), 0)
        for thing in file.Objects
        if not thing.Attributes.IsInstanceDefinitionObject
    ]
    while waiting:
        placed, depth = waiting.pop()
        if not isinstance(placed.thing.Geometry, rhino3dm.InstanceReference):
            yield placed
            continue
        count.instances += 1
        if depth > _DEEPEST or count.instances > _MOST_INSTANCES:
            raise BrokenFile(sentence("The blocks of the 3DM contain each other without end. Save it again in Rhino."))
        block = blocks.get(str(placed.thing.Geometry.ParentIdefId))
        if block is None:
            raise BrokenFile(sentence("The 3DM places a block it does not hold. Save it again in Rhino."))
        matrix = placed.matrix @ _matrix(placed.thing.Geometry.Xform)
        for number in block.GetObjectIds():
            if str(number) in by_id:
                waiting.append((_Placed(by_id[str(number)], matrix, block.Name or placed.block), depth + 1))


def _matrix(transform: Any) -> NDArray[np.float64]:
    return np.array([[getattr(transform, f"M{row}{column}") for column in range(4)] for row in range(4)], np.float64)


def _meshes(geometry: Any, count: _Count) -> list[tuple[NDArray[np.float64], NDArray[np.int64]]]:
    """One surface for the object, its faces' meshes joined; none for curves, points and text."""
    if isinstance(geometry, rhino3dm.Mesh):
        found = [geometry]
    elif isinstance(geometry, rhino3dm.Brep):
        found = [geometry.Faces[number].GetMesh(rhino3dm.MeshType.Any) for number in range(len(geometry.Faces))]
    elif isinstance(geometry, rhino3dm.Extrusion):
        found = [geometry.GetMesh(rhino3dm.MeshType.Any)]
    elif isinstance(geometry, rhino3dm.SubD | rhino3dm.Surface):
        found = [None]
    else:
        return []
    count.bare += sum(mesh is None or len(mesh.Vertices) == 0 for mesh in found)
    arrays = [_arrays(mesh, count) for mesh in found if mesh is not None and len(mesh.Vertices)]
    if not arrays:
        return []
    starts = np.cumsum([0, *(len(vertices) for vertices, _ in arrays)])
    faces = [faces + start for (_, faces), start in zip(arrays, starts, strict=False)]
    return [(np.concatenate([vertices for vertices, _ in arrays]), np.concatenate(faces))]


def _arrays(mesh: Any, count: _Count) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Vertices and triangles of one mesh; a quad becomes two triangles."""
    count.triangles += len(mesh.Faces)
    check_triangles(count.triangles)
    vertices = np.array([(point.X, point.Y, point.Z) for point in mesh.Vertices], np.float64).reshape(-1, 3)
    corners = np.array([mesh.Faces[number] for number in range(len(mesh.Faces))], np.int64).reshape(-1, 4)
    quads = corners[corners[:, 2] != corners[:, 3]]
    return vertices, np.concatenate([corners[:, :3], quads[:, [0, 2, 3]]])
