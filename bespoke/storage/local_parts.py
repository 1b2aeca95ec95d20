"""Uploads in a folder of this machine: their parts lie in one file, each at its place, so that nothing is copied later.

Beside that file lies a mark for each part that came whole, made once its bytes are written: what has no mark has not
come. Whoever writes or finishes has a lock of the file, so each mark tells the truth and no byte changes once the file
is sealed; a process that is killed leaves its lock.

The digest of the whole is carried along while the parts come to one process, as `LocalStore.put` does. Where they
did not, or the house was started again meanwhile, everything is read once more and each part checked.
"""

import fcntl
import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from bespoke.storage.local import FULL, sync_folder, write_synced
from bespoke.storage.store import (
    CHUNK_BYTES,
    Damaged,
    Entry,
    MissingPart,
    NoRoom,
    Part,
    StorageError,
    Store,
    Stored,
    is_digest,
)
from workflows.sentences import sentence

WHOLE = ".whole"
SEALED = ".sealed-"
CARRIED_MOST = 64  # uploads at once; of others the whole is read when they are finished


class Sealed(StorageError):
    """The file is whole and was checked; it does not change any more."""

    def __init__(self) -> None:
        super().__init__(sentence("This file has come whole already. To send another, choose it on the page again."))


class LocalParts:
    """Parts at `folder/upload/.whole`, and a mark for each at `folder/upload/name`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._carried = Carried()

    def put(self, upload: str, name: str, content: bytes) -> None:
        """Keep something small beside the parts, see `Parts.put`."""
        folder = self._folder / upload
        folder.mkdir(exist_ok=True)
        write_synced(folder / name, content)

    def open(self, upload: str, name: str) -> BinaryIO:
        """What was put, see `Parts.open`."""
        try:
            return (self._folder / upload / name).open("rb")
        except FileNotFoundError:
            raise MissingPart(upload, name) from None

    def put_part(self, upload: str, part: Part, content: memoryview) -> None:
        """Keep a part at its place, see `Parts.put_part`.

        Raises:
            Sealed: another one was kept, and the file is finished.
        """
        folder = self._folder / upload
        try:
            if not _marked(folder, part):
                with _whole(folder) as file:
                    if _marked(folder, part):  # by another window, while we waited
                        return
                    if _sealed(folder) is not None:
                        raise Sealed
                    for other in folder.glob(f"{part.place}-*"):
                        if other.name != part.name:  # its bytes are written over
                            other.unlink(missing_ok=True)
                    _write(file, content, part.offset)
                    self._carried.add(upload, part, content, file)
                    _mark(folder, part)
        except FileNotFoundError:
            raise MissingPart(upload, part.name) from None
        except OSError as fault:
            if fault.errno in FULL:
                raise NoRoom from fault
            raise

    def head(self, upload: str, part: Part, length: int) -> bytes:
        """The first bytes of a part, see `Parts.head`."""
        folder = self._folder / upload
        try:
            with (_sealed(folder) or folder / WHOLE).open("rb") as file:
                file.seek(part.offset)
                return file.read(min(length, part.size))
        except FileNotFoundError:
            raise MissingPart(upload, part.name) from None

    def entries(self, upload: str) -> tuple[Entry, ...]:
        """What has come, see `Parts.entries`; a part still being written is not there yet."""
        folder = self._folder / upload
        if not folder.is_dir():
            return ()
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        return tuple(Entry(path.name, path.stat().st_size) for path in paths)

    def join(self, upload: str, parts: Sequence[Part], store: Store) -> Stored:
        """The whole file, kept without another copy of it, see `Parts.join`."""
        folder = self._folder / upload
        size = sum(part.size for part in parts)
        try:
            sealed = _sealed(folder) or self._seal(upload, parts, size)
        except FileNotFoundError:
            raise MissingPart(upload, WHOLE) from None
        stored = Stored(sealed.name.removeprefix(SEALED), size)
        store.keep(sealed, stored)
        return stored

    def drop(self, upload: str, name: str | None = None) -> None:
        """Let one part go, or all of an upload."""
        folder = self._folder / upload
        if name is not None:
            (folder / name).unlink(missing_ok=True)
        elif folder.is_dir():
            self._carried.forget(upload)
            for path in folder.iterdir():
                path.unlink(missing_ok=True)
            folder.rmdir()

    def uploads(self) -> Iterator[str]:
        """Every upload that something lies there for."""
        return (path.name for path in self._folder.iterdir() if path.is_dir())

    def address(self, upload: str, name: str, *, size: int, digest: str, seconds: int) -> str | None:
        """None: parts go through the house."""
        return None

    def _seal(self, upload: str, parts: Sequence[Part], size: int) -> Path:
        folder = self._folder / upload
        with _whole(folder) as file:
            earlier = _sealed(folder)  # by another who finished it while we waited
            if earlier is not None:
                return earlier
            os.ftruncate(file, size)
            digest = self._carried.digest(upload, parts)
            if digest is None or not all(_marked(folder, part) for part in parts):
                digest = _checked(folder, file, parts)
            else:
                os.fsync(file)
            sealed = folder / f"{SEALED}{digest}"
            (folder / WHOLE).rename(sealed)
            sync_folder(folder)
            return sealed


class Note:
    """How far the whole file of one upload has been hashed, and the parts that came before their turn."""

    def __init__(self) -> None:
        self.digests: list[str] = []
        self.whole = sha256()
        self.early: dict[int, Part] = {}

    def add(self, part: Part, content: memoryview, file: int) -> bool:
        """A part was written; False where it took the place of one that is hashed already."""
        if part.number <= len(self.digests):
            return self.digests[part.number - 1] == part.digest
        self.early[part.number] = part
        while (following := self.early.pop(len(self.digests) + 1, None)) is not None:
            self.digests.append(following.digest)
            for piece in (content,) if following is part else _pieces(file, following):
                self.whole.update(piece)
        return True


class Carried:
    """The notes of the uploads that come to this process; those that are forgotten cost one more reading."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._notes: OrderedDict[str, Note] = OrderedDict()

    def add(self, upload: str, part: Part, content: memoryview, file: int) -> None:
        """A part was written, while its file is ours alone."""
        with self._lock:
            note = self._notes.setdefault(upload, Note())
            if len(self._notes) > CARRIED_MOST:
                self._notes.popitem(last=False)
        if not note.add(part, content, file):
            self.forget(upload)

    def digest(self, upload: str, parts: Sequence[Part]) -> str | None:
        """The digest of the whole, if these are the very parts it was taken of."""
        with self._lock:
            note = self._notes.get(upload)
        return note.whole.hexdigest() if note and note.digests == [part.digest for part in parts] else None

    def forget(self, upload: str) -> None:
        """It was let go, or has to be read again."""
        with self._lock:
            self._notes.pop(upload, None)


def _checked(folder: Path, file: int, parts: Sequence[Part]) -> str:
    """The digest of the file, once it is on the disk and each part is what it was; other marks are taken away."""
    with ThreadPoolExecutor(2) as pool, (folder / WHOLE).open("rb", buffering=0) as content:
        synced = pool.submit(os.fsync, file)
        damages = pool.submit(_damages, folder, file, parts)
        digest = file_digest(content, "sha256").hexdigest()
        synced.result()
    for fault in damages.result():
        raise fault
    return digest


def _damages(folder: Path, file: int, parts: Sequence[Part]) -> list[Damaged]:
    found = []
    for part in parts:
        hashed = sha256()
        for piece in _pieces(file, part):
            hashed.update(piece)
        if hashed.hexdigest() != part.digest:
            (folder / part.name).unlink(missing_ok=True)  # so it is asked for again
            found.append(Damaged(part.digest, hashed.hexdigest()))
    return found


def _pieces(file: int, part: Part) -> Iterator[bytes]:
    for start in range(0, part.size, CHUNK_BYTES):
        yield os.pread(file, min(CHUNK_BYTES, part.size - start), part.offset + start)


@contextmanager
def _whole(folder: Path) -> Iterator[int]:
    """The file the parts lie in, for us alone; it is made where it is not yet, but not the folder."""
    path = folder / WHOLE
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_at(file, path):
                yield file
                return
        finally:
            os.close(file)


def _is_at(file: int, path: Path) -> bool:
    """Whether the file is still the one of that name: it may have been sealed while we waited for it."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _sealed(folder: Path) -> Path | None:
    return next((path for path in folder.glob(f"{SEALED}*") if is_digest(path.name.removeprefix(SEALED))), None)


def _marked(folder: Path, part: Part) -> bool:
    try:
        return (folder / part.name).stat().st_size == part.size
    except FileNotFoundError:
        return False


def _mark(folder: Path, part: Part) -> None:
    """A file as long as the part, and without bytes of its own."""
    mark = os.open(folder / part.name, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(mark, part.size)
    finally:
        os.close(mark)


def _write(file: int, content: memoryview, offset: int) -> None:
    rest, at = content, offset
    while rest:
        written = os.pwrite(file, rest, at)
        rest, at = rest[written:], at + written
    os.posix_fadvise(file, offset, len(content), os.POSIX_FADV_DONTNEED)  # the disk begins at once, nobody waits
