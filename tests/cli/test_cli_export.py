"""`bespoke export`, and the verdicts on what it wrote: by our own command and by the verifier inside."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bespoke import cli
from bespoke.proof import keys
from tests.factories import NOON
from tests.living import Lived, a_life


@pytest.fixture(scope="module")
def lived(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return a_life(_sqlite_template, tmp_path_factory.mktemp("lived"))


@pytest.fixture
def place(lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house where the commands look for it."""
    monkeypatch.setenv("BESPOKE_DATA_FOLDER", str(tmp_path / "var"))
    lived.settled_in(tmp_path / "var")
    return tmp_path


@pytest.fixture
def archive(place: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    target = place / "whole.zip"
    assert cli.main(["export", "of-0001", "--out", str(target)]) == 0
    assert "events" in capsys.readouterr().out
    return target


def test_what_is_not_there_or_in_the_way_is_refused(place: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["export", "OF-9999", "--out", str(place / "a.zip")]) == cli.REFUSED
    assert "no commission OF-9999" in capsys.readouterr().err
    (place / "there.zip").write_bytes(b"something")
    assert cli.main(["export", "OF-0001", "--out", str(place / "there.zip")]) == cli.REFUSED
    assert cli.main(["export", "OF-0001", "--out", str(place / "nowhere" / "a.zip")]) == cli.REFUSED
    assert sorted(path.name for path in place.iterdir()) == ["there.zip", "var"]


def test_a_file_that_is_gone_leaves_no_half_an_archive(place: Path, capsys: pytest.CaptureFixture[str]):
    for path in (place / "var" / "files").glob("??/??/*"):
        path.unlink()
    assert cli.main(["export", "OF-0001", "--out", str(place / "a.zip")]) == cli.REFUSED
    assert "is not in the store" in capsys.readouterr().err
    assert not list(place.glob("*.zip*")) + list(place.glob(".*"))


def test_everything_of_the_commission_is_in_it_and_nothing_of_the_house(archive: Path):
    with zipfile.ZipFile(archive) as packed:
        names = packed.namelist()
        everything = b"".join(packed.read(name) for name in names)
    for wanted in (
        "manifest.json",
        "events.jsonl",
        "verify.py",
        "pieces/A/revisions/01/drawing.stl",
        "pieces/A/revisions/01/report.json",
        "pieces/A/revisions/01/still-front.png",
        "pieces/A/words.json",
        "pieces/A/sketches/01.png",
        "papers/A-dossier-1.pdf",
        "papers/A-dossier-1-manifest.json",
    ):
        assert wanted in names
    assert sum(name.startswith("pieces/A/photographs/") for name in names) >= 5
    assert b"Northmere" not in everything


def test_it_is_valid_altered_or_unknown(archive: Path, place: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["verify", str(archive)]) == 0
    assert "valid" in capsys.readouterr().out
    other = keys.create(place / "other", "Another house", at=NOON)
    assert other
    stranger = place / "other" / "authority.pem"
    assert cli.main(["verify", str(archive), "--house", str(stranger)]) == 2
    content = archive.read_bytes()
    assert content.count(b"Elowen Marsh") > 0
    archive.write_bytes(content.replace(b"Elowen Marsh", b"Elowen Harsh"))
    assert cli.main(["verify", str(archive)]) == 1
    assert "altered" in capsys.readouterr().out


def test_the_verifier_inside_says_the_same_without_us(archive: Path, place: Path):
    folder = place / "unpacked"
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    print_ = keys.load(place / "var" / "keys" / "signing").fingerprint
    command = [sys.executable, "-I", str(folder / "verify.py"), "--house", print_]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout.split()[0]) == (0, "valid"), said.stdout
    words = folder / "pieces" / "A" / "words.json"
    words.write_bytes(words.read_bytes() + b" ")
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "pieces/A/words.json" in said.stdout
