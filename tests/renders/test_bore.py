"""The bore is right within 5 µm on rings of every kind, in any pose, at any scale; what is no ring has none."""

from functools import cache

import numpy as np
import pytest
import trimesh

from renders.bore import find_bore
from tests import rings

MICROMETRE = 0.001
RINGS = {
    "comfort 14.05": lambda: rings.plain(14.05),
    "comfort 21.40": lambda: rings.plain(21.40, width=6.0),
    "flat thin 18.00": lambda: rings.plain(18.0, "flat", width=1.2, thickness=0.8),
    "D tapered 16.50": lambda: rings.plain(16.5, "D", width=3.0, top_width=1.8, top_thickness=1.5),
    "coarse, 32 sides": lambda: rings.plain(17.0, "flat", 32),
    "split shank": rings.split_shank,
    "signet": rings.signet,
    "solitaire": rings.solitaire,
    "pave": lambda: rings.solitaire(pave=6),
}


@cache
def ring_of(kind: str) -> rings.Ring:
    return RINGS[kind]()


def bore_of(mesh: trimesh.Trimesh):
    return find_bore(np.array(mesh.vertices), np.array(mesh.faces, np.int64))


@pytest.mark.parametrize("kind", RINGS)
@pytest.mark.parametrize("pose", [None, 1, 2], ids=["as drawn", "pose 1", "pose 2"])
def test_the_bore_is_true_within_five_micrometres(kind, pose):
    ring = ring_of(kind)
    moved = ring if pose is None else ring.moved(rings.any_pose(pose))
    found = bore_of(moved.soup())
    assert found is not None
    assert found.diameter == pytest.approx(ring.bore_mm, abs=5 * MICROMETRE)


@pytest.mark.parametrize("scale", [0.001, 0.03937, 0.9, 3.0])
def test_the_bore_grows_with_the_scale(scale):
    mesh = ring_of("solitaire").moved(rings.any_pose(4)).soup()
    whole, scaled = bore_of(mesh), bore_of(mesh.copy().apply_scale(scale))
    assert scaled.diameter == pytest.approx(scale * whole.diameter, rel=1e-4)


def test_axis_and_centre_follow_the_pose():
    matrix = rings.any_pose(7)
    found = bore_of(ring_of("solitaire").moved(matrix).soup())
    assert abs(found.axis @ matrix[:3, 1]) == pytest.approx(1, abs=1e-5)
    offset = found.centre - matrix[:3, 3]
    assert np.linalg.norm(offset - (offset @ found.axis) * found.axis) < 0.01


def test_an_open_ring_still_has_a_bore():
    ring = rings.band(17.0, kind="flat")
    gap = trimesh.creation.box([4, 20, 12]).apply_translation([0, 0, 9])
    opened = rings.solid(ring) - rings.solid(gap)
    mesh = opened.to_mesh64()
    found = find_bore(mesh.vert_properties[:, :3].copy(), mesh.tri_verts.astype(np.int64))
    assert found.diameter == pytest.approx(17.0, abs=0.01)


@pytest.mark.parametrize(
    "mesh",
    [
        trimesh.creation.icosphere(subdivisions=4, radius=8),
        trimesh.creation.cylinder(radius=10, height=2, sections=64),
        trimesh.creation.box([20, 8, 3]),
        rings.brilliant(6.5),
        rings.step_cut(),
    ],
    ids=["sphere", "disc", "bar", "brilliant", "emerald"],
)
@pytest.mark.parametrize("pose", [0, 3])
def test_what_nothing_passes_through_has_no_bore(mesh, pose):
    assert bore_of(mesh.copy().apply_transform(rings.any_pose(pose))) is None


def test_a_pendants_bail_is_not_mistaken_for_more_than_it_is():
    disc = rings.solid(trimesh.creation.cylinder(radius=10, height=2, sections=64))
    bail = rings.solid(trimesh.creation.cylinder(radius=1.5, height=9, sections=64).apply_translation([0, 7, 0]))
    mesh = (disc - bail).to_mesh64()
    found = find_bore(mesh.vert_properties[:, :3].copy(), mesh.tri_verts.astype(np.int64))
    assert found is None or found.diameter == pytest.approx(3.0, abs=0.02)
