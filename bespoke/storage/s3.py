"""Files in a bucket of an S3 server; the only place that knows boto3."""

import base64
import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bespoke.storage.store import (
    Damaged,
    Entry,
    MissingFile,
    MissingPart,
    NoRoom,
    Part,
    StorageError,
    Store,
    Stored,
    TooLarge,
    chunks_of,
    is_digest,
)
from workflows.sentences import sentence

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FILES = "files/"
UPLOADS = "uploads/"
IN_MEMORY_BYTES = 8 << 20
GONE = frozenset({"404", "NoSuchKey", "NotFound"})
NO_ROOM = frozenset({"507", "InsufficientStorage", "XMinioStorageFull", "QuotaExceeded"})
ALREADY_THERE = frozenset({"412", "PreconditionFailed"})


class Unreachable(StorageError):
    """The S3 server does not answer, fails or refuses us; `.said` is how it put it."""

    def __init__(self, said: str) -> None:
        super().__init__(
            sentence(
                "The server the files are kept on could not do it (%(rstrip)s). Nothing was "
                "changed; see whether it runs and has room on its disk, then try again.",
                rstrip=said.rstrip("."),
            )
        )
        self.said = said


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where files are: a bucket and the client that signs for it."""

    client: "S3Client"
    name: str


def open_bucket(name: str, *, endpoint: str, region: str, access_key: str, secret_key: str) -> Bucket:
    """A bucket by its name; nothing is asked of the server yet.

    Args:
        endpoint: the server's address, or "" for the provider's own; addressed by path, so that no
            name needs to resolve for each bucket.
    """
    client = boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            retries={"max_attempts": 3, "mode": "standard"},
            connect_timeout=5,
            read_timeout=60,
        ),
    )
    return Bucket(client, name)


def open_places(
    name: str, *, endpoint: str, public_endpoint: str, region: str, access_key: str, secret_key: str
) -> tuple["S3Store", "S3Parts"]:
    """Files and uploads in one bucket; browsers send their parts to `public_endpoint` where it is another."""

    def at(address: str) -> Bucket:
        return open_bucket(name, endpoint=address, region=region, access_key=access_key, secret_key=secret_key)

    bucket = at(endpoint)
    return S3Store(bucket), S3Parts(bucket, public=at(public_endpoint) if public_endpoint else None)


class S3Store:
    """Content at `files/<digest>`, written only where nothing is (If-None-Match) and with its checksum."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def put(self, chunks: Iterable[bytes], *, limit_bytes: int | None = None) -> Stored:
        """Keep content for good, see `Store.put`; it is hashed on this machine before it is sent."""
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spool:
            hashed, size = hashlib.sha256(), 0
            for chunk in chunks:
                size += len(chunk)
                if limit_bytes is not None and size > limit_bytes:
                    raise TooLarge(limit_bytes)
                hashed.update(chunk)
                spool.write(chunk)
            spool.seek(0)
            stored = Stored(hashed.hexdigest(), size)
            if not self.exists(stored.digest):
                self._send(stored, spool)
        return stored

    def keep(self, path: Path, stored: Stored) -> None:
        """Send a file of this machine, see `Store.keep`; the server checks its digest."""
        if not self.exists(stored.digest):
            with path.open("rb") as file:
                self._send(stored, file)

    def open(self, digest: str) -> BinaryIO:
        """The content as it comes, see `Store.open`."""
        return _get(self._bucket, _file_key(digest), MissingFile(digest))

    @contextmanager
    def local_path(self, digest: str) -> Iterator[Path]:
        """A checked copy in a temporary folder, see `Store.local_path`. Raises Damaged."""
        with tempfile.TemporaryDirectory(prefix="bespoke-") as folder:
            path = Path(folder) / digest
            hashed = hashlib.sha256()
            with self.open(digest) as source, path.open("wb") as copy:
                for chunk in chunks_of(source):
                    hashed.update(chunk)
                    copy.write(chunk)
            if hashed.hexdigest() != digest:
                raise Damaged(digest, hashed.hexdigest())
            path.chmod(0o440)
            yield path

    def exists(self, digest: str) -> bool:
        """Whether the content is kept here."""
        try:
            self.size(digest)
        except MissingFile:
            return False
        return True

    def size(self, digest: str) -> int:
        """The length in bytes. Raises MissingFile."""
        with _named(MissingFile(digest)):
            answer = self._bucket.client.head_object(Bucket=self._bucket.name, Key=_file_key(digest))
        return answer["ContentLength"]

    def digests(self) -> Iterator[str]:
        """Every digest kept here."""
        names = (key.rpartition("/")[2] for key, _ in _listed(self._bucket, FILES))
        return (name for name in names if is_digest(name))

    def _send(self, stored: Stored, content: IO[bytes]) -> None:
        try:
            self._bucket.client.put_object(
                Bucket=self._bucket.name,
                Key=_file_key(stored.digest),
                Body=content,
                ContentLength=stored.size,
                ChecksumSHA256=_base64(stored.digest),
                IfNoneMatch="*",
            )
        except ClientError as fault:
            if _code(fault) not in ALREADY_THERE:  # the same content by somebody else, a moment ago
                raise Unreachable(str(fault)) from fault
        except BotoCoreError as fault:
            raise Unreachable(str(fault)) from fault


class S3Parts:
    """Parts at `uploads/<upload>/<name>`; a browser that can reach the server sends them there itself."""

    def __init__(self, bucket: Bucket, *, public: Bucket | None = None) -> None:
        """Parts in `bucket`; `public` is the same one at the address browsers reach, if they can."""
        self._bucket = bucket
        self._public = public

    def put(self, upload: str, name: str, content: bytes) -> None:
        """Keep something small, see `Parts.put`."""
        with _named(MissingPart(upload, name)):
            self._bucket.client.put_object(Bucket=self._bucket.name, Key=f"{UPLOADS}{upload}/{name}", Body=content)

    def open(self, upload: str, name: str) -> BinaryIO:
        """What was put, see `Parts.open`."""
        return _get(self._bucket, f"{UPLOADS}{upload}/{name}", MissingPart(upload, name))

    def put_part(self, upload: str, part: Part, content: memoryview) -> None:
        """Keep a part, see `Parts.put_part`; what was sent before lies beside it until it is dropped."""
        self.put(upload, part.name, bytes(content))

    def head(self, upload: str, part: Part, length: int) -> bytes:
        """The first bytes of a part, see `Parts.head`."""
        with closing(self.open(upload, part.name)) as content:
            return content.read(length)

    def join(self, upload: str, parts: Sequence[Part], store: Store) -> Stored:
        """The whole file, read part by part and sent on, see `Parts.join`."""
        return store.put(self._chunks(upload, parts), limit_bytes=sum(part.size for part in parts))

    def entries(self, upload: str) -> tuple[Entry, ...]:
        """What lies there for an upload, by name."""
        listed = _listed(self._bucket, f"{UPLOADS}{upload}/")
        return tuple(sorted((Entry(key.rpartition("/")[2], size) for key, size in listed), key=_name))

    def drop(self, upload: str, name: str | None = None) -> None:
        """Let one part go, or all of an upload."""
        names = [name] if name is not None else [entry.name for entry in self.entries(upload)]
        for each in names:
            with _named(MissingPart(upload, each)):
                self._bucket.client.delete_object(Bucket=self._bucket.name, Key=f"{UPLOADS}{upload}/{each}")

    def uploads(self) -> Iterator[str]:
        """Every upload that something lies there for."""
        return iter({key.split("/")[1] for key, _ in _listed(self._bucket, UPLOADS)})

    def address(self, upload: str, name: str, *, size: int, digest: str, seconds: int) -> str | None:
        """A signed address for one PUT of exactly this content; the server refuses any other.

        The browser sends the header `x-amz-checksum-sha256` with the base64 of `digest`.
        """
        if self._public is None:
            return None
        return self._public.client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._public.name,
                "Key": f"{UPLOADS}{upload}/{name}",
                "ContentLength": size,
                "ChecksumSHA256": _base64(digest),
            },
            ExpiresIn=seconds,
        )

    def _chunks(self, upload: str, parts: Sequence[Part]) -> Iterator[bytes]:
        for part in parts:
            hashed = hashlib.sha256()
            with closing(self.open(upload, part.name)) as content:
                for chunk in chunks_of(content):
                    hashed.update(chunk)
                    yield chunk
            if hashed.hexdigest() != part.digest:
                self.drop(upload, part.name)  # so it is asked for again
                raise Damaged(part.digest, hashed.hexdigest())


def _name(entry: Entry) -> str:
    return entry.name


def _file_key(digest: str) -> str:
    if not is_digest(digest):
        raise MissingFile(digest)
    return f"{FILES}{digest}"


def _base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()


def _code(fault: ClientError) -> str:
    return fault.response.get("Error", {}).get("Code", "")


@contextmanager
def _named(missing: StorageError) -> Iterator[None]:
    try:
        yield
    except ClientError as fault:
        if _code(fault) in GONE:
            raise missing from None
        if _code(fault) in NO_ROOM:
            raise NoRoom from fault
        raise Unreachable(str(fault)) from fault
    except BotoCoreError as fault:
        raise Unreachable(str(fault)) from fault


def _get(bucket: Bucket, key: str, missing: StorageError) -> BinaryIO:
    with _named(missing):
        body = bucket.client.get_object(Bucket=bucket.name, Key=key)["Body"]
    return cast(BinaryIO, body)  # readable, closable and a context manager, which is all we promise


def _listed(bucket: Bucket, prefix: str) -> Iterator[tuple[str, int]]:
    with _named(StorageError(f"The bucket {bucket.name} is not there.")):
        for page in bucket.client.get_paginator("list_objects_v2").paginate(Bucket=bucket.name, Prefix=prefix):
            for item in page.get("Contents", ()):
                yield item["Key"], item["Size"]
