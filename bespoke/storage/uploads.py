"""Files sent in parts: each part counted and hashed as it comes, resumed after a reload, whole or refused.

The four steps are the same whether parts go through the house or straight to S3: `begin`, `sign` a part,
send it (`receive` checks it where it goes through the house), `finish`. A server in front may hand over a
body that was cut off as if it were whole, so nothing is believed but bytes that were counted and hashed.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bespoke.storage.store import (
    CHUNK_BYTES,
    CutOff,
    Damaged,
    Entry,
    MissingPart,
    Part,
    Parts,
    StorageError,
    Store,
    Stored,
    TooLarge,
    is_digest,
)
from workflows.sentences import sentence

PART_BYTES = 8 << 20
PIECE_BYTES = 256 << 10
SIGNED_FOR = timedelta(minutes=15)
KEPT_FOR = timedelta(days=2)
CARD = "upload.json"
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{22}")
NOT_KNOWN = "This upload is not known here any more. Send the file again."
PART_NAME = re.compile(r"part-(\d{5})-([0-9a-f]{64})")


class Body(Protocol):
    """What a part is read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""

    def readinto(self, target: memoryview, /) -> int | None:
        """Read into memory that is there already; how many bytes came."""


class UnknownUpload(StorageError):
    """There is no such upload, or it was swept away; the file has to be sent anew."""


class NoSuchPart(StorageError):
    """The file has no part of this number; `parts` says how many it has."""

    def __init__(self, number: int, parts: int) -> None:
        super().__init__(
            sentence("The file has parts 1 to %(parts)s, and no part %(number)s.", parts=parts, number=number)
        )
        self.parts = parts


class Incomplete(StorageError):
    """Parts are still missing; `missing` has their numbers."""

    def __init__(self, missing: tuple[int, ...]) -> None:
        super().__init__(sentence("%(missing)s parts of the file have not come yet.", missing=len(missing)))
        self.missing = missing


class ForgedAddress(StorageError):
    """The address of a part was not made by this house, or not for this part."""


class ExpiredAddress(StorageError):
    """The address of a part was good once; ask for a fresh one."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way: what it calls itself, its length in bytes and whose it is."""

    identifier: str
    owner: str
    name: str
    size: int
    begun_at: str

    @property
    def parts(self) -> int:
        """How many parts it comes in; every part but the last has `PART_BYTES`."""
        return -(-self.size // PART_BYTES)

    def part_size(self, number: int) -> int:
        """The length of part `number` in bytes, counted from 1. Raises NoSuchPart."""
        if not 1 <= number <= self.parts:
            raise NoSuchPart(number, self.parts)
        return min(PART_BYTES, self.size - (number - 1) * PART_BYTES)

    def part(self, number: int, digest: str) -> Part:
        """Part `number`, where these are its bytes. Raises NoSuchPart."""
        return Part(number, (number - 1) * PART_BYTES, self.part_size(number), digest)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to PUT one part, and until when.

    Attributes:
        url: absolute for S3; None where it goes through the house, whose route carries `token`.
        checksum: for S3, the header x-amz-checksum-sha256 to send.
    """

    number: int
    url: str | None
    token: str
    checksum: str
    until: datetime


class Uploads:
    """Uploads of a house, over the place its parts lie in."""

    def __init__(self, parts: Parts, key: bytes, *, limit_bytes: int) -> None:
        self._parts = parts
        self._key = key
        self._limit_bytes = limit_bytes

    def begin(self, owner: str, name: str, size: int, *, at: datetime) -> Upload:
        """A new upload of a file of `size` bytes.

        Raises:
            TooLarge: before a byte was sent.
            StorageError: the file is empty.
        """
        if size > self._limit_bytes:
            raise TooLarge(self._limit_bytes)
        if size < 1:
            raise StorageError(sentence("The file is empty."))
        upload = Upload(secrets.token_urlsafe(16), owner, name, size, at.isoformat())
        self._parts.put(upload.identifier, CARD, json.dumps(asdict(upload)).encode())
        return upload

    def get(self, identifier: str, owner: str) -> Upload:
        """The upload of this owner; another's is as unknown as none. Raises UnknownUpload."""
        upload = self._card(identifier)
        if upload is None or upload.owner != owner:
            raise UnknownUpload(NOT_KNOWN)
        return upload

    def arrived(self, upload: Upload) -> tuple[Part, ...]:
        """The parts that have come whole, by number: what a reloaded page need not send again."""
        found = {}
        for entry in self._parts.entries(upload.identifier):
            number, digest = _named(entry)
            if 1 <= number <= upload.parts and entry.size == upload.part_size(number):
                found[number] = upload.part(number, digest)
        return tuple(found[number] for number in sorted(found))

    def sign(self, upload: Upload, number: int, digest: str, *, at: datetime) -> Address:
        """Where to send part `number`, whose SHA-256 is `digest`, for `SIGNED_FOR` from now on.

        Raises:
            NoSuchPart: the file has no such part.
        """
        size = upload.part_size(number)
        if not is_digest(digest):
            raise StorageError(sentence("A part is announced by its SHA-256, 64 hexadecimal figures."))
        until = at + SIGNED_FOR
        url = self._parts.address(
            upload.identifier,
            upload.part(number, digest).name,
            size=size,
            digest=digest,
            seconds=int(SIGNED_FOR.total_seconds()),
        )
        if url is not None:
            self._forget_others(upload.identifier, number, digest)
        seconds = int(until.timestamp())
        token = f"{seconds}.{digest}.{self._signature(upload.identifier, number, digest, seconds)}"
        return Address(number, url, token, base64.b64encode(bytes.fromhex(digest)).decode(), until)

    def receive(self, identifier: str, number: int, token: str, body: Body, *, announced: int, at: datetime) -> Part:
        """Keep a part that goes through the house; sending it twice changes nothing.

        Args:
            token: from `sign`; it stands for the sign-in, so that a part needs no session.
            body: what the client sent; no more than the part's length is read of it.
            announced: the Content-Length the client gave.

        Raises:
            ForgedAddress, ExpiredAddress: the token is not for this part, or not any more.
            CutOff: the body is not as long as announced or as the part is.
            Damaged: the bytes are not those the address was made for.
            UnknownUpload: it was let go, perhaps while this came.
        """
        seconds, digest = self._checked(identifier, number, token)
        if seconds < at.timestamp():
            raise ExpiredAddress(sentence("The address of this part has expired; ask for a fresh one."))
        upload = self._card(identifier)
        if upload is None:
            raise UnknownUpload(NOT_KNOWN)
        size = upload.part_size(number)
        content, found, length = _read(body, size) if announced == size else (memoryview(b""), "", announced)
        if length != size:
            raise CutOff(announced=size, received=length)
        if found != digest:
            raise Damaged(digest, found)
        part = upload.part(number, digest)
        try:
            self._parts.put_part(identifier, part, content)
        except MissingPart:
            raise UnknownUpload(NOT_KNOWN) from None
        self._forget_others(identifier, number, digest)
        return part

    def finish(self, upload: Upload, store: Store) -> Stored:
        """The whole file, kept for good. Its parts stay until `discard`, so finishing again is harmless.

        Raises:
            Incomplete: parts are missing.
            Damaged: a part is not what it was when it came; it is asked for again.
        """
        arrived = {part.number: part for part in self.arrived(upload)}
        missing = tuple(number for number in range(1, upload.parts + 1) if number not in arrived)
        if missing:
            raise Incomplete(missing)
        return self._parts.join(upload.identifier, [arrived[number] for number in sorted(arrived)], store)

    def head(self, upload: Upload, length: int = 4096) -> bytes:
        """The first bytes of the file, to recognise what it is before it is kept. Raises Incomplete."""
        first = next((part for part in self.arrived(upload) if part.number == 1), None)
        if first is None:
            raise Incomplete((1,))
        return self._parts.head(upload.identifier, first, length)

    def discard(self, upload: Upload) -> None:
        """Let the parts go; called once what finishing gave has been committed, or the file was refused."""
        self._parts.drop(upload.identifier)

    def sweep(self, *, at: datetime) -> int:
        """Let uploads go that were begun more than `KEPT_FOR` ago; how many there were."""
        swept = 0
        for identifier in list(self._parts.uploads()):
            upload = self._card(identifier)
            if upload is None or datetime.fromisoformat(upload.begun_at) < at - KEPT_FOR:
                self._parts.drop(identifier)
                swept += 1
        return swept

    def _forget_others(self, identifier: str, number: int, digest: str) -> None:
        """A part sent anew with other bytes takes the place of the earlier one."""
        for entry in self._parts.entries(identifier):
            if _named(entry)[0] == number and _named(entry)[1] != digest:
                self._parts.drop(identifier, entry.name)

    def _card(self, identifier: str) -> Upload | None:
        if not IDENTIFIER.fullmatch(identifier):
            return None
        try:
            with closing(self._parts.open(identifier, CARD)) as card:
                return Upload(**json.loads(card.read(CHUNK_BYTES)))
        except MissingPart:
            return None

    def _checked(self, identifier: str, number: int, token: str) -> tuple[int, str]:
        seconds, _, rest = token.partition(".")
        digest, _, signature = rest.partition(".")
        if seconds.isascii() and seconds.isdigit() and len(seconds) < 16 and is_digest(digest):
            expected = self._signature(identifier, number, digest, int(seconds))
            if hmac.compare_digest(signature.encode(), expected.encode()):
                return int(seconds), digest
        raise ForgedAddress(sentence("The address of this part was not made by this house."))

    def _signature(self, identifier: str, number: int, digest: str, until: int) -> str:
        message = f"upload part|{identifier}|{number}|{digest}|{until}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


def _read(body: Body, size: int) -> tuple[memoryview, str, int]:
    """A part, its SHA-256 and how many bytes came: one more than `size` where there were more.

    A single read of a socket may give fewer although more will come. Each piece is hashed while it is at hand, and
    nothing is copied twice, for there is more than memory to wait for.
    """
    content, hashed, length = memoryview(bytearray(size)), hashlib.sha256(), 0
    while length < size and (came := body.readinto(content[length : length + PIECE_BYTES])):
        hashed.update(content[length : length + came])
        length += came
    return content, hashed.hexdigest(), length + len(body.read(1) if length == size else b"")


def _named(entry: Entry) -> tuple[int, str]:
    """The number and the digest of a part; number 0 where it is something else."""
    match = PART_NAME.fullmatch(entry.name)
    return (int(match[1]), match[2]) if match else (0, "")
