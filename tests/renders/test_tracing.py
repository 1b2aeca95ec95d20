"""Light inside stones, against laws that must hold for any stone."""

import numpy as np
import pytest

from renders.materials import DIAMOND, Optics, species
from renders.rays import EmbreeScene, MarchingRays, rays_against
from renders.tracing import BOUNCES, Gem, fresnel, gem, trace
from tests.rings import brilliant, oval, plain, step_cut

GLASS = Optics("glass", 1.5, 0.0, (1.0, 1.0, 1.0))


def corners(mesh) -> np.ndarray:
    return np.asarray(mesh.triangles)


def looking_down(stone: Gem, count: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points on the table, rays straight down on them, and the table's normal."""
    chance = np.random.default_rng(1)
    top = int(stone.normals[:, 2].argmax())
    points = np.zeros((count, 3), np.float32)
    points[:, :2] = chance.uniform(-1, 1, (count, 2))
    points[:, 2] = stone.offsets[top]
    down = np.tile(np.array([0, 0, -1], np.float32), (count, 1))
    return points, down, np.tile(stone.normals[top], (count, 1))


def seen(stone: Gem, surroundings: float = 1.0) -> np.ndarray:
    points, down, normals = looking_down(stone)
    which = np.zeros(len(points), np.int16)
    return trace([stone], which, points, down, normals, lambda at, ways: np.full_like(at, surroundings))


@pytest.mark.parametrize(
    ("mesh", "fewest", "most"), [(brilliant(6.5), 57, 160), (oval(8.1, 6.3), 57, 200), (step_cut(8, 6), 20, 70)]
)
def test_a_cut_stone_is_its_facets(mesh, fewest: int, most: int) -> None:
    stone = gem(corners(mesh), DIAMOND)
    assert stone is not None
    assert fewest <= len(stone.offsets) <= most


def test_a_ball_and_a_ring_are_not_faceted_stones() -> None:
    ball = plain().metal[0][1]
    assert gem(corners(ball), DIAMOND) is None


def test_in_a_white_room_a_clear_stone_returns_no_more_light_than_came_in() -> None:
    stone = gem(corners(brilliant(6.5)), GLASS)
    light = seen(stone)
    gloss = fresnel(np.float32(1), np.float32(1), 1.0, 1.5)
    assert light.max() <= 1 - gloss + 1e-3
    # what is missing is still inside after the last bounce or was left as negligible
    assert light.mean() > 0.85 * (1 - gloss)


def test_twice_the_light_around_is_twice_the_light_seen() -> None:
    stone = gem(corners(brilliant(6.5)), DIAMOND)
    assert seen(stone, 2.0) == pytest.approx(2 * seen(stone, 1.0), rel=1e-4)


def test_a_sapphire_lets_blue_through_and_keeps_red() -> None:
    sapphire = species("Sapphire")
    light = seen(gem(corners(oval()), sapphire)).mean(axis=0)
    assert light[2] > 2 * light[0]


def test_the_colour_does_not_depend_on_the_size_of_the_drawing() -> None:
    sapphire = species("sapphire")
    small = seen(gem(corners(brilliant(6.5)), sapphire)).mean(axis=0)
    large = brilliant(6.5).apply_scale(2)
    points, down, normals = looking_down(gem(corners(large), sapphire))
    light = trace(
        [gem(corners(large), sapphire)],
        np.zeros(400, np.int16),
        points * [2, 2, 1],
        down,
        normals,
        lambda at, ways: np.ones_like(at),
    )
    assert light.mean(axis=0) == pytest.approx(small, rel=0.02)


def test_dispersion_parts_the_colours_and_glass_without_it_does_not() -> None:
    def spread(optics: Optics) -> float:
        found = []

        def leaving(at: np.ndarray, ways: np.ndarray) -> np.ndarray:
            found.append(np.abs(ways[0] - ways[2]).max(initial=0))
            return np.ones_like(at)

        stone = gem(corners(brilliant(6.5)), optics)
        points, down, normals = looking_down(stone)
        trace([stone], np.zeros(len(points), np.int16), points, down, normals, leaving)
        return max(found)

    assert spread(DIAMOND) > 0.05
    assert spread(GLASS) < 1e-5


def test_many_stones_are_traced_as_if_each_were_alone() -> None:
    stones = [gem(corners(brilliant(6.5)), DIAMOND), gem(corners(oval()), species("ruby"))]
    parts = [looking_down(stone, 100) for stone in stones]
    points, down, normals = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    white = lambda at, ways: np.ones_like(at)  # noqa: E731
    together = trace(stones, np.repeat([0, 1], 100).astype(np.int16), points, down, normals, white)
    alone = [trace([s], np.zeros(100, np.int16), *part, white) for s, part in zip(stones, parts, strict=True)]
    assert together == pytest.approx(np.concatenate(alone), abs=1e-5)
    assert BOUNCES >= 6  # fewer would darken a brilliant


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Sapphire", "sapphire"),
        ("GEM_Pink Sapphire 01", "pink sapphire"),
        ("stone emerald", "emerald"),
        ("Emerald cut diamond", "diamond"),
        ("Stone centre", None),
    ],
)
def test_the_species_is_read_from_the_words(words: str, name: str | None) -> None:
    found = species(words)
    assert (found.species if found else None) == name


@pytest.mark.skipif(EmbreeScene is None, reason="embree exists for x86_64 only")
def test_without_embree_rays_still_find_what_is_there() -> None:
    mesh = plain(segments=90).metal[0][1]
    vertices, faces = np.asarray(mesh.vertices, np.float32), np.asarray(mesh.faces, np.int32)
    chance = np.random.default_rng(2)
    origins = chance.normal(size=(400, 3)).astype(np.float32) * 4
    ways = chance.normal(size=(400, 3)).astype(np.float32)
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    exact, distance = rays_against(vertices, faces).first(origins, ways)
    slow, marched = MarchingRays(vertices, faces).first(origins, ways)
    assert ((exact >= 0) == (slow >= 0)).mean() > 0.97
    both = (exact >= 0) & (slow >= 0)
    assert np.median(np.abs(distance[both] - marched[both])) < 0.15
