"""An exported archive proves itself: with us, and with nothing but Python years later."""

import json
import random
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from bespoke.proof import archive, standalone
from bespoke.proof.archive import Part
from bespoke.proof.errors import NotSealable
from bespoke.proof.keys import HouseKeys
from bespoke.proof.verify import Kind, verify
from workflows.errors import BrokenHistory
from workflows.history import Line, verify_chain

from .conftest import SIGNED_AT

PARTS = (Part("meshes/r3.glb", b"glTF" + bytes(range(256)) * 40), Part("reports/CGL 40718.pdf", b"%PDF-1.4 report"))


@pytest.fixture(scope="session")
def exported(house: HouseKeys, events: tuple[Line, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("export") / "OF-0412.zip", house, events)


def make(target: Path, keys: HouseKeys, events: tuple[Line, ...], parts: tuple[Part, ...] = PARTS) -> Path:
    archive.export(
        target, reference="OF-0412", house="Orrell & Finch", made_at=SIGNED_AT, parts=parts, events=events, keys=keys
    )
    return target


def repack(source: Path, target: Path, change: dict[str, bytes | None]) -> Path:
    """The same archive with some files changed, added, or (None) left out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in [*old.namelist(), *(name for name in change if name not in old.namelist())]:
            content = change.get(name, old.read(name) if name in old.namelist() else None)
            if content is not None:
                info = zipfile.ZipInfo(name, archive.SAME_TIME)
                info.create_system, info.external_attr = 3, 0o100644 << 16
                new.writestr(info, content)
    return target


def standing_alone(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "verify.py", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_an_export_is_valid_and_repeatable(exported: Path, house: HouseKeys, events, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    verdict = verify(exported, [house.authority])
    assert (verdict.kind, verdict.exit_code, verdict.reference) == (Kind.VALID, 0, "OF-0412")
    assert make(tmp_path / "again.zip", house, events).read_bytes() == exported.read_bytes()


def test_a_strangers_archive_is_unknown(events, house: HouseKeys, stranger: HouseKeys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    theirs = make(tmp_path / "theirs.zip", stranger, events)
    assert verify(theirs, [house.authority]).kind is Kind.UNKNOWN
    assert verify(theirs, []).kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"meshes/r3.glb": b"glTF other"}, "meshes/r3.glb"),
        ({"reports/CGL 40718.pdf": None}, "reports/CGL 40718.pdf"),
        ({"meshes/r4.glb": b"added"}, "meshes/r4.glb"),
        ({"manifest.sig": b"0" * 384}, "manifest.sig"),
        ({"manifest.sig": None}, "manifest.sig"),
        ({"manifest.json": b"{}"}, "manifest.json"),
        ({"verify.py": b"print('valid')"}, "verify.py"),
        ({"authority.pem": b"none"}, "manifest.sig"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_was_changed_is_named(
    exported: Path, house: HouseKeys, tmp_path: Path, change: dict[str, bytes | None], where: str
) -> None:
    verdict = verify(repack(exported, tmp_path / "changed.zip", change), [house.authority])
    assert (verdict.kind, verdict.exit_code) == (Kind.ALTERED, 1)
    assert any(where in finding.where for finding in verdict.findings), verdict.text()


def test_an_event_rewritten_with_its_digest_breaks_the_chain(exported: Path, house: HouseKeys, tmp_path: Path) -> None:
    with zipfile.ZipFile(exported) as packed:
        lines = packed.read("events.jsonl").decode().splitlines()
    event = json.loads(lines[2])
    lines[2] = json.dumps({**event, "actor": "Nobody"}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    changed = repack(exported, tmp_path / "c.zip", {"events.jsonl": ("\n".join(lines) + "\n").encode()})
    assert "event 3" in verify(changed, [house.authority]).text()


def test_one_flipped_byte_anywhere_is_found(exported: Path, house: HouseKeys, tmp_path: Path) -> None:
    content, chosen = exported.read_bytes(), random.Random(3)
    offsets = {0, 1, 3, len(content) - 1, len(content) - 12} | {chosen.randrange(len(content)) for _ in range(150)}
    missed = []
    for offset in sorted(offsets):
        flipped = bytearray(content)
        flipped[offset] ^= 1 << chosen.randrange(8)
        path = tmp_path / "flipped.zip"
        path.write_bytes(flipped)
        if verify(path, [house.authority]).kind is not Kind.ALTERED:
            missed.append(offset)
    assert missed == []


def test_bytes_hidden_before_or_behind_are_found(exported: Path, house: HouseKeys, tmp_path: Path) -> None:
    path = tmp_path / "hidden.zip"
    for content in (b"PK\x03\x04 hidden" + exported.read_bytes(), exported.read_bytes() + b"hidden"):
        path.write_bytes(content)
        assert verify(path, [house.authority]).kind is Kind.ALTERED


def test_a_cut_archive_is_altered_and_a_foreign_zip_unknown(exported: Path, house: HouseKeys, tmp_path: Path) -> None:
    path = tmp_path / "cut.zip"
    path.write_bytes(exported.read_bytes()[:-300])
    assert verify(path, [house.authority]).kind is Kind.ALTERED
    (tmp_path / "junk").write_bytes(b"PK" + b"\x07junk" * 200)
    assert verify(tmp_path / "junk", [house.authority]).kind is Kind.UNKNOWN
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as foreign:
        foreign.writestr("letter.txt", "hello")
    assert verify(tmp_path / "foreign.zip", [house.authority]).kind is Kind.UNKNOWN


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "manifest.json", "a//b", "verify.py", "a\\b", "ü", ""])
def test_unsafe_names_are_refused(house: HouseKeys, tmp_path: Path, name: str) -> None:
    with pytest.raises(NotSealable):
        make(tmp_path / "x.zip", house, (), (Part(name, b"x"),))


def test_a_broken_chain_is_not_exported(house: HouseKeys, events: tuple[Line, ...], tmp_path: Path) -> None:
    with pytest.raises(BrokenHistory):
        make(tmp_path / "x.zip", house, events[1:])


def test_the_verifier_inside_needs_nothing_of_ours(exported: Path, house: HouseKeys, tmp_path: Path) -> None:
    with zipfile.ZipFile(exported) as packed:
        packed.extractall(tmp_path)
    spaced = house.fingerprint.upper()
    whole = standing_alone("--house", spaced, cwd=tmp_path)
    assert (whole.returncode, whole.stdout.split("\n")[0]) == (0, "valid"), whole.stdout + whole.stderr
    assert standing_alone(cwd=tmp_path).returncode == 2
    assert standing_alone("--house", "00" * 32, cwd=tmp_path).returncode == 2
    assert standing_alone(str(exported), "--house", spaced, cwd=tmp_path).returncode == 0
    (tmp_path / "meshes" / "r3.glb").write_bytes(b"glTF other")
    altered = standing_alone("--house", spaced, cwd=tmp_path)
    assert (altered.returncode, "meshes/r3.glb" in altered.stdout) == (1, True)


@pytest.mark.parametrize("tool", ["openssl", "nothing"])
def test_the_verifier_says_which_part_it_could_not_check(
    exported: Path, house: HouseKeys, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    monkeypatch.setattr(standalone, "HAS_CRYPTOGRAPHY", False)
    if tool == "nothing":
        monkeypatch.setenv("PATH", "/nonexistent")
    with zipfile.ZipFile(exported) as packed:
        code, lines = standalone.check(standalone.Zip(packed), house.fingerprint)
    assert code == (0 if tool == "openssl" else 2), lines
    assert ("NOT checked" in "\n".join(lines)) == (tool == "nothing")


@pytest.mark.parametrize("has_cryptography", [True, False], ids=["cryptography", "openssl"])
@pytest.mark.parametrize(
    ("before", "behind"),
    [("", "{theirs}"), ("{theirs}", ""), ("{renamed}", "")],
    ids=["a second behind", "a second before", "a second under another heading"],
)
def test_the_houses_certificate_is_not_lent_to_a_strangers_archive(
    events: tuple[Line, ...],
    house: HouseKeys,
    stranger: HouseKeys,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    has_cryptography: bool,
    before: str,
    behind: str,
) -> None:
    theirs, ours = (keys.authority.public_bytes(Encoding.PEM).decode() for keys in (stranger, house))
    renamed = theirs.replace(" CERTIFICATE", " X509 CERTIFICATE")
    both = (before + ours + behind).replace("{theirs}", theirs).replace("{renamed}", renamed)
    forged = make(tmp_path / "theirs.zip", stranger, events)
    forged = repack(forged, tmp_path / "forged.zip", {"authority.pem": both.encode()})
    monkeypatch.setattr(standalone, "HAS_CRYPTOGRAPHY", has_cryptography)
    with zipfile.ZipFile(forged) as packed:
        code, lines = standalone.check(standalone.Zip(packed), house.fingerprint)
    assert code == 1, lines
    assert verify(forged, [house.authority]).kind is Kind.ALTERED


def test_both_rules_of_the_chain_agree(events: tuple[Line, ...]) -> None:
    lines = [archive.event_line(event).decode() for event in events]
    assert standalone.chain_fault(lines) == (None, verify_chain(events))
    assert [archive.read_event(line) for line in lines] == list(events)
    broken = (
        [*events[:2], replace(events[2], actor="Nobody"), *events[3:]],
        [*events[:2], *events[3:]],
        [events[1], events[0], *events[2:]],
        [*events[:2], replace(events[2], digest="0" * 64), *events[3:]],
        [*events, replace(events[4], position=6)],
    )
    for chain in broken:
        with pytest.raises(BrokenHistory) as refused:
            verify_chain(chain)
        fault, _ = standalone.chain_fault(archive.event_line(event).decode() for event in chain)
        assert fault is not None
        assert fault[1] == f"event {refused.value.position}"
