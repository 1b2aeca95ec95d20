"""Every sentence comes from a catalogue, in the language of whoever reads it."""

import re
from html.parser import HTMLParser

import pytest
from babel.messages.pofile import read_po

from bespoke.models.people import Person
from bespoke.templating import TEMPLATES, catalogue, environment
from bespoke.templating.catalogue import _, lazy, ngettext
from bespoke.templating.pseudo import LANGUAGE, pseudo
from scripts.messages import POT, TRANSLATIONS, collected
from tests.web.conftest import OWN, Website
from tests.web.unmarked import unmarked

PAPERS = {"documents/dossier.html"}  # printed in the language it is sealed in
GUIDE = {"components/sheet.html"}  # no page: the parts for whoever builds pages
UNITS = re.compile(r"^(g/cm³|/oz|/ct)$")
PAGES = [(None, "/"), (None, "/v/"), (None, "/v/7C41-9A0E-51DK"), (None, "/leave"), (None, "/nothing")]


def test_english_is_said_as_it_is_written():
    assert _("Approve revision %(n)s", n=3) == "Approve revision 3"
    assert ngettext("%(num)s piece", "%(num)s pieces", 1) == "1 piece"
    assert ngettext("%(num)s piece", "%(num)s pieces", 2) == "2 pieces"
    assert catalogue.language() == "en"


def test_another_language_is_spoken_inside_its_block_only():
    later = lazy("Revision %(n)s", n=2)
    with catalogue.speaking(LANGUAGE):
        assert _("Revision %(n)s", n=2) == str(later) == "⟦Révíšíóñ 2····⟧"
    assert str(later) == "Revision 2"


def test_a_language_we_do_not_know_is_answered_in_english():
    for unknown in ("tlh", "", None, "../../etc"):
        with catalogue.speaking(unknown):
            assert _("Yes") == "Yes"
            assert catalogue.locale().language == "en"


def test_templates_say_it_with_escaped_facts():
    page = environment().from_string(
        '{{ _("Hello, %(who)s", who=who) }} {% trans n=2 %}{{ n }} day{% pluralize %}{{ n }} days{% endtrans %}'
    )
    assert page.render(who="<b>") == "Hello, &lt;b&gt; 2 days"


def test_the_pseudo_language_keeps_placeholders_and_tags():
    assert pseudo('<b class="x">Save %(n)s</b> 5%%').count('<b class="x">') == 1
    assert "%(n)s" in pseudo("Save %(n)s")


@pytest.mark.parametrize("name", [name for name in environment().list_templates() if name.endswith((".html", ".txt"))])
def test_no_template_holds_a_text_that_is_not_marked(name: str):
    if name not in PAPERS | GUIDE:
        found = unmarked((TEMPLATES / name).read_text(), environment())
        assert not [text for text in found if not UNITS.match(text)]


def test_the_search_for_unmarked_texts_finds_them():
    for source in (
        "<p>Hello there</p>",
        '<p>{{ _("Hello") }} there</p>',
        '<img alt="A ring">',
        '<b>{{ "Yes please" if x else "" }}</b>',
        '<a {% if x %}title="Go on"{% endif %}>{{ _("On") }}</a>',
    ):
        assert unmarked(source, environment()), source
    for source in (
        '<p class="one two" {% if x %}hidden{% endif %}>{{ _("Hello there") }} {{ name }}</p>',
        "{% trans n=2 %}{{ n }} days{% endtrans %}",
        '<a href="{{ url_for("public.door") }}">{{ icon("arrow-right", "regular") }}</a>',
    ):
        assert not unmarked(source, environment()), source


def test_the_catalogues_hold_what_the_code_says_now():
    """Red after a text was added or changed: `make messages` brings the catalogues up to it."""
    now = {(message.id, message.context) for message in collected() if message.id}
    with POT.open("rb") as text:
        assert {(message.id, message.context) for message in read_po(text) if message.id} == now
    for file in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"):
        with file.open("rb") as text:
            language = read_po(text)
        assert {(message.id, message.context) for message in language if message.id} == now, file


def test_english_is_complete():
    with (TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po").open("rb") as text:
        empty = [one.id for one in read_po(text, locale="en") if one.id and not (one.string and all(one.string))]
    assert not empty


def test_every_text_keeps_its_facts_in_every_language():
    for message in collected():
        for text in message.id if isinstance(message.id, tuple) else (message.id,):
            named = set(re.findall(r"%\((\w+)\)", text))
            assert text % dict.fromkeys([*named, "num"], "x") is not None, text


def test_a_text_of_the_record_is_found_again_with_its_facts():
    held = catalogue.Holed.of("%(a)s of %(b)s is %(c)s, 5 %% more.")
    assert held.read("one of two is three, 5 % more.") == {"a": "one", "b": "two", "c": "three"}
    assert held.read("1 of 2 of 3 is 4 is 5, 5 % more.") == {"a": "1 of 2", "b": "3 is 4", "c": "5"}
    for other in ("", " of ", " of b is c, 5 % more.", "a of  is c, 5 % more.", "a of b is c\nd, 5 % more.", "a is b"):
        assert held.read(other) is None, other
    twice = catalogue.Holed.of("%(n)s %(unit)s is over 3 %(unit)s.")
    assert twice.read("12 mm is over 3 mm.") == {"n": "12", "unit": "mm"}
    assert twice.read("12 ct is over 3 mm.") is None


def test_a_long_text_somebody_typed_is_not_looked_for(monkeypatch: pytest.MonkeyPatch):
    typed = "a of b is " * 200
    monkeypatch.setattr(catalogue, "_recalled", None)
    with catalogue.speaking(LANGUAGE):
        assert catalogue.said(typed) == catalogue.recalled(typed) == typed


def test_no_text_makes_the_search_for_it_try_twice():
    """Each text with holes is held against what repeats its own pieces: one look for each piece, whatever comes."""
    for held in catalogue._holed():
        inner = "x".join(held.pieces[1:-1])
        typed = f"{held.pieces[0]}{f'x{inner}' * (catalogue.LONGEST // (len(inner) + 1))}"
        for end in ("x", f"{held.pieces[-1]}y", f"y\n{held.pieces[-1]}", f"y{held.pieces[-1]}"):
            words = _Counted(typed + end)
            held.read(words)
            assert words.looks < len(held.pieces), held.message


def test_a_typed_text_as_long_as_is_looked_for_comes_back_as_it_is():
    typed = ("a of b is " * 60)[: catalogue.LONGEST - 100]
    with catalogue.speaking(LANGUAGE):
        assert catalogue.said(typed) == typed


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_a_page_in_the_pseudo_language_has_no_word_of_english(website: Website, who: str | None, path: str):
    page = website.browser(who).get(path, headers={"Accept-Language": LANGUAGE})
    assert f'<html lang="{LANGUAGE}"' in page.text
    reader = _Words()
    reader.feed(page.text)
    own = ("Atelier Quillfern", "7C41-9A0E-51DK", "PDF", "MB")
    plain = re.sub(r"⟦[^⟧]*⟧|\d+", " ", " ".join(reader.said))
    for name in own:
        plain = plain.replace(name, " ")
    assert not re.search(r"[A-Za-z]{3,}", plain), plain


def test_a_person_is_answered_in_their_own_language(website: Website):
    with website.house.database.transaction() as session:
        session.get_one(Person, int(website.cast.client.id)).language = LANGUAGE
    browser = website.browser("client")
    assert f'<html lang="{LANGUAGE}"' in browser.get(f"/my/{OWN}/", headers={"Accept-Language": "en"}).text
    assert '<html lang="en"' in website.browser("stranger").get("/my/OF-0002/").text


class _Counted(str):
    """A text that counts how often something is looked for in it."""

    looks = 0

    def rfind(self, *sought: object) -> int:
        self.looks += 1
        return super().rfind(*sought)  # type: ignore[arg-type]


class _Words(HTMLParser):
    """What a page says: its texts and what its pictures and buttons are called."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipped += tag in ("script", "style", "svg", "title")
        self.said += [value or "" for name, value in attrs if name in ("alt", "aria-label", "placeholder")]

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in ("script", "style", "svg", "title")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.said.append(data)
