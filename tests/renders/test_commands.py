"""The command line: a report for a person, the same as JSON, refusals by exit code."""

import subprocess
import sys
from pathlib import Path

from renders.__main__ import COMMANDS
from renders.report import Report
from tests import cadfiles, rings

ROOT = Path(__file__).parents[2]


def renders(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "renders", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_report_is_for_a_person_or_json(tmp_path):
    path = cadfiles.write(rings.solitaire(17.3, segments=120).parts, tmp_path / "ring.glb")
    told = renders("report", str(path))
    assert told.returncode == 0, told.stderr
    assert "Bore: 17.2" in told.stdout
    assert "AU750Y" in told.stdout
    assert "round, 6.50 × 6.50" in told.stdout
    report = Report.from_json(renders("report", str(path), "--json", "--size-mm", "17.3").stdout)
    assert (report.source.name, report.stone_count) == ("ring.glb", 1)


def test_a_refusal_is_a_sentence_and_exit_code_three(tmp_path):
    (tmp_path / "letter.stl").write_text("dear workshop")
    told = renders("report", str(tmp_path / "letter.stl"))
    assert (told.returncode, told.stdout) == (3, "")
    assert told.stderr.startswith("The first bytes are not those of a design we read")


def test_unknown_words_are_explained():
    told = renders("polish", "ring.stl")
    assert told.returncode == 2
    assert all(command in told.stderr for command in COMMANDS)


def test_reading_loads_no_renderer(tmp_path):
    path = cadfiles.write(rings.plain(segments=60).parts, tmp_path / "ring.stl")
    source = (
        "import sys; from renders.__main__ import main; "
        f"code = main(['read', {str(path)!r}, '--out', {str(tmp_path)!r}]); "
        "loaded = [name for name in sys.modules if name.split('.')[0] in ('vtk', 'vtkmodules', 'pyvista')]; "
        "print(code, loaded)"
    )
    told = subprocess.run([sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.stdout == "0 []\n", told.stderr


def test_every_command_has_its_module():
    for command in COMMANDS:
        told = renders(command, "--help")
        assert told.returncode == 0, told.stderr


def test_the_light_model_and_a_turn_are_drawn_from_a_file(tmp_path):
    path = cadfiles.write(rings.solitaire(17.3, segments=120).parts, tmp_path / "ring.glb")
    told = renders("web", str(path), "--out", str(tmp_path / "web"))
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "web" / "model.glb").read_bytes().startswith(b"glTF")
    told = renders("turntable", str(path), "--frames", "4", "--out", str(tmp_path / "turn"))
    assert told.returncode == 0, told.stderr
    assert len(list((tmp_path / "turn").glob("turn-*.webp"))) == 4


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    told = renders("report", str(tmp_path / "none.stl"))
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.endswith("cannot be read: No such file or directory.\n")
    assert "Traceback" not in told.stderr
