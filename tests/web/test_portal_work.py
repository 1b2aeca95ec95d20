"""What a client does in the portal: the brief answer by answer, pictures, the choice of a stone, money, words."""

import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from PIL import Image

from bespoke.models.brief import BriefDraft, DraftPicture
from bespoke.models.commission import Commission
from bespoke.models.house import HouseRow
from bespoke.models.job import Job
from bespoke.models.ledger import Payment, PaymentState
from bespoke.models.people import Person
from bespoke.models.stone import StoneHold, StoneRow
from bespoke.payments.bank_transfer import epc_code, is_iban
from bespoke.services import enquiring, holds, links, messages, options, payments
from tests.factories import NOON, a_commission, a_diamond, brought_to
from tests.web.conftest import LATER, Website, token_of
from workflows.money import Money

QUERIES = 8
ANSWERS = {
    "for": {"occasion": "A birthday", "for_whom": "somebody else", "is_surprise": "yes"},
    "moves": {"wish": "The last light of summer.", "links": "https://example.org/blue"},
    "budget": {"band": "own", "budget_from": "7,000", "budget_to": "9500"},
    "metal": {"metals": "AU750Y", "lifestyle": "Gloves in winter."},
    "size": {"size_system": "UK", "size": "M", "size_method": "ring_on_stick", "band_width": "3.0"},
    "day": {"needed_by": "2026-12-24"},
}


@pytest.fixture
def begun(website: Website) -> str:
    """A commission whose brief is to be written; its reference."""
    with website.house.database.transaction() as session:
        return brought_to(session, a_commission(session, website.cast), "brief", website.cast).reference


@pytest.fixture
def priced(website: Website) -> str:
    """A commission whose deposit is due; its reference."""
    with website.house.database.transaction() as session:
        session.get_one(HouseRow, 1).card_provider = "fake"
        return brought_to(session, a_commission(session, website.cast), "deposit_lock", website.cast).reference


def post(browser: FlaskClient, path: str, token: str, **data: object):  # type: ignore[no-untyped-def]
    return browser.post(path, data={"csrf_token": token, **data})


def test_a_brief_is_answered_step_by_step_and_sent(website: Website, begun: str):
    browser = website.browser("client")
    assert "What do you wish for?" in browser.get(f"/my/{begun}/").text
    token = token_of(browser, f"/my/{begun}/messages")
    assert browser.get(f"/my/{begun}/brief").location.endswith("/brief/for")
    for step, answers in ANSWERS.items():
        assert post(browser, f"/my/{begun}/brief/{step}", token, **answers).status_code == 303
    review = browser.get(f"/my/{begun}/brief/review").text
    for said in ("The last light of summer.", "18 ct yellow gold", "UK M", "2026-12-24"):
        assert said in review
    assert post(browser, f"/my/{begun}/brief/send", token).status_code == 303
    with website.house.database.reading() as session:
        commission = session.query(Commission).filter(Commission.reference == begun).one()
        brief = commission.briefs[-1]
        assert (brief.wish, brief.is_surprise, brief.budget_from_minor) == ("The last light of summer.", True, 700_000)
        assert brief.occasion == "A birthday, for somebody else"
        assert commission.pieces[0].size_label == "UK M"
        assert commission.pieces[0].size_method == "ring_on_stick"
        assert session.query(BriefDraft).count() == 0
    assert "Your brief is with us" in browser.get(f"/my/{begun}/").text


def test_an_answer_is_kept_by_itself_and_is_there_on_another_device(website: Website, begun: str):
    browser = website.browser("client")
    token = token_of(browser, f"/my/{begun}/messages")
    saved = browser.post(
        f"/my/{begun}/brief/moves",
        data={"csrf_token": token, "wish": "Half a thou", "links": "not a link"},
        headers={"X-Autosave": "1"},
    )
    assert (saved.status_code, saved.data) == (204, b"")
    again = website.browser("client").get(f"/my/{begun}/brief/moves").text
    assert "Half a thou" in again
    assert "not a link" in again
    assert post(browser, f"/my/{begun}/brief/send", token).status_code == 422  # it is judged when it is sent


@pytest.mark.parametrize(("form", "name"), [("JPEG", "holiday.jpg"), ("PNG", "../../x\u202e.png")])
def test_a_picture_is_written_again_upright_and_without_its_place(website: Website, begun: str, form: str, name: str):
    browser = website.browser("client")
    token = token_of(browser, f"/my/{begun}/messages")
    given = _rotated(form)
    answer = post(browser, f"/my/{begun}/brief/pictures", token, picture=(given, name), caption="The blue\x00, here")
    assert answer.status_code == 303, answer.text
    with website.house.database.reading() as session:
        row = session.query(DraftPicture).one()
        digest, caption = row.digest, row.caption
    assert caption == "The blue, here"
    kept = browser.get(f"/my/{begun}/files/{digest}", buffered=True)
    assert kept.status_code == 200
    picture = Image.open(io.BytesIO(kept.data))
    assert picture.size == (40, 80)  # turned by its own word, then without it
    assert not picture.getexif()
    assert b"51.5" not in kept.data
    assert website.browser("stranger").get(f"/my/{begun}/files/{digest}").status_code == 404
    with website.house.database.reading() as session:
        number = session.query(DraftPicture).one().id
    assert post(browser, f"/my/{begun}/brief/pictures/{number}/remove", token).status_code == 303
    assert browser.get(f"/my/{begun}/files/{digest}").status_code == 404


def test_a_message_goes_to_the_house_with_a_photograph(website: Website, begun: str):
    browser = website.browser("client")
    token = token_of(browser, f"/my/{begun}/messages")
    answer = post(browser, f"/my/{begun}/messages", token, text="Like this one?", picture=(_rotated("JPEG"), "a.jpg"))
    assert answer.status_code == 303
    page = browser.get(f"/my/{begun}/messages").text
    assert "Like this one?" in page
    assert "A photograph with this message" in page
    board = "a message waits for an answer"
    assert board in website.browser("designer").get("/studio/").text
    with website.house.database.transaction() as session:
        commission = session.query(Commission).filter(Commission.reference == begun).one()
        messages.write(session, commission, "Just so.", website.cast.designer, at=LATER)
    assert board not in website.browser("designer").get("/studio/").text


def test_a_message_of_the_house_is_new_until_its_reader_has_had_it_before_them(website: Website, begun: str):
    with website.house.database.transaction() as session:
        commission = session.query(Commission).filter(Commission.reference == begun).one()
        messages.write(session, commission, "The stone is in.", website.cast.designer, at=NOON)
        messages.write(session, commission, "Ask less next time.", website.cast.designer, internal=True, at=NOON)
    browser = website.browser("client")
    assert "1 new" in browser.get(f"/my/{begun}/").text
    assert "The stone is in." in website.browser("designer").get(f"/studio/{begun}/as-client/messages").text
    assert "1 new" in browser.get(f"/my/{begun}/documents").text  # somebody of the house looked, not the client
    assert "The stone is in." in browser.get(f"/my/{begun}/messages").text
    assert "1 new" not in browser.get(f"/my/{begun}/").text


def test_a_stone_is_chosen_and_one_that_is_sold_names_the_nearest(website: Website):
    cast = website.cast
    with website.house.database.transaction() as session:
        commission = brought_to(session, a_commission(session, cast), "stone_sourcing", cast)
        reference, piece = commission.reference, commission.pieces[0]
        for number, price in enumerate((900_000, 910_000, 700_000)):
            stone = a_diamond(session, cast, f"D-50{number}")
            options.put_forward(session, piece, stone, cast.designer, piece_price_minor=price, at=NOON)
        first, second, third = (one.id for one in piece.options)
    browser = website.browser("client")
    token = token_of(browser, f"/my/{reference}/messages")
    page = browser.get(f"/my/{reference}/stones").text
    assert "Three diamonds for your piece" in page
    assert "£100 more than the Round, 1.01" in page
    assert "Northmere" not in page
    with website.house.database.transaction() as session:
        other = a_commission(session, cast, client=cast.stranger)
        stone = session.query(StoneRow).filter(StoneRow.reference == "D-500").one()
        until = LATER + timedelta(days=1)
        session.add(StoneHold(stone_id=stone.id, commission_id=other.id, created_at=NOON, until=until, end_reason=""))
    gone = post(browser, f"/my/{reference}/stones/{first}/choose", token)
    assert gone.status_code == 409
    assert "Just sold. These two are closest." in gone.text
    nearest = gone.text.partition("closest.")[2].partition("</section>")[0]
    assert nearest.index(f"#o{second}") < nearest.index(f"#o{third}")
    assert post(browser, f"/my/{reference}/stones/{second}/choose", token).status_code == 303
    page = browser.get(f"/my/{reference}/stones").text
    assert "Held for you until" in page
    assert "Your choice" in page


def test_saying_that_a_transfer_was_sent_keeps_the_stone_once_longer(website: Website, priced: str):
    browser = website.browser("client")
    page = browser.get(f"/my/{priced}/pay/deposit").text
    assert f"{priced}-DEPOSIT" in page
    assert "All of it back for 14 days" in page
    assert "<svg" in page
    token = token_of(browser, f"/my/{priced}/messages")
    assert post(browser, f"/my/{priced}/pay/deposit/sent", token).status_code == 303
    assert "that it is on its way" in browser.get(f"/my/{priced}/pay/deposit").text
    assert "We wait for" in browser.get(f"/my/{priced}/").text
    assert post(browser, f"/my/{priced}/pay/deposit/sent", token).status_code == 422


@pytest.mark.parametrize(
    ("bank", "said", "state"),
    [
        ("yes", "It is here. Thank you.", PaymentState.CLEARED),
        ("no", "Your bank did not allow this card", PaymentState.FAILED),
        ("left", "Your bank has not answered yet", PaymentState.ANNOUNCED),
    ],
)
def test_a_card_is_taken_refused_or_left(website: Website, priced: str, bank: str, said: str, state: PaymentState):
    browser = website.browser("client")
    token = token_of(browser, f"/my/{priced}/messages")
    there = post(browser, f"/my/{priced}/pay/deposit/card", token)
    assert there.status_code == 303
    assert there.location.startswith("/cards/fake_")
    assert "no money moves" in browser.get(there.location).text
    back = post(browser, there.location, token, bank=bank)
    assert back.location == f"/my/{priced}/pay/deposit?by=card"
    assert said in browser.get(back.location).text
    with website.house.database.reading() as session:
        payment = session.query(Payment).filter(Payment.method == "card").one()
        assert payment.state is state
        number = payment.id
    receipt = browser.get(f"/my/{priced}/payments/{number}")
    assert receipt.status_code == (200 if bank == "yes" else 404)
    home = browser.get(f"/my/{priced}/").text
    assert ("We wait for" in home) is False
    assert ("See how to pay" in home) == (bank != "yes")
    assert post(browser, there.location, token, bank="yes").status_code == 303  # answered twice changes nothing


def test_a_notice_nobody_signed_is_refused(website: Website, priced: str):
    browser = website.browser()
    for body, signature in ((b"{}", "x"), (b"", ""), (b"\xff" * 20_000, "\u00e9")):
        answer = browser.post("/hooks/cards", data=body, headers={"X-Card-Signature": signature})
        assert answer.status_code == 400, answer.text
    assert browser.get("/cards/fake_000001/" + "0" * 32).status_code == 404


def test_a_bank_reads_the_code_where_its_scheme_knows_the_account():
    assert is_iban("DE89 3704 0044 0532 0130 00")
    assert not is_iban("DE89 3704 0044 0532 0130 01")
    assert epc_code("A", "00-00-00 00000000", Money(100, "EUR"), "R") is None
    assert epc_code("A", "DE89370400440532013000", Money(100, "GBP"), "R") is None
    code = epc_code("Orrell\n& Finch", "DE89 3704 0044 0532 0130 00", Money(295_205, "EUR"), "OF-0412-DEPOSIT")
    assert code is not None
    assert code.split("\n")[:8] == [
        *("BCD", "002", "1", "SCT", ""),
        *("Orrell & Finch", "DE89370400440532013000", "EUR2952.05"),
    ]


def test_an_enquiry_at_the_door_becomes_a_commission_to_answer(website: Website):
    browser = website.browser()
    token = token_of(browser, "/enquire")
    data = {"name": "Nell Ash", "email": "Nell@Example.org", "kind": "pendant", "words": "A pendant.", "consent": "yes"}
    assert post(browser, "/enquire", token, **{**data, "consent": ""}).status_code == 422
    assert post(browser, "/enquire", token, **data).status_code == 303
    assert "We have your enquiry" in browser.get("/enquire/thanks").text
    with website.house.database.reading() as session:
        person = session.query(Person).filter(Person.email == "nell@example.org").one()
        commission = session.query(Commission).order_by(Commission.id.desc()).first()
        assert commission is not None
        assert commission.client.id == person.id
        assert commission.pieces[0].template_key == "pendant"
        mailed = session.query(Job).filter(Job.kind == links.MAIL).one()
        assert mailed.payload == {"person": person.id}  # the one link to their commission
    for consent in ("on", "1")[: enquiring.BY_ADDRESS.most - 1]:  # however a browser says that it was ticked
        assert post(browser, "/enquire", token, **{**data, "consent": consent}).status_code == 303
    many = post(browser, "/enquire", token, **data)
    assert many.status_code == 429
    assert "A pendant." in many.text


def test_a_client_settles_how_they_are_reached_and_takes_their_data(website: Website):
    browser = website.browser("client")
    token = token_of(browser, "/my/settings")
    name = "Elowen \u05d0\u05d1 M\u00e4rsh"
    assert post(browser, "/my/settings/contact", token, name=name, telephone="01632 960 144").status_code == 303
    assert post(browser, "/my/settings/mails", token, wanted="photographs").status_code == 303
    assert post(browser, "/my/settings/forget", token).status_code == 303
    assert "You asked us on" in browser.get("/my/settings").text
    copy = browser.get("/my/settings/data")
    assert copy.json["person"]["name"] == name
    assert copy.json["person"]["unwanted_mails"] == ["asked", "money", "news"]
    assert "Ask for less next time" not in copy.text  # said among the house
    assert "cost" not in copy.text
    assert "Cassian" not in copy.text
    assert post(browser, "/my/settings/forget", token, wish="withdraw").status_code == 303


def test_every_page_of_a_commission_asks_the_database_a_few_times_only(website: Website, priced: str):
    browser = website.browser("client")
    for path in (
        "",
        "stones",
        "quote",
        "pay/deposit",
        "messages",
        "documents",
        "payments",
        "sketches",
        "making",
        "wax",
    ):
        website.statements.clear()
        assert browser.get(f"/my/{priced}/{path}").status_code == 200
        assert len(website.statements) <= QUERIES, (path, website.statements)
    for path in ("brief/for", "brief/moves", "brief/review", "brief/read"):
        website.statements.clear()
        assert browser.get(f"/my/{priced}/{path}").status_code == 200
        assert len(website.statements) <= QUERIES, (path, website.statements)


def test_one_page_tells_one_day_on_which_the_piece_is_ready(website: Website):
    page = website.browser("client").get("/my/OF-0001/").text
    band = re.search(r'<p class="d">([^<]+)</p>', page)
    assert band is not None
    assert "promise" not in band[1]


def _rotated(form: str) -> io.BytesIO:
    """A picture that lies on its side and knows where it was taken."""
    picture, exif = Image.new("RGB", (80, 40), (20, 60, 200)), Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010E] = "taken at 51.5 N"
    out = io.BytesIO()
    picture.save(out, form, exif=exif)
    out.seek(0)
    return out


def test_a_part_that_is_not_due_yet_has_no_way_to_be_paid(website: Website, priced: str):
    browser = website.browser("client")
    token = token_of(browser, f"/my/{priced}/messages")
    for key in ("progress", "balance"):
        page = browser.get(f"/my/{priced}/pay/{key}").text
        assert "There is nothing to pay now." in page
        assert "I have sent the transfer" not in page
        refused = post(browser, f"/my/{priced}/pay/{key}/card", token)
        assert refused.status_code == 422
        assert "comes before" in refused.text


def test_a_card_asked_for_twice_is_one_and_too_much_money_is_said_on_both_sides(website: Website, priced: str):
    browser = website.browser("client")
    token = token_of(browser, f"/my/{priced}/messages")
    first = post(browser, f"/my/{priced}/pay/deposit/card", token).location
    assert post(browser, f"/my/{priced}/pay/deposit/card", token).location == first
    assert post(browser, f"/my/{priced}/pay/deposit/sent", token).status_code == 303
    post(browser, first, token, bank="yes")
    page = browser.get(f"/my/{priced}/payments").text
    assert "on its way" not in page
    assert "not received: This part was paid in another way." in page
    with website.house.database.transaction() as session:
        commission = session.query(Commission).filter(Commission.reference == priced).one()
        money = Money(5000, commission.currency)
        payments.receive(session, commission, "deposit", "transfer", money, "B-9", website.cast.office, at=LATER)
    assert "You paid £50.00 more than was due" in browser.get(f"/my/{priced}/payments").text
    desk = website.browser("office").get(f"/house/{priced}/").text
    assert "Paid too much: £50.00" in desk
    assert "more than is due for the deposit" in desk


def test_word_of_a_transfer_for_a_part_that_was_not_agreed_finds_nothing(website: Website, priced: str):
    browser = website.browser("client")
    token = token_of(browser, f"/my/{priced}/messages")
    for act in ("sent", "card"):
        assert post(browser, f"/my/{priced}/pay/nope/{act}", token).status_code == 404


def test_no_other_stone_is_kept_once_one_is_locked_for_its_place(website: Website):
    with website.house.database.transaction() as session:
        cast = website.cast
        commission = brought_to(session, a_commission(session, cast), "deposit_lock", cast)
        piece, reference = commission.pieces[0], commission.reference
        chosen = next(one for one in piece.options if one.chosen)
        other = options.put_forward(
            session, piece, a_diamond(session, cast, "D-OTHER"), cast.designer, role=chosen.role, at=NOON
        ).id
        assert holds.lock(session, commission, chosen.stone, cast.office, at=NOON)
    browser = website.browser("client")
    token = token_of(browser, f"/my/{reference}/messages")
    refused = post(browser, f"/my/{reference}/stones/{other}/hold", token)
    assert refused.status_code == 422
    assert "locked for this place already" in refused.text


def test_words_far_too_long_come_back_cut_and_the_field_says_how_long_they_may_be(website: Website):
    browser = website.browser("client")
    token = token_of(browser, "/my/OF-0001/messages")
    assert f'maxlength="{messages.LONGEST}"' in browser.get("/my/OF-0001/messages").text
    assert post(browser, "/my/OF-0001/messages", token, text="a" * messages.LONGEST).status_code == 303
    refused = post(browser, "/my/OF-0001/messages", token, text="b" * 300_000)
    assert refused.status_code == 422
    assert refused.text.count("b" * messages.LONGEST) == 1
    assert "b" * (messages.LONGEST + 1) not in refused.text


def test_a_mail_address_that_is_none_is_said_to_be_none(website: Website):
    browser = website.browser()
    token = token_of(browser, "/enter")
    for address in ("", "  ", "nell", "nell@", "a b@example.org", "@example.org", "x" * 300 + "@example.org"):
        answer = post(browser, "/enter", token, email=address)
        assert answer.status_code == 422, address
        assert 'role="alert"' in answer.text
    assert post(browser, "/enter", token, email="nobody@example.org").status_code == 303
