"""Addresses of files that are fetched once and kept: each carries a mark of what the file says."""

import hashlib
from functools import cache
from pathlib import Path

from flask import current_app, url_for

STATIC = Path(__file__).resolve().parent.parent / "static"


def asset(name: str) -> str:
    """The address of a file in static, e.g. `js/keep.js`.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return url_for("static", filename=name, v=_mark(name))


def endpoint_known(endpoint: str) -> bool:
    """Whether this house has a page of that name."""
    return endpoint in current_app.view_functions


@cache
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
