"""Metal, stone or only drawn: names first, shape where they are silent; and stones measured as cut."""

import numpy as np
import pytest
import trimesh

from renders.bodies import Body, Kind
from renders.parts import Part
from renders.sorting import kind_by_words, sort, species_by_words
from renders.stones import describe_stones
from tests import rings


def part(mesh: trimesh.Trimesh, name: str = "object 1", layer: str | None = None, material: str | None = None) -> Part:
    return Part(name, layer, material, np.array(mesh.vertices), np.array(mesh.faces, np.int64))


def kinds(*parts: Part) -> list[Kind]:
    return [body.kind for body in sort(parts).bodies]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("metal_beadR611", Kind.METAL),
        ("Stone shoulder diamond 08", Kind.STONE),
        ("diamondProng3", Kind.METAL),
        ("Gold 18k yellow", Kind.METAL),
        ("Sapphire", Kind.STONE),
        ("Gems::Round 1.3 mm", Kind.STONE),
        ("Stone cutter", Kind.HELPER),
        ("SPRUE", Kind.HELPER),
        ("Object 12", None),
        ("golden hour", None),
        (None, None),
    ],
)
def test_words_tell_the_kind(text, kind):
    assert kind_by_words(text) is kind


def test_the_gem_is_told_by_its_words():
    assert species_by_words(None, "Blue Sapphire 02") == "sapphire"
    assert species_by_words("Diamonds") == "diamond"
    assert species_by_words("Stone 3") is None


@pytest.mark.parametrize(
    "gem", [rings.brilliant(6.5), rings.brilliant(1.3, 32), rings.oval(), rings.step_cut(), rings.step_cut(5, 2, 0)]
)
@pytest.mark.parametrize("pose", [0, 1])
def test_cut_stones_are_known_by_shape_in_any_pose(gem, pose):
    assert kinds(part(gem.copy().apply_transform(rings.any_pose(pose)))) == [Kind.STONE]


@pytest.mark.parametrize(
    "metal",
    [
        trimesh.creation.box([8, 6, 2]),
        trimesh.creation.cylinder(radius=10, height=2, sections=64),
        trimesh.creation.cylinder(radius=3, height=9, sections=8),
        trimesh.creation.icosphere(subdivisions=1, radius=0.3),
        trimesh.creation.icosphere(subdivisions=3, radius=0.3),
        trimesh.creation.uv_sphere(radius=0.4, count=(8, 8)),
        trimesh.creation.capsule(height=3, radius=0.4),
        rings.band(segments=90),
    ],
    ids=["box", "disc", "bar", "coarse bead", "bead", "globe", "claw", "band"],
)
def test_metal_is_not_taken_for_a_stone(metal):
    assert kinds(part(metal)) == [Kind.METAL]


def test_stones_in_a_soup_become_bodies_of_their_own():
    ring = rings.solitaire(pave=4, segments=90)
    found = sort([part(ring.soup(), "design")])
    assert [body.kind for body in found.bodies].count(Kind.STONE) == len(ring.stones) == 9
    assert [body.kind for body in found.bodies].count(Kind.METAL) == 1


def test_one_body_of_many_stones_is_counted_by_stones():
    gems = [rings.brilliant(1.3, 32).apply_translation([2 * k, 0, 0]) for k in range(5)]
    found = sort([part(trimesh.util.concatenate(gems), "Diamonds")])
    assert [body.name for body in found.bodies] == [f"Diamonds stone {k:02d}" for k in range(1, 6)]


def test_contradicting_names_are_settled_by_shape():
    assert kinds(part(rings.brilliant(), "Stone 1", material="Gold")) == [Kind.STONE]
    assert kinds(part(rings.band(segments=60), "Prong", material="Diamond")) == [Kind.METAL]


def test_a_gem_called_metal_is_pointed_out():
    assert sort([part(rings.brilliant(), "Claw 1")]).doubtful == ("Claw 1",)


@pytest.mark.parametrize(
    ("gem", "shape", "length", "width"),
    [
        (rings.brilliant(6.5), "round", 6.5, 6.5),
        (rings.brilliant(1.3, 32), "round", 1.3, 1.3),
        (rings.oval(8.1, 6.3), "oval", 8.1, 6.3),
        (rings.step_cut(8, 6), "emerald", 8.0, 6.0),
        (rings.step_cut(6, 6), "asscher", 6.0, 6.0),
        (rings.step_cut(5, 2, 0), "baguette", 5.0, 2.0),
    ],
    ids=["brilliant", "pave", "oval", "emerald", "asscher", "baguette"],
)
@pytest.mark.parametrize("pose", [None, 5])
def test_stones_are_measured_within_a_hundredth(gem, shape, length, width, pose):
    mesh = gem.copy() if pose is None else gem.copy().apply_transform(rings.any_pose(pose))
    (stone,) = describe_stones([Body("Stone", None, None, Kind.STONE, mesh)])
    assert stone.shape == shape
    assert (stone.length_mm, stone.width_mm) == pytest.approx((length, width), abs=0.01)
    assert stone.depth_mm == pytest.approx(float(gem.extents[2]), abs=0.01)
    assert stone.estimated_ct_if_diamond == pytest.approx(gem.volume * 3.52 / 200, rel=0.01)
