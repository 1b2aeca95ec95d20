"""Sign-in links and sessions: a scanner spends nothing, a link works once, a foreign form or host gets nowhere."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bespoke.models.access import SignIn
from bespoke.models.people import Person
from tests.factories import NOON
from tests.web.conftest import OWN, Website, token_of


@pytest.mark.parametrize("who", ["client", "designer"])
def test_a_scanner_cannot_spend_a_link(website: Website, who: str):
    link, scanner = website.link(who), website.browser()
    for _ in range(3):
        assert scanner.get(link).status_code == 200
        assert scanner.head(link).status_code == 200
    person = website.browser()
    assert person.post(link, data={"csrf_token": token_of(person, link)}).status_code == 303


@pytest.mark.parametrize("who", ["client", "owner"])
def test_a_link_works_once(website: Website, who: str):
    link, first, second = website.link(who), website.browser(), website.browser()
    token, other = token_of(first, link), token_of(second, link)
    assert first.post(link, data={"csrf_token": token}).status_code == 303
    replayed = second.post(link, data={"csrf_token": other})
    assert replayed.status_code == 410
    assert "has been used" in replayed.text
    assert second.get(link).status_code == 410
    assert second.get("/my/" if who == "client" else "/house/").status_code == 401


def test_signing_in_leaves_a_cookie_for_a_week_that_scripts_cannot_read(website: Website):
    browser = website.browser()
    link = website.link("client")
    answer = browser.post(link, data={"csrf_token": token_of(browser, link)})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires=" in cookie


def test_signing_out_forgets_the_visitor(website: Website):
    browser = website.browser("client")
    assert browser.get("/my/settings/devices").status_code == 200
    assert browser.post("/leave", data={"csrf_token": token_of(browser, "/leave")}).status_code == 303
    assert browser.get("/my/settings/devices").status_code == 401


def test_a_session_ends_when_its_time_is_over(website: Website):
    browser = website.browser("designer")
    with website.house.database.transaction() as session:
        session.execute(update(SignIn).values(until=NOON))
    assert browser.get("/house/").status_code == 401


def test_a_client_is_told_on_the_last_day_of_a_session_when_it_ends(website: Website):
    browser, told = website.browser("client"), "You are signed in on this device until"
    assert told not in browser.get(f"/my/{OWN}/").text
    with website.house.database.transaction() as session:
        session.execute(update(SignIn).values(until=website.house.clock() + timedelta(hours=20)))
    assert told in browser.get(f"/my/{OWN}/").text


def test_somebody_who_left_the_house_is_out_at_once(website: Website):
    browser = website.browser("designer")
    with website.house.database.transaction() as session:
        session.get_one(Person, int(website.cast.designer.id)).active = False
    assert browser.get("/house/").status_code == 401


def test_a_form_of_another_site_does_nothing(website: Website):
    browser = website.browser("client")
    forged = browser.post(f"/my/{OWN}/look/1/approve", data={"digest": website.shown, "read": "yes"})
    assert forged.status_code == 400
    assert "so nothing was done" in forged.text
    assert "Approve revision 1" in browser.get(f"/my/{OWN}/look/1").text


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"])
def test_a_forged_host_is_not_answered(website: Website, host: str):
    answer = website.browser().get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert host not in answer.text


def test_a_longer_body_than_the_page_takes_is_refused_unread(website: Website):
    browser = website.browser("client")
    huge = {"note": "x" * 400_000, "csrf_token": token_of(browser, f"/my/{OWN}/")}
    assert browser.post(f"/my/{OWN}/look/1/changes", data=huge).status_code == 413
