"""What the pages say and do: approvals by digest, refusals with the newer state, no cost where it is no business."""

import io
import re
from decimal import Decimal
from pathlib import Path

import pytest
from flask import template_rendered
from flask.testing import FlaskClient

from bespoke.documents import codec
from bespoke.models.document import Document
from bespoke.models.house import HouseRow
from bespoke.models.piece import Piece
from bespoke.models.quote import Quote
from bespoke.models.stone import StoneRow
from bespoke.proof.seal import digest_bytes
from bespoke.services import briefs, metals, options, pins, sizes, sketches
from bespoke.services.briefs import Wish
from bespoke.services.sizes import Measured
from bespoke.templating import TEMPLATES
from renders import renderer
from tests.factories import NOON, a_chosen_stone, a_commission, a_diamond, a_file, a_sent_quote, brought_to
from tests.making import a_drawing, handed_in
from tests.mareel import mareel
from tests.web.conftest import OWN, Website, token_of
from workflows.money import Money
from workflows.sizes import RingSize
from workflows.snapshot import Status

QUERIES = 8
CODE = "7C41-9A0E-51DK"
PORTAL = (
    *("brief/for", "brief/review", "brief/read", "sketches", "stones", "quote", "pay/deposit", "messages"),
    *("documents", "payments", "payments/1", "wax", "making"),
    *("look/1", "look/1/approve", "look/1/changes", "look/1/from/1"),
)
PARTIALS = {
    "portal/ask.html",
    "staff/facts.html",
    "staff/match.html",
    "staff/money.html",
    "staff/revisions.html",
    "staff/steps.html",
}


def test_the_client_approves_exactly_what_is_on_the_page(either_website: Website):
    site = either_website
    with site.house.database.transaction() as session:
        session.get_one(HouseRow, 1).step_up_above_minor = 100_000_00
    browser = site.browser("client")
    home = browser.get(f"/my/{OWN}/").text
    assert "Is revision 1 right?" in home
    assert f'href="/my/{OWN}/look/1"' in home
    page = browser.get(f"/my/{OWN}/look/1/approve").text
    for fact in ("UK M, 16.71\xa0mm inside", "18 ct yellow gold", "1.01 ct"):
        assert fact in page
    shown = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert shown is not None
    assert shown[1] == site.shown
    answer = browser.post(
        f"/my/{OWN}/look/1/approve",
        data={"digest": shown[1], "read": "yes", "csrf_token": token_of(browser, f"/my/{OWN}/")},
    )
    assert answer.status_code == 303
    with site.house.database.reading() as session:
        piece = session.get_one(Piece, site.piece_id())
        assert piece.milestone("render_approval").status is Status.DONE
        assert piece.approvals[-1].digest == site.shown
        assert piece.approvals[-1].address == "127.0.0.1"
    after = browser.get(f"/my/{OWN}/").text
    assert "Nothing for you today" in after
    assert "What you said yes to" in after
    assert f"seal {site.shown[:4]}\xa0{site.shown[4:8]}".lower() in after.lower()


def test_a_yes_without_the_tick_is_asked_for_it(website: Website):
    browser = website.browser("client")
    data = {"digest": website.shown, "csrf_token": token_of(browser, f"/my/{OWN}/")}
    answer = browser.post(f"/my/{OWN}/look/1/approve", data=data)
    assert answer.status_code == 422
    assert "Tick that you have read" in answer.text


def test_a_replaced_drawing_cannot_be_approved_and_the_page_shows_what_stands(either_website: Website):
    site = either_website
    browser = site.browser("client")
    token = token_of(browser, f"/my/{OWN}/")
    with site.house.database.transaction() as session:
        handed_in(session, site.house.storage, session.get_one(Piece, site.piece_id()), site.cast, "second")
    answer = browser.post(f"/my/{OWN}/look/1/approve", data={"digest": site.shown, "read": "yes", "csrf_token": token})
    assert answer.status_code == 409
    assert "Approve revision 1" not in answer.text
    assert 'role="alert"' in answer.text


def test_words_are_kept_when_a_change_can_no_longer_be_asked_for(website: Website):
    browser = website.browser("client")
    token = token_of(browser, f"/my/{OWN}/")
    answer = browser.post(f"/my/{OWN}/look/1/changes", data={"note": "Lower, please. " * 300, "csrf_token": token})
    assert answer.status_code == 422
    assert "Lower, please." in answer.text
    assert "keep it under 2000 characters" in answer.text


def test_a_change_is_asked_for(website: Website):
    browser = website.browser("client")
    token = token_of(browser, f"/my/{OWN}/")
    data = {"note": "Could it sit lower?", "csrf_token": token}
    assert browser.post(f"/my/{OWN}/look/1/changes", data=data).status_code == 303
    with website.house.database.reading() as session:
        piece = session.get_one(Piece, website.piece_id())
        assert piece.revisions[0].pins[0].text == "Could it sit lower?"
        assert piece.milestone("cad").status is not Status.DONE
    assert "Could it sit lower?" in website.browser("designer").get(f"/house/{OWN}/").text


def test_a_designer_hands_a_drawing_in_and_sees_it_being_measured(website: Website, tmp_path: Path):
    browser = website.browser("designer")
    stored = a_drawing(website.house.storage, "by hand")
    with website.house.storage.open(stored.digest) as content:
        cad = content.read()
    token = token_of(browser, f"/house/{OWN}/")
    data = {"cad": (io.BytesIO(cad), "../..\u202eone\x07.stl"), "unit": "mm", "note": "Again", "csrf_token": token}
    answer = browser.post(f"/house/{OWN}/A/revisions", data=data)
    assert answer.status_code == 303, answer.text
    page = browser.get(f"/house/{OWN}/")
    assert 'data-refresh="self"' in page.text
    assert "Waits for its turn" in page.text
    with website.house.database.reading() as session:
        revision = session.get_one(Piece, website.piece_id()).revision
        assert revision is not None
        assert (revision.number, revision.unit, revision.original_name) == (2, "mm", "..one.stl")


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "empty"), (b"%PDF-1.7 nothing", "PDF"), (b"\x89PNG\r\n\x1a\n", "picture")]
)
def test_what_is_no_drawing_is_refused_and_not_kept(website: Website, content: bytes, said: str):
    browser, before = website.browser("designer"), set(website.house.storage.digests())
    data = {"cad": (io.BytesIO(content), "ring.stl"), "csrf_token": token_of(browser, f"/house/{OWN}/")}
    answer = browser.post(f"/house/{OWN}/A/revisions", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert set(website.house.storage.digests()) == before


def test_a_plain_step_is_taken_by_a_button(website: Website):
    cast = website.cast
    with website.house.database.transaction() as session:
        reference = brought_to(session, a_commission(session, cast), "concept", cast).reference
    browser = website.browser("designer")
    page = browser.get(f"/house/{reference}/").text
    assert "Leave out, because" in page
    token = token_of(browser, f"/house/{reference}/")
    path = f"/house/{reference}/A/do/concept/skip"
    refused = browser.post(path, data={"reason": " ", "csrf_token": token})
    assert refused.status_code == 409
    assert browser.post(path, data={"reason": "Drawn before.", "csrf_token": token}).status_code == 303
    assert "left out" in browser.get(f"/house/{reference}/").text


def test_a_closed_step_says_why_beside_its_button(website: Website):
    page = website.browser("bench").get(f"/house/{OWN}/").text
    assert "Still needs: photograph, caliper check" not in page  # the wax model is still to come
    designer = website.browser("designer").get(f"/house/{OWN}/").text
    assert "Take back, because" in designer


@pytest.mark.parametrize("who", ["client", "designer", "bench", "lead"])
def test_cost_supplier_and_margin_are_nobody_elses_business(website: Website, who: str):
    with website.house.database.reading() as session:
        secrets = {"Northmere"}
        for stone in session.query(StoneRow).all():
            secrets |= _written(Money(stone.cost_minor or 0, stone.currency))
        for quote in session.query(Quote).all():
            cost = Money(quote.cost_minor or 0, quote.currency)
            secrets |= _written(cost) | _written(Money(quote.net_minor - cost.minor, quote.currency))
    browser = website.browser(who)
    pages = [f"/my/{OWN}/"] if who == "client" else ["/house/", f"/house/{OWN}/"]
    for path in pages:
        page = browser.get(path).text
        assert not [secret for secret in secrets if secret in page]
    if who == "client":
        assert "Ask for less next time" not in page  # said among the house
    if who in ("designer", "bench", "lead"):
        assert "£" not in page


def test_the_office_sees_what_it_costs(website: Website):
    page = website.browser("office").get(f"/house/{OWN}/").text
    assert "Costs the house" in page
    assert "Margin before tax" in page


def test_a_page_asks_the_database_a_few_times_only(either_website: Website):
    site = either_website
    for who, paths in {
        "client": (f"/my/{OWN}/", "/my/"),
        "owner": (f"/house/{OWN}/", "/house/"),
        None: ("/", "/v/", f"/v/{CODE}"),
    }.items():
        browser = site.browser(who)
        for path in paths:
            site.statements.clear()
            browser.get(path)
            assert len(site.statements) <= QUERIES, (path, site.statements)


def test_every_answer_tells_the_browser_what_it_may_do(website: Website):
    for who, path in ((None, "/"), ("client", f"/my/{OWN}/"), (None, "/nothing"), ("owner", "/house/")):
        answer = website.browser(who).get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        private = path != "/"
        assert ("no-store" in answer.headers["Cache-Control"]) == private
        assert not re.search(r"<script(?![^>]*\ssrc=)", answer.text)  # modules of ours, none written into the page
        assert not re.search(r"\sstyle=|\son\w+=", answer.text)


@pytest.mark.parametrize(("who", "path"), [(None, "/v/"), ("client", f"/my/{OWN}/"), ("owner", f"/house/{OWN}/")])
def test_a_page_that_did_not_change_is_not_sent_again(website: Website, who: str | None, path: str):
    browser = website.browser(who)
    first = browser.get(path)
    again = browser.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    with website.house.database.transaction() as session:
        pins.place(
            session,
            session.get_one(Piece, website.piece_id()).revisions[0],
            "Finer.",
            website.cast.designer,
            at=NOON,
        )
    changed = browser.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == (200 if who == "owner" else 304)


def test_a_code_tells_what_was_sealed_and_no_more(website: Website):
    _seal(website)
    page = website.browser().get(f"/v/{CODE.lower()}").text
    facts = mareel()
    assert "We sealed this dossier" in page
    assert facts.title in page
    assert facts.client not in page
    assert "£" not in page
    assert website.browser().get("/v/", query_string={"code": "7c4i-9aoe 51dk"}).location.endswith("/v/7C41-9A0E-51DK")


def test_a_picture_is_shown_only_under_the_code_of_an_issued_dossier(website: Website):
    browser = website.browser()
    assert browser.get(f"/v/{CODE}/picture").status_code == 404
    assert browser.get("/v/nonsense/picture").status_code == 404


def test_health_is_told_in_json(website: Website):
    answer = website.browser().get("/health")
    assert answer.json == {"status": "ok", "database": "ok", "store": "ok", "renderer": renderer.found()}


def test_every_page_template_is_drawn(website: Website):
    _seal(website)
    drawn: set[str] = set()
    with template_rendered.connected_to(lambda _app, template, **_: drawn.add(template.name), website.app):
        _visit_everything(website)
    folders = ("portal", "staff", "public", "errors")  # those of signing in have tests of their own
    pages = {f"{folder}/{path.name}" for folder in folders for path in (TEMPLATES / folder).glob("[!_]*.html")}
    assert pages - drawn == PARTIALS | {"public/verdict.html", "public/card.html"}  # drawn within others, or elsewhere


def _visit_everything(website: Website) -> None:
    client, owner, nobody = website.browser("client"), website.browser("owner"), website.browser()
    with website.house.database.transaction() as session:
        a_commission(session, website.cast)  # two of them, so that there is a list
    visits: list[tuple[FlaskClient, str]] = [
        (client, "/my/"),
        (client, f"/my/{OWN}/"),
        *((client, f"/my/{OWN}/{name}") for name in PORTAL),
        (client, "/my/settings"),
        (nobody, "/enquire"),
        (nobody, "/enquire/thanks"),
        (owner, "/house/"),
        (owner, f"/house/{OWN}/"),
        (owner, f"/house/{OWN}/money"),
        (owner, f"/house/{OWN}/care"),
        (nobody, "/"),
        (nobody, "/v/"),
        (nobody, f"/v/{CODE}"),
        (nobody, "/v/ABCD-ABCD-ABCD"),
        (nobody, "/nothing"),
        (nobody, "/leave"),
        (nobody, website.link("client")),
        (nobody, website.link("owner")),
    ]
    for browser, path in visits:
        assert browser.get(path).status_code in (200, 404)


def _seal(website: Website) -> None:
    manifest = codec.write({"facts": codec.to_json(mareel())}).decode()
    with website.house.database.transaction() as session:
        number = website.piece_id()
        piece = session.get_one(Piece, number)
        session.add(
            Document(
                commission_id=piece.commission_id,
                piece_id=number,
                kind="dossier",
                version=1,
                code=CODE,
                digest=a_file(session, "dossier").digest,
                manifest=manifest,
                manifest_digest=digest_bytes(manifest.encode()),
                created_at=NOON,
                issued_at=NOON,
            )
        )


def _written(amount: Money) -> set[str]:
    whole, pence = divmod(amount.minor, 100)
    return {f"{whole:,}.{pence:02}", f"{whole}.{pence:02}", f"£{whole:,}<"}


def _put_before(session, website: Website, commission, milestone: str) -> None:  # type: ignore[no-untyped-def]
    """Put a milestone before the client."""
    cast, piece = website.cast, commission.pieces[0]
    if milestone == "brief":
        briefs.write(session, commission, Wish("A ring that sits low."), cast.client, at=NOON)
        metals.choose(session, piece, "AU750Y", cast.designer, at=NOON)
        sizes.put_down(
            session, piece, Measured(RingSize.parse("UK M"), "mandrel", Decimal("2.2")), cast.designer, at=NOON
        )
        briefs.hand_in(session, commission, cast.designer, at=NOON)
    elif milestone == "concept":
        file = a_file(session, "a sketch")
        sketches.add(session, piece, file, cast.designer, at=NOON)
        sketches.hand_in(session, piece, cast.designer, at=NOON)
    elif milestone == "stone_sourcing":
        stone = a_diamond(session, cast, "D-777")
        a_chosen_stone(session, piece, cast, stone)
        options.hand_in(session, piece, cast.designer, at=NOON)
    else:
        a_sent_quote(session, commission, cast)


def test_a_fault_of_ours_is_a_page_even_without_the_database(website: Website, monkeypatch: pytest.MonkeyPatch):
    browser = website.browser("owner")
    monkeypatch.setattr("bespoke.queries.board.board", lambda *_, **__: 1 / 0)
    broken = browser.get("/house/")
    assert broken.status_code == 500
    assert "it is our fault" in broken.text
    monkeypatch.setattr("bespoke.web.errors._page", lambda *_: 1 / 0)
    assert "it is our fault" in browser.get("/house/").text
