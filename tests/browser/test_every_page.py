"""Every page, on a phone and on a desk: axe objects to nothing, the console is empty, nothing is wider than it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Open, Served
from tests.sheet import drawn_sheet
from tests.web.conftest import OWN

NARROW = (320, 700)
OPEN = ("/", "/v/", "/v/7C41-9A0E-51DK", "/enter", "/enter/staff", "/enquire", "/leave", "/nothing-here", "/my/")
MINE = (
    *("", "brief", "brief/review", "sketches", "stones", "quote", "messages", "documents", "payments", "making"),
    *("look/1", "look/1/approve", "look/1/changes"),
)
STUDIO = ("", "brief", "sketches", "stones", "quote", "rev/1/", "history", "as-client/")
PAGES = [
    *((None, path) for path in OPEN),
    *(("client", f"/my/{OWN}/{page}") for page in MINE),
    *(("client", path) for path in ("/my/settings", "/my/settings/devices", "/house/")),
    *(("designer", f"/studio/{OWN}/{page}") for page in STUDIO),
    *(("designer", path) for path in ("/studio/", "/studio/stones/", "/studio/stones/new", "/find", "/house/account/")),
    *(("designer", path) for path in ("/house/", f"/house/{OWN}/")),
    ("owner", f"/house/{OWN}/"),
]
Look = Callable[[Page], None]


@pytest.mark.parametrize(("who", "path"), PAGES, ids=lambda value: str(value).strip("/").replace("/", "-") or "door")
def test_a_page_is_clean(open_page: Open, axe: Look, who: str | None, path: str):
    page = open_page(path, who, PHONE)
    expect(page.locator("h1")).to_have_count(1)
    for width, height in (PHONE, DESKTOP):
        page.set_viewport_size({"width": width, "height": height})
        axe(page)
        assert overflow(page) == 0, f"wider than {width} px"
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    assert overflow(page) == 0, "wider than 320 px"


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


PRESSED = "button, .btn, input:not([type=hidden]), select, textarea, summary, nav a"
SMALL = """(pressed) => [...document.querySelectorAll(pressed)]
  .filter((one) => one.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && !one.closest(".vh, .skip"))
  .map((one) => one.closest("label, .choice, .swatch") ?? one)
  .filter((one) => one.getBoundingClientRect().height < 43.5)
  .map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`)"""
OTHERS = ("/", "/v/", "/enter", "/enquire", "/my/settings")


@pytest.mark.parametrize("path", [*(f"/my/{OWN}/{page}" for page in MINE), *OTHERS])
def test_a_finger_hits_what_a_client_may_press(open_page: Open, path: str):
    page = open_page(path, "client" if path.startswith("/my/") else None, PHONE)
    assert page.evaluate(SMALL, PRESSED) == []
