"""Every page, on a phone and on a desk: axe objects to nothing, the console is empty, nothing is wider than it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Open, Served
from tests.sheet import drawn_sheet
from tests.web.conftest import OWN

NARROW = (320, 700)
PAGES = [
    (None, "/"),
    (None, "/v/"),
    (None, "/v/7C41-9A0E-51DK"),
    (None, "/nothing-here"),
    (None, "/my/"),
    (None, "/leave"),
    ("client", "/my/"),
    ("client", f"/my/{OWN}/"),
    ("client", "/house/"),
    ("designer", "/house/"),
    ("designer", f"/house/{OWN}/"),
    ("owner", f"/house/{OWN}/"),
]
Look = Callable[[Page], None]


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
@pytest.mark.parametrize(("who", "path"), PAGES, ids=lambda value: str(value).strip("/").replace("/", "-") or "door")
def test_a_page_is_clean(open_page: Open, axe: Look, who: str | None, path: str, size: tuple[int, int]):
    page = open_page(path, who, size)
    axe(page)
    assert overflow(page) == 0
    expect(page.locator("h1")).to_have_count(1)


@pytest.mark.parametrize(("who", "path"), PAGES, ids=lambda value: str(value).strip("/").replace("/", "-") or "door")
def test_a_page_fits_a_narrow_screen(open_page: Open, who: str | None, path: str):
    assert overflow(open_page(path, who, NARROW)) == 0


@pytest.mark.parametrize("size", [PHONE, (1440, 900)], ids=["phone", "desk"])
def test_every_part_is_clean_on_both_grounds(open_page: Open, axe: Look, served: Served, size: tuple[int, int]):
    page = open_page("/v/", None, size)
    page.route("**/sheet", lambda route: route.fulfill(body=drawn_sheet(served.site.app), content_type="text/html"))
    page.goto(f"{served.address}/sheet")
    axe(page)
    assert overflow(page) == 0


def test_the_keyboard_reaches_the_page_past_its_header(open_page: Open):
    page = open_page(f"/my/{OWN}/", "client", DESKTOP)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main, aside') !== null")


def test_pages_work_without_scripts(open_page: Open):
    page = open_page("/v/", scripts=False)
    page.get_by_label("Its code").fill("7C41-9A0E-51DK")
    page.get_by_role("button", name="Look the code up").click()
    expect(page.locator("h1")).to_have_text("We do not know this code")
    home = open_page(f"/my/{OWN}/", "client", scripts=False)
    expect(home.locator("h1")).to_be_visible()


def overflow(page: Page) -> int:
    """How much wider than the screen a page is."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide
