"""Every page read in a language nobody speaks: what comes out in plain English was never given to a catalogue.

Left out of the reading is what people typed, as the database of the test house has it, and what is the same in every
language: names, units, codes, months and days as CLDR writes them. `REMAINING` lists what is still said in English; it
may only become shorter.
"""

import calendar
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from flask.testing import FlaskClient
from sqlalchemy import String, select

from bespoke.models.base import Base
from bespoke.models.event import Event
from bespoke.models.people import Person
from bespoke.templating import catalogue
from bespoke.templating.pseudo import LANGUAGE
from tests.factories import a_commission, brought_to
from tests.making import bench_to
from tests.web.conftest import OWN, Website, open_website, token_of
from workflows.gems import Lab

REMAINING: frozenset[str] = frozenset()
"""Texts that are still English, each as it is read; a text leaves this list when it is given to a catalogue."""

PATHS = {
    None: ("/", "/v/", "/v/7C41-9A0E-51DK", "/enter", "/enter/staff", "/enquire", "/enquire/thanks", "/nothing"),
    "client": ("/my/", "/my/settings"),
    "designer": (f"/studio/{OWN}/", f"/house/{OWN}/", "/house/account/"),
    "lead": (f"/house/{OWN}/", "/house/OF-0009/"),
    "owner": ("/house/", "/studio/"),
}
FOLLOWED = {"client", "owner"}  # whose pages are read on from link to link; the others' differ in their buttons
A_FEW = 1  # pages of a kind that are read; of those that show a whole commission all
NO_PAGE = re.compile(r"/(static|styles|files|uploads|export|leave)\b|\.(pdf|png|zip|csv|json)$")
LINK = re.compile(r'href="(/[^"]*)"')
SPOKEN = ("alt", "aria-label", "placeholder", "title", "data-busy", "data-done", "data-said")
SILENT = ("script", "style", "svg")
PLAIN = re.compile(r"[A-Za-z]{3,}")
ACCENTED = re.compile(r"[aceinosuyzACEINOSUYZ]")  # none of these is left as it is in the pseudo-language

CALENDAR = "|".join([*calendar.month_abbr[1:], *calendar.month_name[1:], *calendar.day_name, *calendar.day_abbr])
CODE = re.compile(
    rf"[\w.]+@[\w.]+|[\w-]+\.stl|OF-[\w-]+|[DT]-\d+|DEMO-[\w-]+|BANK-[\w-]+"
    rf"|\b[0-9A-F]{{4}}\b|\b[0-9A-Z]{{4}}-[0-9A-Z]{{4}}-[0-9A-Z]{{4}}\b|\b[0-9a-f]{{8}}\b|\b({CALENDAR})\b"
)
NAMES = (
    *Lab,
    *("CVD", "HPHT", "ASBL", "SYN", "IMIT"),  # codes of the trade
    *("STL", "OBJ", "PLY", "GLB", "3MF", "STEP", "3DM", "PDF", "JPEG", "HEIC", "PNG", "WebP", "CAD", "SHA-256"),
    *("GBP", "EUR", "USD", "IBAN", "BIC", "UTC", "VAT", "TOTP"),
    *("Ctrl", "Esc", "Enter"),  # keys of a keyboard
    *("Bespoke", "Diamond and gold", "demo"),
    *("The numbers are mm.", "No hole was found."),  # of the made-up reports of the test house
)
SYSTEM = {"notices", "jobs", "documents", "files"}  # what the house writes itself
KEYS = {"key", "kind", "state", "milestone", "role", "template_text", "template_key", "report_text", "refusal"}
TYPED_IN_EVENTS = {"reason", "note", "cause", "cost_bearer", "title", "file", "name"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Website]:
    """A house in which commissions stand at every stage, everybody in it speaking the language nobody speaks."""
    folder = tmp_path_factory.mktemp("pseudo")
    path = folder / "bespoke.sqlite3"
    path.write_bytes(_sqlite_template.read_bytes())
    website = open_website(f"sqlite:///{path}", folder)
    cast, store = website.cast, website.house.storage
    with website.house.database.transaction() as session:
        for milestone in ("brief", "concept", "stone_sourcing", "quote", "deposit_lock"):
            brought_to(session, a_commission(session, cast), milestone, cast)
        for milestone in ("casting", "qc", "aftercare"):
            bench_to(session, store, a_commission(session, cast), milestone, cast)
        for person in session.scalars(select(Person)):
            person.language = LANGUAGE
    yield website
    website.house.close()


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """What a test browser was answered in is not spoken on in the tests that follow."""
    yield
    catalogue.speak(None)


@pytest.fixture(scope="module")
def typed(site: Website) -> re.Pattern[str]:
    """What people typed, and what is the same in every language."""
    found: set[str] = set(NAMES)
    with site.house.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns if table.name not in SYSTEM else ():
                if isinstance(column.type, String) and column.name not in KEYS:
                    values = session.scalars(select(column).distinct()).all()
                    found |= {str(one) for one in values if one and not re.fullmatch(r"[a-z_]+", str(one))}
        for facts in session.scalars(select(Event.facts)):
            found |= {str(facts[name]) for name in TYPED_IN_EVENTS & facts.keys() if facts[name]}
        found |= {part for name in session.scalars(select(Person.name)) for part in name.split()}
    words = {
        part
        for one in found
        for part in (one, one.partition(", file ")[0])
        if len(part) > 2 and not CODE.fullmatch(part)
    }
    return re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in sorted(words, key=len, reverse=True)))


@pytest.mark.parametrize("who", PATHS, ids=str)
def test_no_page_says_a_word_of_plain_english(site: Website, typed: re.Pattern[str], who: str | None):
    said: dict[str, str] = {}
    for path, page in _walked(site.browser(who), PATHS[who], follow=who in FOLLOWED):
        assert f'<html lang="{LANGUAGE}"' in page, path
        for words in _english(page, typed):
            said.setdefault(words, path)
    assert {words: path for words, path in said.items() if words not in REMAINING} == {}


def test_a_refusal_is_said_in_the_language_of_who_is_refused(site: Website, typed: re.Pattern[str]):
    browser = site.browser("designer")
    token = token_of(browser, f"/house/{OWN}/")
    for step, reason in (("render_approval/withdraw", " "), ("cad/skip", "So."), ("casting/start", "")):
        path = f"/house/{OWN}/A/do/{step}"
        answer = browser.post(path, data={"reason": reason, "csrf_token": token})
        assert answer.status_code in (403, 409, 422)
        assert list(_english(answer.text, typed)) == [], step


def _walked(browser: FlaskClient, begin: tuple[str, ...], *, follow: bool) -> Iterator[tuple[str, str]]:
    """Pages reached by links, a few of each kind."""
    ahead, seen, kinds = list(begin), set(begin), Counter[str]()
    while ahead:
        path = ahead.pop(0)
        kind = re.sub(r"OF-\d+|[0-9a-f]{16,}|(?<=/)\w-\d+|\d+", "*", path.partition("?")[0])
        if kinds[kind] >= A_FEW and not re.fullmatch(r"/(my|house|studio)/\*/", kind):
            continue
        answer = browser.get(path, headers={"Accept-Language": LANGUAGE})
        if answer.mimetype != "text/html" or answer.status_code not in (200, 404):
            continue
        kinds[kind] += 1
        yield path, answer.text
        for link in LINK.findall(answer.text) if follow else ():
            to = urldefrag(link.replace("&amp;", "&"))[0]
            if to not in seen and not NO_PAGE.search(to):
                seen.add(to)
                ahead.append(to)


def _english(page: str, typed: re.Pattern[str]) -> Iterator[str]:
    """The texts of a page with a word in them that is neither translated nor left out of the reading."""
    reader = _Words()
    reader.feed(page)
    for said in reader.said:
        left = CODE.sub(" ", typed.sub(" ", said))
        if any(PLAIN.fullmatch(word) and ACCENTED.search(word) for word in re.findall(r"[^\W\d_]+", left)):
            yield " ".join(said.split())


class _Words(HTMLParser):
    """What a page says: its texts and what its pictures and buttons are called."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipped += tag in SILENT
        self.said += [value or "" for name, value in attrs if name in SPOKEN]

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.said.append(data)
