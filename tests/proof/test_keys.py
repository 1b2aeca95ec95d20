"""The house's keys: made once, readable by the owner only, refused when something is off."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bespoke.proof import keys
from bespoke.proof.errors import KeysExist, KeysMissing, KeysUnfit
from bespoke.proof.keys import HouseKeys

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keys.create(tmp_path / "keys", "Orrell & Finch", at=AT)
    return tmp_path / "keys"


def test_only_the_owner_may_read_them(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert len(list(folder.iterdir())) == 6


def test_they_are_never_written_over(folder: Path) -> None:
    before = keys.load(folder).fingerprint
    with pytest.raises(KeysExist):
        keys.create(folder, "Somebody else", at=AT)
    assert keys.load(folder).fingerprint == before


def test_a_key_that_others_can_read_is_refused(folder: Path) -> None:
    (folder / "signing-key.pem").chmod(0o644)
    with pytest.raises(KeysUnfit, match="0600"):
        keys.load(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "clock.pem").unlink()
    with pytest.raises(KeysMissing, match="clock.pem"):
        keys.load(folder)


def test_a_key_that_does_not_fit_its_certificate_is_refused(folder: Path) -> None:
    (folder / "signing-key.pem").write_bytes((folder / "clock-key.pem").read_bytes())
    with pytest.raises(KeysUnfit, match="signing-key.pem"):
        keys.load(folder)


def test_a_certificate_of_another_house_is_refused(folder: Path, stranger: HouseKeys, house: HouseKeys) -> None:
    (folder / "authority.pem").write_bytes(b"nothing")
    with pytest.raises(KeysUnfit, match="no certificate"):
        keys.load(folder)
    assert not keys.issued_by(stranger.signing, house.authority)
    assert keys.issued_by(house.signing, house.authority)
