"""The same ring in every format is the same ring; what a format keeps of names, layers and units is kept."""

from functools import cache

import numpy as np
import pytest
import rhino3dm
import trimesh

from renders.bodies import Kind
from renders.errors import NoMeshes
from renders.loading import load
from renders.pipeline import Options, read
from renders.report import Confidence, LengthUnit, Level, UnitSource
from tests import cadfiles, rings

WITH_PARTS = ("glb", "obj", "3mf", "3dm")


@cache
def ring() -> rings.Ring:
    return rings.solitaire(17.3, pave=2, segments=120)


def report_on(path, **options):
    return read(path, Options(**options)).report


@pytest.mark.parametrize("name", ["r.stl", "ascii.stl", "r.obj", "r.ply", "r.glb", "r.3mf", "r.3dm"])
def test_the_same_ring_in_every_format_measures_the_same(name, tmp_path):
    report = report_on(cadfiles.write(ring().parts, tmp_path / name))
    assert report.unit.unit is LengthUnit.MILLIMETRE
    assert report.bore.diameter_mm == pytest.approx(ring().bore_mm, abs=0.005)
    assert report.metal_volume_mm3 == pytest.approx(rings.union([mesh for _, mesh in ring().metal]).volume, rel=1e-4)
    assert report.stone_count == 5
    assert report.stones[0].length_mm == pytest.approx(6.5, abs=0.01)
    assert not report.blocks


@pytest.mark.parametrize("kind", WITH_PARTS)
def test_parts_keep_their_names(kind, tmp_path):
    report = report_on(cadfiles.write(ring().parts, tmp_path / f"r.{kind}"))
    assert {body.name for body in report.bodies} == set(ring().parts)


def test_a_step_solid_is_measured_in_its_own_unit(tmp_path):
    for unit in ("mm", "inch"):
        path = tmp_path / f"{unit}.step"
        path.write_bytes(cadfiles.step_band(17.3, unit=unit))
        report = report_on(path)
        assert report.unit.source is UnitSource.FILE
        assert report.bore.diameter_mm == pytest.approx(17.3, abs=0.005)
        assert report.metal_volume_mm3 == pytest.approx(cadfiles.step_band_volume(), rel=2e-4)
        assert report.bodies[0].name == "Shank"


@pytest.mark.parametrize("unit", ["millimeter", "inch", "micron", "meter"])
def test_a_3mf_is_measured_in_the_unit_it_states(unit, tmp_path):
    path = tmp_path / "ring.3mf"
    path.write_bytes(cadfiles.threemf(rings.plain(17.3, segments=90).parts, unit))
    report = report_on(path)
    assert report.bore.diameter_mm == pytest.approx(rings.faceted_bore(17.3, 90), abs=0.005)
    assert (report.unit.source, report.unit.confidence) == (UnitSource.FILE, Confidence.CERTAIN)


def test_components_of_a_3mf_are_placed(tmp_path):
    path = tmp_path / "ring.3mf"
    path.write_bytes(cadfiles.threemf({"Shank": trimesh.creation.box([1, 1, 1])}, nested=True))
    (part,) = load(path).parts
    assert part.vertices[:, 0].min() == pytest.approx(0.5)
    assert part.name == "Shank"


def test_blocks_of_a_3dm_are_expanded_where_they_stand(tmp_path):
    file = cadfiles.rhino({"Metal shank": rings.band(17.3, segments=90)})
    stone = cadfiles.rhino_mesh(rings.brilliant(1.3))
    file.InstanceDefinitions.Add(
        "Round diamond", "", "", "", rhino3dm.Point3d(0, 0, 0), (stone,), (rhino3dm.ObjectAttributes(),)
    )
    block = file.InstanceDefinitions[0]
    for shift in (3.0, 5.0, 7.0):
        moved = rhino3dm.Transform.Translation(rhino3dm.Vector3d(shift, 0, 11))
        file.Objects.AddInstanceObject(rhino3dm.InstanceReference(block.Id, moved), rhino3dm.ObjectAttributes())
    file.Write(str(tmp_path / "ring.3dm"), 8)
    reading = read(tmp_path / "ring.3dm", Options())
    assert reading.report.stone_count == 3
    assert {stone.species for stone in reading.report.stones} == {"diamond"}
    across = [stone.mesh.vertices[:, 0] for stone in reading.design.of(Kind.STONE)]
    middles = sorted(float(x.min() + x.max()) / 2 for x in across)
    assert middles == pytest.approx([3.0, 5.0, 7.0], abs=0.01)


def test_quads_of_a_3dm_become_two_triangles(tmp_path):
    file = rhino3dm.File3dm()
    mesh = rhino3dm.Mesh()
    for x, y in ((0, 0), (9, 0), (9, 9), (0, 9)):
        mesh.Vertices.Add(x, y, 0)
    mesh.Faces.AddFace(0, 1, 2, 3)
    file.Objects.AddMesh(mesh)
    file.Write(str(tmp_path / "sheet.3dm"), 8)
    assert len(load(tmp_path / "sheet.3dm").parts[0].faces) == 2


def bare_box() -> rhino3dm.Brep:
    return rhino3dm.Brep.CreateFromBox(rhino3dm.Box(rhino3dm.BoundingBox(0, 0, 0, 9, 9, 9)))


def test_a_3dm_without_render_meshes_says_how_to_save_them(tmp_path):
    file = rhino3dm.File3dm()
    file.Objects.AddBrep(bare_box())
    file.Write(str(tmp_path / "bare.3dm"), 8)
    with pytest.raises(NoMeshes, match="Save small"):
        load(tmp_path / "bare.3dm")


def test_a_3dm_with_some_surfaces_unmeshed_is_blocked_and_not_weighed(tmp_path):
    file = cadfiles.rhino({"Metal shank": rings.band(17.3, segments=90)})
    file.Objects.AddBrep(bare_box())
    file.Write(str(tmp_path / "half.3dm"), 8)
    report = report_on(tmp_path / "half.3dm")
    assert [(finding.code, finding.level) for finding in report.findings] == [("missing_meshes", Level.BLOCK)]
    assert report.metal_volume_mm3 is None
    assert "render mesh" in report.weights_reason


def test_an_obj_with_polygons_negative_numbers_and_a_missing_library_is_read(tmp_path):
    path = tmp_path / "box.obj"
    path.write_text(
        "mtllib ../../../etc/passwd\no Metal box\nusemtl gold\n"
        "v 0 0 0\nv 9 0 0\nv 9 9 0\nv 0 9 0\nv 0 0 9\nv 9 0 9\nv 9 9 9\nv 0 9 9\n"
        "f 4/1/1 3/2/2 2/3/3 1/4/4\nf -4 -3 -2 -1\nf 1 2 6 5\nf 2 3 7 6\nf 3 4 8 7\nf 4 1 \\\n5 8\n"
    )
    report = report_on(path)
    assert report.metal_volume_mm3 == pytest.approx(729)
    assert (report.bodies[0].name, report.bodies[0].material) == ("Metal box", "gold")


def test_instances_of_a_glb_are_placed_and_mirrored_ones_turned(tmp_path):
    scene = trimesh.Scene()
    mirrored = np.diag([-1.0, 1, 1, 1])
    mirrored[0, 3] = -20
    scene.add_geometry(rings.band(17.3, segments=60), node_name="Shank", geom_name="Shank")
    scene.add_geometry(rings.brilliant(), node_name="Stone", geom_name="Stone", transform=mirrored)
    path = tmp_path / "ring.glb"
    path.write_bytes(scene.export(file_type="glb"))
    report = report_on(path)
    assert not any(finding.code == "turned" for finding in report.findings)
    assert report.stones[0].volume_mm3 == pytest.approx(rings.brilliant().volume, rel=1e-3)


def test_seams_of_rounded_numbers_are_closed(tmp_path):
    mesh = rings.band(17.3, segments=90)
    noise = np.random.default_rng(0).uniform(-4e-7, 4e-7, (len(mesh.faces) * 3, 3))
    loose = trimesh.Trimesh(
        mesh.vertices[mesh.faces.ravel()] + noise, np.arange(len(noise)).reshape(-1, 3), process=False
    )
    path = tmp_path / "loose.stl"
    path.write_bytes(loose.export(file_type="stl"))
    assert report_on(path).metal_volume_mm3 == pytest.approx(mesh.volume, rel=1e-4)
