"""Content named by its SHA-256, on a local folder and on a real S3 server."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bespoke.storage.local import ABANDONED_SECONDS, LocalStore
from bespoke.storage.s3 import Bucket, S3Store, Unreachable, open_bucket
from bespoke.storage.store import Damaged, MissingFile, Store, TooLarge
from tests.services_running import SeaweedFS

RING = b"solid ring" * 1000
RING_DIGEST = hashlib.sha256(RING).hexdigest()
ABSENT = hashlib.sha256(b"never kept").hexdigest()


def bucket_of(server: SeaweedFS, *, secret_key: str | None = None, name: str | None = None) -> Bucket:
    return open_bucket(
        name or server.bucket,
        endpoint=server.endpoint,
        region="us-east-1",
        access_key=server.access_key,
        secret_key=secret_key or server.secret_key,
    )


@pytest.fixture
def bucket(seaweedfs: SeaweedFS) -> Iterator[Bucket]:
    """The bucket of the real S3 server."""
    bucket = bucket_of(seaweedfs)
    yield bucket
    bucket.client.close()


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store of each kind."""
    if request.param == "s3":
        return S3Store(request.getfixturevalue("bucket"))
    return LocalStore(tmp_path / "files")


def content(store: Store, digest: str) -> bytes:
    with store.open(digest) as file:
        return file.read()


def test_what_is_put_is_given_back_by_its_digest(store: Store):
    stored = store.put((RING[:7], RING[7:]))
    assert (stored.digest, stored.size) == (RING_DIGEST, len(RING))
    assert content(store, stored.digest) == RING
    assert store.exists(RING_DIGEST)
    assert store.size(RING_DIGEST) == len(RING)
    assert RING_DIGEST in set(store.digests())


def test_an_empty_file_is_a_file_too(store: Store):
    stored = store.put(())
    assert (stored.size, content(store, stored.digest)) == (0, b"")


def test_the_same_content_twice_is_kept_once(store: Store):
    assert store.put((RING,)) == store.put((RING,))
    assert list(store.digests()).count(RING_DIGEST) == 1


def test_the_same_content_from_many_at_once_is_kept_once(store: Store):
    body = b"many at once" * 5000
    with ThreadPoolExecutor(8) as pool:
        (stored,) = set(pool.map(lambda _: store.put((body,)), range(16)))
    assert content(store, stored.digest) == body


def test_a_local_path_has_the_content_and_cannot_be_written(store: Store):
    store.put((RING,))
    with store.local_path(RING_DIGEST) as path:
        assert path.read_bytes() == RING
        assert path.stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("digest", [ABSENT, "", "../../etc/passwd", ABSENT.upper(), ABSENT + "\n"])
def test_what_was_never_kept_is_missing(store: Store, digest: str):
    assert not store.exists(digest)
    with pytest.raises(MissingFile):
        store.open(digest)
    with pytest.raises(MissingFile):
        store.size(digest)
    with pytest.raises(MissingFile), store.local_path(digest):
        pass


def test_too_large_a_file_leaves_nothing(store: Store):
    body = os.urandom(1000)
    with pytest.raises(TooLarge) as refusal:
        store.put((body[:600], body[600:]), limit_bytes=999)
    assert refusal.value.limit_bytes == 999
    assert not store.exists(hashlib.sha256(body).hexdigest())
    assert not store.exists(hashlib.sha256(body[:600]).hexdigest())
    assert store.put((body,), limit_bytes=1000).size == 1000


def test_a_source_that_breaks_off_leaves_nothing(tmp_path: Path):
    def broken() -> Iterator[bytes]:
        yield RING
        raise ConnectionResetError

    store = LocalStore(tmp_path)
    with pytest.raises(ConnectionResetError):
        store.put(broken())
    assert not store.exists(RING_DIGEST)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_large_file_goes_through_in_little_memory(store: Store):
    chunk = os.urandom(1 << 20)
    stored = store.put(chunk for _ in range(40))
    assert stored.size == 40 << 20
    with store.local_path(stored.digest) as path:
        assert path.stat().st_size == stored.size


KILLED = """
import sys, time
from pathlib import Path
from bespoke.storage.local import LocalStore
def slow():
    yield b"half of it"
    print("half", flush=True)
    time.sleep(60)
LocalStore(Path(sys.argv[1])).put(slow())
"""


def test_a_crash_leaves_only_a_temporary_file_which_is_swept_a_day_later(tmp_path: Path):
    store = LocalStore(tmp_path)
    writer = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"half\n"
    os.kill(writer.pid, signal.SIGKILL)
    writer.stdout.close()
    writer.wait()
    assert list(store.digests()) == []
    assert store.sweep() == 0  # it might be somebody's who is still writing
    assert store.sweep(now=time.time() + ABANDONED_SECONDS + 60) == 1
    assert list((tmp_path / "incoming").iterdir()) == []


def test_two_writers_of_one_digest_do_not_disturb_a_reader(tmp_path: Path):
    store = LocalStore(tmp_path)
    store.put((RING,))
    stop = threading.Event()

    def rewrite() -> None:
        while not stop.is_set():
            store.put((RING,))

    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        assert all(content(store, RING_DIGEST) == RING for _ in range(200))
    finally:
        stop.set()
        writer.join()


def test_damaged_bytes_on_s3_are_not_handed_out(bucket: Bucket):
    digest = hashlib.sha256(b"whole").hexdigest()
    bucket.client.put_object(Bucket=bucket.name, Key=f"files/{digest}", Body=b"wh0le")
    with pytest.raises(Damaged), S3Store(bucket).local_path(digest):
        pass
    bucket.client.delete_object(Bucket=bucket.name, Key=f"files/{digest}")


def test_s3_refuses_to_write_over_what_is_there(bucket: Bucket):
    body = b"written once"
    digest = S3Store(bucket).put((body,)).digest
    with pytest.raises(bucket.client.exceptions.ClientError, match="PreconditionFailed|412"):
        bucket.client.put_object(Bucket=bucket.name, Key=f"files/{digest}", Body=b"other", IfNoneMatch="*")
    assert content(S3Store(bucket), digest) == body


@pytest.mark.parametrize("wrong", [{"secret_key": "guessed"}, {"name": "elsewhere"}], ids=["key", "bucket"])
def test_a_server_that_refuses_us_is_named_not_taken_for_a_missing_file(seaweedfs: SeaweedFS, wrong: dict[str, str]):
    bucket = bucket_of(seaweedfs, **wrong)
    with pytest.raises(Unreachable):
        list(S3Store(bucket).digests())
    bucket.client.close()


def test_a_server_that_is_not_there_is_named():
    bucket = open_bucket("files", endpoint="http://127.0.0.1:9", region="us-east-1", access_key="a", secret_key="b")
    with pytest.raises(Unreachable):
        S3Store(bucket).exists(RING_DIGEST)
    bucket.client.close()
