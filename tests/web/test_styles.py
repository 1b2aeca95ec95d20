"""The style sheet: small, in one piece, its colours readable on their grounds and written down in one place."""

import re

import pytest

from bespoke.web.styles import APART, FOLDER, MOST_BYTES, SHEETS, sheet
from tests.web.conftest import Website

# What is read on what, and how much more light must come from one than from the other (WCAG 2.2).
TEXT, EDGE = 4.5, 3.0
GROUNDS = {"paper": ("bg", "raised", "sunk"), "room": ("bg", "raised", "sunk")}
ON_WASH = ("rouge", "verdigris", "brass", "lapis")
LITERAL = re.compile(r"#[0-9A-Fa-f]{3,8}\b|\brgba?\(|\bhsla?\(|\boklch\(|:\s*(?:white|black|red|grey|gray)\b")
PROMISED = {  # what the guide to the looks says of each on paper
    "ink": 15.4,
    "ink-2": 8.7,
    "ink-3": 5.3,
    "edge": 3.5,
    "rouge": 8.0,
    "verdigris": 7.2,
    "brass": 6.1,
    "lapis": 8.4,
}


def _tokens(selector: str) -> dict[str, str]:
    text = re.sub(r"/\*.*?\*/", "", (FOLDER / "tokens.css").read_text(), flags=re.S)
    block = text.partition(f"{selector} {{")[2].partition("}")[0]
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))


def _colour(name: str, ground: str) -> tuple[float, float, float]:
    paper = _tokens(":root")
    tokens = paper | _tokens(".room") if ground == "room" else paper
    value = tokens[name]
    while value.startswith("var(--"):
        value = tokens[value[6:-1]]
    digits = value.lstrip("#")
    if len(digits) == 3:
        digits = "".join(one * 2 for one in digits)
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _light(colour: tuple[float, float, float]) -> float:
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str, ground: str) -> float:
    lights = sorted((_light(_colour(one, ground)), _light(_colour(other, ground))), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_small(name: str):
    assert len(sheet(name).encode()) < MOST_BYTES


def test_every_file_of_styles_is_joined_or_fetched_by_its_own_pages():
    assert {path.stem for path in FOLDER.glob("*.css")} == {
        *APART,
        *(part for parts in SHEETS.values() for part in parts),
    }
    assert sum((FOLDER / f"{name}.css").stat().st_size for name in APART) < 12_000


def test_only_the_tokens_write_a_colour_down():
    for path in FOLDER.glob("*.css"):
        if path.stem != "tokens":
            plain = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
            assert not LITERAL.findall(plain), path.name


@pytest.mark.parametrize("name", SHEETS)
def test_every_token_used_is_there(name: str):
    known = set(re.findall(r"--([\w-]+):", sheet(name)))
    apart = "".join((FOLDER / f"{one}.css").read_text() for one in APART)
    used = re.findall(r"var\(--([\w-]+)", sheet(name) + apart)
    assert set(used) <= known | set(re.findall(r"--([\w-]+):", apart))


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_comes_from_this_house_alone(name: str):
    assert not re.search(r"@import|https?:|//", sheet(name))


@pytest.mark.parametrize("ground", GROUNDS)
def test_words_can_be_read_on_every_ground(ground: str):
    for under in GROUNDS[ground]:
        for words in ("fg", "fg-2", "fg-3"):
            assert contrast(words, under, ground) >= TEXT, (words, under)
        assert contrast("ctl", under, ground) >= EDGE, under
        assert contrast("focus", under, ground) >= EDGE, under
    for colour in ON_WASH:
        assert contrast(colour, "bg", ground) >= TEXT, colour
        assert contrast(colour, f"{colour}-wash", ground) >= TEXT, colour
    assert contrast("on-act", "act", ground) >= TEXT
    assert contrast("on-act", "act-hover", ground) >= TEXT
    assert contrast("on-rouge", "rouge", ground) >= TEXT


def test_the_colours_are_as_far_apart_as_the_guide_says():
    for name, ratio in PROMISED.items():
        assert contrast(name, "paper", "paper") == pytest.approx(ratio, abs=0.06), name


@pytest.mark.parametrize(("who", "path", "name"), [(None, "/v/", "house"), ("designer", "/house/", "staff")])
def test_a_sheet_is_fetched_once_and_kept(website: Website, who: str | None, path: str, name: str):
    browser = website.browser(who)
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', browser.get(path).text)
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000"
    assert answer.text == sheet(name)


def test_every_address_in_the_sheets_answers(website: Website):
    browser = website.browser()
    for address in {one for name in SHEETS for one in re.findall(r'url\("([^"]+)"\)', sheet(name))}:
        with browser.get("/" + address) as answer:
            assert answer.status_code == 200, address
    assert browser.get("/other.css").status_code == 404
