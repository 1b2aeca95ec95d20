"""Uploads of drawings: in parts that are counted and hashed, resumed, whole or refused, and only one's own."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from bespoke.models.design import Examination, Revision
from bespoke.models.piece import Piece
from bespoke.storage.uploads import PART_BYTES
from bespoke.web.access import MEGABYTE
from tests.factories import a_commission, brought_to
from tests.making import a_drawing
from tests.web.conftest import OWN, Website, token_of

JSON = {"Accept": "application/json"}
BASE = f"/studio/{OWN}/A/uploads"


class Sender:
    """A browser that sends a file as the page's script does."""

    def __init__(self, site: Website, who: str = "designer", base: str = BASE) -> None:
        self.browser: FlaskClient = site.browser(who)
        self.headers = JSON | {"X-CSRFToken": token_of(self.browser, "/studio/")}
        self.base = base

    def begin(self, name: str, size: object) -> Any:
        return self.browser.post(self.base, data={"name": name, "size": str(size)}, headers=self.headers)

    def part(self, identifier: str, number: int, content: bytes, digest: str = "", **more: Any) -> Any:
        announced = {"X-Part-SHA256": digest or hashlib.sha256(content).hexdigest()}
        address = f"{self.base}/{identifier}/{number}"
        return self.browser.put(address, data=content, headers=self.headers | announced, **more)

    def state(self, identifier: str) -> Any:
        return self.browser.get(f"{self.base}/{identifier}", headers=self.headers)

    def finish(self, identifier: str, **said: str) -> Any:
        return self.browser.post(f"{self.base}/{identifier}/finish", data=said, headers=self.headers)


def a_mesh(size: int) -> bytes:
    """The bytes of an STL of about that size, all of whose triangles are alike."""
    count = (size - 84) // 50
    return b"a large drawing".ljust(80) + count.to_bytes(4, "little") + bytes(50) * count


def parts_of(content: bytes) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(content), PART_BYTES):
        yield start // PART_BYTES + 1, content[start : start + PART_BYTES]


def test_a_file_of_sixty_megabytes_is_resumed_after_a_reload(website: Website):
    content, sender = a_mesh(60 * MEGABYTE), Sender(website)
    begun = sender.begin("mareel_r3.stl", len(content))
    assert begun.status_code == 201, begun.text
    identifier = begun.json["id"]
    assert begun.json["parts"] == 8
    for number, part in list(parts_of(content))[:5]:
        assert sender.part(identifier, number, part).status_code == 200
    again = Sender(website)  # another window of the same person
    assert again.state(identifier).json["arrived"] == [1, 2, 3, 4, 5]
    early = again.finish(identifier)
    assert early.status_code == 422
    assert "3 parts" in early.json["told"]
    for number, part in list(parts_of(content))[5:]:
        assert again.part(identifier, number, part).status_code == 200
    done = again.finish(identifier, note="Lower by 0.6 mm.", unit="mm")
    assert done.status_code == 201, done.text
    assert done.json["next"] == f"/studio/{OWN}/"
    with website.house.database.reading() as session:
        revision = session.get_one(Piece, website.piece_id()).revisions[-1]
        assert revision.digest == hashlib.sha256(content).hexdigest()
        assert (revision.number, revision.unit, revision.note) == (2, "mm", "Lower by 0.6 mm.")
        assert revision.examination is Examination.RUNNING
    assert again.state(identifier).status_code == 404  # its parts are gone with it
    page = website.browser("designer").get(f"/studio/{OWN}/").text
    assert "being examined" in page
    assert 'data-refresh="self"' in page


def test_another_persons_and_another_pieces_upload_is_as_unknown_as_none(website: Website):
    with website.house.database.transaction() as session:
        brought_to(session, a_commission(session, website.cast), "cad", website.cast)
    sender = Sender(website)
    identifier = sender.begin("ring.stl", 1000).json["id"]
    for stranger in (Sender(website, "owner"), Sender(website, base="/studio/OF-0003/A/uploads")):
        for answer in (
            stranger.state(identifier),
            stranger.part(identifier, 1, b"x" * 1000),
            stranger.finish(identifier),
        ):
            assert answer.status_code == 404, answer.text
            assert "not known here" in answer.json["told"]
    for made_up in ("x" * 22, "..%2f..%2fetc", "short"):
        assert sender.state(made_up).status_code == 404
    assert sender.state(identifier).json["arrived"] == []
    for who in ("bench", "office", "lead", "client"):
        assert website.browser(who).get(f"{BASE}/{identifier}", headers=JSON).status_code == 403
    assert website.browser().get(f"{BASE}/{identifier}", headers=JSON).status_code == 401


def test_a_part_is_refused_unless_it_is_whole_and_what_was_announced(website: Website):
    sender, content = Sender(website), a_mesh(PART_BYTES + 2000)
    identifier = sender.begin("ring.stl", len(content)).json["id"]
    first = content[:PART_BYTES]
    wrong = sender.part(identifier, 1, first, hashlib.sha256(b"other").hexdigest())
    short = sender.part(identifier, 1, first[:-1])
    beyond = sender.part(identifier, 3, b"x" * 100)
    nothing = sender.part(identifier, 0, b"x")
    longer = sender.part(identifier, 1, first + b"x")
    huge = sender.part(identifier, 1, first + bytes(2000))
    unnamed = sender.part(identifier, 1, first, "no digest")
    refused = (wrong, short, beyond, nothing, longer, huge, unnamed)
    assert [one.status_code for one in refused] == [422, 422, 422, 422, 422, 413, 422]
    assert "parts 1 to 2" in beyond.json["told"]
    assert sender.state(identifier).json["arrived"] == []
    ends = {"wsgi.input_terminated": True}  # as real servers say, and then one byte more may be asked for
    assert sender.part(identifier, 1, first, environ_overrides=ends).status_code == 200
    assert sender.part(identifier, 1, first).status_code == 200  # twice changes nothing
    assert sender.state(identifier).json["arrived"] == [1]


@pytest.mark.parametrize("size", ["", "-1", "0", "1e9", "NaN", "٣", "99999999999999", str(10**12), "1.5", "0x10"])
def test_a_length_that_is_none_or_too_much_is_refused_before_a_byte_is_sent(website: Website, size: str):
    answer = Sender(website).begin("ring.stl", size)
    assert answer.status_code in (413, 422)
    assert answer.json["told"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.stl", "passwd.stl"),
        ("C:\\drawings\\ring.stl", "ring.stl"),
        ("ring\u202elts.exe", "ringlts.exe"),
        ("ri\x00ng\n.stl", "ring.stl"),
        ("<script>.stl", "<script>.stl"),
        ("   ", "unnamed"),
        ("ü" * 300 + ".stl", "ü" * 116 + ".stl"),
    ],
)
def test_a_name_is_shown_without_what_could_mislead(website: Website, name: str, shown: str):
    assert Sender(website).begin(name, 1000).json["name"] == shown


def test_a_file_that_is_no_drawing_is_let_go_at_the_end(website: Website):
    sender, content = Sender(website), b"%PDF-1.7\n1 0 obj" + b"<< /Type /Catalog >>" * 100
    identifier = sender.begin("ring.stl", len(content)).json["id"]
    sender.part(identifier, 1, content)
    refused = sender.finish(identifier)
    assert refused.status_code == 422
    assert "PDF" in refused.json["told"]
    assert sender.state(identifier).status_code == 404
    with website.house.database.reading() as session:
        assert session.query(Revision).count() == 2  # one of each commission


def test_no_upload_begins_where_the_drawing_could_not_be_taken(website: Website):
    with website.house.database.transaction() as session:
        reference = brought_to(session, a_commission(session, website.cast), "quote", website.cast).reference
    refused = Sender(website, base=f"/studio/{reference}/A/uploads").begin("ring.stl", 1000)
    assert refused.status_code == 409
    assert refused.json["told"]
    assert Sender(website, base="/studio/OF-9999/A/uploads").begin("ring.stl", 1000).status_code == 404


def test_without_the_forms_secret_nothing_is_taken(website: Website):
    answer = website.browser("designer").post(BASE, data={"name": "ring.stl", "size": "1000"}, headers=JSON)
    assert answer.status_code == 400
    assert answer.json["told"]


def test_the_same_file_goes_whole_without_scripts(website: Website):
    browser = website.browser("designer")
    with website.house.storage.open(a_drawing(website.house.storage, "plain").digest) as content:
        drawing = content.read()
    data = {"csrf_token": token_of(browser, f"/studio/{OWN}/"), "cad": (BytesIO(drawing), "../ring.stl"), "unit": "mm"}
    answer = browser.post(f"/studio/{OWN}/A/revisions", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    with website.house.database.reading() as session:
        assert session.get_one(Piece, website.piece_id()).revisions[-1].original_name == "ring.stl"


@contextmanager
def served(site: Website) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_connection_that_is_cut_leaves_no_part_behind(website: Website):
    sender = Sender(website)
    content = a_mesh(100_000)
    identifier = sender.begin("ring.stl", len(content)).json["id"]
    cookie = sender.browser.get_cookie("bespoke")
    assert cookie is not None
    lines = (
        f"PUT {BASE}/{identifier}/1 HTTP/1.1",
        "Host: localhost",
        f"Cookie: {cookie.key}={cookie.value}",
        f"X-CSRFToken: {sender.headers['X-CSRFToken']}",
        f"X-Part-SHA256: {hashlib.sha256(content).hexdigest()}",
        "Content-Type: application/octet-stream",
        f"Content-Length: {len(content)}",
        "Connection: close",
    )
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    with served(website) as port:
        for cut in (0, 1, 50_000, len(content) - 1):
            with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
                line.sendall(head + content[:cut])
                line.shutdown(socket.SHUT_WR)
                answer = line.recv(4096)
            assert answer.split(b" ")[1] in (b"400", b"422"), answer
            assert sender.state(identifier).json["arrived"] == []
        with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
            line.sendall(head + content)
            assert line.recv(4096).split(b" ")[1] == b"200"
    assert sender.state(identifier).json["arrived"] == [1]
