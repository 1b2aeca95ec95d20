"""A client's link through its life: asked for by mail, looked at, spent, used on the same device, sent again."""

import pytest
from sqlalchemy import select

from bespoke.models.access import SignIn
from bespoke.models.job import Job
from bespoke.models.people import Person
from bespoke.services import links
from tests.web.conftest import Website, token_of

DEVICES = "/my/settings/devices"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"


def mails(website: Website) -> list[object]:
    """To whom the worker was told to mail a link."""
    with website.house.database.reading() as session:
        jobs = session.scalars(select(Job).where(Job.kind == links.MAIL).order_by(Job.created_at))
        return [job.payload["person"] for job in jobs]


def ask(website: Website, email: str) -> tuple[int, str]:
    browser = website.browser()
    answer = browser.post("/enter", data={"email": email, "csrf_token": token_of(browser, "/enter")})
    return answer.status_code, browser.get(answer.headers["Location"]).text if answer.status_code == 303 else ""


def test_a_link_is_mailed_to_whom_we_know_and_the_answer_is_the_same_for_others(website: Website):
    known, unknown = ask(website, " Elowen.Marsh@example.org "), ask(website, "nobody@example.org")
    assert known == unknown
    assert known[0] == 303
    assert mails(website) == [int(website.cast.client.id), 0]
    ask(website, "maren.oduya@example.org")  # of the staff, who have passwords
    assert mails(website)[-1] == 0


def test_links_are_not_asked_for_without_end(website: Website):
    for _ in range(4):
        assert ask(website, "elowen.marsh@example.org")[0] == 303
        assert ask(website, "nobody@example.org")[0] == 303
    assert ask(website, "elowen.marsh@example.org")[0] == 429
    assert ask(website, "nobody@example.org")[0] == 429
    assert len(mails(website)) == 8


def test_a_used_link_opens_again_where_one_is_signed_in_and_is_sent_anew_elsewhere(website: Website):
    link, own, other = website.link("client"), website.browser(), website.browser()
    own.post(link, data={"csrf_token": token_of(own, link)})
    again = own.get(f"{link}?to={DEVICES}")
    assert (again.status_code, again.headers["Location"]) == (303, DEVICES)
    over = other.get(link)
    assert over.status_code == 410
    assert "Send me a new one" in over.text
    assert "elowen" not in over.text.lower()
    sent = other.post(f"{link}/again", data={"csrf_token": token_of(other, link)})
    assert sent.status_code == 303
    assert mails(website) == [int(website.cast.client.id)]


def test_a_link_the_house_took_back_is_not_sent_anew(website: Website):
    link, browser = website.link("client"), website.browser("client")
    with website.house.database.transaction() as session:
        person = session.get_one(Person, int(website.cast.client.id))
        assert links.revoke(session, person, website.cast.office, at=website.house.clock()) == 1
    assert browser.get(DEVICES).status_code == 401  # its devices went with it
    browser.post(f"{link}/again", data={"csrf_token": token_of(browser, "/enter")})
    assert mails(website) == [0]


@pytest.mark.parametrize(
    "to",
    ["//evil.example/my/", "https://evil.example", "/\\evil.example", "/house/", "/my/\n", "/leave", "/nowhere", "my/"],
)
def test_nobody_is_led_elsewhere(website: Website, to: str):
    link, browser = website.link("client"), website.browser()
    answer = browser.post(link, data={"csrf_token": token_of(browser, link), "to": to})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/my/")


def test_a_link_leads_to_the_page_its_mail_was_about(website: Website):
    link, browser = website.link("client"), website.browser()
    page = browser.get(f"{link}?to={DEVICES}").text
    assert f'name="to" value="{DEVICES}"' in page
    answer = browser.post(link, data={"csrf_token": token_of(browser, link), "to": DEVICES})
    assert answer.headers["Location"] == DEVICES


def test_a_person_sees_their_devices_and_signs_one_out(website: Website):
    phone, desk = website.browser("client"), website.browser()
    link = website.link("client")
    desk.post(link, data={"csrf_token": token_of(desk, link)}, headers={"User-Agent": FIREFOX})
    page = phone.get(DEVICES).text
    assert "Firefox on Windows" in page
    assert "this one" in page
    number = numbers(website, "client")[-1]
    assert website.browser("stranger").post(f"{DEVICES}/{number}/end").status_code in (400, 409)
    ended = phone.post(f"{DEVICES}/{number}/end", data={"csrf_token": token_of(phone, DEVICES)})
    assert ended.status_code == 303
    assert desk.get(DEVICES).status_code == 401
    assert phone.get(DEVICES).status_code == 200


def test_a_stranger_ends_nothing(website: Website):
    own, stranger = website.browser("client"), website.browser("stranger")
    (number,) = numbers(website, "client")
    refused = stranger.post(f"{DEVICES}/{number}/end", data={"csrf_token": token_of(stranger, DEVICES)})
    assert refused.status_code == 409
    assert own.get(DEVICES).status_code == 200


def test_everywhere_but_here(website: Website):
    here, others = website.browser("client"), [website.browser("client") for _ in range(3)]
    here.post(f"{DEVICES}/end", data={"csrf_token": token_of(here, DEVICES)})
    assert [browser.get(DEVICES).status_code for browser in others] == [401] * 3
    assert here.get(DEVICES).status_code == 200


def test_a_copied_cookie_opens_nothing_after_signing_out(website: Website):
    browser, thief = website.browser("client"), website.browser()
    cookie = browser.get_cookie("bespoke")
    assert cookie is not None
    browser.post("/leave", data={"csrf_token": token_of(browser, DEVICES)})
    thief.set_cookie("bespoke", cookie.value)
    assert thief.get(DEVICES).status_code == 401


def test_who_is_asking_costs_one_statement(website: Website):
    browser = website.browser("client")
    website.statements.clear()
    browser.get("/leave")
    assert len([one for one in website.statements if "sign_ins" in one]) == 1
    assert len(website.statements) == 2  # and the house's own row


def test_the_key_of_a_device_is_kept_nowhere(website: Website):
    browser = website.browser("client")
    with browser.session_transaction() as cookie:
        key = cookie["key"]
    with website.house.database.reading() as session:
        rows = session.scalars(select(SignIn)).all()
        assert key not in repr([vars(row) for row in rows])


def numbers(website: Website, who: str) -> list[int]:
    with website.house.database.reading() as session:
        person = int(getattr(website.cast, who).id)
        return list(session.scalars(select(SignIn.id).where(SignIn.person_id == person).order_by(SignIn.id)))
