"""Drawings are well-formed SVG, and the dimensions written are those of the geometry."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from renders import plots
from renders.bodies import Design
from renders.bore import bore_of_bodies
from tests.renders.test_stills import RING, design
from tests.rings import any_pose, brilliant, oval, plain, step_cut

SVG = "{http://www.w3.org/2000/svg}"


def words(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def points(root: ElementTree.Element) -> np.ndarray:
    drawn = " ".join(element.get("d") or "" for element in root.iter(f"{SVG}path"))
    return np.array(re.findall(r"(-?\d+\.\d+) (-?\d+\.\d+)", drawn), float)


def bored(whole: Design) -> Design:
    return replace(whole, bore=bore_of_bodies(whole.bodies))


@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize(
    ("stone", "length", "width"), [(oval(8.1, 6.3), 8.1, 6.3), (brilliant(6.5), 6.5, 6.5), (step_cut(8, 6), 8.0, 6.0)]
)
def test_a_facet_plot_has_the_stones_length_and_width(stone, length: float, width: float, seed: int | None) -> None:
    matrix = np.eye(4) if seed is None else any_pose(seed)
    root = ElementTree.fromstring(plots.facets(stone.copy().apply_transform(matrix), matrix[:3, 2]))
    assert float(root.get("data-length-mm")) == pytest.approx(length, abs=0.02)
    assert float(root.get("data-width-mm")) == pytest.approx(width, abs=0.02)
    said = [float(text.split()[0]) for text in words(root)]
    assert sorted(said) == pytest.approx(sorted([length, width]), abs=0.02)


def test_a_brilliant_shows_its_crown_and_pavilion_edges() -> None:
    root = ElementTree.fromstring(plots.facets(brilliant(6.5), np.array([0, 0, 1])))
    crown, pavilion = (element.get("d").count("M") for element in list(root.iter(f"{SVG}path"))[1:4:2])
    # 8 table edges, 16 between stars and kites, 16 between kites and upper girdles, 8 between those
    assert 40 <= crown <= 56
    # 8 mains meet at the culet, 16 edges to lower girdles, 8 between those
    assert 24 <= pavilion <= 40


@pytest.mark.parametrize("seed", [None, 7])
def test_an_elevation_has_bore_head_and_stone(seed: int | None) -> None:
    whole = design(RING, None if seed is None else any_pose(seed))
    root = ElementTree.fromstring(plots.elevation(bored(whole)))
    assert float(root.get("data-bore-mm")) == pytest.approx(RING.bore_mm, abs=0.005)
    assert float(root.get("data-stone-width-mm")) == pytest.approx(6.5, abs=0.02)
    upright = design(RING)
    table = max(body.mesh.bounds[1][2] for body in upright.bodies if body.kind == "stone")
    assert float(root.get("data-head-above-finger-mm")) == pytest.approx(table - RING.bore_mm / 2, abs=0.02)
    assert f"{RING.bore_mm:.2f} inside" in words(root)


def test_the_drawing_has_the_pieces_size_and_stays_in_its_box() -> None:
    whole = design(RING)
    root = ElementTree.fromstring(plots.elevation(bored(whole)))
    low, high = (np.array([body.mesh.bounds for body in whole.bodies])[:, side] for side in (0, 1))
    size = high.max(axis=0) - low.min(axis=0)
    assert float(root.get("data-width-mm")) == pytest.approx(size[0], abs=0.05)
    assert float(root.get("data-height-mm")) == pytest.approx(size[2], abs=0.05)
    x, y, width, height = map(float, root.get("viewBox").split())
    drawn = points(root)
    assert (drawn >= [x, y]).all()
    assert (drawn <= [x + width, y + height]).all()


def test_a_band_shows_its_bore_as_a_line() -> None:
    whole = design(plain(kind="flat"))
    root = ElementTree.fromstring(plots.elevation(bored(whole)))
    drawn = points(root)
    height = float(root.get("data-height-mm"))
    radius = np.hypot(drawn[:, 0], drawn[:, 1] + height / 2)
    inner = 17.3 / 2
    assert ((radius > inner - 0.05) & (radius < inner + 0.4)).sum() > 20
    assert "data-stone-width-mm" not in root.attrib


def test_without_a_bore_the_whole_is_dimensioned() -> None:
    root = ElementTree.fromstring(plots.elevation(design(RING)))
    assert "data-bore-mm" not in root.attrib
    assert any(text == f"{float(root.get('data-width-mm')):.2f}" for text in words(root))
