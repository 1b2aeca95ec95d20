"""What only a browser shows of signing in: a passkey that is made and used, and the word before a session ends."""

import re

from playwright.sync_api import Page, expect

from bespoke.models.people import Person
from bespoke.services import passwords
from tests.browser.conftest import DESKTOP, Open, Served

EMAIL, WORDS = "maren.oduya@example.org", "copper lantern walks north"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
UNUSED_MS = 90 * 60 * 1000  # after which a page asks how long it still has


def show_password(page: Page) -> None:
    page.get_by_label("Your mail address").fill(EMAIL)
    page.get_by_label("Your password").fill(WORDS)
    page.get_by_role("button", name="Sign in").click()


def test_a_passkey_is_made_in_a_browser_and_opens_the_house(open_page: Open, served: Served) -> None:
    with served.site.house.database.transaction() as session:
        passwords.put(session, session.get_one(Person, int(served.site.cast.owner.id)), WORDS)
    page = open_page("/v/", None, DESKTOP)
    page.goto(served.address.replace("127.0.0.1", "localhost") + "/enter/staff")  # a passkey is of a name, not a number
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    kept = browser.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]
    show_password(page)
    expect(page.get_by_role("heading", name="Your way in")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Make a passkey here").click()
    (made,) = browser.send("WebAuthn.getCredentials", {"authenticatorId": kept})["credentials"]
    assert made["rpId"] == "localhost"
    page.context.clear_cookies()
    page.goto(page.url.partition("/house")[0] + "/enter/staff")
    show_password(page)
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page).to_have_url(re.compile("/(house|studio)/$"))
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_the_end_of_a_session_is_told_before_and_can_be_put_off(open_page: Open, served: Served) -> None:
    page = open_page("/v/", "designer", DESKTOP)
    left = iter(({"seconds": 299, "day": False}, {"seconds": 240, "day": True}))
    page.route("**/house/account/left", lambda route: route.fulfill(json=next(left)))
    page.clock.install()
    page.goto(served.address + "/studio/")
    page.clock.run_for(UNUSED_MS)
    told = page.get_by_role("dialog")
    expect(told).to_contain_text("Nothing was done here for a while")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    with page.expect_response("**/house/account/stay") as answered:
        page.get_by_role("button", name="Stay signed in").click()
    assert answered.value.ok
    expect(told).to_have_count(0)
    page.clock.run_for(UNUSED_MS)
    expect(told).to_contain_text("The twelve hours of this sign-in are over")
    page.get_by_role("button", name="Close").click()
    expect(told).to_have_count(0)
