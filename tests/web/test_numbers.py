"""Numbers in addresses that no row can have: the page is not there, whoever asks."""

import re

import pytest

from tests.web.conftest import OWN, Website, token_of

HUGE = (2**31, 2**63, 2**64, 10**40)


@pytest.mark.parametrize("who", ["client", "owner", "office"])
def test_a_number_larger_than_any_row_has_is_a_page_that_is_not_there(website: Website, who: str):
    browser = website.browser(who)
    token = token_of(browser, "/v/")
    rules = [rule for rule in website.app.url_map.iter_rules() if "<int:" in rule.rule]
    assert len(rules) > 20
    for rule in rules:
        for number in HUGE:
            path = re.sub(r"<int:\w+>", str(number), rule.rule)
            path = re.sub(r"<[^>]+>", "x", path.replace("<reference>", OWN).replace("<letter>", "A"))
            method = next(one for one in ("GET", "POST", "PUT") if one in (rule.methods or ()))
            answer = browser.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
            assert answer.status_code in (403, 404, 405), (method, path, answer.status_code)
