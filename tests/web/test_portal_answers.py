"""The client's answers, each on its own page: what is shown, the yes to exactly that, and what is refused."""

import re
from decimal import Decimal

import pytest

from bespoke.models.event import Event
from bespoke.models.house import HouseRow
from bespoke.models.piece import Piece
from bespoke.services import briefs, metals, options, sizes, sketches
from bespoke.services.briefs import Wish
from bespoke.services.sizes import Measured
from tests.factories import NOON, a_chosen_stone, a_commission, a_diamond, a_file, a_sent_quote, brought_to
from tests.web.conftest import OWN, Website, token_of
from workflows.sizes import RingSize
from workflows.snapshot import Status

PAGES = {"brief": "brief/read", "concept": "sketches", "stone_sourcing": "stones", "quote": "quote"}
ACTIONS = {
    "brief": "brief/approve",
    "concept": "A/sketches/pick",
    "stone_sourcing": "A/stones/approve",
    "quote": "quote/accept",
}


@pytest.fixture
def asked(website: Website, request: pytest.FixtureRequest) -> str:
    """A commission at a milestone that waits for the client's answer; its reference."""
    with website.house.database.transaction() as session:
        session.get_one(HouseRow, 1).step_up_above_minor = 100_000_00
        commission = brought_to(session, a_commission(session, website.cast), request.param, website.cast)
        put_before(session, website, commission, request.param)
        return commission.reference


@pytest.mark.parametrize(("asked", "milestone"), [(key, key) for key in PAGES], indirect=["asked"])
def test_every_question_is_answered_on_its_own_page(website: Website, asked: str, milestone: str):
    browser = website.browser("client")
    home = browser.get(f"/my/{asked}/").text
    assert f'href="/my/{asked}/{PAGES[milestone]}"' in home
    page = browser.get(f"/my/{asked}/{PAGES[milestone]}").text
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert digest is not None, page
    assert "Northmere" not in page
    assert "4,200" not in page  # what the stone costs the house
    data = {"digest": digest[1], "read": "yes", "sketch": "1", "csrf_token": token_of(browser, f"/my/{asked}/messages")}
    answer = browser.post(f"/my/{asked}/{ACTIONS[milestone]}", data=data)
    assert answer.status_code == 303, answer.text
    with website.house.database.reading() as session:
        piece = session.get_one(Piece, website.piece_id(asked))
        assert piece.milestone(milestone).status is Status.DONE
    assert "What you said yes to" in browser.get(f"/my/{asked}/").text


@pytest.mark.parametrize(("asked", "milestone"), [(key, key) for key in PAGES], indirect=["asked"])
def test_a_yes_to_something_else_is_refused_on_the_page_itself(website: Website, asked: str, milestone: str):
    browser = website.browser("client")
    data = {"digest": "0" * 64, "read": "yes", "sketch": "1", "csrf_token": token_of(browser, f"/my/{asked}/messages")}
    answer = browser.post(f"/my/{asked}/{ACTIONS[milestone]}", data=data)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert re.search(r'name="digest" value="(?!0{64})[0-9a-f]{64}"', answer.text)  # what stands there now


@pytest.mark.parametrize("asked", ["concept"], indirect=True)
def test_another_sketch_is_asked_for(website: Website, asked: str):
    browser = website.browser("client")
    data = {"note": "Softer at the shoulders.", "csrf_token": token_of(browser, f"/my/{asked}/messages")}
    assert browser.post(f"/my/{asked}/A/sketches/another", data=data).status_code == 303
    with website.house.database.reading() as session:
        piece = session.get_one(Piece, website.piece_id(asked))
        assert piece.milestone("concept").status is Status.OPEN


def test_words_are_given_back_where_their_form_is_gone(website: Website):
    browser = website.browser("client")
    token = token_of(browser, f"/my/{OWN}/messages")
    for page in ("A/sketches/another", "brief/changes", "quote/changes"):
        answer = browser.post(f"/my/{OWN}/{page}", data={"csrf_token": token, "note": "And a finer band."})
        assert answer.status_code in (409, 422)
        assert "What you wrote is not lost" in answer.text, page
        assert "And a finer band." in answer.text


@pytest.mark.parametrize("asked", ["quote"], indirect=True)
def test_another_price_is_asked_for_and_the_words_are_kept_where_it_cannot_be(website: Website, asked: str):
    browser = website.browser("client")
    token = token_of(browser, f"/my/{asked}/messages")
    page = f"/my/{asked}/quote/changes"
    refused = browser.post(page, data={"note": "Cheaper. " * 400, "csrf_token": token})
    assert refused.status_code == 422
    assert "Cheaper." in refused.text
    assert browser.post(page, data={"note": "A smaller stone, please.", "csrf_token": token}).status_code == 303
    again = browser.post(page, data={"note": "Smaller still.", "csrf_token": token})
    assert again.status_code == 409


def test_a_yes_that_no_longer_counts_is_told_with_its_reason(website: Website):
    browser = website.browser("client")
    assert "no longer counts" not in browser.get(f"/my/{OWN}/").text
    with website.house.database.transaction() as session:
        piece = session.get_one(Piece, website.piece_id())
        measured = Measured(RingSize.parse("UK O"), "mandrel", Decimal("2.2"))
        metals.choose(session, piece, "PT950RU", website.cast.designer, at=NOON)
        sizes.put_down(session, piece, measured, website.cast.designer, at=NOON)
        briefs.write(session, piece.commission, Wish("Lower still."), website.cast.client, at=NOON)
        assert session.query(Event).filter(Event.kind == "approval_superseded").count()
    page = browser.get(f"/my/{OWN}/").text
    assert "Your yes of 2 Mar to Brief no longer counts" in page
    assert "Because the brief was written anew" in page


def put_before(session, website: Website, commission, milestone: str) -> None:  # type: ignore[no-untyped-def]
    """Put a milestone before the client."""
    cast, piece = website.cast, commission.pieces[0]
    if milestone == "brief":
        briefs.write(session, commission, Wish("A ring that sits low."), cast.client, at=NOON)
        metals.choose(session, piece, "AU750Y", cast.designer, at=NOON)
        measured = Measured(RingSize.parse("UK M"), "mandrel", Decimal("2.2"))
        sizes.put_down(session, piece, measured, cast.designer, at=NOON)
        briefs.hand_in(session, commission, cast.designer, at=NOON)
    elif milestone == "concept":
        sketches.add(session, piece, a_file(session, "a sketch"), cast.designer, at=NOON)
        sketches.hand_in(session, piece, cast.designer, at=NOON)
    elif milestone == "stone_sourcing":
        a_chosen_stone(session, piece, cast, a_diamond(session, cast, "D-777"))
        options.hand_in(session, piece, cast.designer, at=NOON)
    else:
        a_sent_quote(session, commission, cast)


def test_a_large_price_is_accepted_with_the_mailed_code_only(website: Website):
    with website.house.database.transaction() as session:
        session.get_one(HouseRow, 1).step_up_above_minor = 100
        commission = brought_to(session, a_commission(session, website.cast), "quote", website.cast)
        put_before(session, website, commission, "quote")
        reference = commission.reference
    browser = website.browser("client")
    page = browser.get(f"/my/{reference}/quote").text
    assert "Send me the code" in page
    assert "Accept the firm price" not in page
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert digest is not None
    token = token_of(browser, f"/my/{reference}/messages")
    data = {"digest": digest[1], "read": "yes", "csrf_token": token}
    assert browser.post(f"/my/{reference}/quote/accept", data=data).status_code == 422
    assert browser.post(f"/my/{reference}/quote/code", data=data).status_code == 303
    assert "Accept the firm price" in browser.get(f"/my/{reference}/quote").text
    assert browser.post(f"/my/{reference}/quote/accept", data={**data, "code": "000000"}).status_code == 422
    with website.house.database.reading() as session:
        piece = session.get_one(Piece, website.piece_id(reference))
        assert piece.milestone("quote").status is Status.ASKED
