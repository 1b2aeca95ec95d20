"""The studio's pages: drawn for whom they are meant, in few statements, saying what is the case."""

import pytest

from tests.web.conftest import OWN, Website

PATHS = (
    "/studio/",
    "/studio/?whose=yours&late=1&q=mareel",
    f"/studio/{OWN}/",
    f"/studio/{OWN}/rev/1/",
    f"/studio/{OWN}/brief",
    f"/studio/{OWN}/sketches",
    f"/studio/{OWN}/history",
    f"/studio/{OWN}/stones",
    f"/studio/{OWN}/quote",
    "/studio/stones/",
    "/studio/stones/new",
    "/studio/stones/T-001/",
    "/find",
    f"/find?q=mareel&at={OWN}",
    "/find?q=zzzz",
)
QUERIES = 8


@pytest.mark.parametrize("who", ["designer", "lead", "office", "owner"])
def test_every_page_is_drawn_in_few_statements(website: Website, who: str):
    browser = website.browser(who)
    for path in PATHS:
        website.statements.clear()
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert len(website.statements) <= QUERIES, (path, len(website.statements), website.statements)


def test_every_page_is_drawn_on_either_database(either_website: Website):
    browser = either_website.browser("owner")
    for path in (*PATHS, "/studio/?before=2026-03-02T12:00:00%2B00:00_1", "/studio/stones/?q=gia&free=1&after=A"):
        assert browser.get(path).status_code == 200, path
    for path in ("/studio/OF%00-0001/", f"/studio/{OWN}/files/%00", "/studio/stones/%00/"):
        assert browser.get(path).status_code == 404, path
    assert browser.get("/find?q=%00&at=%00").status_code == 200
