"""Stills: right size, white paper, the whole piece in any pose, gold that is gold and stones that live."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from renders import camera, neutral, pictures, scene, stills
from renders.bodies import Body, Design, Kind, Pose
from renders.errors import EmptyDesign, NoDesign, NoRenderer
from renders.light import Ground
from renders.materials import metal
from tests.rings import Ring, any_pose, plain, solitaire

SIZE = (320, 240)


def design(ring: Ring, matrix: np.ndarray | None = None, stone: str | None = "Sapphire") -> Design:
    turn = np.eye(4) if matrix is None else matrix
    moved = ring.moved(turn)
    bodies = [Body(name, None, "Gold", Kind.METAL, mesh) for name, mesh in moved.metal]
    bodies += [Body(name, None, stone, Kind.STONE, mesh) for name, mesh in moved.stones]
    return Design(tuple(bodies), Pose(turn[:3, 1].copy(), turn[:3, 2].copy(), turn[:3, 3].copy()))


RING = solitaire(segments=120)


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture).astype(int)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stills")
    stills.write(design(RING), folder, size=SIZE)
    return folder


@pytest.fixture(scope="module")
def stone_pixels(drawn: Path) -> np.ndarray:
    """Colours of the stone as the top view shows it."""
    whole = scene.stage(design(RING))
    with stills.opened(whole, SIZE) as stand:
        triangles = stand.window.triangles(camera.place(camera.TOP, whole.outline, SIZE))
    shown = (triangles >= 0) & (whole.stone[np.maximum(triangles, 0)] >= 0)
    return pixels(drawn / "still-top.png")[shown]


def test_three_pictures_of_the_asked_size_with_their_digests(tmp_path: Path) -> None:
    written = stills.write(design(plain(segments=90)), tmp_path, size=(160, 120))
    assert [one.name for one in written] == ["still-three-quarter.png", "still-front.png", "still-top.png"]
    for one in written:
        assert pixels(tmp_path / one.name).shape == (120, 160, 3)
        assert one.size == (160, 120)
        assert sha256((tmp_path / one.name).read_bytes()).hexdigest() == one.sha256


@pytest.mark.parametrize("name", [one.name for one in camera.CAMERAS])
def test_paper_is_pure_white_at_the_rim_and_shaded_under_the_piece(drawn: Path, name: str) -> None:
    picture = pixels(drawn / f"still-{name}.png")
    rim = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    assert (rim == 255).all()
    grey = (np.ptp(picture, axis=2) < 12) & (picture.max(axis=2) < 252) & (picture.max(axis=2) > 150)
    assert grey.sum() > 200


@pytest.mark.parametrize("seed", range(3))
def test_the_piece_looks_the_same_however_it_lies_in_the_file(drawn: Path, tmp_path: Path, seed: int) -> None:
    stills.write(design(RING, any_pose(seed)), tmp_path, size=SIZE)
    for one in camera.CAMERAS:
        here, there = pixels(tmp_path / f"still-{one.name}.png"), pixels(drawn / f"still-{one.name}.png")
        assert np.abs(here - there).mean() < 1.5


def test_the_same_design_gives_the_same_picture_to_the_last_bit(tmp_path: Path) -> None:
    one = stills.write(design(RING), tmp_path, size=(160, 120))
    two = stills.write(design(RING), tmp_path, size=(160, 120))
    assert [picture.sha256 for picture in one] == [picture.sha256 for picture in two]


def test_a_sapphire_is_blue_and_sparkles(stone_pixels: np.ndarray) -> None:
    mean = stone_pixels.mean(axis=0)
    assert len(stone_pixels) > 500
    assert mean[2] > mean[0] + 60
    saturation = 1 - stone_pixels.min(axis=1) / np.maximum(stone_pixels.max(axis=1), 1)
    assert np.median(saturation) > 0.5
    assert stone_pixels[:, 2].std() > 30


def test_a_diamond_is_neither_uniform_nor_grey_glass(tmp_path: Path) -> None:
    whole = scene.stage(design(RING, stone=None))
    with stills.opened(whole, SIZE) as stand:
        view = camera.place(camera.TOP, whole.outline, SIZE)
        picture = stills.take(stand, view, metal="PT950RU", ground=Ground.DARK, samples=2).astype(int)
        triangles = stand.window.triangles(view)
    stone = picture[(triangles >= 0) & (whole.stone[np.maximum(triangles, 0)] >= 0)]
    light = stone.max(axis=1)
    assert light.std() > 45  # bright and dark facets beside each other
    assert (light > 200).mean() > 0.1
    assert (light < 90).mean() > 0.1
    assert np.ptp(stone, axis=1).max() > 40  # fire


def test_gold_is_warm_platinum_is_grey_and_rose_is_redder(tmp_path: Path) -> None:
    band = design(plain(segments=120))
    colours = {}
    for code in ("AU750Y", "AU750R", "PT950RU"):
        stills.write(band, tmp_path, metal=code, size=(160, 120), ground=Ground.CLEAR)
        picture = pixels(tmp_path / "still-three-quarter-clear.png")
        colours[code] = picture[picture[..., 3] == 255][:, :3].mean(axis=0)
    yellow, rose, platinum = colours["AU750Y"], colours["AU750R"], colours["PT950RU"]
    # between lemon and copper: green well above blue, red above green, not olive
    assert yellow[0] > yellow[1] > yellow[2] + 40
    assert 0.72 < yellow[1] / yellow[0] < 0.93
    assert np.ptp(platinum) < 15
    assert rose[1] / rose[0] < yellow[1] / yellow[0] - 0.02


def test_no_blotch_of_the_metal_is_black(drawn: Path) -> None:
    picture = pixels(drawn / "still-three-quarter.png")
    metal_only = picture[(picture[..., 0] > picture[..., 2] + 10)]
    assert (metal_only.max(axis=1) < 25).mean() < 0.02


def test_clear_ground_lets_the_page_through(tmp_path: Path) -> None:
    stills.write(design(plain(segments=90)), tmp_path, size=(160, 120), ground="clear")
    alpha = pixels(tmp_path / "still-front-clear.png")[..., 3]
    assert alpha[0].max() == 0
    assert alpha.max() == 255
    assert ((alpha > 3) & (alpha < 200)).sum() > 50


def test_dark_ground_is_dark_and_warm(tmp_path: Path) -> None:
    stills.write(design(plain(segments=90)), tmp_path, size=(160, 120), ground="dark")
    corner = pixels(tmp_path / "still-front-dark.png")[-4:, :4].reshape(-1, 3).mean(axis=0)
    assert corner.max() < 40
    assert corner[0] >= corner[2]


def test_what_only_helps_the_designer_is_not_drawn() -> None:
    whole = design(plain(segments=90))
    ruler = Body("ruler", None, None, Kind.HELPER, plain(40.0, segments=60).metal[0][1])
    assert len(scene.stage(Design((*whole.bodies, ruler), whole.pose)).faces) == len(scene.stage(whole).faces)
    with pytest.raises(EmptyDesign):
        scene.stage(Design((ruler,), whole.pose))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("AU750Y", "yellow gold"),
        ("AU585W", "white gold"),
        ("AU750W_PD", "white gold"),
        ("AU585R", "rose gold"),
        ("PT900IR", "platinum"),
        ("AG925", "silver"),
        ("PD950", "palladium"),
        ("XX", "yellow gold"),
    ],
)
def test_every_alloy_code_has_a_look(code: str, name: str) -> None:
    assert metal(code).name == name


def test_everything_is_drawn_and_listed_and_told_as_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pictures.stills, "SIZE", (160, 120))
    monkeypatch.setattr(pictures, "COVER_SIZE", (88, 124))
    monkeypatch.setattr(pictures.turntable, "SIZE", (80, 60))
    neutral.save(design(RING), tmp_path / "design.npz")
    pictures.draw(tmp_path, frames=4)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    listed = json.loads((tmp_path / "pictures.json").read_text())["pictures"]
    assert told == listed
    kinds = [one["kind"] for one in listed]
    assert kinds == ["still"] * 5 + ["turn"] * 4 + ["model", "elevation", "facets"]
    for one in listed:
        assert sha256((tmp_path / one["name"]).read_bytes()).hexdigest() == one["sha256"]
    assert listed[0]["camera"] == "three-quarter"
    assert listed[0]["ground"] == "paper"
    assert listed[0]["size"] == [160, 120]


def test_a_folder_without_a_design_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoDesign):
        pictures.draw(tmp_path)


def test_the_probe_draws_in_a_child_and_names_the_library() -> None:
    assert pictures.probe() in ("EGL", "OSMesa") or sys.platform != "linux"


def test_without_a_library_to_draw_with_there_is_a_refusal_instead_of_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LIBRARIES", {"EGL": ("libnothere.so",)})
    with pytest.raises(NoRenderer, match="EGL"):
        pictures.probe()


def test_a_probe_that_dies_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    died = subprocess.CompletedProcess([], -11, "", "")
    monkeypatch.setattr(pictures.subprocess, "run", lambda *words, **options: died)
    with pytest.raises(NoRenderer):
        pictures.probe()
