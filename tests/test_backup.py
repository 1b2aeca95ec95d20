"""Backup and restore: everything comes back, into an empty house only, whole or not at all."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bespoke import schema
from bespoke.backup import BackupError, BrokenBackup, NotEmpty, backup, check, restore
from bespoke.cli import REFUSED, main
from bespoke.config import Settings
from bespoke.house import House, open_house, prepare
from bespoke.models.base import Base
from bespoke.models.file import File
from bespoke.models.job import Job, Queue
from bespoke.models.people import Person
from bespoke.services import doctor
from bespoke.storage.s3 import open_bucket
from bespoke.tables import snapshot
from tests.services_running import SeaweedFS

MOMENT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)


def everything(house: House) -> dict[str, list[str]]:
    """All rows as the models read them, so that two engines can be compared."""
    with house.database.reading() as session:
        return {
            table.name: sorted(str(dict(row)) for row in session.execute(select(table)).mappings())
            for table in Base.metadata.sorted_tables
        }


def fill(house: House) -> None:
    """Somebody, a file, a job, and something of every kind a column holds."""
    stored = house.storage.put((b"solid ring",))
    with house.database.transaction() as session:
        session.add(Person(name='Åse \u2028 "Ö"', email="ase@house.example", roles=["owner"], created_at=MOMENT))
        session.add(Person(name="client", email="c@house.example", active=False, created_at=MOMENT))
        session.add(File(digest=stored.digest, size=stored.size, media_type="model/stl", created_at=MOMENT))
        session.add(
            Job(
                id="j1",
                kind="examine",
                queue=Queue.RENDER,
                payload={"revision": 7, "digest": stored.digest, "words": ["moment", "x"], "none": None},
                due_at=MOMENT,
                created_at=MOMENT,
            )
        )


@pytest.fixture
def lived_in(database_url: str, settings: Settings) -> Iterator[House]:
    """A house with something in it, on SQLite and on PostgreSQL."""
    settings = replace(settings, database_url=database_url)
    prepare(settings)
    (settings.keys_folder / "signing").mkdir()
    (settings.keys_folder / "signing" / "key.pem").write_text("a private key")
    house = open_house(settings)
    fill(house)
    yield house
    house.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    """An empty place on SQLite."""
    return Settings(data_folder=tmp_path / "elsewhere")


def test_everything_comes_back_into_an_empty_folder(lived_in: House, elsewhere: Settings, tmp_path: Path):
    made = backup(lived_in, tmp_path / "backup")
    assert restore(elsewhere, tmp_path / "backup") == made
    assert made.missing == ()
    with closing(open_house(elsewhere)) as house:
        assert everything(house) == everything(lived_in)
        assert set(house.storage.digests()) == set(lived_in.storage.digests())
        assert house.secret_key == lived_in.secret_key
        assert (house.signing_folder / "key.pem").read_text() == "a private key"
        assert (elsewhere.keys_folder / "secret-key").stat().st_mode & 0o777 == 0o600
        assert schema.drift(house.database) == ()
        with house.database.reading() as session:
            assert doctor.examine(session, house.storage, at=MOMENT, deep=True).breaches == ()


def test_rows_go_from_one_engine_to_the_other(lived_in: House, postgres_url: str, tmp_path: Path):
    backup(lived_in, tmp_path / "backup")
    settings = Settings(data_folder=tmp_path / "bigger", database_url=postgres_url)
    restore(settings, tmp_path / "backup")
    with closing(open_house(settings)) as house:
        assert everything(house) == everything(lived_in)
        assert schema.drift(house.database) == ()
        with house.database.transaction() as session:  # new keys go on after those that came
            person = Person(name="new", email="new@house.example", created_at=MOMENT)
            session.add(person)
            session.flush()
            assert person.id == 3


def test_files_go_into_a_bucket_too(house: House, seaweedfs: SeaweedFS, tmp_path: Path):
    fill(house)
    backup(house, tmp_path / "backup")
    bucket = open_bucket(
        "restored",
        endpoint=seaweedfs.endpoint,
        region="us-east-1",
        access_key=seaweedfs.access_key,
        secret_key=seaweedfs.secret_key,
    )
    bucket.client.create_bucket(Bucket="restored")
    bucket.client.close()
    settings = Settings(
        data_folder=tmp_path / "bigger",
        s3_bucket="restored",
        s3_endpoint=seaweedfs.endpoint,
        s3_access_key=seaweedfs.access_key,
        s3_secret_key=seaweedfs.secret_key,
    )
    restore(settings, tmp_path / "backup")
    with closing(open_house(settings)) as restored:
        assert set(restored.storage.digests()) == set(house.storage.digests())
        assert everything(restored) == everything(house)


def test_a_backup_holds_one_moment_while_others_write(lived_in: House):
    with snapshot(lived_in.database) as connection:
        counted = select(func.count()).select_from(Person)
        before = connection.scalar(counted)
        with lived_in.database.transaction() as session:
            session.add(Person(name="late", email="late@house.example", created_at=MOMENT))
        assert connection.scalar(counted) == before


def test_a_backup_is_only_brought_into_an_empty_house(house: House, elsewhere: Settings, tmp_path: Path):
    fill(house)
    backup(house, tmp_path / "backup")
    other_keys = elsewhere.keys_folder / "secret-key"
    other_keys.parent.mkdir(parents=True)
    other_keys.write_text("another house's")
    with pytest.raises(NotEmpty, match="keys"):
        restore(elsewhere, tmp_path / "backup")
    other_keys.unlink()
    restore(elsewhere, tmp_path / "backup")
    with pytest.raises(NotEmpty):
        restore(elsewhere, tmp_path / "backup")
    without_keys = replace(elsewhere, secret_key="k" * 40)
    for key in elsewhere.keys_folder.rglob("*"):
        key.unlink()
    with closing(open_house(without_keys)) as other:
        other.storage.put((b"something else",))
    with pytest.raises(NotEmpty) as refusal:
        restore(without_keys, tmp_path / "backup")
    assert len(refusal.value.places) == 2


def test_a_backup_never_goes_over_another(house: House, tmp_path: Path):
    backup(house, tmp_path / "backup")
    with pytest.raises(BackupError, match="exists already"):
        backup(house, tmp_path / "backup")


def test_a_house_without_a_schema_has_nothing_to_keep(settings: Settings, tmp_path: Path):
    prepare(settings)
    with closing(open_house(settings)) as house, pytest.raises(BackupError, match="no schema"):
        backup(house, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_file_that_is_gone_or_rotten_is_named_and_the_rest_is_kept(house: House, tmp_path: Path):
    fill(house)
    gone = "0" * 64
    with house.database.transaction() as session:
        session.add(File(digest=gone, size=1, media_type="model/stl", created_at=MOMENT))
    rotten = house.storage.put((b"fine today",)).digest
    path = house.settings.files_folder / rotten[:2] / rotten[2:4] / rotten
    path.chmod(0o600)
    path.write_bytes(b"rotten")
    made = backup(house, tmp_path / "backup")
    assert set(made.missing) == {gone, rotten}
    assert [entry.path for entry in made.entries if entry.path.startswith("files/")] == [
        f"files/{digest}" for digest in house.storage.digests() if digest != rotten
    ]


def spoil(backup: Path, how: str) -> None:
    rows = next(path for path in sorted((backup / "rows").iterdir()) if path.stat().st_size)
    match how:
        case "changed":
            rows.write_text(rows.read_text().replace("a", "b"))
        case "missing":
            rows.unlink()
        case "extra":
            (backup / "files" / ("0" * 64)).write_bytes(b"slipped in")
        case "no manifest":
            (backup / "manifest.json").unlink()
        case "not a manifest":
            (backup / "manifest.json").write_text("[]")
        case "another format":
            manifest = json.loads((backup / "manifest.json").read_text())
            (backup / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))


@pytest.mark.parametrize("how", ["changed", "missing", "extra", "no manifest", "not a manifest", "another format"])
def test_a_spoilt_backup_is_refused_before_anything_is_written(
    house: House, elsewhere: Settings, tmp_path: Path, how: str
):
    fill(house)
    backup(house, tmp_path / "backup")
    check(tmp_path / "backup")
    spoil(tmp_path / "backup", how)
    with pytest.raises(BrokenBackup):
        restore(elsewhere, tmp_path / "backup")
    assert not elsewhere.data_folder.exists()


def test_a_restore_that_breaks_off_leaves_no_rows_and_can_be_tried_again(
    house: House, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    fill(house)
    backup(house, tmp_path / "backup")
    with monkeypatch.context() as broken:
        broken.setattr("bespoke.backup.read_rows", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore(elsewhere, tmp_path / "backup")
    assert not elsewhere.keys_folder.exists()
    restore(elsewhere, tmp_path / "backup")
    with closing(open_house(elsewhere)) as restored:
        assert everything(restored) == everything(house)


def test_a_house_keeps_its_keys_when_its_own_backup_is_brought_over_it(house: House, tmp_path: Path):
    fill(house)
    backup(house, tmp_path / "backup")
    with pytest.raises(NotEmpty, match="rows"):
        restore(house.settings, tmp_path / "backup")
    assert (house.settings.keys_folder / "secret-key").read_text() == house.secret_key


def test_a_restore_that_was_killed_can_be_tried_again(house: House, elsewhere: Settings, tmp_path: Path):
    fill(house)
    backup(house, tmp_path / "backup")
    shutil.copytree(tmp_path / "backup" / "keys", elsewhere.keys_folder)  # as far as it came
    restore(elsewhere, tmp_path / "backup")
    with closing(open_house(elsewhere)) as restored:
        assert everything(restored) == everything(house)


def test_the_commands_back_up_and_bring_back(
    house: House,
    elsewhere: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    fill(house)
    monkeypatch.setenv("BESPOKE_DATA_FOLDER", str(house.settings.data_folder))
    assert main(["backup", str(tmp_path / "backup")]) == 0
    assert "1 files" in capsys.readouterr().out
    assert main(["backup", str(tmp_path / "backup")]) == REFUSED
    monkeypatch.setenv("BESPOKE_DATA_FOLDER", str(elsewhere.data_folder))
    assert main(["restore", str(tmp_path / "backup")]) == 0
    with closing(open_house(elsewhere)) as restored:
        assert everything(restored) == everything(house)
    assert main(["restore", str(tmp_path / "backup")]) == REFUSED
    assert "empty house" in capsys.readouterr().err
