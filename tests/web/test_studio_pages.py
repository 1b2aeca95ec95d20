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
