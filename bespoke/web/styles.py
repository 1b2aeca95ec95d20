"""The style sheets: one subject a file in static/css, joined to one sheet for clients and one for the house.

Each page fetches one of them once and keeps it; the viewing room adds its own file, which no other page needs.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, url_for

FOLDER = Path(__file__).resolve().parent.parent / "static" / "css"
EVERYWHERE = ("fonts", "tokens", "base", "layout", "parts")
SHEETS: Mapping[str, tuple[str, ...]] = {  # in the order they are joined in
    "house": (*EVERYWHERE, "client", "portal", "auth"),
    "staff": (*EVERYWHERE, "staff", "studio", "workspace", "auth"),
}
APART = ("room",)
MOST_BYTES = 40_000
ENDPOINT = "styles"

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_BLANKS = re.compile(r"\s+")
_AROUND = re.compile(r" ?([{};,]) ?")
_VALUE = re.compile(r": ")


def register(app: Flask) -> None:
    """Let the sheets be fetched at addresses that change with what they say."""
    app.add_url_rule("/<name>.css", ENDPOINT, _answer)


def address(name: str) -> str:
    """Where pages fetch a sheet: `house` for clients and everybody, `staff` for those who work here."""
    return url_for(ENDPOINT, name=name, v=_version(name))


@cache
def sheet(name: str) -> str:
    """All files of a sheet joined in their order, without comments and blanks nobody needs."""
    joined = "".join((FOLDER / f"{part}.css").read_text(encoding="utf-8") for part in SHEETS[name])
    plain = _BLANKS.sub(" ", _COMMENT.sub("", joined))
    return _VALUE.sub(":", _AROUND.sub(r"\1", plain)).replace(";}", "}").strip()


@cache
def _version(name: str) -> str:
    return hashlib.sha256(sheet(name).encode()).hexdigest()[:12]


def _answer(name: str) -> Response:
    if name not in SHEETS:
        abort(404)
    return Response(sheet(name), mimetype="text/css")
