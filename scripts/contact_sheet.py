"""Each mock-up beside the running page at the same size: `make contact-sheet`, or some of it by name.

    MOCKUPS=folder make contact-sheet           every picture, into build/contact/
    .venv/bin/python scripts/contact_sheet.py 01 07

Starts the demo house on a port of its own under build/contact/, waits until its drawings are measured, and takes each
page that exists. Without MOCKUPS, or where a mock-up is missing, the page stands alone. Needs the system's Chromium.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import func, select

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bespoke.app import create_app  # noqa: E402
from bespoke.config import read_settings  # noqa: E402
from bespoke.demo.cast import NAMES  # noqa: E402
from bespoke.demo.house import doors  # noqa: E402
from bespoke.demo.populate import HARBOUR, MAREEL  # noqa: E402
from bespoke.house import House, open_house  # noqa: E402
from bespoke.models.commission import Commission, Participant  # noqa: E402
from bespoke.models.design import Revision  # noqa: E402
from bespoke.models.document import Document  # noqa: E402
from bespoke.models.job import Job, JobState, Queue  # noqa: E402
from bespoke.models.people import Person  # noqa: E402
from bespoke.models.piece import Piece  # noqa: E402
from bespoke.services import links  # noqa: E402
from tests.sheet import drawn_sheet  # noqa: E402
from workflows.roles import Role  # noqa: E402

FOLDER = ROOT / "build" / "contact"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
READY_S, MEASURED_S = 120, 900
SHOWN = 2  # revisions of the demo's ring that its client is shown
MARGIN, CAPTION = 24, 28
PAPER, INK = "#FFFFFF", "#1B1A18"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: the mock-up's name, who looks at which page, in which window; `do` is done before it is taken.

    Attributes:
        who: a role, or a client's name; whoever may not come in by a door of the demo is let in by a link of theirs.
        path: the page; `{mareel}` is the demo's ring, `{harbour}` the finished one, `{own}` the commission of whoever
            looks, `{client}` the number of the ring's client. `sheet` is the sheet of parts, which has no address.
        scale: pixels of the picture to one of the page; mock-ups of phones have two.
        do: a key to press first.
        types: what to type after it.
        ready: a selector of what must stand there first: the model, once it is drawn.
    """

    name: str
    who: str
    path: str
    width: int
    height: int
    scale: int = 1
    do: str = ""
    types: str = ""
    ready: str = ""


PHONE = (390, 844, 2)
PICTURES = (
    Picture("00-foundations-and-components", "", "sheet", 1440, 2060),
    Picture("01-client-commission-home-desktop", "client", "/my/{mareel}/", 1440, 1290),
    Picture("01-client-commission-home-phone", "client", "/my/{mareel}/", *PHONE),
    Picture("01-client-home-nothing-asked-phone", "Cassian Rook", "/my/{harbour}/", *PHONE),
    Picture("02-client-stone-comparison-desktop", "client", "/my/{mareel}/stones", 1440, 1240),
    Picture("02-client-stone-comparison-phone", "client", "/my/{mareel}/stones", *PHONE),
    Picture("03-client-render-approval-desktop", "client", "/my/{mareel}/look/2", 1440, 960, ready=".vp.ready"),
    Picture("03-client-render-approval-phone", "client", "/my/{mareel}/look/2", *PHONE, ready=".vp.ready"),
    Picture("04-client-revision-compare-desktop", "client", "/my/{mareel}/look/2/from/1", 1440, 960),
    Picture("04-client-revision-compare-phone", "client", "/my/{mareel}/look/2/from/1", *PHONE),
    Picture("05-client-deposit-desktop", "Linnea Okafor-Hale", "/my/{own}/pay/deposit", 1440, 900),
    Picture("05-client-deposit-phone", "Linnea Okafor-Hale", "/my/{own}/pay/deposit", *PHONE),
    Picture("07-designer-studio-board-desktop", "designer", "/studio/", 1440, 960),
    Picture("07-designer-commission-workspace-desktop", "designer", "/studio/{mareel}/", 1440, 960),
    Picture("07-staff-command-palette-desktop", "designer", "/studio/", 1440, 960, do="Control+k", types="mar"),
    Picture("10-email-render-ready-desktop", "office", "/outbox/waiting/{client}/html", 760, 1080),
    Picture("11-client-brief-desktop", "Gideon Aldermoor", "/my/{own}/brief/budget", 1440, 860),
    Picture("11-client-brief-phone", "Gideon Aldermoor", "/my/{own}/brief/budget", *PHONE),
    Picture("12-public-verify-phone", "", "/v/", *PHONE),
)


@contextmanager
def demo(folder: Path) -> Iterator[House]:
    """The demo house, served with its worker until the block ends; what an earlier run made is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BESPOKE_")},
        "BESPOKE_DATA_FOLDER": str(folder / "house"),
        "BESPOKE_LISTEN": f"127.0.0.1:{_free_port()}",
        "BESPOKE_TURNTABLE_FRAMES": "6",
    }
    log = folder / "house.log"
    command = [str(Path(sys.executable).parent / "bespoke"), "demo"]
    with log.open("w") as told:
        served = subprocess.Popen(command, env=environment, stdout=told, stderr=told, cwd=ROOT)
    try:
        settings = read_settings(environment)
        _until(lambda: "demo house is at" in log.read_text(), READY_S, f"the demo house did not start: see {log}")
        house = open_house(settings)
        try:
            _until(lambda: _measured(house), MEASURED_S, "the demo was not told to its end in time; going on without")
            yield house
        finally:
            house.close()
    finally:
        served.terminate()
        served.wait(timeout=30)


def take(browser: Browser, house: House, pictures: list[Picture]) -> None:
    """Take each page that exists, and put it beside its mock-up."""
    ways = {door.role: door.address for door in doors(house)}
    everybody = {picture.who for picture in pictures} - {""}
    signed_in = {who: _kept(browser, ways.get(who) or _link(house, who)) for who in everybody}
    mockups = Path(os.environ["MOCKUPS"]) if os.environ.get("MOCKUPS") else None
    for picture in pictures:
        context = browser.new_context(
            viewport={"width": picture.width, "height": picture.height},
            device_scale_factor=picture.scale,
            storage_state=signed_in.get(picture.who),
            reduced_motion="reduce",
        )
        page = context.new_page()
        told = _visit(page, house, picture)
        if told == "":
            taken = FOLDER / f"{picture.name}.page.png"
            page.screenshot(path=taken)
            _beside(picture, taken, mockups)
            taken.unlink()
        sys.stdout.write(f"{picture.name}: {told or 'taken'}\n")
        context.close()


def _visit(page: Page, house: House, picture: Picture) -> str:
    address = house.settings.address
    if picture.path == "sheet":
        dark = (ROOT / "tests" / "documents" / "pictures" / "reference-dark.jpg").read_bytes()
        sheet = drawn_sheet(create_app(house=house), "", "/dark.jpg")
        page.route("**/dark.jpg", lambda route: route.fulfill(body=dark, content_type="image/jpeg"))
        page.route("**/sheet", lambda route: route.fulfill(body=sheet, content_type="text/html"))
        path = "/sheet"
    else:
        path = _path(house, picture)
    answer = page.goto(address + path)
    if answer is None or answer.status != 200:
        return f"not there ({answer.status if answer else 'no answer'})"
    if picture.do:
        page.keyboard.press(picture.do)
        page.keyboard.type(picture.types)
    if picture.ready:
        page.wait_for_selector(picture.ready, timeout=READY_S * 1000)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    return ""


def _path(house: House, picture: Picture) -> str:
    with house.database.reading() as session:
        ring = session.scalars(select(Commission).where(Commission.reference == MAREEL)).one()
        theirs = select(Commission).join(Participant).join(Person).where(Person.name == picture.who)
        own = session.scalars(theirs).first()
        return picture.path.format(
            mareel=MAREEL, harbour=HARBOUR, client=ring.client.id, own="" if own is None else own.reference
        )


def _link(house: House, name: str) -> str:
    with house.database.transaction() as session:
        office = session.scalars(select(Person).where(Person.email == NAMES["office"][1])).one()
        person = session.scalars(select(Person).where(Person.name == name)).one()
        secret = links.issue(session, person, office.acting(Role.OFFICE), at=house.clock()).secret
    return f"{house.settings.address}/enter/{secret}"


def _kept(browser: Browser, door: str) -> dict[str, object]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(door)
    page.locator("main button").first.click()
    page.wait_for_load_state()
    kept: dict[str, object] = dict(context.storage_state())
    context.close()
    return kept


def _beside(picture: Picture, taken: Path, mockups: Path | None) -> None:
    shown = [(picture.path, Image.open(taken).convert("RGB"))]
    drawn = mockups / f"{picture.name}.png" if mockups else None
    if drawn is not None and drawn.is_file():
        shown.insert(0, ("mock-up", Image.open(drawn).convert("RGB")))
    height = max(image.height for _, image in shown)
    width = sum(image.width + MARGIN for _, image in shown) + MARGIN
    sheet = Image.new("RGB", (width, height + CAPTION + MARGIN), PAPER)
    pen, left = ImageDraw.Draw(sheet), MARGIN
    for words, image in shown:
        pen.text((left, 8), words, fill=INK)
        sheet.paste(image, (left, CAPTION))
        left += image.width + MARGIN
    sheet.save(FOLDER / f"{picture.name}.png")


def _measured(house: House) -> bool:
    open_states = (JobState.QUEUED, JobState.RUNNING)
    with house.database.reading() as session:
        waiting = select(func.count(Job.id)).where(Job.queue == Queue.RENDER, Job.state.in_(open_states))
        ring = select(func.count(Revision.id)).join(Piece).join(Commission).where(Commission.reference == MAREEL)
        shown = session.scalar(ring.where(Revision.published_at.is_not(None)))
        bound = session.scalar(select(func.count(Document.id)).where(Document.digest.is_not(None)))
        return session.scalar(waiting) == 0 and shown == SHOWN and bound != 0


def _until(true: Callable[[], bool], seconds: float, otherwise: str) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            sys.stderr.write(otherwise + "\n")
            return
        time.sleep(1)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def main(wanted: list[str]) -> int:
    """Take the pictures whose names begin with one of those wanted, or all."""
    chromium = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if chromium is None:
        sys.stderr.write(f"None of {', '.join(BROWSERS)} is installed.\n")
        return 1
    chosen = [one for one in PICTURES if not wanted or any(one.name.startswith(name) for name in wanted)]
    with demo(FOLDER) as house, sync_playwright() as playwright:
        flags = ["--no-sandbox", "--use-gl=swiftshader", "--enable-unsafe-swiftshader", "--hide-scrollbars"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        take(browser, house, chosen)
        browser.close()
    sys.stdout.write(f"They are in {FOLDER.relative_to(ROOT)}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
