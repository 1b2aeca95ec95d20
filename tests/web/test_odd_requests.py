"""Requests no page of ours makes: odd methods, bodies, headers and senders, and the same form sent twice."""

import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from bespoke.models.design import Pin, Revision
from bespoke.models.message import Message
from tests.web.conftest import OWN, Website, token_of

PARTS = b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % one for one in range(300))
BODIES = {
    "many parts": (PARTS + b"--x--\r\n", "multipart/form-data; boundary=x", 413),
    "no boundary": (b"--x\r\n", "multipart/form-data", 422),
    "another boundary": (b"--y\r\n\r\n1\r\n", "multipart/form-data; boundary=x", 422),
    "JSON": (b'{"text": [1, {"a": NaN}]}', "application/json", 422),
    "XML": (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "text/xml", 422),
}
HEADERS = (
    {"Accept-Language": "x" * 5000 + ";q=NaN,de;q=1e309"},
    {"Accept": "\x7f;;q=x"},
    {"If-None-Match": '"' + "x" * 9000},
    {"If-Modified-Since": "yesterday"},
    {"Range": "bytes=5-1,9-x"},
    {"User-Agent": "x" * 9000},
    {"X-HTTP-Method-Override": "DELETE"},
    {"Referer": "javascript:alert(1)"},
)
QUERIES = ("?piece=%00", "?piece=%ff", "?turn=NaN", "?piece=" + "A" * 5000, "?q[a]=b&piece[]=1", "?turn=1e309&a=1" * 40)
ROOM = f"/my/{OWN}/look/1"


@pytest.fixture
def client(website: Website) -> FlaskClient:
    return website.browser("client")


def test_no_odd_request_is_a_fault_of_ours(website: Website, client: FlaskClient):
    token = token_of(client, "/v/")
    for name, (body, kind, status) in BODIES.items():
        answer = client.post(f"/my/{OWN}/messages", data=body, content_type=kind, headers={"X-CSRFToken": token})
        assert (name, answer.status_code) == (name, status)
        assert "<h1" in answer.text, name
    stranger = website.browser()
    for path in (f"/my/{OWN}/messages", f"/studio/{OWN}/A/publish", f"/house/{OWN}/A/publish"):
        for method in ("PUT", "DELETE", "PATCH", "PROPFIND"):
            assert client.open(path, method=method).status_code in {401, 403, 404, 405}, (path, method)
        many = stranger.post(path, data=PARTS + b"--x--\r\n", content_type="multipart/form-data; boundary=x")
        assert many.status_code in {400, 401, 413}, path  # refused before anybody looked at its parts
    for said in HEADERS:
        assert client.get(ROOM, headers=said).status_code in {200, 416}, said
    for query in QUERIES:
        assert client.get(ROOM + query).status_code in {200, 404}, query
    client.set_cookie(website.app.config["SESSION_COOKIE_NAME"] + "-known", "!!.garbage.%00")
    assert client.get(ROOM).status_code == 200


def test_what_another_site_sends_does_nothing_even_with_a_secret_of_ours(website: Website, client: FlaskClient):
    form = {"csrf_token": token_of(client, "/v/"), "text": "Sent by a stranger."}
    for site in ("cross-site", "same-site"):
        answer = client.post(f"/my/{OWN}/messages", data=form, headers={"Sec-Fetch-Site": site})
        assert (answer.status_code, "another site" in answer.text) == (403, True)
    with website.house.database.reading() as session:
        assert session.scalar(select(func.count(Message.id)).where(Message.text == form["text"])) == 0


def test_a_forwarded_host_is_believed_only_behind_a_proxy(client: FlaskClient):
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4"}
    answer = client.get("/enter/staff", headers=forged)
    assert answer.status_code == 200
    assert "evil.example" not in answer.text
    assert client.get(f"/my/{OWN}/", headers={"Host": "evil.example"}).status_code == 400


def test_a_form_that_is_sent_twice_counts_once(website: Website, client: FlaskClient):
    token = token_of(client, "/v/")
    for _ in range(2):
        said = {"csrf_token": token, "text": "Could it be a little finer?"}
        assert client.post(f"/my/{OWN}/messages", data=said).status_code == 303
        note = {"csrf_token": token, "note": "Rounder here, please."}
        assert client.post(f"{ROOM}/notes", data=note).status_code == 303
    designer = website.browser("designer")
    posted, cad = [], b"a drawing".ljust(80) + (100).to_bytes(4, "little") + bytes(50) * 100
    for _ in range(2):
        data = {"csrf_token": token_of(designer, "/v/"), "unit": "mm", "cad": (io.BytesIO(cad), "ring.stl")}
        posted.append(designer.post(f"/studio/{OWN}/A/revisions", data=data))
    assert [one.status_code for one in posted] == [303, 422], posted[0].text
    assert "byte for byte" in posted[1].text
    with website.house.database.reading() as session:
        assert session.scalar(select(func.count(Message.id)).where(Message.text.startswith("Could it be"))) == 1
        assert session.scalar(select(func.count(Pin.id)).where(Pin.text.startswith("Rounder"))) == 1
        assert session.scalar(select(func.count(Revision.id)).where(Revision.original_name == "ring.stl")) == 1


def test_of_a_large_body_nobody_was_let_in_with_nothing_is_read(website: Website):
    class Unread(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("the body of a refused request was read")

    answer = website.browser().post(
        f"/studio/{OWN}/A/revisions",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": "64000000"},
    )
    assert answer.status_code == 401
