"""The same command with every kind of piece, a file of every format, and files made to harm."""

from pathlib import Path

import pytest

from bespoke.cli import main
from tests.played import came_to_its_end, rehearse
from tests.renders.test_hostile import HOSTILE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SHORT = {"repair", "resize"}  # no drawing is approved, and no dossier made, where nothing new is designed


@pytest.mark.parametrize(
    ("template", "file"),
    [
        ("ring", "band.step"),
        ("ring", "band.ply"),
        ("pendant", "band.obj"),
        ("pair", "band.3mf"),
        ("bracelet", "band.glb"),
        ("remount", "solitaire.3dm"),
        ("repair", "band.stl"),
        ("resize", "band.stl"),
    ],
)
def test_every_kind_of_piece_and_a_file_of_every_format(
    template: str, file: str, drawings: Path, drawn: Path, tmp_path: Path
) -> None:
    told = rehearse(tmp_path, drawings / file, drawings=drawn, template=template)
    came_to_its_end(told, dossier=template not in SHORT)
    if template not in SHORT:
        assert f"revision 1, {file}" in told.line("cad")
    assert (tmp_path / "dossier.pdf").exists() is (template not in SHORT)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_file_made_to_harm_ends_in_a_sentence(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cad = tmp_path / "ring.stl"
    cad.write_bytes(HOSTILE[case][0])
    code = main(["rehearse", "--cad", str(cad), "--out", str(tmp_path / "out")])
    told = capsys.readouterr()
    assert code == 3
    assert told.err.strip().endswith(".")
    assert "Traceback" not in told.err
    assert not told.out
    assert not (tmp_path / "out" / "house").exists()
