"""The designer's work in the browser: published, blocked where it must be, answered by name, priced and kept."""

import re
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from PIL import Image

from bespoke.models.brief import Sketch
from bespoke.models.commission import Commission
from bespoke.models.design import Pin
from bespoke.models.house import HouseRow
from bespoke.models.message import Message
from bespoke.models.piece import Piece
from bespoke.models.quote import Quote
from bespoke.models.stone import StoneHold, StoneRow
from bespoke.queries import studio
from bespoke.queries.studio import Filter
from bespoke.queries.studio_rows import Group
from bespoke.services import designs, pins
from renders.report import Confidence, Finding, LengthUnit, Level, UnitFound, UnitSource
from tests.factories import NOON, a_commission, brought_to
from tests.making import SYSTEM, a_report, drawn, handed_in, pictures, say_yes
from tests.web.conftest import OWN, Website, token_of
from workflows.snapshot import Status

WRONG_SIZE = Finding("bore_off", Level.BLOCK, "The bore is 17.30 mm, 0.59 mm wider than the 16.71 mm ordered.")


def posted(site: Website, who: str, path: str, data: dict[str, object] | None = None, **more: object):  # type: ignore[no-untyped-def]
    browser = site.browser(who)
    token = token_of(browser, "/studio/")
    return browser.post(path, data={"csrf_token": token, **(data or {})}, **more)  # type: ignore[arg-type]


@pytest.fixture
def draft(website: Website) -> str:
    """A commission whose first drawing was examined and not yet published."""
    with website.house.database.transaction() as session:
        commission = brought_to(session, a_commission(session, website.cast), "cad", website.cast)
        drawn(session, website.house.storage, commission.pieces[0], website.cast, "draft")
        return commission.reference


def piece_of(site: Website, session, reference: str) -> Piece:  # type: ignore[no-untyped-def]
    return session.get_one(Piece, site.piece_id(reference))


def test_a_drawing_is_published_with_a_note_and_the_client_sees_it(website: Website, draft: str):
    page = website.browser("designer").get(f"/studio/{draft}/").text
    assert "Publish revision 1" in page
    answer = posted(
        website, "designer", f"/studio/{draft}/A/publish", {"note": "Lower, as you asked.", "revision": "1"}
    )
    assert answer.status_code == 303, answer.text
    assert "Is revision 1 right?" in website.browser("client").get(f"/my/{draft}/").text
    with website.house.database.reading() as session:
        piece = piece_of(website, session, draft)
        assert piece.revisions[0].note == "Lower, as you asked."
        assert piece.milestone("render_approval").status is Status.ASKED
    page = website.browser("designer").get(f"/studio/{draft}/").text
    assert "Revision 1, with Elowen Marsh" in page
    assert "Not yet:" in page
    assert "Take revision 1 back" in page


def test_a_published_drawing_is_taken_back_with_a_reason_and_published_again(website: Website, draft: str):
    back = f"/studio/{draft}/A/publish/back"
    assert posted(website, "designer", back, {"why": "Too early.", "revision": "1"}).status_code == 409
    posted(website, "designer", f"/studio/{draft}/A/publish", {"note": "Look.", "revision": "1"})
    unsaid = posted(website, "designer", back, {"why": " ", "revision": "1"})
    assert (unsaid.status_code, "Say why it is taken back" in unsaid.text) == (422, True)
    assert posted(website, "designer", back, {"why": "One claw is to be moved.", "revision": "1"}).status_code == 303
    client = website.browser("client")
    assert "Is revision 1 right?" not in client.get(f"/my/{draft}/").text
    room = client.get(f"/my/{draft}/look/1").text
    assert "Nothing is asked of you about this revision now" in room
    assert "Approve revision 1" not in room
    assert "One claw is to be moved." in website.browser("designer").get(f"/studio/{draft}/history").text
    again = posted(website, "designer", f"/studio/{draft}/A/publish", {"note": "Look once more.", "revision": "1"})
    assert again.status_code == 303, again.text
    assert "Approve revision 1" in client.get(f"/my/{draft}/look/1").text


def test_what_is_published_is_what_was_on_the_page(website: Website, draft: str):
    with website.house.database.transaction() as session:
        handed_in(session, website.house.storage, piece_of(website, session, draft), website.cast, "second")
    answer = posted(website, "designer", f"/studio/{draft}/A/publish", {"note": "The first one.", "revision": "1"})
    assert answer.status_code == 422
    assert "Revision 2 has been handed in meanwhile" in answer.text
    assert "The first one." in answer.text or "being examined" in answer.text


def test_a_wrong_size_blocks_until_the_lead_answers_it_by_name(website: Website):
    with website.house.database.transaction() as session:
        commission = brought_to(session, a_commission(session, website.cast), "cad", website.cast)
        reference, piece = commission.reference, commission.pieces[0]
        drawn(session, website.house.storage, piece, website.cast, "wide", blocks=(WRONG_SIZE,))
    page = website.browser("designer").get(f"/studio/{reference}/").text
    assert "0.59 mm wider" in page
    assert "may answer it by name" in page
    assert "Let it pass" not in page
    refused = posted(website, "designer", f"/studio/{reference}/A/publish", {"note": "Please look.", "revision": "1"})
    assert refused.status_code == 409
    path = f"/studio/{reference}/A/blocks/bore_off"
    assert posted(website, "designer", path, {"reason": "It is fine."}).status_code == 403
    empty = posted(website, "lead", path, {"reason": "  "})
    assert empty.status_code == 422
    assert posted(website, "lead", path, {"reason": "Sized down after setting."}).status_code == 303
    page = website.browser("designer").get(f"/studio/{reference}/").text
    assert "Imani Castellane: Sized down after setting." in page
    answer = posted(website, "designer", f"/studio/{reference}/A/publish", {"note": "Look.", "revision": "1"})
    assert answer.status_code == 303, answer.text


def test_a_unit_that_was_only_inferred_blocks_until_it_is_confirmed(website: Website):
    inferred = UnitFound(LengthUnit.MILLIMETRE, UnitSource.SIZE, Confidence.LIKELY, "Inferred from the size.")
    with website.house.database.transaction() as session:
        commission = brought_to(session, a_commission(session, website.cast), "cad", website.cast)
        reference, piece = commission.reference, commission.pieces[0]
        revision = handed_in(session, website.house.storage, piece, website.cast, "unitless")
        report = a_report(revision.digest)
        object.__setattr__(report, "unit", inferred)
        designs.record_report(session, revision, report, SYSTEM, at=NOON)
        designs.record_pictures(session, revision, pictures(website.house.storage), SYSTEM, at=NOON)
    assert "Confirm the unit" in website.browser("designer").get(f"/studio/{reference}/").text
    refused = posted(website, "designer", f"/studio/{reference}/A/publish", {"note": "Look.", "revision": "1"})
    assert refused.status_code == 409
    assert "Confirm the unit first" in refused.text
    assert posted(website, "designer", f"/studio/{reference}/A/unit", {"unit": "furlong"}).status_code == 422
    assert posted(website, "designer", f"/studio/{reference}/A/unit", {"unit": "mm"}).status_code == 303
    assert "being examined" in website.browser("designer").get(f"/studio/{reference}/").text


def test_after_the_approval_the_drawing_is_locked(website: Website, draft: str):
    with website.house.database.transaction() as session:
        piece = piece_of(website, session, draft)
        designs.publish(session, piece, website.cast.designer, at=NOON)
        say_yes(session, piece, "render_approval", website.cast)
    page = website.browser("designer").get(f"/studio/{draft}/").text
    assert "Locked" in page
    assert "Elowen Marsh approved revision 1" in page
    assert "Draw it anew" in page
    assert posted(website, "designer", f"/studio/{draft}/A/publish", {"revision": "1"}).status_code == 409


def test_notes_are_answered_settled_and_told_among_us(website: Website):
    with website.house.database.transaction() as session:
        revision = session.get_one(Piece, website.piece_id()).revisions[0]
        pin = pins.place(session, revision, "Finer claws?", website.cast.client, at=NOON, must_fix=True).id
    path = f"/studio/{OWN}/A/rev/1/notes/{pin}"
    assert "Finer claws?" in website.browser("designer").get(f"/studio/{OWN}/").text
    assert posted(website, "designer", path, {"note": "By 0.1 mm."}).status_code == 303
    assert posted(website, "designer", path, {"note": "Done.", "settle": "yes"}).status_code == 303
    again = posted(website, "designer", path, {"note": "Once more, with words.", "settle": "yes", "pin": str(pin)})
    assert again.status_code == 409
    assert posted(website, "designer", f"/studio/{OWN}/A/rev/1/notes", {"note": "Mine."}).status_code == 303
    assert posted(website, "designer", f"/studio/{OWN}/A/rev/9/notes/{pin}", {"note": "x"}).status_code == 404
    assert posted(website, "designer", f"/studio/OF-0002/A/rev/1/notes/{pin}", {"note": "x"}).status_code in (404, 409)
    with website.house.database.reading() as session:
        first = session.get_one(Pin, pin)
        assert (first.answer, [one.text for one in first.replies]) == ("Done.", ["By 0.1 mm."])


def test_messages_go_to_the_client_or_stay_among_us(website: Website):
    path = f"/studio/{OWN}/messages"
    assert posted(website, "designer", path, {"note": "See you on Friday."}).status_code == 303
    assert posted(website, "office", path, {"note": "Ask for less.", "internal": "yes"}).status_code == 303
    with website.house.database.reading() as session:
        told = {one.text: one.internal for one in session.query(Message).all()}
    assert told["See you on Friday."] is False
    assert told["Ask for less."] is True


def test_a_look_as_the_client_is_marked_and_changes_nothing(website: Website):
    browser = website.browser("designer")
    page = browser.get(f"/studio/{OWN}/as-client/")
    assert page.status_code == 200
    assert "You look at what Elowen Marsh sees" in page.text
    assert "Ask for less next time." not in page.text  # among us
    assert f'"/my/{OWN}/' not in page.text
    assert "<form inert" in page.text or "<form" not in page.text
    assert "<form " not in page.text.replace("<form inert", "")
    picture = re.search(rf'src="(/studio/{OWN}/as-client/files/[0-9a-f]{{64}})"', page.text)
    assert picture is not None
    assert browser.get(picture[1], buffered=True).status_code == 200
    assert browser.get(f"/studio/{OWN}/as-client/nothing/here").status_code == 404
    assert browser.get(f"/studio/{OWN}/as-client/../../../house/").status_code in (200, 404)
    assert browser.get("/studio/").status_code == 200  # still the designer
    assert browser.post(f"/studio/{OWN}/as-client/").status_code in (400, 405)
    for who, status in (("bench", 403), ("client", 403), (None, 401)):
        assert website.browser(who).get(f"/studio/{OWN}/as-client/").status_code == status


def test_a_sketch_is_written_again_and_put_before_the_client(website: Website):
    with website.house.database.transaction() as session:
        reference = brought_to(session, a_commission(session, website.cast), "concept", website.cast).reference
    photograph = BytesIO()
    picture = Image.new("RGB", (60, 40), "white")
    exif = Image.Exif()
    exif[0x010F] = "A camera that tells where"
    picture.save(photograph, "JPEG", exif=exif)
    data = {"sketch": (BytesIO(photograph.getvalue()), "hand.jpg"), "note": "With a low gallery."}
    path = f"/studio/{reference}/A/sketches"
    answer = posted(website, "designer", path, data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    with website.house.database.reading() as session:
        row = session.query(Sketch).filter_by(note="With a low gallery.").one()
        with website.house.storage.open(row.digest) as content:
            assert b"camera" not in content.read()
    assert posted(website, "designer", f"{path}/forward").status_code == 303
    assert "a picture" not in website.browser("client").get(f"/my/{reference}/").text
    bad = posted(
        website,
        "designer",
        path,
        {"sketch": (BytesIO(b"no picture at all"), "x.jpg")},
        content_type="multipart/form-data",
    )
    assert bad.status_code == 422
    assert "not a picture" in bad.text


def test_a_stone_is_entered_put_forward_kept_and_let_go(website: Website):
    with website.house.database.transaction() as session:
        reference = brought_to(session, a_commission(session, website.cast), "stone_sourcing", website.cast).reference
    stone = {
        "reference": "S-900",
        "gem": "sapphire",
        "shape": "oval",
        "origin": "natural",
        "growth": "",
        "pieces": "1",
        "weight_ct": "2.04",
        "weight_source": "lab_report",
        "length_mm": "8.30",
        "width_mm": "6.75",
        "depth_mm": "4.55",
        "colour": "cornflower",
        "cost": "2420",
        "laboratory": "SSEF",
        "report_number": "140 718",
        "report": (BytesIO(b"%PDF-1.7 a report"), "report.pdf"),
    }
    answer = posted(website, "designer", "/studio/stones/", stone, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    with website.house.database.reading() as session:
        row = session.query(StoneRow).filter_by(reference="S-900").one()
        assert row.cost_minor is None  # a designer names no cost
        assert (row.reports[0].number, row.reports[0].digest is not None) == ("140718", True)
        report = row.reports[0].digest
    browser = website.browser("designer")
    assert browser.get(f"/studio/stones/S-900/files/{report}", buffered=True).mimetype == "application/pdf"
    assert browser.get(f"/studio/stones/T-001/files/{report}").status_code == 404
    forward = {"stone": "S-900", "role": "centre", "price": "9840", "note": "Lively.", "until": "2026-03-04"}
    answer = posted(website, "designer", f"/studio/{reference}/A/stones", forward)
    assert answer.status_code == 303, answer.text
    page = browser.get(f"/studio/{reference}/stones").text
    assert "£9,840" in page
    assert "Kept until" in page
    other = posted(website, "designer", f"/studio/{OWN}/A/stones", {**forward, "note": "For us, please."})
    assert other.status_code == 409
    assert "For us, please." in other.text
    option = re.search(r"/stones/(\d+)/release", page)
    assert option is not None
    path = f"/studio/{reference}/A/stones/{option[1]}"
    assert posted(website, "designer", f"{path}/release", {"reason": ""}).status_code == 422
    assert posted(website, "designer", f"{path}/release", {"reason": "Not right."}).status_code == 303
    late = posted(website, "designer", f"{path}/hold", {"until": "2031-01-01"})
    assert late.status_code in (409, 422)
    assert posted(website, "designer", f"{path}/hold", {"until": "2026-03-03"}).status_code == 303
    assert posted(website, "designer", f"/studio/{OWN}/A/stones/{option[1]}/withdraw").status_code == 404
    assert posted(website, "designer", f"{path}/withdraw").status_code == 303
    with website.house.database.reading() as session:
        holds = session.query(StoneHold).filter(StoneHold.stone.has(reference="S-900")).all()
        assert all(one.ended_at is not None for one in holds)


ROWS = {
    "A-metal-0-alloy": "AU750Y",
    "A-metal-0-net_g": "5.141",
    "A-metal-0-allowance_g": "0.40",
    "A-metal-0-spot": "3000",
    "A-metal-0-premium": "4.50",
    "A-stone-0-label": "T-003",
    "A-stone-0-weight_ct": "1.01",
    "A-stone-0-pieces": "1",
    "A-stone-0-per_carat": "5200",
    "A-labour-0-label": "Making",
    "A-labour-0-hours": "14",
    "A-labour-0-rate": "90",
    "A-outside-0-label": "Hallmark",
    "A-outside-0-cost": "25",
    "A-overhead": "35",
    "A-markup-metal": "25",
    "A-markup-stones": "40",
    "A-markup-labour": "100",
    "included": "The box.",
    "valid_days": "14",
    "stage": "concept",
    "plan": "30/40/30",
    "date_delta_days": "0",
}


def test_a_price_is_reckoned_estimated_made_firm_and_locked_by_sending(website: Website):
    with website.house.database.transaction() as session:
        reference = brought_to(session, a_commission(session, website.cast), "quote", website.cast).reference
    path = f"/studio/{reference}/quote"
    reckoned = posted(website, "office", path, {**ROWS, "do": "reckon"})
    assert reckoned.status_code == 200
    assert "£7,352.80" in reckoned.text  # the stone: 1.01 ct at 5200, marked up by 40 %
    with website.house.database.reading() as session:
        assert session.query(Quote).filter(Quote.commission.has(reference=reference)).count() == 0
    assert posted(website, "office", path, {**ROWS, "do": "estimate"}).status_code == 303
    assert posted(website, "office", path, {**ROWS, "do": "firm"}).status_code == 303
    assert "Send the firm price to Elowen" in website.browser("office").get(path).text
    assert posted(website, "office", f"{path}/9/send").status_code == 404
    assert posted(website, "office", f"{path}/2/send").status_code == 303
    again = posted(website, "office", f"{path}/2/send")
    assert again.status_code == 422
    page = website.browser("office").get(path).text
    assert "Margin" in page
    theirs = website.browser("designer").get(path).text
    assert "Margin" not in theirs
    assert "Costs the house" not in theirs
    assert "mark-up" not in theirs
    for who in ("designer", "lead", "bench"):
        assert posted_plainly(website, who, path).status_code == 403
    with website.house.database.reading() as session:
        commission = session.query(Commission).filter_by(reference=reference).one()
        assert [one.firm for one in commission.quotes] == [False, True]
        assert commission.quotes[1].sent_at is not None


def posted_plainly(site: Website, who: str, path: str):  # type: ignore[no-untyped-def]
    return site.browser(who).post(path, data=ROWS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mareel", "OF-0001"),
        ("of-0002", "OF-0002"),
        ("elowen", "1 commission"),
        ("T-001", "/studio/stones/T-001/"),
        ("> publish", "Publish a revision of The Mareel ring"),
        ("#0002", "OF-0002"),
        ("marel", "come nearest"),
    ],
)
def test_find_or_do_leads_where_the_words_point(website: Website, text: str, found: str):
    page = website.browser("designer").get("/find", query_string={"q": text, "at": OWN}).text
    part = page.partition("data-found")[2]
    assert found in (page if text == "marel" else part)


def test_nothing_found_and_nobodys_actions_for_the_wrong_role(website: Website):
    lead = website.browser("lead").get("/find", query_string={"q": ">", "at": OWN}).text
    assert "Publish a revision" not in lead
    assert "Message Elowen" in lead
    assert website.browser("client").get("/find").status_code == 403
    assert website.browser().get("/find").status_code == 401


def test_nothing_is_yours_and_two_are_with_clients(website: Website):
    page = website.browser("designer").get("/studio/").text
    assert "Nothing is yours. 2 are with clients." in page
    assert "Nothing fits this filter." in website.browser("designer").get("/studio/?q=zzz").text
    assert website.browser("designer").get("/studio/?before=nonsense").status_code == 404
    assert website.browser("designer").get("/studio/?whose=nobody&late=x&look=zzz").status_code == 200


def test_the_board_takes_no_more_statements_for_many_than_for_few(website: Website):
    browser: FlaskClient = website.browser("designer")
    website.statements.clear()
    browser.get("/studio/")
    few = len(website.statements)
    with website.house.database.transaction() as session:
        for _ in range(60):
            a_commission(session, website.cast)
    website.statements.clear()
    page = browser.get("/studio/").text
    assert len(website.statements) <= few
    assert 'rel="next"' in page
    older = re.search(r'href="([^"]+)" rel="next"', page)
    assert older is not None
    assert "OF-0001" in browser.get(older[1].replace("&amp;", "&")).text


def test_what_is_yours_is_found_however_many_others_came_after_it(either_website: Website):
    site, at = either_website, either_website.house.clock()
    with site.house.database.transaction() as session:
        for milestone in ("brief", "stone_sourcing", "deposit_lock", "cad"):
            brought_to(session, a_commission(session, site.cast), milestone, site.cast)
    with site.house.database.reading() as session:
        house = session.get_one(HouseRow, 1)
        for who in ("designer", "bench", "office", "owner"):
            actor = getattr(site.cast, who)
            everything = dict(studio.board(session, house, actor, Filter(), at=at).groups)
            for group in Group:
                alone = dict(studio.board(session, house, actor, Filter(group=group), at=at).groups)
                assert alone.get(group) == everything.get(group), (who, group)
    with site.house.database.transaction() as session:
        for _ in range(studio.PAGE):
            a_commission(session, site.cast)
    assert "OF-0001" in site.browser("designer").get("/studio/?whose=client").text
