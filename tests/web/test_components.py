"""Every part can be drawn in every state, with nothing missing and nothing in the mark-up that belongs in a sheet."""

import re

import pytest

from bespoke.templating import TEMPLATES
from tests.sheet import drawn_sheet
from tests.web.conftest import Website

COMPONENTS = TEMPLATES / "components"
MACRO = re.compile(r"{% macro (\w+)\(")
INLINE = {"documents", "emails"}  # papers and letters carry their looks with them
INNER = {"below", "told_by", "days", "tabs", "rooms", "csrf"}  # drawn by other parts, or by the frame


def test_the_sheet_shows_every_part(website: Website):
    page = drawn_sheet(website.app, "/static/img/mark.svg", "/static/img/mark.svg")
    assert page.count("<section") > 15
    shown = (COMPONENTS / "sheet.html").read_text()
    for file in COMPONENTS.glob("*.html"):
        for name in MACRO.findall(file.read_text()):
            assert name in INNER or re.search(rf"(\b|\.){name}\(", shown), f"{file.name}: {name} is on no sheet"


def test_every_field_has_its_label_and_its_error(website: Website):
    page = drawn_sheet(website.app)
    for ident in re.findall(r'<(?:input|textarea|select)[^>]* id="([\w-]+)"', page):
        assert f'for="{ident}"' in page, ident
    for ident in re.findall(r'aria-describedby="([^"]+)"', page):
        assert all(f'id="{one}"' in page for one in ident.split()), ident


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES.rglob("*.html") if not INLINE & set(path.parts)], ids=lambda path: path.name
)
def test_no_page_writes_styles_or_scripts_into_itself(path):  # type: ignore[no-untyped-def]
    text = path.read_text()
    assert not re.search(r"\sstyle=|\son\w+=|javascript:", text), path
    assert path.name == "sheet.html" or "<style" not in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
