"""The sheet of all parts, drawn by the app's own environment with what the parts want to be given."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Flask, render_template
from markupsafe import Markup

from bespoke.queries.marks import Band, MarkView

DRAWINGS = Path(__file__).parent / "documents" / "drawings"
DAY = date(2026, 11, 16)
MARKS = (
    ("brief", "Brief"),
    ("stone", "Stone chosen"),
    ("deposit", "Stone locked"),
    ("render", "Your approval"),
    ("wax", "Wax model"),
    ("casting", "Casting"),
    ("setting", "Setting"),
    ("polish", "Polishing"),
    ("check", "Hallmark, check"),
    ("ready", "Ready"),
)


@dataclass(frozen=True, slots=True)
class Again:
    """A mark that was struck a second time."""

    mark: str
    name: str
    state: str
    on: date | None
    expected: tuple[date, date] | None
    left_out: bool
    times: int


def drawn_sheet(app: Flask, picture: str = "", dark: str = "") -> str:
    """The sheet as a page; `picture` and `dark` are addresses of pictures to show in it."""
    facets = [Markup((DRAWINGS / f"{name}.svg").read_text()) for name in ("crown", "pavilion", "elevation-plain")]
    with app.test_request_context("/"):
        return render_template(
            "components/sheet.html", facets=facets, line=_line(), bands=_bands(), picture=picture, dark=dark
        )


def _line() -> tuple[MarkView | Again, ...]:
    found: list[MarkView | Again] = []
    for number, (mark, name) in enumerate(MARKS):
        state = "done" if number < 3 else "now" if number == 3 else "late" if number == 4 else ""
        on = date(2026, 9, 14 + number) if number < 4 else None
        expected = None if on else (date(2026, 12, number), date(2026, 12, number + 3))
        if number == 2:
            found.append(Again(mark, name, state, on, expected, left_out=False, times=2))
        else:
            found.append(MarkView(mark, name, state, on, expected, left_out=number == 6))
    return tuple(found)


def _bands() -> tuple[Band | None, ...]:
    first, last, needed = date(2026, 12, 16), date(2026, 12, 22), date(2026, 12, 24)
    return (
        Band(first, last, needed, promised=True, start=35, width=35, tick=85),
        Band(first, last, date(2026, 12, 18), promised=True, start=35, width=35, tick=50),
        Band(last, last, None, promised=False, start=60, width=0, tick=None),
        None,
    )
