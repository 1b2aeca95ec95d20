"""Drawing begins while the file is still being measured, and a file that is refused leaves no drawing."""

import time
from pathlib import Path

import psutil
import pytest

from renders import drawing, examination
from renders.errors import BrokenFile, NoDesign
from tests import cadfiles, rings


def test_a_design_is_drawn_by_the_child_that_got_ready_while_it_was_read(tmp_path: Path) -> None:
    cad = cadfiles.write(rings.plain(17.3, segments=60).parts, tmp_path / "band.stl")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / examination.DESIGN_FILE).write_bytes(b"what an earlier examination left")
    with drawing.begun(folder, frames=4, like={"front": "95.000,0.000,10.500"}, swatches=("AU750R",)) as finish:
        report = examination.examine(cad, folder, name="band.stl")
        drawn = finish()
    assert report.bore is not None
    assert [one.name for one in drawn if one.kind == "swatch"] == ["swatch-AU750R.webp"]
    framed = {one.camera: one.frame for one in drawn if one.kind == "still"}
    assert framed["front"] == "95.000,0.000,10.500"  # it stands where it was told, so that two drawings compare
    assert framed["top"] is not None
    kinds = [one.kind for one in drawn]
    assert (kinds.count("still"), kinds.count("turn"), kinds.count("model")) == (5, 4, 1)
    assert all((folder / one.name).is_file() for one in drawn)


def test_a_refused_file_ends_the_child_that_waited_and_leaves_no_drawing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.glb"
    broken.write_bytes(b"glTF\x02\x00\x00\x00" + b"\xff" * 400)
    folder = tmp_path / "folder"
    folder.mkdir()
    others = set(psutil.Process().children())
    with drawing.begun(folder):
        waiting = [one for one in psutil.Process().children() if one not in others]
        with pytest.raises(BrokenFile):
            examination.examine(broken, folder)
        assert [one.is_running() for one in waiting] == [True]
    assert not waiting[0].is_running()
    assert not (folder / drawing.PICTURES_FILE).exists()
    assert list(folder.glob("still-*")) == []


def test_the_refusal_of_one_child_is_not_told_as_the_other_s(tmp_path: Path) -> None:
    cad = cadfiles.write(rings.plain(17.3, segments=60).parts, tmp_path / "band.stl")
    with drawing.begun(tmp_path) as finish:
        (tmp_path / examination.DESIGN_FILE).write_bytes(b"no design")
        until = time.monotonic() + 60
        while not (tmp_path / drawing.OWN_FOLDER / "refusal.json").exists() and time.monotonic() < until:
            time.sleep(0.05)
        report = examination.examine(cad, tmp_path)
        with pytest.raises(NoDesign):
            finish()
    assert report.triangles > 0
