"""The whole report on real files and on rings of known truth, and the laws it has to keep."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import trimesh

from renders import neutral
from renders.bodies import Kind
from renders.errors import NoDesign
from renders.pipeline import Options, Reading, read
from renders.report import Confidence, LengthUnit, Level, Report, UnitSource
from tests import cadfiles, rings

MODELS = Path(__file__).parents[1] / "models"


@cache
def reading_of(name: str) -> Reading:
    return read(MODELS / name, Options())


def written(parts, folder, name="ring.glb", **options) -> Report:
    return read(cadfiles.write(parts, folder / name), Options(**options)).report


def codes(report: Report) -> set[tuple[str, Level]]:
    return {(finding.code, finding.level) for finding in report.findings}


@pytest.mark.parametrize("name", ["mareel_r2.glb", "mareel_r3.glb"])
def test_the_demo_ring_measures_as_it_was_made(name):
    report = reading_of(name).report
    assert report.bore.diameter_mm == pytest.approx(16.719, abs=0.005)
    assert "UK M" in {size.label for size in report.bore.sizes}
    assert (len(report.bodies), report.triangles, report.stone_count) == (54, 58_998, 9)
    centre = report.stones[0]
    assert (centre.length_mm, centre.width_mm, centre.depth_mm) == pytest.approx((8.10, 6.30, 4.33), abs=0.01)
    assert (centre.shape, centre.species) == ("oval", "sapphire")
    assert centre.estimated_ct == pytest.approx(1.57, abs=0.005)
    assert {(stone.species, stone.shape) for stone in report.stones[1:]} == {("diamond", "round")}
    assert report.pose.up == pytest.approx((0, 0, 1), abs=0.02)
    assert report.pose.axis == pytest.approx((0, 1, 0), abs=1e-4)
    assert report.weight_g("AU750Y") == pytest.approx(report.metal_volume_mm3 * 15.58 / 1000, abs=0.001)
    assert not report.blocks


def test_a_glb_in_millimetres_is_not_taken_as_metres_and_says_so():
    report = reading_of("mareel_r2.glb").report
    assert (report.unit.unit, report.unit.source) == (LengthUnit.MILLIMETRE, UnitSource.SIZE)
    assert "16.72 mm" in report.unit.sentence
    assert ("unit_unconfirmed", Level.CARE) in codes(report)


def test_the_eighty_part_solitaire_measures_as_it_was_made():
    report = reading_of("solitaire_pave_80_parts.glb").report
    assert report.bore.diameter_mm == pytest.approx(17.30, abs=0.005)
    assert (len(report.bodies), report.stone_count) == (80, 15)
    assert report.stones[0].length_mm == pytest.approx(6.5, abs=0.01)
    assert report.stones[0].estimated_ct_if_diamond == pytest.approx(1.014, abs=0.005)


def test_the_public_band_measures_as_we_know_it():
    report = reading_of("bartmassey_ring.stl").report
    assert report.bore.diameter_mm == pytest.approx(20.718, abs=0.005)
    assert report.metal_volume_mm3 > 0
    assert report.stone_count == 0


def test_a_ring_that_is_not_closed_is_blocked_and_not_weighed():
    report = reading_of("hexer_ring.stl").report
    assert ("open_mesh", Level.BLOCK) in codes(report)
    assert (report.metal_volume_mm3, report.weights) == (None, ())
    assert "edges shared by more than two faces" in report.weights_reason
    assert report.blocks[0].place_mm is not None


def test_a_3dm_that_is_no_ring_says_that_it_has_no_bore():
    report = reading_of("mesh.3dm").report
    assert report.bore is None
    assert report.bore_reason


@pytest.mark.parametrize("scale", [0.5, 1.3, 2.0])
def test_mass_grows_with_the_cube_and_bore_with_the_scale(scale, tmp_path):
    ring = rings.solitaire(18.0, segments=120)
    scaled = {name: mesh.copy().apply_scale(scale) for name, mesh in ring.parts.items()}
    one = written(ring.parts, tmp_path, unit=LengthUnit.MILLIMETRE)
    other = written(scaled, tmp_path, unit=LengthUnit.MILLIMETRE)
    assert other.metal_volume_mm3 == pytest.approx(scale**3 * one.metal_volume_mm3, rel=1e-4)
    assert other.weight_g("PT950RU") == pytest.approx(scale**3 * one.weight_g("PT950RU"), rel=1e-3)
    if scale == 1.3:
        assert other.bore.diameter_mm == pytest.approx(scale * one.bore.diameter_mm, abs=0.005)
    else:
        assert (other.bore, "a finger's is" in other.bore_reason) == (None, True)


def test_nothing_but_place_changes_with_the_pose(tmp_path):
    ring = rings.solitaire(pave=2, segments=120)
    still, moved = written(ring.parts, tmp_path), written(ring.moved(rings.any_pose(5)).parts, tmp_path)
    assert moved.bore.diameter_mm == pytest.approx(still.bore.diameter_mm, abs=0.002)
    assert moved.metal_volume_mm3 == pytest.approx(still.metal_volume_mm3, rel=1e-4)
    assert [(s.shape, round(s.length_mm, 1)) for s in moved.stones] == [
        (s.shape, round(s.length_mm, 1)) for s in still.stones
    ]
    matrix = rings.any_pose(5)[:3, :3]
    assert np.array(moved.pose.up) == pytest.approx(matrix @ np.array(still.pose.up), abs=0.02)


@pytest.mark.parametrize(
    ("per_mm", "unit"),
    [
        (1.0, LengthUnit.MILLIMETRE),
        (0.1, LengthUnit.CENTIMETRE),
        (0.001, LengthUnit.METRE),
        (1 / 25.4, LengthUnit.INCH),
    ],
)
def test_the_unit_of_a_file_that_states_none_is_found_by_the_finger(per_mm, unit, tmp_path):
    mesh = rings.band(17.3, segments=120).apply_scale(per_mm)
    report = written({"r": mesh}, tmp_path, "r.stl")
    assert (report.unit.unit, report.unit.confidence) == (unit, Confidence.LIKELY)
    assert report.bore.diameter_mm == pytest.approx(rings.faceted_bore(17.3, 120), abs=0.005)


def test_a_confirmed_unit_is_taken_as_it_is(tmp_path):
    report = written({"r": rings.band(17.3, segments=120)}, tmp_path, "r.stl", unit=LengthUnit.CENTIMETRE)
    assert report.unit.source is UnitSource.GIVEN
    assert report.bore is None
    assert max(report.extents_mm) > 200
    assert ("unusual_size", Level.CARE) in codes(report)
    assert ("unit_unconfirmed", Level.CARE) not in codes(report)


@pytest.mark.parametrize(("ordered", "level"), [(17.30, None), (17.40, Level.CARE), (17.50, Level.BLOCK)])
def test_the_bore_is_checked_against_the_size_ordered(ordered, level, tmp_path):
    report = written({"r": rings.band(17.3, segments=360)}, tmp_path, "r.stl", size_mm=ordered)
    found = [finding.level for finding in report.findings if finding.code == "bore_off"]
    assert found == ([] if level is None else [level])


def test_a_size_ordered_for_a_piece_without_a_bore_blocks(tmp_path):
    disc = trimesh.creation.cylinder(radius=10, height=2)
    report = written({"Metal disc": disc}, tmp_path, size_mm=17.3)
    assert ("bore_missing", Level.BLOCK) in codes(report)


def test_overlapping_parts_are_weighed_once(tmp_path):
    box = trimesh.creation.box([10, 10, 10])
    half = box.copy().apply_translation([5, 0, 0])
    assert written({"Metal a": box, "Metal b": half}, tmp_path).metal_volume_mm3 == pytest.approx(1500)


def test_a_hollow_is_not_metal_and_an_inside_out_part_is(tmp_path):
    outer = trimesh.creation.icosphere(subdivisions=3, radius=8)
    inner = trimesh.creation.icosphere(subdivisions=3, radius=5)
    inner.invert()
    hollow = trimesh.util.concatenate([outer, inner])
    report = written({"Metal ball": hollow}, tmp_path)
    assert report.metal_volume_mm3 == pytest.approx(outer.volume + inner.volume, rel=1e-5)
    inverted = outer.copy()
    inverted.invert()
    turned = written({"Metal ball": inverted}, tmp_path)
    assert turned.metal_volume_mm3 == pytest.approx(outer.volume, rel=1e-5)
    assert ("turned", Level.NOTE) in codes(turned)


def test_one_missing_triangle_withholds_the_weight_and_shows_the_place(tmp_path):
    mesh = rings.band(17.3, segments=120)
    gone = mesh.triangles_center[0]
    report = written({"Metal band": trimesh.Trimesh(mesh.vertices, mesh.faces[1:], process=False)}, tmp_path)
    assert report.weights == ()
    assert "3 open edges" in report.weights_reason
    assert np.linalg.norm(np.array(report.blocks[0].place_mm) - gone) < 0.5
    assert report.bore.diameter_mm == pytest.approx(rings.faceted_bore(17.3, 120), abs=0.005)


def test_a_gem_left_in_the_same_mesh_is_neither_weighed_as_metal_nor_lost(tmp_path):
    ring = rings.solitaire(pave=3, segments=120)
    report = written({"Mesh 1": ring.soup()}, tmp_path)
    metal = rings.union([mesh for _, mesh in ring.metal]).volume
    assert report.metal_volume_mm3 == pytest.approx(metal, rel=1e-4)
    assert report.stone_count == 7


def test_the_report_of_the_same_bytes_is_the_same_text(tmp_path):
    path = cadfiles.write(rings.plain(segments=90).parts, tmp_path / "r.stl")
    assert read(path, Options()).report.to_json() == read(path, Options()).report.to_json()
    text = read(path, Options()).report.to_json()
    assert Report.from_json(text).to_json() == text


@pytest.mark.parametrize("ending", ["glb", "stl"])
def test_two_rings_in_one_file_are_not_taken_for_one(tmp_path, ending):
    narrow = rings.band(17.3, segments=90).apply_translation([30, 0, 0])
    report = written({"his": rings.band(20.0, segments=90), "hers": narrow}, tmp_path, f"two.{ending}")
    (finding,) = (one for one in report.findings if one.code == "more_than_one")
    assert "one of 17.29 mm" in finding.message
    assert finding.level is Level.CARE


def test_a_ring_with_its_stones_is_one_piece(tmp_path):
    assert "more_than_one" not in {code for code, _ in codes(written(rings.solitaire().parts, tmp_path))}


def test_an_eternity_ring_saved_as_one_mesh_shows_each_stone(tmp_path):
    turns = (trimesh.transformations.rotation_matrix(2 * np.pi * k / 60, [0, 1, 0]) for k in range(60))
    gem = rings.brilliant(1.8, 32).apply_translation([0, 0, 10.4])
    band = rings.band(17.5, 2.5, 1.7, "flat", segments=90)
    whole = trimesh.util.concatenate([band, *(gem.copy().apply_transform(turn) for turn in turns)])
    report = written({"eternity": whole}, tmp_path, "eternity.stl")
    assert report.stone_count == 60
    assert report.metal_volume_mm3 == pytest.approx(band.volume, abs=0.01)
    assert [stone.length_mm for stone in report.stones] == pytest.approx([1.79] * 60, abs=0.01)


def test_a_surface_drawn_twice_has_no_weight_and_says_why(tmp_path):
    ring = rings.band(segments=90)
    twice = trimesh.Trimesh(ring.vertices, np.vstack([ring.faces, ring.faces[:, ::-1]]), process=False)
    report = written({"ring": twice}, tmp_path, "twice.stl")
    assert report.metal_volume_mm3 is None
    assert "shared by more than two faces" in (report.weights_reason or "")


def test_a_stone_placed_many_times_is_measured_as_placed(tmp_path):
    scene = trimesh.Scene()
    scene.add_geometry(rings.band(segments=90), node_name="Shank", geom_name="Shank")
    place = trimesh.transformations.translation_matrix([0, 0, 10.6])
    scene.add_geometry(rings.brilliant(1.3, 32), node_name="Stone 0", geom_name="Stone", transform=place)
    mirrored = trimesh.transformations.scale_matrix(-1, direction=[1, 0, 0]) @ place
    scene.graph.update(frame_to="Stone 1", matrix=mirrored, geometry="Stone")
    scene.graph.update(frame_to="Stone 2", matrix=place @ np.diag([2.0, 1, 1, 1]), geometry="Stone")
    (tmp_path / "placed.glb").write_bytes(scene.export(file_type="glb"))
    report = read(tmp_path / "placed.glb", Options()).report
    lengths = [stone.length_mm for stone in report.stones]
    assert lengths == pytest.approx([2.6, 1.3, 1.3], abs=0.02)
    assert all(body.closed and body.volume_mm3 > 0 for body in report.bodies)


def test_a_design_survives_the_way_to_the_child_that_draws(tmp_path):
    design = reading_of("mareel_r2.glb").design
    neutral.save(design, tmp_path / "design.npz")
    back = neutral.load(tmp_path / "design.npz")
    assert [(body.name, body.layer, body.material, body.kind) for body in back.bodies] == [
        (body.name, body.layer, body.material, body.kind) for body in design.bodies
    ]
    assert all(
        np.array_equal(a.mesh.vertices, b.mesh.vertices) for a, b in zip(back.bodies, design.bodies, strict=True)
    )
    assert np.array_equal(back.pose.up, design.pose.up)
    assert len(back.of(Kind.STONE)) == 9
    assert back.bore.diameter == design.bore.diameter


def test_a_folder_without_a_design_is_named(tmp_path):
    with pytest.raises(NoDesign):
        neutral.load(tmp_path / "design.npz")
    (tmp_path / "design.npz").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(NoDesign):
        neutral.load(tmp_path / "design.npz")
