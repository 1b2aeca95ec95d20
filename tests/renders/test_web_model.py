"""The light model, read back by trimesh and by hand."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh
from trimesh import Trimesh

from renders import web
from renders.bodies import Body, Design, Kind
from renders.errors import EmptyDesign
from renders.scene import standing
from tests.renders.test_stills import RING, design
from tests.rings import any_pose, plain


def document(path: Path) -> dict:
    raw = path.read_bytes()
    length = struct.unpack("<I", raw[12:16])[0]
    assert struct.unpack("<4sII", raw[:12]) == (b"glTF", 2, len(raw))
    return json.loads(raw[20 : 20 + length])


def placed(path: Path) -> dict[str, Trimesh]:
    """Every part in the model's world: metres, y up."""
    whole = trimesh.load_scene(path)
    parts = {}
    for node in whole.graph.nodes_geometry:
        matrix, name = whole.graph[node]
        parts[name] = whole.geometry[name].copy().apply_transform(matrix)
    return parts


@pytest.mark.parametrize("seed", [None, 3])
def test_parts_come_back_by_name_in_metres_standing_y_up(tmp_path: Path, seed: int | None) -> None:
    whole = design(RING, None if seed is None else any_pose(seed))
    model = web.write(whole, tmp_path / "model.glb")
    parts = placed(tmp_path / "model.glb")
    assert set(parts) == {body.name for body in whole.bodies}
    turn, shift = standing(whole)
    for body in whole.bodies:
        upright = np.asarray(body.mesh.vertices) @ turn.T + shift
        expected = np.stack([upright[:, 0], upright[:, 2], -upright[:, 1]], axis=1) / 1000
        error_m = 1e-6 * max(model.max_error_um, 1.0) * 1.1
        low, high = parts[body.name].bounds
        assert low == pytest.approx(expected.min(axis=0), abs=error_m)
        assert high == pytest.approx(expected.max(axis=0), abs=error_m)
    ground = min(part.bounds[0][1] for part in parts.values())
    assert ground == pytest.approx(0, abs=2e-6)


def test_kinds_and_species_are_told(tmp_path: Path) -> None:
    web.write(design(RING), tmp_path / "model.glb")
    told = document(tmp_path / "model.glb")
    kinds = {node["name"]: node["extras"]["kind"] for node in told["nodes"] if "mesh" in node}
    assert kinds["Shank"] == "metal"
    assert kinds["Stone centre"] == "stone"
    assert [material["name"] for material in told["materials"]] == ["yellow gold", "sapphire"]
    assert told["extensionsRequired"] == ["KHR_mesh_quantization"]


def test_every_accessor_lies_in_the_buffer_and_on_four_bytes(tmp_path: Path) -> None:
    web.write(design(RING), tmp_path / "model.glb")
    told = document(tmp_path / "model.glb")
    for view in told["bufferViews"]:
        assert view["byteOffset"] % 4 == 0
        assert view.get("byteStride", 4) % 4 == 0
        assert view["byteOffset"] + view["byteLength"] <= told["buffers"][0]["byteLength"]


def test_stones_keep_flat_facets(tmp_path: Path) -> None:
    whole = design(RING)
    web.write(whole, tmp_path / "model.glb")
    stone = placed(tmp_path / "model.glb")["Stone centre"]
    original = next(body.mesh for body in whole.bodies if body.name == "Stone centre")
    assert len(stone.faces) == len(original.faces)
    assert len(stone.vertices) == 3 * len(original.faces)


def test_half_a_million_triangles_fit_a_megabyte_with_the_error_measured(tmp_path: Path) -> None:
    band = plain(segments=4000).metal[0][1]
    whole = design(plain(segments=90))
    heavy = Design((Body("Shank", None, None, Kind.METAL, band),), whole.pose)
    model = web.write(heavy, tmp_path / "model.glb")
    assert model.triangles_before >= 500_000
    assert (tmp_path / "model.glb").stat().st_size == model.bytes <= 1_000_000
    assert model.max_error_um < 20
    light = placed(tmp_path / "model.glb")["Shank"]
    assert abs(light.volume) * 1e9 == pytest.approx(band.volume, rel=1e-3)


def test_a_small_budget_is_kept_too(tmp_path: Path) -> None:
    model = web.write(design(RING), tmp_path / "model.glb", max_bytes=120_000)
    assert model.bytes <= 120_000
    assert model.triangles < model.triangles_before
    assert model.max_error_um > 0.5


def test_nothing_to_show_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyDesign):
        web.write(Design((), design(plain()).pose), tmp_path / "model.glb")
