"""The style sheet: one subject a file in static/css, joined to one sheet that is fetched once and kept."""

import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Flask, Response, url_for

FOLDER = Path(__file__).resolve().parent.parent / "static" / "css"
FILES = ("fonts", "tokens", "base", "layout", "parts", "portal", "studio", "auth")  # the order they are joined in
APART = ("room",)  # fetched by its own pages only, beside the sheet
MOST_BYTES = 40_000
ENDPOINT = "styles"

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_BLANKS = re.compile(r"\s+")
_AROUND = re.compile(r" ?([{};,]) ?")
_VALUE = re.compile(r": ")


def register(app: Flask) -> None:
    """Let the sheet be fetched at an address that changes with what it says."""
    app.add_url_rule("/house.css", ENDPOINT, _sheet)


def address() -> str:
    """Where pages fetch the sheet."""
    return url_for(ENDPOINT, v=_version())


@cache
def sheet() -> str:
    """All files joined in their order, without comments and blanks nobody needs."""
    joined = "".join((FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in FILES)
    plain = _BLANKS.sub(" ", _COMMENT.sub("", joined))
    return _VALUE.sub(":", _AROUND.sub(r"\1", plain)).replace(";}", "}").strip()


@cache
def _version() -> str:
    return hashlib.sha256(sheet().encode()).hexdigest()[:12]


def _sheet() -> Response:
    return Response(sheet(), mimetype="text/css")
