"""Every form of the portal with what no form expects: the right status, one sentence, the words kept, never a 500."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bespoke.models.people import Person
from bespoke.services import commissions
from tests.factories import NOON, a_commission, brought_to
from tests.web.conftest import FOREIGN, OWN, Website, open_website, token_of
from tests.web.test_portal_answers import put_before

ZEROS = "0" * 64
HUGE = "Very long. " * 3000
STRANGE = "\u202eevil\u202c \x00\x07\x1b[31m שלום مرحبا <script>alert(1)</script>"
BAD = {
    "empty": "",
    "blank": "   \n\t ",
    "huge": HUGE,
    "strange": STRANGE,
    "nan": "NaN",
    "infinite": "1e999999",
    "negative": "-1",
    "exponent": "1E+5",
    "arabic digits": "\u0661\u0662\u0663",
    "sql": "' OR 1=1; --",
    "path": "../../../../etc/passwd",
}
PATHS = {
    "/my/{own}/messages": ("text",),
    "/my/{own}/brief/for": ("occasion", "for_whom", "is_surprise"),
    "/my/{own}/brief/moves": ("wish", "story", "links"),
    "/my/{own}/brief/budget": ("band", "budget_from", "budget_to"),
    "/my/{own}/brief/metal": ("metals", "lifestyle"),
    "/my/{own}/brief/size": ("size_system", "size", "size_method", "band_width", "finger"),
    "/my/{own}/brief/day": ("needed_by",),
    "/my/{own}/brief/nonsense": ("wish",),
    "/my/{own}/brief/send": (),
    "/my/{own}/brief/pictures": ("caption",),
    "/my/{own}/brief/pictures/999/remove": (),
    "/my/{own}/brief/approve": ("digest", "read"),
    "/my/{own}/brief/changes": ("note",),
    "/my/{own}/A/sketches/pick": ("digest", "read", "sketch"),
    "/my/{own}/A/sketches/another": ("note",),
    "/my/{own}/stones/999/choose": (),
    "/my/{own}/stones/999/hold": (),
    "/my/{own}/A/stones/approve": ("digest", "read"),
    "/my/{own}/quote/accept": ("digest", "read"),
    "/my/{own}/quote/changes": ("note",),
    "/my/{own}/pay/nothing/sent": (),
    "/my/{own}/pay/nothing/card": (),
    "/my/{own}/A/wax/approve": ("digest", "read"),
    "/my/{own}/A/wax/changes": ("note",),
    "/my/{own}/A/answer/nothing": ("digest", "read"),
    "/my/settings/contact": ("name", "telephone"),
    "/my/settings/mails": ("wanted",),
    "/enquire": ("name", "email", "telephone", "kind", "words"),
}
FINE = {200, 204, 303, 400, 403, 404, 409, 413, 422, 429}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Website]:
    folder = tmp_path_factory.mktemp("bad")
    path = folder / "bespoke.sqlite3"
    path.write_bytes(_sqlite_template.read_bytes())
    website = open_website(f"sqlite:///{path}", folder)
    website.app.config["WTF_CSRF_ENABLED"] = False
    with website.house.database.transaction() as session:
        brought_to(session, a_commission(session, website.cast), "brief", website.cast)
        quoted = brought_to(session, a_commission(session, website.cast), "quote", website.cast)
        put_before(session, website, quoted, "quote")
    yield website
    website.house.close()


@pytest.fixture(scope="module")
def client(site: Website) -> FlaskClient:
    return site.browser("client")


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize(
    ("own", "path"),
    [(own, path) for own in ("OF-0003", "OF-0004") for path in PATHS if "{own}" in path or own == "OF-0003"],
)
def test_no_form_falls_over_what_is_typed(site: Website, client: FlaskClient, own: str, path: str, kind: str):
    data = dict.fromkeys(PATHS[path], BAD[kind])
    answer = client.post(path.format(own=own), data=data)
    assert answer.status_code in FINE, answer.text
    assert "<script>alert" not in answer.text
    if answer.status_code in (409, 422):
        assert 'role="alert"' in answer.text or "What happened" in answer.text or "<h1>" in answer.text


@pytest.mark.parametrize("path", [path for path in PATHS if "{own}" in path])
def test_another_clients_commission_is_not_there(client: FlaskClient, path: str):
    data = dict.fromkeys(PATHS[path], "x") | {"digest": ZEROS, "read": "yes", "note": "Mine.", "text": "Mine."}
    answer = client.post(path.format(own=FOREIGN), data=data)
    assert answer.status_code == 404, answer.text


@pytest.mark.parametrize(
    ("path", "field", "kept"),
    [
        ("/my/{own}/messages", "text", "Long words, kept. "),
        ("/my/{own}/quote/changes", "note", "Long words, kept. "),
        ("/enquire", "words", "Long words, kept. "),
    ],
)
def test_words_that_are_refused_come_back(client: FlaskClient, path: str, field: str, kept: str):
    answer = client.post(path.format(own="OF-0004"), data={field: kept * 700, "name": "A", "email": "a@example.org"})
    assert answer.status_code == 422
    assert kept.strip() in answer.text


@pytest.mark.parametrize(
    ("step", "data", "said"),
    [
        ("budget", {"band": "own", "budget_from": "NaN"}, "whole figures"),
        ("budget", {"band": "own", "budget_from": "9000", "budget_to": "10"}, "ends before it begins"),
        ("budget", {"band": "own", "budget_from": "99999999"}, "ten million"),
        ("moves", {"wish": "A ring.", "links": "javascript:alert(1)"}, "begins with https://"),
        ("moves", {"wish": ""}, "what you wish for"),
        ("size", {"size_system": "UK", "size": "99"}, "ring size"),
        ("size", {"size_system": "US", "size": "1e5", "size_method": "guess"}, "US"),
        ("size", {"size_system": "UK", "size": "M", "size_method": "telepathy"}, "how the size was taken"),
        ("day", {"needed_by": "2026-02-30"}, "still to come"),
        ("day", {"needed_by": "1999-01-01"}, "still to come"),
        ("day", {"needed_by": "9999-12-31"}, "still to come"),
    ],
)
def test_an_answer_that_cannot_be_read_is_said_and_kept(
    client: FlaskClient, step: str, data: dict[str, str], said: str
):
    answer = client.post(f"/my/OF-0003/brief/{step}", data=data)
    assert answer.status_code == 422, answer.text
    assert said in answer.text
    for typed in data.values():
        assert typed in answer.text or typed in ("", "own", "telepathy")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.jpg", b"", "empty"),
        ("cut.jpg", b"\xff\xd8\xff\xe0" + b"0" * 200, "picture"),
        ("bomb.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "picture"),
        ("../../../etc/passwd", b"root:x:0:0", "picture"),
        ("shell.php.jpg", b"<?php system($_GET[0]); ?>", "picture"),
    ],
)
def test_what_is_no_picture_is_refused_and_not_kept(
    site: Website, client: FlaskClient, name: str, content: bytes, said: str
):
    before = set(site.house.storage.digests())
    for path in ("/my/OF-0003/brief/pictures", "/my/OF-0003/messages"):
        answer = client.post(path, data={"picture": (io.BytesIO(content), name), "text": "Look."})
        assert answer.status_code == 422, answer.text
        assert said in answer.text
    assert set(site.house.storage.digests()) == before


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: FlaskClient):
    assert client.post(f"/my/{OWN}/quote/changes", data={"note": "x" * 300_000}).status_code == 413
    assert client.post("/enquire", data={"words": "x" * 300_000}).status_code == 413


def test_signs_no_database_takes_are_refused_or_left_out(either_website: Website):
    browser = either_website.browser("client")
    token = token_of(browser, f"/my/{OWN}/messages")
    for path in ("/my/OF%00/", f"/my/{OWN}/files/%00", f"/my/{OWN}/pay/%00", f"/my/{OWN}/brief/%00", "/cards/%00/%00"):
        assert browser.get(path).status_code in (400, 404), path
    for path, field in (("messages", "text"), ("brief/moves", "wish"), ("look/1/changes", "note")):
        data = {"csrf_token": token, field: "Lower\x00, \U0001f48d\u0660 please."}
        answer = browser.post(f"/my/{OWN}/{path}", data=data)
        assert answer.status_code in (303, 422), answer.text
    assert "Lower, " in browser.get(f"/my/{OWN}/messages").text


def test_one_who_reads_along_sees_the_pages_and_decides_nothing(website: Website):
    with website.house.database.transaction() as session:
        commission = brought_to(session, a_commission(session, website.cast), "quote", website.cast)
        put_before(session, website, commission, "quote")
        reader = session.get_one(Person, int(website.cast.stranger.id))
        commissions.let_read(session, commission, reader, website.cast.client, at=NOON)
        reference = commission.reference
    browser = website.browser("stranger")
    token = token_of(browser, "/my/settings")
    assert "You read along" in browser.get(f"/my/{reference}/").text
    page = browser.get(f"/my/{reference}/quote")
    assert page.status_code == 200
    assert "Accept the firm price" not in page.text
    for path in ("messages", "quote/accept", "quote/code", "brief/send", "pay/deposit/sent"):
        data = {"csrf_token": token, "digest": ZEROS, "read": "yes", "text": "Mine."}
        assert browser.post(f"/my/{reference}/{path}", data=data).status_code == 403, path
