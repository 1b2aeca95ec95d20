"""Files in a folder of this machine: written under a temporary name while hashed, synced, then renamed."""

import errno
import hashlib
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bespoke.storage.store import MissingFile, NoRoom, Stored, TooLarge, chunks_of, is_digest

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
ABANDONED_SECONDS = 24 * 3600


class LocalStore:
    """Content at `folder/aa/bb/aabb…`. A crash leaves at most a temporary file in `folder/incoming`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def put(self, chunks: Iterable[bytes], *, limit_bytes: int | None = None) -> Stored:
        """Keep content for good, see `Store.put`."""
        temporary = self._incoming / uuid.uuid4().hex
        try:
            stored = _write_hashed(temporary, chunks, limit_bytes)
            target = self._path(stored.digest)
            if not target.exists():
                _make_folders(target.parent, above=self._folder)
                temporary.chmod(0o440)
                temporary.rename(target)
            sync_folder(target.parent)
        finally:
            temporary.unlink(missing_ok=True)
        return stored

    def keep(self, path: Path, stored: Stored) -> None:
        """Keep a file of this machine under a second name, or copied from another disk, see `Store.keep`."""
        target = self._path(stored.digest)
        if not target.exists():
            _make_folders(target.parent, above=self._folder)
            path.chmod(0o440)
            try:
                os.link(path, target)
            except FileExistsError:
                pass  # the same content by somebody else, a moment ago
            except OSError:
                with path.open("rb") as file:
                    self.put(chunks_of(file))
        sync_folder(target.parent)

    def open(self, digest: str) -> BinaryIO:
        """The content, see `Store.open`."""
        try:
            return self._path(digest).open("rb")
        except FileNotFoundError:
            raise MissingFile(digest) from None

    @contextmanager
    def local_path(self, digest: str) -> Iterator[Path]:
        """The file itself, see `Store.local_path`."""
        path = self._path(digest)
        if not path.exists():
            raise MissingFile(digest)
        yield path

    def exists(self, digest: str) -> bool:
        """Whether the content is kept here."""
        return is_digest(digest) and self._path(digest).exists()

    def size(self, digest: str) -> int:
        """The length in bytes. Raises MissingFile."""
        try:
            return self._path(digest).stat().st_size
        except FileNotFoundError:
            raise MissingFile(digest) from None

    def digests(self) -> Iterator[str]:
        """Every digest kept here."""
        return (path.name for path in self._folder.glob("??/??/*") if is_digest(path.name))

    def sweep(self, *, now: float | None = None) -> int:
        """Remove temporary files a crash left a day or longer ago; how many there were.

        Args:
            now: seconds since 1970; the clock of this machine, which also dates the files, by default.
        """
        then = (time.time() if now is None else now) - ABANDONED_SECONDS
        swept = 0
        for path in self._incoming.iterdir():
            if path.stat().st_mtime < then:
                path.unlink(missing_ok=True)
                swept += 1
        return swept

    def _path(self, digest: str) -> Path:
        if not is_digest(digest):
            raise MissingFile(digest)
        return self._folder / digest[:2] / digest[2:4] / digest


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_synced(path: Path, content: bytes) -> None:
    """A small file, there whole or not at all, and still there after a loss of power."""
    temporary = path.with_name(f".{uuid.uuid4().hex}")
    try:
        _write_hashed(temporary, (content,), None)
        temporary.rename(path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _write_hashed(path: Path, chunks: Iterable[bytes], limit_bytes: int | None) -> Stored:
    hashed, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                if limit_bytes is not None and size > limit_bytes:
                    raise TooLarge(limit_bytes)
                hashed.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        if fault.errno in FULL:
            raise NoRoom() from fault
        raise
    return Stored(hashed.hexdigest(), size)


def _make_folders(folder: Path, *, above: Path) -> None:
    """Make a folder and those between it and `above`, each name synced."""
    if folder == above or folder.is_dir():
        return
    _make_folders(folder.parent, above=above)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
