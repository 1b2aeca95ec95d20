"""The shared environment: strict, escaping, and writing numbers the way the reader's country does."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from jinja2 import UndefinedError

from bespoke.templating import environment, icon, printed_icon, printed_mark, punch, struck_mark
from bespoke.templating.icons import MARKS, PUNCHES, UnknownIcon
from workflows.money import Money


def said(source: str, locale: str = "en_GB", **values: object) -> str:
    return environment(locale).from_string(source).render(values).replace("\N{NO-BREAK SPACE}", "~")


@pytest.mark.parametrize(
    ("source", "locale", "expected"),
    [
        ("{{ m|money }}", "en_GB", "£9,840"),
        ("{{ m|money(minor=true) }}", "en_GB", "£9,840.00"),
        ("{{ pence|money }}", "en_GB", "£11,479.88"),
        ("{{ yen|money }}", "en_GB", "JP¥9,840"),
        ("{{ pence|money }}", "de_DE", "11.479,88~£"),
        ("{{ g|grams }}", "en_GB", "5.87~g"),
        ("{{ g|grams }}", "de_CH", "5.87~g"),
        ("{{ g|grams }}", "de_DE", "5,87~g"),
        ("{{ ct|carats }}", "en_GB", "2.04~ct"),
        ("{{ ct|carats(places=3) }}", "en_GB", "2.040~ct"),
        ("{{ mm|mm }}", "en_GB", "16.71~mm"),
        ("{{ big|number }}", "en_GB", "1,020.5"),
        ("{{ d|day }}", "en_GB", "18 December 2026"),
        ("{{ d|day }}", "de_DE", "18. Dezember 2026"),
        ("{{ s|day_short }}", "en_GB", "14 Sep"),
        ("{{ d|month }}", "en_GB", "December 2026"),
        ("{{ at|moment(zone) }}", "en_GB", "7 Jul 2026, 20:15"),
        ("{{ at|lately(zone, at) }}", "en_GB", "today, 20:15"),
        ("{{ at|lately(zone, next) }}", "en_GB", "yesterday, 20:15"),
        ("{{ at|lately(zone, later) }}", "en_GB", "7 July"),
        ("{{ at|lately(zone, years) }}", "en_GB", "7 July 2026"),
        ("{{ '01632 960 144'|unbroken }}", "en_GB", "01632~960~144"),
        ("{{ digest|seal }}", "en_GB", "7C41~9A0E"),
        ("{{ digest|spaced }}", "en_GB", "7c419a0e 51d0e7a4"),
    ],
)
def test_numbers_come_with_their_unit(source: str, locale: str, expected: str) -> None:
    values = {
        "m": Money(984000, "GBP"),
        "pence": Money(1147988, "GBP"),
        "yen": Money(9840, "JPY"),
        "g": Decimal("5.870"),
        "ct": Decimal("2.04"),
        "mm": Decimal("16.71"),
        "big": Decimal("1020.5"),
        "d": date(2026, 12, 18),
        "s": date(2026, 9, 14),
        "at": datetime(2026, 7, 7, 19, 15, tzinfo=UTC),
        "next": datetime(2026, 7, 7, 23, 30, tzinfo=UTC),
        "later": datetime(2026, 7, 9, 1, tzinfo=UTC),
        "years": datetime(2028, 7, 9, 1, tzinfo=UTC),
        "zone": ZoneInfo("Europe/London"),
        "digest": "7c419a0e51d0e7a4",
    }
    assert said(source, locale, **values) == expected


def test_an_unknown_name_is_an_error_and_words_are_escaped() -> None:
    with pytest.raises(UndefinedError):
        said("{{ nothing }}")
    assert said("{{ name }}", name="<b>&") == "&lt;b&gt;&amp;"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        said("{{ at|moment(zone) }}", at=datetime(2026, 7, 7), zone=UTC)  # noqa: DTZ001


def test_every_mark_can_be_struck_and_printed() -> None:
    for mark in MARKS:
        assert "<svg" in struck_mark(mark, "done")
        assert "currentColor" not in printed_mark(mark)
    for outline in PUNCHES:
        assert "&lt;" in punch(outline, "<&")


def test_only_vendored_icons_exist() -> None:
    assert 'aria-hidden="true"' in icon("package")
    assert "currentColor" not in printed_icon("ruler")
    for name in ("nothing", "../../config", "", "A"):
        with pytest.raises(UnknownIcon):
            icon(name)
    for refused in (lambda: struck_mark("x"), lambda: struck_mark("wax", "odd"), lambda: punch("x", "a")):
        with pytest.raises(UnknownIcon):
            refused()
