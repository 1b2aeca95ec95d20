"""Stones drawn from their cut and measures: true to scale, closed, and none where no drawing is known."""

import re

import pytest

from bespoke.documents.cuts import plan
from workflows.gems import Shape

DRAWN = ("round", "oval", "cushion", "princess", "emerald", "asscher", "radiant", "pear", "marquise", "baguette")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def points(path: str) -> list[tuple[float, float]]:
    found = [float(text) for text in NUMBER.findall(path)]
    return list(zip(found[::2], found[1::2], strict=True))


@pytest.mark.parametrize("shape", DRAWN)
@pytest.mark.parametrize(("length", "width"), [(8.30, 6.75), (6.48, 6.46), (13.06, 9.68)])
def test_the_outline_has_the_measures_of_the_stone(shape: str, length: float, width: float):
    drawn = plan(shape, length, width)
    assert drawn is not None
    rim = points(drawn.outline)
    across, down = [x for x, _y in rim], [y for _x, y in rim]
    assert max(across) - min(across) == pytest.approx(length, abs=0.03)
    assert max(down) - min(down) == pytest.approx(width, abs=0.03)
    assert all(abs(x) <= length / 2 + 0.02 and abs(y) <= width / 2 + 0.02 for x, y in points(drawn.path))


def test_a_round_brilliant_has_its_thirty_three_facets_above():
    drawn = plan("round", 6.5, 6.5)
    assert drawn is not None
    corners = {(round(x, 1), round(y, 1)) for x, y in points(drawn.path)}
    table = [point for point in corners if 0.4 < (point[0] ** 2 + point[1] ** 2) ** 0.5 / 3.25 < 0.7]
    assert len(table) >= 8


@pytest.mark.parametrize(
    "shape",
    sorted({one.value for one in Shape} - set(DRAWN) - {"rose", "old_mine", "old_european", "tapered_baguette"}),
)
def test_a_cut_without_a_drawing_has_none(shape: str):
    assert plan(shape, 5.0, 5.0) is None


@pytest.mark.parametrize("length", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_impossible_measures_are_not_drawn(length: float):
    assert plan("round", length, 5.0) is None
