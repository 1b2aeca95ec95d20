"""What the browser story stands on: a house served by its own processes, people at their windows, files they send."""

import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, expect

from bespoke.config import Settings
from bespoke.founding import found_house
from bespoke.models.house import HouseRow
from bespoke.services import links, people
from tests.cadfiles import write
from tests.rings import plain, solitaire
from tests.services_running import free_port
from workflows.roles import Role

ROOT = Path(__file__).parents[2]
MAIN = [sys.executable, "-c", "import sys; from bespoke.cli import main; sys.exit(main())"]
WAIT_MS = 300_000  # a processor that draws and serves at once, on a machine three times slower
STAFF = {
    "ines": ("Ines Halloran", Role.DESIGNER),
    "otto": ("Otto Wren", Role.DESIGNER),
    "jonah": ("Jonah Veldt", Role.OFFICE),
}
SECOND_PART = 9 << 20  # bytes of a file that is sent in two parts
NORTH = {1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)}


@dataclass(slots=True)
class Someone:
    """A person at a window of their own."""

    page: Page
    address: str

    def go(self, path: str) -> Page:
        """Open a page of the house."""
        self.page.goto(path if path.startswith("http") else self.address + path)
        return self.page

    def another(self, path: str) -> Page:
        """A second window of the same person."""
        page = self.page.context.new_page()
        page.goto(self.address + path)
        return page

    def status(self, path: str) -> int:
        """What the house answers there, without leaving the page."""
        return self.page.request.get(self.address + path).status


@dataclass(slots=True)
class Served:
    """A house in processes of its own, and the links by which its people come in."""

    address: str
    folder: Path
    doors: dict[str, str] = field(default_factory=dict)


@contextmanager
def a_served_house(folder: Path) -> Iterator[Served]:
    """A founded house with two designers and the office, `bespoke serve` running until the block ends."""
    settings = Settings(data_folder=folder / "var")
    served = Served(f"http://127.0.0.1:{free_port()}", folder)
    _found(settings, served)
    environment = os.environ | {
        "BESPOKE_DATA_FOLDER": str(settings.data_folder),
        "BESPOKE_LISTEN": served.address.removeprefix("http://"),
        "BESPOKE_TURNTABLE_FRAMES": "4",
    }
    with (folder / "serve.log").open("ab") as log:
        serving = subprocess.Popen([*MAIN, "serve"], env=environment, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield served
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait(30)


def _found(settings: Settings, served: Served) -> None:
    told = {"name": "Orrell & Finch", "reference_prefix": "OF", "currency": "GBP", "vat_rate": Decimal("0.20")}
    house = found_house(settings, **told).house  # type: ignore[arg-type]
    at = house.clock()
    with house.database.transaction() as session:
        row = session.get_one(HouseRow, 1)
        row.card_provider, row.bank_account = "fake", "00-00-00 00000000"
        for who, (name, role) in STAFF.items():
            email = f"{who}@orrellfinch.example"
            person = people.take_in(session, name=name, email=email, roles=(role,), at=at)
            served.doors[who] = f"/enter/staff/{links.issue_for_staff(session, person, at=at).secret}"
    house.close()


class Street:
    """The windows of everybody in the story; what their consoles complained of."""

    def __init__(self, browser: Browser, served: Served) -> None:
        self._browser, self._served = browser, served
        self._contexts: list[BrowserContext] = []
        self.errors: list[str] = []

    def someone(self, width: int, height: int) -> Someone:
        """A device of its own that nobody is signed in on."""
        size = {"width": width, "height": height}
        context = self._browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            locale="en-GB",
            reduced_motion="reduce",
            has_touch=width < 700,
        )
        context.set_default_timeout(WAIT_MS)
        context.on("weberror", lambda fault: self.errors.append(str(fault.error)))
        self._contexts.append(context)
        return Someone(context.new_page(), self._served.address)

    def staff(self, who: str) -> Someone:
        """One of the house at a desk, come in by the link of the console."""
        found = self.someone(1280, 900)
        wait_for_answer(found, self._served.doors[who])
        found.page.locator("main button").click()
        found.page.wait_for_url(re.compile("/(studio|house)/"))
        return found

    def close(self) -> None:
        """Close every window."""
        for context in self._contexts:
            context.close()


def wait_for_answer(someone: Someone, path: str) -> None:
    """Open the first page once the house answers at all."""

    def answers() -> bool:
        try:
            someone.go(path)
        except Exception as fault:
            if "ERR_CONNECTION_REFUSED" in str(fault):
                return False
            raise
        return True

    until(answers, someone.page)


def until(true: Callable[[], bool], page: Page) -> None:
    """Look again until it is so. Raises AssertionError after as long as anything may take."""
    end = time.monotonic() + WAIT_MS / 1000
    while not true():
        assert time.monotonic() < end, f"not so after {WAIT_MS / 1000:.0f} s, at {page.url}"
        page.wait_for_timeout(300)


def form(page: Page, end: str) -> Locator:
    """The visible form whose address ends so."""
    return page.locator(f'form[action$="{end}"], form[action*="{end}?"]').locator("visible=true").first


def send(page: Page, end: str, **typed: str) -> Response:
    """Fill a form in and press its own button; what the house answered the post, redirected or not."""
    found = form(page, end)
    for name, value in typed.items():
        box = found.locator(f'[name="{name}"]').first
        kind = box.evaluate("one => one.tagName === 'SELECT' ? 'select' : one.type")
        if kind == "select":
            box.select_option(value)
        elif kind in ("checkbox", "radio"):
            found.locator(f'[name="{name}"][value="{value}"]').check()
        else:
            box.fill(value)
    with page.expect_response(lambda one: one.request.method == "POST" and end in one.url) as answered:
        found.locator("button:not([formaction]):not([tabindex='-1']):not([type='button'])").last.click()
    page.wait_for_load_state()
    return answered.value


def taken(page: Page, end: str, **typed: str) -> None:
    """Send a form that the house takes."""
    answer = send(page, end, **typed)
    assert answer.status == 303, f"{answer.status} at {answer.url}: {said(page)}"


def refused(page: Page, end: str, status: int, **typed: str) -> None:
    """Send a form that the house refuses, and tells why on the page."""
    answer = send(page, end, **typed)
    assert answer.status == status, f"{answer.status} at {answer.url}: {said(page)}"
    expect(page.get_by_role("alert").first).to_be_visible(timeout=WAIT_MS)


def said(page: Page) -> str:
    """What the page is about, for the message of a failure."""
    return page.locator("main").first.inner_text()[:600]


def letter(office: Someone, to: str, pattern: str) -> str:
    """What matches in the newest letter to somebody, as the office reads it in the outbox; waits until it is there."""
    found: list[str] = []

    def there() -> bool:
        page = office.go("/outbox/")
        for link in page.locator(".mails li a", has_text=to).evaluate_all("all => all.map(one => one.href)"):
            if "/waiting/" in link:
                continue
            text = office.go(link).locator("pre.letter").text_content() or ""
            match = re.search(pattern, text)
            if match is not None:
                found.append(match[1])
                return True
        return False

    until(there, office.page)
    return found[0]


def photograph_with_a_place(words: str = "") -> bytes:
    """A JPEG from a phone that says where it was taken, in a colour of its own for each words."""
    red, green, blue = hashlib.sha256(words.encode()).digest()[:3]
    exif = Image.Exif()
    exif.get_ifd(0x8825).update(NORTH)
    exif[0x0110] = "A telephone"
    kept = io.BytesIO()
    Image.new("RGB", (96, 64), (red, green, blue)).save(kept, "JPEG", exif=exif)
    return kept.getvalue()


def says_where(picture: bytes) -> bool:
    """Whether a picture carries anything a camera writes."""
    return bool(Image.open(io.BytesIO(picture)).getexif())


def drawn(folder: Path) -> dict[str, Path]:
    """The designer's files: a band that is too wide, and two rings of the right size, the first sent in two parts."""
    wide = write(plain(18.4, segments=120).parts, folder / "too-wide.glb")
    first = write(solitaire(16.71, 6.46, segments=90, claws=4).parts, folder / "first.obj")
    with first.open("a") as more:
        more.write(f"# {'as exported ' * 20}\n" * ((SECOND_PART - first.stat().st_size) // 243 + 1))
    second = write(solitaire(16.71, 6.46, segments=90, claws=6).parts, folder / "second.glb")
    return {"wide": wide, "first": first, "second": second}
