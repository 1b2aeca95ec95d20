"""Backup and restore: rows, files and keys in one folder, each named with its SHA-256 in a manifest."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import select

from bespoke import schema
from bespoke.config import Settings
from bespoke.database import Database
from bespoke.house import House, open_house, prepare
from bespoke.models.file import File
from bespoke.storage.local import sync_folder
from bespoke.storage.store import MissingFile, Store, chunks_of
from bespoke.tables import filling, read_rows, snapshot, tables_of, write_rows

FORMAT = 1
MANIFEST = "manifest.json"
ROWS, FILES, KEYS = "rows", "files", "keys"


class BackupError(Exception):
    """A backup cannot be made or brought back; the text says why."""


class NotEmpty(BackupError):
    """There is something already where the backup would go; `places` names it."""

    def __init__(self, places: tuple[str, ...]) -> None:
        super().__init__(f"A backup is only brought into an empty house; there is {', '.join(places)}.")
        self.places = places


class BrokenBackup(BackupError):
    """The backup is not as its manifest says; `faults` has a sentence for each difference."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("The backup is damaged: " + " ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a backup: its path in the folder, its length in bytes and its SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        revision: of the schema the rows had.
        rows: how many rows, in all tables.
        missing: digests the house remembers whose bytes were not to be had, or were damaged.
    """

    format: int
    made_at: str
    revision: str
    rows: int
    entries: tuple[Entry, ...]
    missing: tuple[str, ...]


def backup(house: House, target: Path) -> Manifest:
    """Copy everything the house remembers into the new folder `target`, while it goes on working.

    The rows are one moment's; files never change, so those a row names are there to be copied after it.

    Raises:
        BackupError: `target` exists, or the database has no schema yet.
    """
    if target.exists():
        raise BackupError(f"{target} exists already; a backup goes into a folder of its own.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for name in (ROWS, FILES, KEYS):
        (unfinished / name).mkdir(parents=True)
    unfinished.chmod(0o700)  # it holds the keys
    revision, rows, named = _write_database(house.database, unfinished / ROWS)
    missing = _copy_files(house.storage, named, unfinished / FILES)
    _copy_keys(house, unfinished / KEYS)
    manifest = Manifest(FORMAT, house.clock().isoformat(), revision, rows, tuple(_entries(unfinished)), missing)
    (unfinished / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    _sync(unfinished)
    unfinished.rename(target)
    sync_folder(target.parent)
    return manifest


def check(source: Path) -> Manifest:
    """The manifest of a backup every byte of which is as it says.

    Raises:
        BackupError: there is no such folder.
        BrokenBackup: something is missing, changed or too much, or it is no backup.
    """
    if not source.is_dir():
        raise BackupError(f"There is no folder {source}; give one that `bespoke backup` has made.")
    try:
        read = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        entries = tuple(Entry(**entry) for entry in read.pop("entries"))
        manifest = Manifest(**{**read, "entries": entries, "missing": tuple(read["missing"])})
    except (OSError, ValueError, TypeError, KeyError) as fault:
        raise BrokenBackup((f"{source / MANIFEST} cannot be read: {fault}.",)) from fault
    if manifest.format != FORMAT:
        raise BrokenBackup((f"It has the format {manifest.format}; this program reads {FORMAT}.",))
    said, found = {entry.path: entry for entry in entries}, {entry.path: entry for entry in _entries(source)}
    faults = [f"{path} is missing." for path in sorted(said.keys() - found.keys())]
    faults += [f"{path} is not in its manifest." for path in sorted(found.keys() - said.keys())]
    faults += [f"{path} was changed." for path in sorted(said.keys() & found.keys()) if said[path] != found[path]]
    if faults:
        raise BrokenBackup(tuple(faults))
    return manifest


def restore(settings: Settings, source: Path) -> Manifest:
    """Bring a backup into the empty house of these settings, then upgrade its schema to the program's.

    The backup may come from another kind of house: rows from SQLite go into PostgreSQL, files into S3.

    Raises:
        BrokenBackup: before anything was written.
        NotEmpty: there are rows, files or keys already.
    """
    manifest = check(source)
    if not _only_from(source / KEYS, settings.keys_folder):
        raise NotEmpty((f"something in {settings.keys_folder}",))
    ours = not settings.keys_folder.exists()
    shutil.copytree(source / KEYS, settings.keys_folder, dirs_exist_ok=True)
    settings.keys_folder.chmod(0o700)
    try:
        prepare(settings)
        with closing(open_house(settings)) as house:
            _refuse_unless_empty(house, manifest)
            for path in sorted((source / FILES).iterdir()):
                with path.open("rb") as file:
                    house.storage.put(chunks_of(file))
            _read_database(house.database, source / ROWS, manifest.revision)
            schema.upgrade(house.database)
    except Exception:
        if ours:  # never those of a house that was there before
            shutil.rmtree(settings.keys_folder)
        raise
    return manifest


def _write_database(database: Database, folder: Path) -> tuple[str, int, frozenset[str]]:
    """Write every row; the schema's revision, how many rows, and the digests of files they name."""
    rows, named = 0, frozenset[str]()
    with snapshot(database) as connection:
        revision = schema.revision_of(connection)
        if revision is None:
            raise BackupError("The database has no schema yet; there is nothing to keep.")
        for table in tables_of(connection):
            with (folder / f"{table.name}.jsonl").open("w", encoding="utf-8") as file:
                rows += write_rows(connection, table, file)
            if table.name == File.__tablename__:
                named = frozenset(connection.scalars(select(table.c.digest)))
    return revision, rows, named


def _read_database(database: Database, folder: Path, revision: str) -> None:
    schema.upgrade(database, to=revision)
    with filling(database) as connection:
        for table in tables_of(connection):
            with (folder / f"{table.name}.jsonl").open(encoding="utf-8") as file:
                read_rows(connection, table, file)


def _copy_files(store: Store, named: frozenset[str], folder: Path) -> tuple[str, ...]:
    """Copy what the rows name and whatever else is kept; what could not be copied whole."""
    missing = []
    for digest in sorted(named.union(store.digests())):
        hashed = hashlib.sha256()
        try:
            with closing(store.open(digest)) as source, (folder / digest).open("wb") as copy:
                for chunk in chunks_of(source):
                    hashed.update(chunk)
                    copy.write(chunk)
        except MissingFile:
            missing.append(digest)
            continue
        if hashed.hexdigest() != digest:
            (folder / digest).unlink()
            missing.append(digest)
    return tuple(missing)


def _copy_keys(house: House, folder: Path) -> None:
    keys = house.settings.keys_folder
    if keys.exists():
        shutil.copytree(keys, folder, dirs_exist_ok=True)


def _only_from(source: Path, folder: Path) -> bool:
    """Whether a folder holds nothing but copies of what `source` holds: a restore that was killed leaves those."""
    left = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    copies = [source / path.relative_to(folder) for path in left]
    return all(
        copy.is_file() and copy.read_bytes() == path.read_bytes() for path, copy in zip(left, copies, strict=True)
    )


def _sync(folder: Path) -> None:
    """Make all below a folder survive a loss of power; a backup is told to be there only when it is."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            sync_folder(path)
    sync_folder(folder)


def _entries(folder: Path) -> Iterator[Entry]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != MANIFEST:
            with path.open("rb") as file:
                yield Entry(name, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _refuse_unless_empty(house: House, manifest: Manifest) -> None:
    """What an attempt that broke off left is no hindrance: tables without rows, files of this backup."""
    places = []
    with snapshot(house.database) as connection:
        if any(connection.execute(select(table).limit(1)).first() for table in tables_of(connection)):
            places.append("a database with rows")
    own = {entry.path.rpartition("/")[2] for entry in manifest.entries if entry.path.startswith(f"{FILES}/")}
    if any(digest not in own for digest in house.storage.digests()):
        places.append("a store with other files")
    if places:
        raise NotEmpty(tuple(places))
