"""Icons and struck marks as inline SVG: Phosphor's outlines, our gem, and the punches of a hallmark."""

import re
from functools import cache
from html import escape
from pathlib import Path

from markupsafe import Markup

ICONS = Path(__file__).resolve().parent.parent / "static" / "icons"
NAME = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)

PUNCHES = {  # outlines on a 40 × 40 field
    "ellipse": "M20 3C30 3 36 10 36 20S30 37 20 37 4 30 4 20 10 3 20 3Z",
    "octagon": "M12 3H28L37 12V28L28 37H12L3 28V12Z",
    "shield": "M5 4H35V20C35 29 28 35 20 38C12 35 5 29 5 20Z",
    "circle": "M20 3a17 17 0 1 1 0 34a17 17 0 1 1 0-34Z",
    "barrel": "M8 4H32C36 12 36 28 32 36H8C4 28 4 12 8 4Z",
    "arch": "M4 37V18C4 9 11 3 20 3S36 9 36 18V37Z",
    "lozenge": "M20 1L39 20L20 39L1 20Z",
    "hexagon": "M11 4H29L38 20L29 36H11L2 20Z",
    "concave": "M10 3H30C30 7 33 10 37 10V30C33 30 30 33 30 37H10C10 33 7 30 3 30V10C7 10 10 7 10 3Z",
    "quatrefoil": "M20 2c5 0 8 4 8 8 4-1 10 2 10 10s-6 11-10 10c0 4-3 8-8 8s-8-4-8-8c-4 1-10-2-10-10s6-11 10-10"
    "c0-4 3-8 8-8Z",
    "trapezoid": "M8 4H32L37 36H3Z",
}
MARKS = {  # the `mark` of a milestone in its template → punch and icon
    "brief": ("ellipse", "pencil-line"),
    "stone": ("octagon", "gem"),
    "deposit": ("shield", "lock-simple"),
    "render": ("circle", "eye"),
    "wax": ("barrel", "drop"),
    "casting": ("arch", "flame"),
    "make": ("trapezoid", "hammer"),
    "setting": ("lozenge", "crown-simple"),
    "polish": ("hexagon", "sparkle"),
    "check": ("concave", "magnifying-glass"),
    "ready": ("quatrefoil", "seal-check"),
}
STATES = ("done", "now", "late", "")
INK, QUIET, PAPER = "#1B1A18", "#68625A", "#FFFFFF"
INNER = re.compile(r"<svg[^>]*>(.*)</svg>", re.S)


class UnknownIcon(LookupError):
    """There is no icon, punch or mark of that name among those we ship; the text names it."""


@cache
def icon(name: str, weight: str = "light") -> Markup:
    """An icon to stand beside words, hidden from screen readers.

    Raises:
        UnknownIcon: it is not among the vendored ones.
    """
    file = ICONS / "gem.svg" if name == "gem" else ICONS / "phosphor" / weight / f"{name}.svg"
    if not NAME.fullmatch(name) or not NAME.fullmatch(weight) or not file.is_file():
        raise UnknownIcon(f"{name} ({weight})")
    drawn = file.read_text(encoding="utf-8").strip()
    return Markup(drawn.replace("<svg ", '<svg class="ic" aria-hidden="true" ', 1))


def printed_icon(name: str) -> Markup:
    """A light icon in the quiet grey of print, as an SVG that needs no style sheet.

    Raises:
        UnknownIcon: it is not among the vendored ones.
    """
    return Markup(str(icon(name)).replace("currentColor", QUIET))


def struck_mark(mark: str, state: str = "") -> Markup:
    """The punch of a milestone with its icon; `state` is done, now, late, or nothing for what is to come.

    Raises:
        UnknownIcon: no milestone has that mark, or there is no such state.
    """
    if mark not in MARKS or state not in STATES:
        raise UnknownIcon(f"{mark} {state}")
    outline, name = MARKS[mark]
    path = f'<svg class="sh" viewBox="0 0 40 40" aria-hidden="true"><path d="{PUNCHES[outline]}"/></svg>'
    drawn = f'<span class="mark {state}">{path}{icon(name, "regular")}</span>'
    return Markup(drawn)


def printed_mark(mark: str) -> Markup:
    """The struck punch of a milestone with its icon left out of it, as one SVG that needs no style sheet.

    Raises:
        UnknownIcon: no milestone has that mark.
    """
    if mark not in MARKS:
        raise UnknownIcon(mark)
    outline, name = MARKS[mark]
    inner = INNER.sub(r"\1", str(icon(name, "regular"))).replace("currentColor", PAPER)
    return Markup(
        f'<svg viewBox="0 0 40 40" aria-hidden="true"><path d="{PUNCHES[outline]}" fill="{INK}"/>'
        f'<g transform="translate(10.8 10.8) scale(0.0719)" fill="{PAPER}">{inner}</g></svg>'
    )


def punch(outline: str, letters: str) -> Markup:
    """A struck hallmark: letters left out of a filled punch, sized to fit it.

    Raises:
        UnknownIcon: there is no such punch.
    """
    if outline not in PUNCHES:
        raise UnknownIcon(outline)
    size = 19.0 if len(letters) <= 2 else 12.5 if len(letters) <= 4 else 8.0
    drawn = (
        f'<svg viewBox="0 0 40 40" aria-hidden="true"><path d="{PUNCHES[outline]}" fill="{INK}"/>'
        f'<text x="20" y="{20 + size * 0.34:.1f}" text-anchor="middle" font-size="{size}" fill="{PAPER}" '
        f'font-family="Newsreader Display, Newsreader">{escape(letters)}</text></svg>'
    )
    return Markup(drawn)
