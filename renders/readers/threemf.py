"""3MF: a zip of XML with objects, components, a build and a stated unit."""

import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from renders.archive import checked_entries, unpacked
from renders.errors import BrokenFile, EmptyDesign, UnknownFormat
from renders.formats import check_triangles
from renders.parts import Loaded, Part
from renders.report import LengthUnit
from workflows.sentences import sentence

_UNITS = {
    "micron": LengthUnit.MICROMETRE,
    "millimeter": LengthUnit.MILLIMETRE,
    "centimeter": LengthUnit.CENTIMETRE,
    "meter": LengthUnit.METRE,
    "inch": LengthUnit.INCH,
    "foot": LengthUnit.FOOT,
}
_ROOT_TARGET = re.compile(rb"<[^>]*3dmodel[^>]*>")
_TARGET = re.compile(rb"Target\s*=\s*[\"']/?([^\"']+)[\"']")
_DEEPEST = 32
_MOST_PLACED = 20_000

_Key = tuple[str, str]  # path inside the archive, number of the object there
_Placement = tuple[_Key, str, str | None, NDArray[np.float64]]


@dataclass(slots=True)
class _Object:
    name: str = ""
    material: tuple[str, int] | None = None
    vertices: list[tuple[str, str, str]] = field(default_factory=list)
    triangles: list[tuple[str, str, str]] = field(default_factory=list)
    components: list[tuple[_Key, str | None]] = field(default_factory=list)


@dataclass(slots=True)
class _Model:
    """What one XML file of the archive says."""

    path: str
    unit: str = "millimeter"
    objects: dict[_Key, _Object] = field(default_factory=dict)
    materials: dict[str, list[str]] = field(default_factory=dict)
    build: list[tuple[_Key, str | None]] = field(default_factory=list)
    current: _Object = field(default_factory=_Object)
    group: list[str] = field(default_factory=list)
    triangles: int = 0


def read(path: Path) -> Loaded:
    """The parts the build of a 3MF places, components expanded, in the unit it states.

    Raises:
        UnknownFormat: a zip archive that holds no 3D model.
        BrokenFile: damaged, or its objects contain each other.
        TooLarge: it would unpack to more than we examine.
    """
    try:
        with ZipFile(path) as archive:
            entries = {entry.filename: entry for entry in checked_entries(archive)}
            names = [name for name in entries if name.lower().endswith(".model")]
            if not names:
                raise UnknownFormat(
                    sentence("The zip archive holds no 3D model. Export the design as 3MF, STL or GLB.")
                )
            relations = unpacked(archive, entries["_rels/.rels"]) if "_rels/.rels" in entries else b""
            models = {name: _parse(name, unpacked(archive, entries[name])) for name in names}
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise BrokenFile(sentence("The 3MF archive is damaged or cut off. Upload it again.")) from error
    return _assembled(models, _root(relations, names))


def _root(relations: bytes, names: list[str]) -> str:
    for relation in _ROOT_TARGET.findall(relations):
        target = _TARGET.search(relation)
        if target and target[1].decode("utf-8", "replace") in names:
            return target[1].decode("utf-8", "replace")
    return min(names, key=lambda name: len(PurePosixPath(name).parts))


def _parse(path: str, text: bytes) -> _Model:
    model = _Model(path)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def begin(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(" ")[2]
        if local == "vertex":
            model.current.vertices.append((attributes["x"], attributes["y"], attributes["z"]))
        elif local == "triangle":
            model.current.triangles.append((attributes["v1"], attributes["v2"], attributes["v3"]))
            model.triangles += 1
            if model.triangles % 100_000 == 0:
                check_triangles(model.triangles)
        else:
            _begin(model, local, attributes)

    def declared(*_: object) -> None:
        raise BrokenFile(sentence("The 3MF declares entities, which no design needs. Export it again."))

    parser.StartElementHandler = begin
    parser.EntityDeclHandler = declared
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, KeyError, ValueError) as error:
        raise BrokenFile(sentence("The 3MF's model is not proper XML or lacks a part. Export it again.")) from error
    return model


def _begin(model: _Model, local: str, attributes: dict[str, str]) -> None:
    if local == "model":
        model.unit = attributes.get("unit", model.unit)
    elif local == "basematerials":
        model.group = model.materials.setdefault(attributes["id"], [])
    elif local == "base":
        model.group.append(attributes.get("name", ""))
    elif local == "object":
        model.current = model.objects[model.path, attributes["id"]] = _Object(attributes.get("name", "")[:200])
        if "pid" in attributes:
            model.current.material = (attributes["pid"], int(attributes.get("pindex", 0)))
    elif local in ("component", "item"):
        inside = next((value for name, value in attributes.items() if name.rpartition(" ")[2] == "path"), None)
        key = (inside.lstrip("/") if inside else model.path, attributes["objectid"])
        placed = (model.current.components, model.build)[local == "item"]
        placed.append((key, attributes.get("transform")))


def _assembled(models: dict[str, _Model], root: str) -> Loaded:
    objects = {key: one for model in models.values() for key, one in model.objects.items()}
    unit = _UNITS.get(models[root].unit)
    if unit is None:
        raise BrokenFile(
            sentence("The 3MF states an unknown unit, “%(unit)s”. Export it again.", unit=models[root].unit[:40])
        )
    placements: list[_Placement] = []
    triangles = visits = 0
    waiting = [(key, _matrix(transform), "", 0) for key, transform in reversed(models[root].build)]
    if not waiting:
        raise EmptyDesign(sentence("The 3MF builds nothing: its objects are not placed. Export the design again."))
    while waiting:
        key, placed, above, depth = waiting.pop()
        visits += 1
        if depth > _DEEPEST or visits > _MOST_PLACED:
            raise BrokenFile(sentence("The 3MF's objects contain each other without end. Export it again."))
        if key not in objects:
            raise BrokenFile(
                sentence("The 3MF places an object it does not hold, number %(key)s. Export it again.", key=key[1][:20])
            )
        one = objects[key]
        triangles += len(one.triangles)
        check_triangles(triangles)
        if one.triangles:
            placements.append((key, one.name or above or f"object {key[1]}", above or None, placed))
        for child, transform in reversed(one.components):
            waiting.append((child, _matrix(transform) @ placed, one.name or above, depth + 1))
    parts = (
        _part(objects[key], name, layer, _material(models[key[0]], objects[key]), placed)
        for key, name, layer, placed in placements
    )
    return Loaded(tuple(parts), unit)


def _material(model: _Model, one: _Object) -> str | None:
    if one.material is None:
        return None
    names = model.materials.get(one.material[0], [])
    return (names[one.material[1]] or None) if 0 <= one.material[1] < len(names) else None


def _matrix(text: str | None) -> NDArray[np.float64]:
    """The 4×4 matrix for rows of coordinates: (x y z 1) @ matrix."""
    matrix = np.eye(4)
    if text is not None:
        try:
            matrix[:, :3] = np.array([float(word) for word in text.split()]).reshape(4, 3)
        except ValueError as error:
            raise BrokenFile(sentence("A transform in the 3MF is not twelve numbers. Export it again.")) from error
    return matrix


def _part(one: _Object, name: str, layer: str | None, material: str | None, placed: NDArray[np.float64]) -> Part:
    try:
        vertices = np.array(one.vertices, dtype=str).astype(np.float64).reshape(-1, 3)
        faces = np.array(one.triangles, dtype=str).astype(np.int64)
    except (ValueError, OverflowError) as error:
        raise BrokenFile(
            sentence("“%(name)s” in the 3MF has corners that are not numbers. Export it again.", name=name)
        ) from error
    if np.linalg.det(placed[:3, :3]) < 0:
        faces = faces[:, ::-1]
    return Part(name, layer, material, vertices @ placed[:3, :3] + placed[3, :3], faces)
