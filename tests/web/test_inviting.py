"""The house lets a client in and takes every way in back; refusals give back what was typed and show a way on."""

from bespoke.models.job import Job
from bespoke.services import links
from tests.web.conftest import OWN, Website, token_of

DEVICES = "/my/settings/devices"


def test_the_house_invites_a_client_and_takes_every_way_in_back(website: Website):
    office, client = website.browser("office"), website.browser("client")
    number = int(website.cast.client.id)
    path = f"/house/people/{number}/"
    assert "A browser" in office.get(path).text
    token = token_of(office, path)
    assert office.post(f"{path}link", data={"csrf_token": token}).status_code == 303
    assert "on its way" in office.get(path).text
    with website.house.database.reading() as session:
        assert [job.payload for job in session.query(Job).filter_by(kind=links.MAIL)] == [{"person": number}]
    assert office.post(f"{path}revoke", data={"csrf_token": token}).status_code == 303
    assert client.get(DEVICES).status_code == 401


def test_nobody_is_invited_who_is_no_client(website: Website):
    office = website.browser("office")
    token = token_of(office, f"/house/people/{website.cast.client.id}/")
    for number in (int(website.cast.bench.id), 999):
        assert office.get(f"/house/people/{number}/").status_code == 404
        assert office.post(f"/house/people/{number}/link", data={"csrf_token": token}).status_code == 404


def test_a_page_that_needs_a_sign_in_leads_there_and_back(website: Website):
    stranger = website.browser()
    page = stranger.get(DEVICES)
    assert page.status_code == 401
    assert f"/enter?to={DEVICES}" in page.text
    assert "/enter/staff?to=/house/" in stranger.get("/house/").text


def test_a_refusal_gives_back_what_was_typed_and_never_a_secret(website: Website):
    browser = website.browser("client")
    said = {"note": "Could the claws be finer, please?", "password": "four words in a row", "csrf_token": "stale"}
    page = browser.post(
        f"/my/{OWN}/messages", data=said, headers={"Referer": f"http://localhost/my/{OWN}/messages?x=1"}
    )
    assert page.status_code == 400
    assert "Could the claws be finer, please?" in page.text
    assert "four words" not in page.text


def test_the_way_back_is_a_page_of_ours(website: Website):
    browser = website.browser("client")
    for came_from in ("http://evil.example/my/", "http://localhost//evil.example/"):
        page = browser.get("/nowhere", headers={"Referer": came_from}).text
        assert "evil" not in page
        assert "Back to the page" not in page
    assert 'href="/v/"' in browser.get("/nowhere", headers={"Referer": "http://localhost/v/"}).text
