"""Files in parts: resumed after a reload, whole or refused, forged addresses turned away."""

import hashlib
import http.client
import io
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bespoke.storage.local import LocalStore
from bespoke.storage.local_parts import LocalParts, Sealed
from bespoke.storage.s3 import S3Parts, open_bucket
from bespoke.storage.store import CutOff, Damaged, Parts, StorageError, Stored, TooLarge
from bespoke.storage.uploads import (
    KEPT_FOR,
    PART_BYTES,
    SIGNED_FOR,
    Address,
    ExpiredAddress,
    ForgedAddress,
    Incomplete,
    NoSuchPart,
    UnknownUpload,
    Upload,
    Uploads,
)
from tests.services_running import SeaweedFS

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KEY = b"k" * 48
LIMIT = 40_000_000
DESIGNER = "staff:7"


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.services)])
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Parts]:
    """A place for parts of each kind."""
    if request.param == "local":
        yield LocalParts(tmp_path / "uploads")
        return
    server: SeaweedFS = request.getfixturevalue("seaweedfs")
    bucket = open_bucket(
        server.bucket,
        endpoint=server.endpoint,
        region="us-east-1",
        access_key=server.access_key,
        secret_key=server.secret_key,
    )
    yield S3Parts(bucket)
    bucket.client.close()


@pytest.fixture
def uploads(parts: Parts) -> Uploads:
    """Uploads of up to 40 MB."""
    return Uploads(parts, KEY, limit_bytes=LIMIT)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """Where finished files go."""
    return LocalStore(tmp_path / "files")


def piece_of(body: bytes, number: int) -> bytes:
    return body[(number - 1) * PART_BYTES : number * PART_BYTES]


def send(uploads: Uploads, upload: Upload, number: int, piece: bytes, *, at: datetime = NOW) -> None:
    digest = hashlib.sha256(piece).hexdigest()
    token = uploads.sign(upload, number, digest, at=at).token
    uploads.receive(upload.identifier, number, token, io.BytesIO(piece), announced=len(piece), at=at)


@pytest.fixture(scope="module")
def body() -> bytes:
    """A file of two whole parts and a bit."""
    return os.urandom(2 * PART_BYTES + 12_345)


def test_parts_in_any_order_make_the_whole_file(uploads: Uploads, store: LocalStore, body: bytes):
    upload = uploads.begin(DESIGNER, "ring.glb", len(body), at=NOW)
    assert upload.parts == 3
    for number in (3, 1, 2):
        send(uploads, upload, number, piece_of(body, number))
    assert uploads.head(upload, 16) == body[:16]
    stored = uploads.finish(upload, store)
    assert (stored.digest, stored.size) == (hashlib.sha256(body).hexdigest(), len(body))
    with store.open(stored.digest) as file:
        assert file.read() == body


def test_a_reloaded_page_sends_only_what_is_missing(uploads: Uploads, store: LocalStore, body: bytes):
    begun = uploads.begin(DESIGNER, "ring.glb", len(body), at=NOW)
    send(uploads, begun, 2, piece_of(body, 2))
    upload = uploads.get(begun.identifier, DESIGNER)
    assert upload == begun
    assert [part.number for part in uploads.arrived(upload)] == [2]
    with pytest.raises(Incomplete) as refusal:
        uploads.finish(upload, store)
    assert refusal.value.missing == (1, 3)
    for number in refusal.value.missing:
        send(uploads, upload, number, piece_of(body, number))
    assert uploads.finish(upload, store).size == len(body)


def test_finishing_twice_gives_the_same_and_discarding_ends_it(uploads: Uploads, store: LocalStore):
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    send(uploads, upload, 1, b"solid")
    assert uploads.finish(upload, store) == uploads.finish(upload, store)
    uploads.discard(upload)
    with pytest.raises(UnknownUpload):
        uploads.get(upload.identifier, DESIGNER)


def test_a_part_sent_anew_takes_the_place_of_the_earlier_one(uploads: Uploads, store: LocalStore):
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    send(uploads, upload, 1, b"fluid")
    send(uploads, upload, 1, b"solid")
    send(uploads, upload, 1, b"solid")
    assert uploads.finish(upload, store).digest == hashlib.sha256(b"solid").hexdigest()


def test_another_persons_upload_is_as_unknown_as_none(uploads: Uploads):
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    for identifier, owner in ((upload.identifier, "staff:8"), ("x" * 22, DESIGNER), ("../../etc", DESIGNER)):
        with pytest.raises(UnknownUpload):
            uploads.get(identifier, owner)


@pytest.mark.parametrize("size", [LIMIT + 1, 0, -1])
def test_a_file_too_large_or_empty_is_refused_before_a_byte_is_sent(uploads: Uploads, size: int):
    with pytest.raises(TooLarge if size > 0 else StorageError):
        uploads.begin(DESIGNER, "a.stl", size, at=NOW)


@pytest.mark.parametrize("number", [0, 2, -1, 99999])
def test_a_part_the_file_does_not_have_is_refused(uploads: Uploads, number: int):
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    with pytest.raises(NoSuchPart):
        uploads.sign(upload, number, "0" * 64, at=NOW)


@pytest.mark.parametrize(
    ("sent", "announced"),
    [(b"sol", 5), (b"sol", 3), (b"solid and more", 5), (b"solid and more", 14), (b"", 5)],
    ids=["cut-off", "short", "longer-than-said", "long", "nothing"],
)
def test_a_body_that_is_not_as_long_as_the_part_is_not_whole(uploads: Uploads, sent: bytes, announced: int):
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    token = uploads.sign(upload, 1, hashlib.sha256(b"solid").hexdigest(), at=NOW).token
    with pytest.raises(CutOff):
        uploads.receive(upload.identifier, 1, token, io.BytesIO(sent), announced=announced, at=NOW)
    assert uploads.arrived(upload) == ()


def test_a_body_that_comes_in_dribbles_is_read_to_its_end(uploads: Uploads):
    class Dribble(io.BytesIO):
        def readinto(self, target: memoryview, /) -> int:  # type: ignore[override]
            return super().readinto(target[:1])

    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    token = uploads.sign(upload, 1, hashlib.sha256(b"solid").hexdigest(), at=NOW).token
    part = uploads.receive(upload.identifier, 1, token, Dribble(b"solid"), announced=5, at=NOW)
    assert part.size == 5


def test_other_bytes_than_those_announced_are_refused(uploads: Uploads):
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    token = uploads.sign(upload, 1, hashlib.sha256(b"solid").hexdigest(), at=NOW).token
    with pytest.raises(Damaged):
        uploads.receive(upload.identifier, 1, token, io.BytesIO(b"fluid"), announced=5, at=NOW)


def forgeries(uploads: Uploads, parts: Parts) -> dict[str, str]:
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    digest = hashlib.sha256(b"solid").hexdigest()
    token = uploads.sign(upload, 1, digest, at=NOW).token
    until, _, signature = token.split(".")
    stranger = Uploads(parts, b"s" * 48, limit_bytes=LIMIT)
    return {
        "later": f"{int(until) + 3600}.{digest}.{signature}",
        "other bytes": f"{until}.{hashlib.sha256(b'fluid').hexdigest()}.{signature}",
        "other upload": token,
        "other key": stranger.sign(upload, 1, digest, at=NOW).token,
        "cut": token[:-1],
        "empty": "",
        "arabic": f"٥.{digest}.{signature}",
        "umlaut": f"{until}.{digest}.ä",
    }


def test_a_forged_address_is_refused(uploads: Uploads, parts: Parts):
    upload = uploads.begin(DESIGNER, "b.stl", 5, at=NOW)
    for what, token in forgeries(uploads, parts).items():
        with pytest.raises(ForgedAddress):
            uploads.receive(upload.identifier, 1, token, io.BytesIO(b"solid"), announced=5, at=NOW)
        assert uploads.arrived(upload) == (), what


def test_an_expired_address_is_refused(uploads: Uploads):
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    token = uploads.sign(upload, 1, hashlib.sha256(b"solid").hexdigest(), at=NOW).token
    later = NOW + SIGNED_FOR + timedelta(seconds=1)
    with pytest.raises(ExpiredAddress):
        uploads.receive(upload.identifier, 1, token, io.BytesIO(b"solid"), announced=5, at=later)


def test_uploads_nobody_came_back_to_are_swept(uploads: Uploads):
    old = uploads.begin(DESIGNER, "old.stl", 5, at=NOW - KEPT_FOR - timedelta(minutes=1))
    new = uploads.begin(DESIGNER, "new.stl", 5, at=NOW)
    assert uploads.sweep(at=NOW) == 1
    assert uploads.get(new.identifier, DESIGNER) == new
    with pytest.raises(UnknownUpload):
        uploads.get(old.identifier, DESIGNER)


def test_a_part_that_rotted_on_the_disk_is_found_when_finishing(tmp_path: Path, store: LocalStore):
    uploads = Uploads(LocalParts(tmp_path / "uploads"), KEY, limit_bytes=LIMIT)
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    send(uploads, upload, 1, b"solid")
    (tmp_path / "uploads" / upload.identifier / ".whole").write_bytes(b"sol1d")
    uploads = Uploads(LocalParts(tmp_path / "uploads"), KEY, limit_bytes=LIMIT)  # the house was started again
    with pytest.raises(Damaged):
        uploads.finish(upload, store)
    assert list(store.digests()) == []
    assert uploads.arrived(upload) == ()  # so it is sent again, and only it
    send(uploads, upload, 1, b"solid")
    assert uploads.finish(upload, store).digest == hashlib.sha256(b"solid").hexdigest()


def test_what_is_kept_never_changes_by_what_is_sent_later(tmp_path: Path, store: LocalStore):
    """The kept file is the very one the parts were written to."""
    uploads = Uploads(LocalParts(tmp_path / "uploads"), KEY, limit_bytes=LIMIT)
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    send(uploads, upload, 1, b"solid")
    stored = uploads.finish(upload, store)
    send(uploads, upload, 1, b"solid")  # a window that had not heard of it
    with pytest.raises(Sealed):
        send(uploads, upload, 1, b"fluid")
    assert uploads.finish(upload, store) == stored
    assert [part.digest for part in uploads.arrived(upload)] == [stored.digest]
    uploads.discard(upload)
    with store.open(stored.digest) as file:
        assert file.read() == b"solid"


@pytest.mark.parametrize(
    "sent", [(1, 2, 3), (1, 3, 2), (1, 2, 1, 3), (2, 3, 1), (1, 2, "start", 3), ("other", 2, 3, 1)]
)
def test_the_digest_is_that_of_the_bytes_however_they_came(
    tmp_path: Path, store: LocalStore, body: bytes, sent: tuple[object, ...]
):
    uploads = Uploads(LocalParts(tmp_path / "uploads"), KEY, limit_bytes=LIMIT)
    upload = uploads.begin(DESIGNER, "ring.glb", len(body), at=NOW)
    for one in sent:
        if isinstance(one, int):
            send(uploads, upload, one, piece_of(body, one))
        elif one == "other":
            send(uploads, upload, 1, os.urandom(PART_BYTES))
        else:
            uploads = Uploads(LocalParts(tmp_path / "uploads"), KEY, limit_bytes=LIMIT)
    stored = uploads.finish(upload, store)
    with store.open(stored.digest) as file:
        assert file.read() == body
    assert stored.digest == hashlib.sha256(body).hexdigest()


def test_many_windows_that_send_and_finish_at_once_keep_one_whole_file(tmp_path: Path, store: LocalStore, body: bytes):
    uploads = Uploads(LocalParts(tmp_path / "uploads"), KEY, limit_bytes=LIMIT)
    upload = uploads.begin(DESIGNER, "ring.glb", len(body), at=NOW)

    def window(_number: int) -> Stored:
        for number in range(1, upload.parts + 1):
            send(uploads, upload, number, piece_of(body, number))
        return uploads.finish(upload, store)

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(window, range(4)))
    assert found == {Stored(hashlib.sha256(body).hexdigest(), len(body))}
    assert list(store.digests()) == [hashlib.sha256(body).hexdigest()]


def test_a_part_that_comes_when_the_upload_was_let_go_is_told_so(tmp_path: Path):
    class Late(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            uploads.discard(upload)
            return super().read(size)

    uploads = Uploads(LocalParts(tmp_path / "uploads"), KEY, limit_bytes=LIMIT)
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    token = uploads.sign(upload, 1, hashlib.sha256(b"solid").hexdigest(), at=NOW).token
    with pytest.raises(UnknownUpload):
        uploads.receive(upload.identifier, 1, token, Late(b"solid"), announced=5, at=NOW)
    assert list((tmp_path / "uploads").iterdir()) == []


def put(address: Address, url: str, piece: bytes, checksum: str | None = None) -> int:
    """The status of a PUT as a browser would send it."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request(
        "PUT", f"{parts.path}?{parts.query}", piece, {"x-amz-checksum-sha256": checksum or address.checksum}
    )
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.fixture
def s3_uploads(seaweedfs: SeaweedFS) -> Iterator[Uploads]:
    """Uploads whose parts go straight to the S3 server."""
    bucket = open_bucket(
        seaweedfs.bucket,
        endpoint=seaweedfs.endpoint,
        region="us-east-1",
        access_key=seaweedfs.access_key,
        secret_key=seaweedfs.secret_key,
    )
    yield Uploads(S3Parts(bucket, public=bucket), KEY, limit_bytes=LIMIT)
    bucket.client.close()


def test_parts_go_through_the_house_where_browsers_cannot_reach_the_place(uploads: Uploads):
    upload = uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    assert uploads.sign(upload, 1, hashlib.sha256(b"solid").hexdigest(), at=NOW).url is None


def test_a_browser_sends_parts_straight_to_s3(s3_uploads: Uploads, store: LocalStore, body: bytes):
    upload = s3_uploads.begin(DESIGNER, "ring.glb", len(body), at=NOW)
    for number in range(1, upload.parts + 1):
        piece = piece_of(body, number)
        address = s3_uploads.sign(upload, number, hashlib.sha256(piece).hexdigest(), at=NOW)
        assert address.url is not None
        assert put(address, address.url, piece) == 200
    assert s3_uploads.finish(upload, store).digest == hashlib.sha256(body).hexdigest()


def test_s3_refuses_a_signed_address_that_was_tampered_with(s3_uploads: Uploads):
    upload = s3_uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    address = s3_uploads.sign(upload, 1, hashlib.sha256(b"solid").hexdigest(), at=NOW)
    assert address.url is not None
    other = address.url.replace("part-00001", "part-00002")
    longer = address.url.replace("X-Amz-Expires=900", "X-Amz-Expires=604800")
    assert address.url not in (other, longer)
    assert put(address, other, b"solid") == 403
    assert put(address, longer, b"solid") == 403
    assert put(address, address.url, b"solid", checksum="AAAA") in (400, 403)
    assert s3_uploads.arrived(upload) == ()


def test_s3_refuses_an_expired_address(s3_uploads: Uploads, monkeypatch: pytest.MonkeyPatch):
    upload = s3_uploads.begin(DESIGNER, "a.stl", 5, at=NOW)
    monkeypatch.setattr("bespoke.storage.uploads.SIGNED_FOR", timedelta(seconds=1))
    address = s3_uploads.sign(upload, 1, hashlib.sha256(b"solid").hexdigest(), at=NOW)
    assert address.url is not None
    expired = False
    for _ in range(40):
        expired = put(address, address.url, b"solid") == 403
        if expired:
            break
        time.sleep(0.1)  # by the server's clock, which is not ours to set
    assert expired
