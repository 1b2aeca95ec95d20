"""The house opened from its settings: folders, secret key, the same for web, jobs and commands."""

from datetime import UTC
from pathlib import Path

import pytest

from bespoke.config import Settings
from bespoke.house import House, NotPrepared, open_house, prepare, utc_now
from bespoke.storage.local import LocalStore
from bespoke.storage.s3 import S3Store


def test_preparing_twice_keeps_the_secret_key(settings: Settings):
    prepare(settings)
    first = (settings.keys_folder / "secret-key").read_text()
    prepare(settings)
    assert (settings.keys_folder / "secret-key").read_text() == first
    assert len(first) >= 32


def test_keys_are_for_their_owner_only(settings: Settings):
    prepare(settings)
    assert settings.keys_folder.stat().st_mode & 0o777 == 0o700
    assert (settings.keys_folder / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in settings.keys_folder.iterdir()] == ["secret-key"]


def test_what_clients_said_and_letters_with_links_are_for_the_house_only(settings: Settings):
    prepare(settings)
    assert settings.data_folder.stat().st_mode & 0o777 == 0o700


def test_a_secret_that_was_half_written_is_no_hindrance(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as killed:
        killed.setattr("bespoke.house.os.fsync", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            prepare(settings)
    prepare(settings)
    assert len((settings.keys_folder / "secret-key").read_text()) >= 32


def test_a_house_that_was_never_prepared_says_what_to_do(settings: Settings):
    with pytest.raises(NotPrepared, match="bespoke init"):
        open_house(settings)


def test_a_secret_key_from_the_environment_is_used_and_not_written(tmp_path: Path):
    settings = Settings(data_folder=tmp_path / "var", secret_key="k" * 40)
    prepare(settings)
    house = open_house(settings)
    assert house.secret_key == "k" * 40
    assert list(settings.keys_folder.iterdir()) == []
    house.close()


def test_uploads_and_cards_sign_with_a_key_of_their_own(house: House):
    address = house.uploads._key, house.cards._secret, house.secret_key.encode()
    assert len(set(address)) == 3


def test_the_embedded_house_keeps_files_in_a_folder(house: House):
    assert isinstance(house.storage, LocalStore)
    stored = house.storage.put((b"a ring",))
    assert house.storage.exists(stored.digest)
    with house.database.reading():
        pass


def test_a_house_with_a_bucket_keeps_files_there(tmp_path: Path):
    settings = Settings(
        data_folder=tmp_path / "var",
        s3_bucket="files",
        s3_endpoint="http://127.0.0.1:9",
        s3_access_key="a",
        s3_secret_key="b",
    )
    prepare(settings)
    house = open_house(settings)
    assert isinstance(house.storage, S3Store)
    assert not settings.files_folder.exists()
    house.close()


def test_the_clock_gives_aware_moments_in_utc():
    assert utc_now().tzinfo is UTC
