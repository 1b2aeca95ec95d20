"""CAD files of every format, written from meshes: sound ones with names, layers and units, and tiny exact solids."""

import io
from collections.abc import Iterable, Mapping
from math import pi
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import rhino3dm
import trimesh
from trimesh import Trimesh

Parts = Mapping[str, Trimesh]

MM_PER = {"micron": 0.001, "millimeter": 1.0, "centimeter": 10.0, "inch": 25.4, "foot": 304.8, "meter": 1000.0}


def write(parts: Parts, path: Path) -> Path:
    """The parts as a file of the format the name's ending says; formats without parts get one surface."""
    kind = path.suffix[1:]
    if kind == "3mf":
        path.write_bytes(threemf(parts))
    elif kind == "3dm":
        rhino(parts).Write(str(path), 8)
    elif kind in ("glb", "obj"):
        scene = trimesh.Scene()
        for name, mesh in parts.items():
            scene.add_geometry(mesh, node_name=name, geom_name=name)
        data = scene.export(file_type=kind)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    else:
        whole = trimesh.util.concatenate(list(parts.values()))
        data = whole.export(file_type="stl_ascii" if path.stem == "ascii" and kind == "stl" else kind)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def threemf(
    parts: Parts, unit: str = "millimeter", *, nested: bool = False, extra: Iterable[tuple[str, bytes]] = ()
) -> bytes:
    """A 3MF in any unit of its own; `nested` places every part through a component with a shift of 1 along X."""
    objects, items = [], []
    for number, (name, mesh) in enumerate(parts.items(), 1):
        scaled = np.array(mesh.vertices) / MM_PER[unit]
        vertices = "".join(f'<vertex x="{x!r}" y="{y!r}" z="{z!r}"/>' for x, y, z in scaled.tolist())
        triangles = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in mesh.faces.tolist())
        objects.append(
            f'<object id="{number}" name="{name}" type="model"><mesh><vertices>{vertices}</vertices>'
            f"<triangles>{triangles}</triangles></mesh></object>"
        )
        if nested:
            moved = f'<component objectid="{number}" transform="1 0 0 0 1 0 0 0 1 1 0 0"/>'
            objects.append(f'<object id="{1000 + number}"><components>{moved}</components></object>')
        items.append(f'<item objectid="{1000 * nested + number}"/>')
    model = (
        f'<?xml version="1.0"?><model unit="{unit}" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02">'
        f"<resources>{''.join(objects)}</resources><build>{''.join(items)}</build></model>"
    )
    return zipped([("3D/3dmodel.model", model.encode()), *extra])


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip archive of these files."""
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return stream.getvalue()


def rhino(parts: Parts, unit: rhino3dm.UnitSystem = rhino3dm.UnitSystem.Millimeters) -> rhino3dm.File3dm:
    """A 3DM with one layer per first word of the names, as a jewellery CAD program would have."""
    file = rhino3dm.File3dm()
    file.Settings.ModelUnitSystem = unit
    layers: dict[str, int] = {}
    for name, mesh in parts.items():
        word = name.split()[0]
        if word not in layers:
            layer = rhino3dm.Layer()
            layer.Name = word
            layers[word] = file.Layers.Add(layer)
        attributes = rhino3dm.ObjectAttributes()
        attributes.Name = name
        attributes.LayerIndex = layers[word]
        file.Objects.AddMesh(rhino_mesh(mesh), attributes)
    return file


def rhino_mesh(mesh: Trimesh) -> rhino3dm.Mesh:
    """The mesh as Rhino holds it: corners in single precision."""
    made = rhino3dm.Mesh()
    for x, y, z in mesh.vertices.tolist():
        made.Vertices.Add(x, y, z)
    for a, b, c in mesh.faces.tolist():
        made.Faces.AddFace(a, b, c)
    return made


class _Step:
    """Numbered lines of a STEP file; points and directions are written as they are asked for."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, text: str) -> str:
        self.lines.append(f"#{len(self.lines) + 1}={text};")
        return f"#{len(self.lines)}"

    def point(self, *at: float) -> str:
        return self.add(f"CARTESIAN_POINT('',({','.join(f'{one:.9f}' for one in at)}))")

    def direction(self, *way: float) -> str:
        return self.add(f"DIRECTION('',({','.join(f'{one:.9f}' for one in way)}))")

    def placement(self, height: float) -> str:
        at, up, across = self.point(0, 0, height), self.direction(0, 0, 1), self.direction(1, 0, 0)
        return self.add(f"AXIS2_PLACEMENT_3D('',{at},{up},{across})")


def step_band(bore_mm: float = 17.3, thickness: float = 1.7, width: float = 4.0, unit: str = "mm") -> bytes:
    """A flat band as an exact STEP solid: two cylinders, two rings of plane; the finger's axis is Z."""
    per_unit = {"mm": 1.0, "inch": 25.4}[unit]
    inner, outer, tall = bore_mm / 2 / per_unit, (bore_mm / 2 + thickness) / per_unit, width / per_unit
    step = _Step()
    circles, seams, vertices = {}, {}, {}
    for radius in (inner, outer):
        for height in (0.0, tall):
            vertex = step.add(f"VERTEX_POINT('',{step.point(radius, 0, height)})")
            circle = step.add(f"CIRCLE('',{step.placement(height)},{radius:.9f})")
            circles[radius, height] = step.add(f"EDGE_CURVE('',{vertex},{vertex},{circle},.T.)")
            vertices[radius, height] = vertex
        way = step.add(f"VECTOR('',{step.direction(0, 0, 1)},1.)")
        line = step.add(f"LINE('',{step.point(radius, 0, 0)},{way})")
        ends = vertices[radius, 0.0], vertices[radius, tall]
        seams[radius] = step.add(f"EDGE_CURVE('',{ends[0]},{ends[1]},{line},.T.)")

    def loop(*edges: tuple[str, bool]) -> str:
        walked = [step.add(f"ORIENTED_EDGE('',*,*,{edge},.{'T' if along else 'F'}.)") for edge, along in edges]
        return step.add(f"EDGE_LOOP('',({','.join(walked)}))")

    faces = []
    for radius, outwards in ((outer, True), (inner, False)):
        cylinder = step.add(f"CYLINDRICAL_SURFACE('',{step.placement(0)},{radius:.9f})")
        seam, low, high = seams[radius], circles[radius, 0.0], circles[radius, tall]
        around = ((low, True), (seam, True), (high, False), (seam, False))
        edges = around if outwards else tuple((edge, not along) for edge, along in reversed(around))
        bound = step.add(f"FACE_OUTER_BOUND('',{loop(*edges)},.T.)")
        faces.append(step.add(f"ADVANCED_FACE('',({bound}),{cylinder},.{'T' if outwards else 'F'}.)"))
    for height, upwards in ((tall, True), (0.0, False)):
        plane = step.add(f"PLANE('',{step.placement(height)})")
        rim = step.add(f"FACE_OUTER_BOUND('',{loop((circles[outer, height], upwards))},.T.)")
        hole = step.add(f"FACE_BOUND('',{loop((circles[inner, height], not upwards))},.T.)")
        faces.append(step.add(f"ADVANCED_FACE('',({rim},{hole}),{plane},.{'T' if upwards else 'F'}.)"))
    return _step_file(step, faces, unit)


def _step_file(step: _Step, faces: list[str], unit: str) -> bytes:
    shell = step.add(f"CLOSED_SHELL('',({','.join(faces)}))")
    solid = step.add(f"MANIFOLD_SOLID_BREP('Shank',{shell})")
    length = "( LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT(.MILLI.,.METRE.) )"
    millimetre = step.add(length)
    if unit == "inch":
        measure = step.add(f"LENGTH_MEASURE_WITH_UNIT(LENGTH_MEASURE(25.4),{millimetre})")
        power = step.add("DIMENSIONAL_EXPONENTS(1.,0.,0.,0.,0.,0.,0.)")
        used = step.add(f"( CONVERSION_BASED_UNIT('INCH',{measure}) LENGTH_UNIT() NAMED_UNIT({power}) )")
    else:
        used = millimetre
    angle = step.add("( NAMED_UNIT(*) PLANE_ANGLE_UNIT() SI_UNIT($,.RADIAN.) )")
    solid_angle = step.add("( NAMED_UNIT(*) SI_UNIT($,.STERADIAN.) SOLID_ANGLE_UNIT() )")
    doubt = step.add(f"UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE(1.E-07),{used},'distance_accuracy_value','')")
    context = step.add(
        "( GEOMETRIC_REPRESENTATION_CONTEXT(3) "
        f"GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT(({doubt})) "
        f"GLOBAL_UNIT_ASSIGNED_CONTEXT(({used},{angle},{solid_angle})) REPRESENTATION_CONTEXT('','') )"
    )
    shape = step.add(f"ADVANCED_BREP_SHAPE_REPRESENTATION('',({step.placement(0)},{solid}),{context})")
    application = step.add("APPLICATION_CONTEXT('automotive design')")
    product_context = step.add(f"PRODUCT_CONTEXT('',{application},'mechanical')")
    product = step.add(f"PRODUCT('Shank','Shank','',({product_context}))")
    formation = step.add(f"PRODUCT_DEFINITION_FORMATION('','',{product})")
    definition_context = step.add(f"PRODUCT_DEFINITION_CONTEXT('part definition',{application},'design')")
    definition = step.add(f"PRODUCT_DEFINITION('design','',{formation},{definition_context})")
    property_shape = step.add(f"PRODUCT_DEFINITION_SHAPE('','',{definition})")
    step.add(f"SHAPE_DEFINITION_REPRESENTATION({property_shape},{shape})")
    head = (
        "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\nFILE_NAME('band','',(''),(''),'','','');\n"
        "FILE_SCHEMA(('AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 1 }'));\nENDSEC;\nDATA;\n"
    )
    return (head + "\n".join(step.lines) + "\nENDSEC;\nEND-ISO-10303-21;\n").encode()


def step_band_volume(bore_mm: float = 17.3, thickness: float = 1.7, width: float = 4.0) -> float:
    """The exact volume of `step_band`, mm³."""
    return pi * ((bore_mm / 2 + thickness) ** 2 - (bore_mm / 2) ** 2) * width
