"""The form at the door tells nobody whom the house knows, and counts whoever tries to find out."""

import pytest

from bespoke.models.commission import Commission
from bespoke.models.people import Person
from bespoke.services import enquiring
from tests.web.conftest import Website, token_of


def enquire(browser, token: str, address: str):
    data = {"name": "Nell Ash", "email": address, "kind": "ring", "words": "A ring.", "consent": "yes"}
    return browser.post("/enquire", data={**data, "csrf_token": token})


@pytest.fixture
def addresses(website: Website) -> list[str]:
    """One of the staff, one whose account was closed, and one the house does not know."""
    with website.house.database.transaction() as session:
        session.get_one(Person, int(website.cast.client.id)).active = False
        known = [session.get_one(Person, int(one.id)).email for one in (website.cast.office, website.cast.client)]
    return [*known, "nell@example.org"]


def test_an_enquiry_is_answered_alike_whoever_has_the_address(website: Website, addresses: list[str]):
    browser = website.browser()
    token = token_of(browser, "/enquire")
    with website.house.database.reading() as session:
        before = session.query(Commission).count()
    answers = [enquire(browser, token, address) for address in addresses]
    assert {(one.status_code, one.headers["Location"]) for one in answers} == {(303, "/enquire/thanks")}
    with website.house.database.reading() as session:
        assert session.query(Commission).count() == before + 1


def test_a_try_for_an_address_of_the_house_counts_like_any_other(website: Website, addresses: list[str]):
    browser = website.browser()
    token = token_of(browser, "/enquire")
    for _ in range(enquiring.BY_ADDRESS.most):
        assert enquire(browser, token, addresses[0]).status_code == 303
    assert enquire(browser, token, addresses[0]).status_code == 429
