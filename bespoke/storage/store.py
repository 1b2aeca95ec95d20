"""What a place for files promises: content is named by its SHA-256, written once and never changed."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from workflows.sentences import sentence

CHUNK_BYTES = 1 << 20


class StorageError(Exception):
    """A file cannot be kept or given."""


class MissingFile(StorageError):
    """No content of this digest is kept here."""

    def __init__(self, digest: str) -> None:
        super().__init__(sentence("The file %(digest)s is not in the store.", digest=digest))
        self.digest = digest


class TooLarge(StorageError):
    """The file is larger than the house takes; `limit_bytes` says how large it may be."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            sentence(
                "The file is larger than %(limit_bytes)s MB, the most the house takes.",
                limit_bytes=f"{limit_bytes / 1000000.0:,.0f}",
            )
        )
        self.limit_bytes = limit_bytes


class CutOff(StorageError):
    """Fewer or more bytes came than were announced: the body is not the whole file."""

    def __init__(self, *, announced: int, received: int) -> None:
        super().__init__(
            sentence(
                "%(announced)s bytes were announced and %(received)s came. Send it again.",
                announced=f"{announced:,}",
                received=f"{received:,}",
            )
        )
        self.announced = announced
        self.received = received


class NoRoom(StorageError):
    """The disk files are kept on is full."""

    def __init__(self) -> None:
        super().__init__(
            sentence("There is no room left for the file. Nothing of it was kept; make room, then send it again.")
        )


class Damaged(StorageError):
    """The bytes are not those their digest names."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(
            sentence("The bytes have the digest %(found)s, not %(expected)s.", found=found, expected=expected)
        )
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Stored:
    """Content that is kept: its SHA-256 in lower-case hexadecimal and its length in bytes."""

    digest: str
    size: int


class Store(Protocol):
    """A place that keeps content for good. Nothing here deletes or changes what is kept."""

    def put(self, chunks: Iterable[bytes], *, limit_bytes: int | None = None) -> Stored:
        """Keep content for good; when this returns, it survives a loss of power.

        Raises:
            TooLarge: more than `limit_bytes` came; nothing of it is kept.
        """

    def keep(self, path: Path, stored: Stored) -> None:
        """The same for a file of this machine whose digest is known, that is on its disk and that nobody changes."""

    def open(self, digest: str) -> BinaryIO:
        """The content, to be read once and closed. Raises MissingFile."""

    def local_path(self, digest: str) -> AbstractContextManager[Path]:
        """A file on this machine with the content while the block runs, only to be read.

        Raises MissingFile.
        """

    def exists(self, digest: str) -> bool:
        """Whether the content is kept here."""

    def size(self, digest: str) -> int:
        """The length in bytes. Raises MissingFile."""

    def digests(self) -> Iterator[str]:
        """Every digest kept here, in no particular order."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of an upload as it lies there: its name and length in bytes."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file being sent: its number from 1, where it begins in the file, its length in bytes, its SHA-256."""

    number: int
    offset: int
    size: int
    digest: str

    @property
    def place(self) -> str:
        """What the names of all begin with that were ever sent as this part."""
        return f"part-{self.number:05d}"

    @property
    def name(self) -> str:
        """What it is called where parts lie."""
        return f"{self.place}-{self.digest}"


class Parts(Protocol):
    """A place for parts of files still being sent, by upload and name; they come and go."""

    def put(self, upload: str, name: str, content: bytes) -> None:
        """Keep something small beside the parts; one of the same name is replaced at once or not at all."""

    def open(self, upload: str, name: str) -> BinaryIO:
        """What was put, to be read once and closed. Raises MissingPart."""

    def put_part(self, upload: str, part: Part, content: memoryview) -> None:
        """Keep a part, whole or not at all; what was sent as this part before may go. Raises MissingPart, NoRoom."""

    def head(self, upload: str, part: Part, length: int) -> bytes:
        """The first bytes of a part. Raises MissingPart."""

    def join(self, upload: str, parts: Sequence[Part], store: Store) -> Stored:
        """The file these parts make, in their order, kept in the store; doing it again gives the same.

        Raises:
            Damaged: a part is not what it was; nothing was kept.
        """

    def entries(self, upload: str) -> tuple[Entry, ...]:
        """What lies there for an upload, by name."""

    def drop(self, upload: str, name: str | None = None) -> None:
        """Let one part go, or all of an upload; what is not there is no error."""

    def uploads(self) -> Iterator[str]:
        """Every upload that something lies there for."""

    def address(self, upload: str, name: str, *, size: int, digest: str, seconds: int) -> str | None:
        """Where a browser may PUT this part itself for so long, or None if it goes through the house."""


class MissingPart(StorageError):
    """No part of this name lies there."""

    def __init__(self, upload: str, name: str) -> None:
        super().__init__(sentence("The upload %(upload)s has no part %(name)s.", upload=upload, name=name))
        self.upload = upload
        self.name = name


def is_digest(text: str) -> bool:
    """Whether this could be a digest: 64 lower-case hexadecimal figures, so never a path."""
    return len(text) == 64 and all(figure in "0123456789abcdef" for figure in text)


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """The rest of an open file in chunks."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk
