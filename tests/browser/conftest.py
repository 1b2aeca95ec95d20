"""A house served over HTTP, the system's own Chromium, and what looks over each page: the console and axe."""

import logging
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright
from werkzeug.serving import make_server

from tests.web.conftest import Website, open_website

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE, DESKTOP = (390, 844), (1280, 900)
FLAGS = ["--no-sandbox", "--use-gl=swiftshader", "--enable-unsafe-swiftshader", "--disable-dev-shm-usage"]
WAIT_MS = 60_000
NOT_AN_ERROR = re.compile(r"^Failed to load resource: the server responded with a status of (4\d\d|503)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, so that `make check` can leave it out."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("browser")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium without a window; on a machine without one these tests are left out, except in CI.

    For one file only: while it is open an event loop runs in this thread, in which nothing else can be awaited.
    """
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"none of {', '.join(NAMES)} is installed")
        pytest.skip(f"none of {', '.join(NAMES)} is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


class Served:
    """A website that answers over HTTP.

    Attributes:
        site: the same for tests without a browser: its house, its cast, its links.
        address: where it is, such as `http://127.0.0.1:40123`.
    """

    def __init__(self, site: Website) -> None:
        self.site = site
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        self._server = make_server("127.0.0.1", 0, site.app, threaded=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="served", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Served]:
    """A house of its own for the tests of one file: two clients, the people of the house, a drawing to be approved."""
    folder = tmp_path_factory.mktemp("served")
    path = folder / "bespoke.sqlite3"
    path.write_bytes(_sqlite_template.read_bytes())
    site = open_website(f"sqlite:///{path}", folder)
    found = Served(site)
    yield found
    found.close()
    site.house.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, served: Served) -> Iterator[Open]:
    """`open_page("/my/", "client", DESKTOP)`: a page of a device of its own, signed in as one of the cast.

    At the end of the test no page may have written an error to its console: a script or a style that the content
    policy refused is one.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def opened(
        path: str,
        who: str | None = None,
        size: tuple[int, int] = PHONE,
        *,
        language: str = "en-GB",
        scripts: bool = True,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=language,
            java_script_enabled=scripts,
            reduced_motion="reduce",
            has_touch=size[0] < 700,
        )
        context.set_default_timeout(WAIT_MS)
        contexts.append(context)
        if who is not None:
            context.add_cookies([_cookie(served, who)])
        page = context.new_page()
        page.on("console", lambda said: errors.extend(_error(said)))
        page.on("pageerror", lambda fault: errors.append(f"{page.url}: {fault}"))
        page.goto(served.address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """`axe(page)`: refuse what a tool can find of WCAG 2.2 AA, each finding with its rule, place and cure."""

    def looked_over(page: Page) -> None:
        told = findings(page)
        assert not told, f"{page.url}\n" + "\n".join(told)

    return looked_over


def findings(page: Page, *rules_off: str) -> list[str]:
    """What axe finds on a page, one line each."""
    options: dict[str, Any] = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        "rules": {rule: {"enabled": False} for rule in rules_off},
    }
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [
        f"  {one['id']} ({one['impact']}): {one['help']}\n"
        f"    {' '.join(map(str, node['target']))}: {node['html'][:200]}\n"
        f"    {(node.get('failureSummary') or '').partition(chr(10))[2].strip()[:300]}"
        for one in found
        for node in one["nodes"][:4]
    ]


def arrived(answer: Response | None) -> int:
    """The status a page came with."""
    assert answer is not None
    return answer.status


def _cookie(served: Served, who: str) -> Any:
    client = served.site.browser(who)
    name = served.site.app.config["SESSION_COOKIE_NAME"]
    kept = client.get_cookie(name)
    assert kept is not None, f"{who} is not signed in"
    return {"name": name, "value": kept.value, "url": served.address, "httpOnly": True, "sameSite": "Lax"}


def _error(said: ConsoleMessage) -> list[str]:
    if said.type != "error" or NOT_AN_ERROR.match(said.text):
        return []
    return [f"{said.location.get('url', '')}: {said.text}"]
