"""The viewing room: what is shown and to whom, notes on the surface, the wish for a change, the yes and its code."""

import hashlib
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from bespoke.models.design import Pin, PinReply
from bespoke.models.factor import StepUp
from bespoke.models.house import HouseRow
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.services import approvals, commissions, designs, pins, stepup
from tests.factories import NOON
from tests.lookable import furnish
from tests.making import drawn, handed_in
from tests.web.conftest import FOREIGN, OWN, Website, token_of
from workflows.snapshot import Status

LOOK = f"/my/{OWN}/look/1"
STATIC = Path(__file__).parents[2] / "bespoke/static"
QUERIES = 8
HUGE = 100_000_00


@pytest.fixture
def site(website: Website) -> Website:
    """The house of the other pages, its first revision with a model and all its pictures, a price below the limit."""
    with website.house.database.transaction() as session:
        session.get_one(HouseRow, 1).step_up_above_minor = HUGE
        furnish(
            session, website.house.storage, session.get_one(Piece, website.piece_id()).revisions[0], head_mm="5.918"
        )
    return website


def post(browser: FlaskClient, path: str, **data: str):  # type: ignore[no-untyped-def]
    return browser.post(path, data={"csrf_token": token_of(browser, "/v/"), **data})


def a_reader(site: Website) -> FlaskClient:
    """The browser of the second client, who reads along in the first one's commission."""
    with site.house.database.transaction() as session:
        commission = session.get_one(Piece, site.piece_id()).commission
        person = session.get_one(Person, int(site.cast.stranger.id))
        commissions.let_read(session, commission, person, site.cast.client, at=NOON)
    return site.browser("stranger")


def second_revision(site: Website, *, publish: bool = True) -> None:
    """The stone comes down, in a second revision."""
    with site.house.database.transaction() as session:
        piece = session.get_one(Piece, site.piece_id())
        revision = drawn(session, site.house.storage, piece, site.cast, "second")
        furnish(session, site.house.storage, revision, weight_g=5.081)
        if publish:
            designs.publish(session, piece, site.cast.designer, at=NOON, note="Lower by 0.6 mm.")


def test_the_room_says_everything_the_pictures_show(site: Website):
    page = site.browser("client").get(LOOK).text
    for told in (
        "Revision 1",
        "16.72\xa0mm",
        "your size, UK M",
        "5.92\xa0mm",
        "8.1 × 6.3 × 4.3",
        "5.14\xa0g",
        "data-viewer",
    ):
        assert told in page.replace("&nbsp;", "\xa0"), told
    assert f'Seal <span class="num">{site.shown[:4].upper()}\xa0{site.shown[4:8].upper()}' in page
    assert len(re.findall(r"data-degrees=", page)) == 12
    assert "Rose gold, about" in " ".join(page.split())
    assert not re.search(r'\sstyle=|\son\w+="|<script(?! type="module" src=)', page)


def test_a_frame_of_the_turntable_is_a_link_that_needs_no_script(site: Website):
    page = site.browser("client").get(f"{LOOK}?turn=90").text
    chosen = re.search(r'data-degrees="90" aria-current="true".*?files/([0-9a-f]{64})', page, re.S)
    assert chosen is not None
    assert f'{chosen[1]}" alt="Revision 1' in page
    assert site.browser("client").get(f"{LOOK}?turn=<b>").status_code == 200


def test_a_revision_without_a_model_shows_its_pictures(website: Website):
    page = website.browser("client").get(LOOK).text
    assert "data-viewer" not in page
    assert "viewer.js" not in page
    assert "Large pictures" in page


def test_only_its_own_clients_come_in(site: Website):
    for path in ("", "/approve", "/changes", "/from/1"):
        assert site.browser("client").get(LOOK + path).status_code == 200
        assert site.browser("stranger").get(LOOK + path).status_code == 404
        assert site.browser().get(LOOK + path).status_code == 401
        assert site.browser("designer").get(LOOK + path).status_code == 403
    assert site.browser("client").get(f"/my/{FOREIGN}/look/1").status_code == 404
    assert site.browser("client").get(f"/my/{OWN}/look/2").status_code == 404
    assert site.browser("client").get(f"{LOOK}?piece=B").status_code == 404


def test_a_revision_that_was_not_published_is_not_there(site: Website):
    second_revision(site, publish=False)
    browser = site.browser("client")
    assert browser.get(f"/my/{OWN}/look/2").status_code == 404
    assert browser.get(f"/my/{OWN}/look/1/from/2").status_code == 404
    page = browser.get(LOOK).text
    assert "Revision 2 is being drawn" in page
    assert "/look/1/approve" not in page


def test_whoever_reads_along_looks_and_decides_nothing(site: Website):
    browser = a_reader(site)
    page = browser.get(LOOK).text
    assert "You read along." in page
    for word in ("/look/1/approve", "/look/1/changes", "/look/1/notes"):
        assert word not in page
    assert "Approve revision 1" not in browser.get(f"{LOOK}/approve").text
    assert post(browser, f"{LOOK}/approve", digest=site.shown, read="yes").status_code == 403
    assert post(browser, f"{LOOK}/changes", note="Lower.").status_code == 403
    assert post(browser, f"{LOOK}/notes", note="Lower.").status_code == 403
    assert post(browser, f"{LOOK}/code").status_code == 403


def test_the_five_facts_are_read_back_and_kept_with_the_yes(site: Website):
    browser = site.browser("client")
    page = browser.get(f"{LOOK}/approve").text
    for fact in ("UK M, 16.71\xa0mm inside", "18 ct yellow gold", "1.01 ct", "£", "Ready"):
        assert fact in page
    shown = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert shown is not None
    assert shown[1] == site.shown
    answer = post(browser, f"{LOOK}/approve", digest=site.shown, read="yes")
    assert (answer.status_code, answer.location) == (303, f"{LOOK}/approve")
    after = browser.get(answer.location).text
    assert "You approved revision 1" in after
    assert f"{site.shown[:4].upper()}\xa0{site.shown[4:8].upper()}" in after
    assert "18 ct yellow gold" in after
    assert "What happens next" in after
    assert "You approved revision 1 on" in browser.get(LOOK).text


def test_a_yes_without_the_tick_is_asked_for_it(site: Website):
    answer = post(site.browser("client"), f"{LOOK}/approve", digest=site.shown)
    assert answer.status_code == 422
    assert "Tick that you have read" in answer.text
    assert "Is this what we make?" in answer.text


def test_a_yes_beyond_the_limit_needs_the_mailed_code(site: Website):
    with site.house.database.transaction() as session:
        session.get_one(HouseRow, 1).step_up_above_minor = 1
    browser = site.browser("client")
    page = browser.get(f"{LOOK}/approve").text
    assert "Send me the code" in page
    assert "Approve revision 1</button>" not in page
    refused = post(browser, f"{LOOK}/approve", digest=site.shown, read="yes")
    assert refused.status_code == 422
    assert post(browser, f"{LOOK}/code", digest=site.shown).status_code == 303
    with site.house.database.transaction() as session:
        code = stepup.fresh_code(session, session.scalars(select(StepUp.id)).one())
    assert code is not None
    assert 'autocomplete="one-time-code"' in browser.get(f"{LOOK}/approve").text
    wrong = post(browser, f"{LOOK}/approve", digest=site.shown, read="yes", code=f"{(int(code) + 1) % 10**6:06}")
    assert wrong.status_code == 422
    assert "not the code" in wrong.text
    assert post(browser, f"{LOOK}/approve", digest=site.shown, read="yes", code=code).status_code == 303
    with site.house.database.reading() as session:
        assert session.get_one(Piece, site.piece_id()).milestone("render_approval").status is Status.DONE


def test_a_replaced_drawing_cannot_be_approved_and_the_page_shows_what_stands(site: Website):
    browser = site.browser("client")
    with site.house.database.transaction() as session:
        handed_in(session, site.house.storage, session.get_one(Piece, site.piece_id()), site.cast, "second")
    answer = post(browser, f"{LOOK}/approve", digest=site.shown, read="yes")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "Revision 2 is being drawn" in answer.text
    assert 'name="digest"' not in answer.text


def test_a_yes_to_something_else_is_refused_with_the_newer_state(site: Website):
    answer = post(site.browser("client"), f"{LOOK}/approve", digest="0" * 64, read="yes")
    assert answer.status_code == 409
    assert f'value="{site.shown}"' in answer.text


def test_an_older_revision_points_to_the_newer_one(site: Website):
    with site.house.database.transaction() as session:
        piece = session.get_one(Piece, site.piece_id())
        approvals.ask_changes(session, piece, "render_approval", "Lower.", site.cast.client, at=NOON)
    second_revision(site)
    browser = site.browser("client")
    page = browser.get(LOOK).text
    assert "Revision 2 has followed this one." in page
    assert "Approve revision 1" not in page
    assert f'action="{LOOK}/notes"' not in page
    assert "Approve revision" not in browser.get(f"{LOOK}/approve").text
    refused = post(browser, f"{LOOK}/notes", note="Still higher, please.")
    assert refused.status_code == 409
    assert "put your note there" in refused.text


def test_a_note_is_put_where_the_surface_was_touched(site: Website):
    browser = site.browser("client")
    place = {"x": "1.25", "y": "-0.500", "z": "9", "body": "Band"}
    answer = post(browser, f"{LOOK}/notes", note="Does it still catch light?", **place)
    assert answer.status_code == 303
    with site.house.database.reading() as session:
        pin = session.scalars(select(Pin)).one()
        assert (pin.x_mm, pin.y_mm, pin.z_mm, pin.body, pin.must_fix) == (1.25, -0.5, 9.0, "Band", False)
        assert answer.location == f"{LOOK}#note-{pin.id}"
    page = browser.get(LOOK).text
    assert 'data-x="1.25" data-y="-0.5" data-z="9.0"' in page
    assert "on “Band”" in page


def test_a_note_needs_no_place_and_no_part_that_is_not_there(site: Website):
    browser = site.browser("client")
    assert post(browser, f"{LOOK}/notes", note="I love it.", body="<script>").status_code == 303
    with site.house.database.reading() as session:
        pin = session.scalars(select(Pin)).one()
        assert (pin.x_mm, pin.body) == (None, "")
    assert "data-pin=" not in browser.get(LOOK).text


@pytest.mark.parametrize(
    "place",
    [
        {"x": "nan", "y": "0", "z": "0"},
        {"x": "1e5", "y": "0", "z": "0"},
        {"x": "5", "y": "", "z": "0"},
        {"x": "9999", "y": "0", "z": "0"},
        {"x": "\u0661", "y": "0", "z": "0"},
    ],
    ids=["nan", "exponent", "missing", "far", "digits"],
)
def test_a_place_that_is_none_is_refused_and_the_words_are_kept(site: Website, place: dict[str, str]):
    answer = post(site.browser("client"), f"{LOOK}/notes", note="Thinner claws, please.", **place)
    assert answer.status_code == 422
    assert "Thinner claws, please." in answer.text
    assert "nowhere on the piece" in answer.text


def test_notes_are_answered_and_settled_by_whom_they_belong_to(site: Website):
    browser = site.browser("client")
    post(browser, f"{LOOK}/notes", note="Is it open below?")
    with site.house.database.transaction() as session:
        revision = session.get_one(Piece, site.piece_id()).revisions[0]
        row = revision.pins[0]
        pins.answer(session, revision, row, "Yes, turn it to the side.", site.cast.designer, at=NOON)
        hidden = pins.place(session, revision, "Mind the undercut.", site.cast.designer, at=NOON)
        number, foreign = row.id, hidden.id
    page = browser.get(LOOK).text
    assert "Yes, turn it to the side." in page
    assert "Mind the undercut." not in page  # said among the house
    assert post(browser, f"{LOOK}/notes/{number}/answer", note="Thank you.").status_code == 303
    assert post(browser, f"{LOOK}/notes/{foreign}/answer", note="What?").status_code == 404
    assert post(browser, f"{LOOK}/notes/{foreign}/settle").status_code == 404
    assert post(browser, f"{LOOK}/notes/{number}/settle").status_code == 303
    with site.house.database.reading() as session:
        assert [one.text for one in session.scalars(select(PinReply))] == ["Yes, turn it to the side.", "Thank you."]
        assert session.get_one(Pin, number).settled_at is not None
    again = post(browser, f"{LOOK}/notes/{number}/answer", note="One more thing.")
    assert again.status_code == 409
    assert "This note was settled" in again.text


def test_a_change_is_asked_for_with_all_open_notes(site: Website):
    browser = site.browser("client")
    assert post(browser, f"{LOOK}/changes", note=" ").status_code == 422
    post(browser, f"{LOOK}/notes", note="Thinner claws.")
    post(browser, f"{LOOK}/notes", note="A lower stone.")
    page = browser.get(f"{LOOK}/changes").text
    assert "Your 2 open notes go to" in page
    assert post(browser, f"{LOOK}/changes", note="").status_code == 303
    with site.house.database.reading() as session:
        piece = session.get_one(Piece, site.piece_id())
        assert [pin.must_fix for pin in piece.revisions[0].pins] == [True, True]
        assert piece.milestone("cad").status is not Status.DONE
    assert "Your wish is with" in browser.get(f"{LOOK}/changes").text
    assert "Approve revision 1" not in browser.get(LOOK).text


def test_words_are_kept_when_a_wish_is_too_long(site: Website):
    answer = post(site.browser("client"), f"{LOOK}/changes", note="Lower, please. " * 300)
    assert answer.status_code == 422
    assert "Lower, please." in answer.text
    assert "keep it under 2000 characters" in answer.text


def test_what_changed_is_told_in_signed_figures(site: Website):
    with site.house.database.transaction() as session:
        piece = session.get_one(Piece, site.piece_id())
        approvals.ask_changes(session, piece, "render_approval", "Lower.", site.cast.client, at=NOON)
    second_revision(site)
    browser = site.browser("client")
    page = browser.get(f"/my/{OWN}/look/2/from/1").text.replace("&nbsp;", "\xa0")
    assert "The stone comes down 0.6 mm" in page
    assert "−0.60\xa0mm" in page
    assert "5.92\xa0mm to 5.32\xa0mm" in page
    assert "−0.06\xa0g" in page
    assert "no change" in page
    assert "has not been measured for these two yet" in page
    assert browser.get(f"/my/{OWN}/look/1/from/2").status_code == 200
    assert f"/my/{OWN}/look/2/from/1" in browser.get(f"/my/{OWN}/look/2").text
    assert "was 5.92\xa0mm" in browser.get(f"/my/{OWN}/look/2").text.replace("&nbsp;", "\xa0")


def test_a_piece_of_several_is_told_by_its_letter(site: Website):
    with site.house.database.transaction() as session:
        first = session.get_one(Piece, site.piece_id())
        commissions.add_piece(session, first.commission, "ring", "The band", site.cast.office, at=NOON)
    browser = site.browser("client")
    assert f"{LOOK}/approve?piece=A" in browser.get(LOOK).text
    assert browser.get(f"{LOOK}?piece=A").status_code == 200
    assert browser.get(f"{LOOK}?piece=B").status_code == 404
    answer = post(browser, f"{LOOK}/notes?piece=A", note="Lovely.")
    assert "piece=A" in answer.location


def test_the_rooms_ask_the_database_a_few_times_only(site: Website):
    browser = site.browser("client")
    post(browser, f"{LOOK}/notes", note="Is it open below?")
    for path in ("", "/approve", "/changes", "/from/1"):
        browser.get(LOOK + path)
        site.statements.clear()
        browser.get(LOOK + path)
        assert len(site.statements) <= QUERIES, (path, site.statements)


def test_no_cost_is_told_by_the_price_of_another_metal(site: Website):
    page = site.browser("client").get(LOOK).text
    assert "Northmere" not in page
    assert "per gram" not in page


def test_what_is_vendored_is_what_its_sums_say():
    for sums in (STATIC / "vendor").glob("*/SHA256SUMS"):
        lines = [line.split() for line in sums.read_text().splitlines()]
        assert {name for _, name in lines} == {path.name for path in sums.parent.iterdir()} - {"SHA256SUMS"}
        for digest, name in lines:
            assert hashlib.sha256((sums.parent / name).read_bytes()).hexdigest() == digest, name
        notice = (STATIC.parents[1] / "NOTICE").read_text()
        assert f"{sums.parent.name}/LICENSE" in notice


def test_no_module_asks_for_anything_the_policy_forbids():
    for path in STATIC.glob("**/*.js"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        assert not re.search(r"\bnew Function\(|\beval\(", text), path.name
        assert not re.search(r"""from\s*["'](?!\.{1,2}/)""", text), path.name
