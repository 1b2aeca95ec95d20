"""The commands of the house: what they make, what they refuse in a sentence, and with which exit code."""

import json
import socket
from pathlib import Path

import pytest

from bespoke import cli
from bespoke.cli.listening import require_free
from bespoke.config import Settings
from tests.living import Lived, a_life


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BESPOKE_DATA_FOLDER", str(tmp_path / "var"))
    return tmp_path / "var"


FOUND = ["init", "--name", "Orrell & Finch", "--prefix", "OF", "--currency", "GBP", "--vat", "0.20"]


def test_every_command_is_there_and_says_what_it_does(capsys: pytest.CaptureFixture[str]):
    for name in cli.COMMANDS:
        with pytest.raises(SystemExit) as ended:
            cli.main([name, "--help"])
        assert ended.value.code == 0
    with pytest.raises(SystemExit) as ended:
        cli.main(["polish"])
    assert ended.value.code == cli.WRONG


def test_a_house_is_founded_once_and_twice_changes_nothing(var: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(FOUND) == 0
    key = (var / "keys" / "secret-key").read_bytes()
    authority = (var / "keys" / "signing" / "authority.pem").read_bytes()
    assert cli.main(FOUND) == 0
    assert (var / "keys" / "secret-key").read_bytes() == key
    assert (var / "keys" / "signing" / "authority.pem").read_bytes() == authority
    told = capsys.readouterr().out
    assert f"stands in {var} already. Nothing was changed" in told
    assert cli.main([*FOUND[:2], "Another Name", *FOUND[3:]]) == 0
    assert "Another Name" not in capsys.readouterr().out
    assert cli.main(["schema", "drift"]) == 0
    assert cli.main(["doctor"]) == 0
    assert "BREACH" not in capsys.readouterr().out


def test_a_wrong_rate_is_refused_in_a_sentence(var: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main([*FOUND[:-1], "a fifth"]) == cli.REFUSED
    assert "write 0.20" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["doctor"], ["staff", "a@b.example"], ["export", "OF-0001", "--out", "x.zip"]])
def test_nothing_is_done_without_a_house(
    var: Path, command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)
    assert cli.main(command) == cli.REFUSED
    assert "bespoke init" in capsys.readouterr().err


def test_somebody_is_taken_onto_the_staff_with_a_link(var: Path, capsys: pytest.CaptureFixture[str]):
    assert cli.main(FOUND) == 0
    assert cli.main(["staff", "not an address", "--name", "Wes", "--role", "bench"]) == cli.REFUSED
    capsys.readouterr()
    assert cli.main(["staff", "Wes@house.example", "--name", "Wes", "--role", "bench", "--trade", "setter"]) == 0
    first = capsys.readouterr().out
    assert first.startswith("Wes: http://127.0.0.1:8765/enter/staff/")
    assert cli.main(["staff", "wes@house.example"]) == 0
    second = capsys.readouterr().out
    assert second.startswith("Wes: ")
    assert second != first


def test_a_malformed_setting_is_refused_before_anything(
    var: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BESPOKE_WEB_THREADS", "many")
    assert cli.main(["doctor"]) == cli.WRONG
    assert "BESPOKE_WEB_THREADS" in capsys.readouterr().err


def test_a_file_of_nobody_is_unknown(var: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    paper = tmp_path / "letter.txt"
    paper.write_text("Dear house")
    assert cli.main(["verify", str(paper)]) == 2
    assert "unknown" in capsys.readouterr().out


def test_a_backup_comes_back_into_an_empty_place_and_is_well(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    lived: Lived = a_life(Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "lived")
    monkeypatch.setenv("BESPOKE_DATA_FOLDER", str(tmp_path / "one"))
    lived.settled_in(tmp_path / "one")
    assert cli.main(["backup", str(tmp_path / "copy")]) == 0
    assert cli.main(["backup", str(tmp_path / "copy")]) == cli.REFUSED
    assert cli.main(["restore", str(tmp_path / "copy")]) == cli.REFUSED  # into a house that is there
    monkeypatch.setenv("BESPOKE_DATA_FOLDER", str(tmp_path / "two"))
    capsys.readouterr()
    assert cli.main(["restore", str(tmp_path / "copy")]) == 0
    capsys.readouterr()
    assert cli.main(["doctor", "--deep", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["looked_at"]["approvals have their content"] > 10


def test_a_backup_that_is_not_there_is_not_called_damaged(
    var: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["restore", str(tmp_path / "nowhere")]) == cli.REFUSED
    told = capsys.readouterr().err
    assert told.startswith(f"There is no folder {tmp_path / 'nowhere'}")
    assert "damaged" not in told


def test_a_rehearsal_is_refused_before_anything_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cad, out = tmp_path / "ring.stl", tmp_path / "out"
    cad.write_bytes(b"not looked at yet")
    assert cli.main(["rehearse", "--cad", str(cad), "--out", str(out), "--size", "UK ZZ9"]) == cli.REFUSED
    assert "ZZ9" in capsys.readouterr().err
    assert not out.exists()
    (out / "house").mkdir(parents=True)
    assert cli.main(["rehearse", "--cad", str(cad), "--out", str(out)]) == cli.REFUSED
    assert "give --out an empty folder" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_not_called_altered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", str(tmp_path / "none.pdf")]) == 3
    assert cli.main(["verify", str(tmp_path)]) == 3
    assert "There is no file" in capsys.readouterr().err


def test_an_address_that_is_taken_is_said_before_anything_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(cli.CommandRefused, match="BESPOKE_LISTEN"):
            require_free(Settings(listen=f"127.0.0.1:{taken.getsockname()[1]}"))
