"""The pictures of the docs, taken from the running demo house: `make docs-pictures`, or some of them by name.

Starts the demo house under build/docs/, plays on to where a page has something to show, and writes docs/pictures/.
Needs the system's Chromium. Look at every picture before it is committed.
"""

import io
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from contact_sheet import BROWSERS, _kept, _until, demo  # noqa: E402

from bespoke.demo.cast import NAMES  # noqa: E402
from bespoke.demo.house import doors  # noqa: E402
from bespoke.demo.populate import MAREEL  # noqa: E402
from bespoke.house import House  # noqa: E402
from bespoke.models.commission import Commission  # noqa: E402
from bespoke.models.people import Person  # noqa: E402
from bespoke.services import links  # noqa: E402
from workflows.roles import Role  # noqa: E402

FOLDER, WORK = ROOT / "docs" / "pictures", ROOT / "build" / "docs"
QUALITY, SETTLED_MS, READY_MS, PLAYED_S = 78, 800, 120_000, 600
TITLES = {"signet": "Signet for a son", "bracelet": "A line of light"}
FLAGS = ["--no-sandbox", "--use-gl=swiftshader", "--enable-unsafe-swiftshader", "--hide-scrollbars"]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, who looks at which page in which window, and what it is scrolled to."""

    name: str
    who: str
    path: str
    width: int
    height: int
    to: str = ""


SHOTS = (
    Shot("client-home", "client", "/my/{mareel}/", 390, 844),
    Shot("client-brief", "signet", "/my/{signet}/brief/moves", 390, 844),
    Shot("client-stones", "client", "/my/{mareel}/stones", 1280, 900),
    Shot("client-deposit", "bracelet", "/my/{bracelet}/pay/deposit", 1280, 860),
    Shot("client-look", "client", "/my/{mareel}/look/2", 1280, 860),
    Shot("client-compare", "client", "/my/{mareel}/look/2/from/1", 1280, 860),
    Shot("studio-board", "designer", "/studio/", 1280, 860),
    Shot("studio-workspace", "designer", "/studio/{mareel}/", 1440, 900),
    Shot("office-quote", "office", "/studio/{mareel}/quote", 1680, 980),
    Shot("office-money", "office", "/house/{bracelet}/", 1280, 700, to="#money"),
    Shot("office-outbox", "office", "/outbox/", 1280, 700),
)


def take(browser: Browser, house: House, shots: list[Shot]) -> None:
    """Take each page in its window and keep it small."""
    named = references(house)
    ways = {door.role: door.address for door in doors(house)}
    signed_in: dict[str, dict[str, object]] = {}
    for shot in shots:
        if shot.who not in signed_in:
            door = ways.get(shot.who) or client_door(house, named[shot.who])
            signed_in[shot.who] = _kept(browser, door)
        context = browser.new_context(
            viewport={"width": shot.width, "height": shot.height},
            storage_state=signed_in[shot.who],  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto(house.settings.address + shot.path.format(**named))
        FOLDER.joinpath(f"{shot.name}.webp").write_bytes(small(taken(page, shot)))
        sys.stdout.write(f"{shot.name}: taken\n")
        context.close()


def taken(page: Page, shot: Shot) -> bytes:
    """The window as it looks once everything on it is there."""
    page.wait_for_load_state("networkidle")
    if page.locator("[data-viewer]").count():
        page.wait_for_selector(".vp.ready", timeout=READY_MS)
    if shot.to:
        page.locator(shot.to).evaluate("one => one.scrollIntoView()")
    page.wait_for_timeout(SETTLED_MS)
    return page.screenshot()


def small(png: bytes) -> bytes:
    """The same as WebP."""
    kept = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(kept, "WEBP", quality=QUALITY, method=6)
    return kept.getvalue()


def references(house: House) -> dict[str, str]:
    """The demo's commissions that pictures show, by the words they go by here."""
    with house.database.reading() as session:
        by_title = {one.title: one.reference for one in session.scalars(select(Commission))}
    return {"client": MAREEL, "mareel": MAREEL, **{word: by_title[title] for word, title in TITLES.items()}}


def client_door(house: House, reference: str) -> str:
    """A fresh link for the client of a commission."""
    with house.database.transaction() as session:
        row = session.scalars(select(Commission).where(Commission.reference == reference)).one()
        office = session.scalars(select(Person).where(Person.email == NAMES["office"][1])).one().acting(Role.OFFICE)
        return f"{house.settings.address}/enter/{links.issue(session, row.client, office, at=house.clock()).secret}"


def is_compared(house: House) -> bool:
    """Whether the demo's people have come to the second revision."""
    with house.database.reading() as session:
        row = session.scalars(select(Commission).where(Commission.reference == MAREEL)).one()
        return sum(one.published_at is not None for one in row.pieces[0].revisions) > 1


def main(wanted: list[str]) -> int:
    """Take the pictures whose names begin with one of those wanted, or all."""
    chromium = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if chromium is None:
        sys.stderr.write(f"None of {', '.join(BROWSERS)} is installed.\n")
        return 1
    chosen = [one for one in SHOTS if not wanted or any(one.name.startswith(name) for name in wanted)]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo(WORK) as house, sync_playwright() as playwright:
        _until(lambda: is_compared(house), PLAYED_S, "the second revision did not come in time; going on without")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        take(browser, house, chosen)
        browser.close()
    sys.stdout.write(f"They are in {FOLDER.relative_to(ROOT)}. Look at each before it is committed.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
