"""Numbers in addresses: none that the database cannot hold, so that such a page is simply not there."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1  # what the rows are numbered with


class Number(IntegerConverter):
    """A whole number no larger than any row's."""

    def __init__(self, url_map: Map, *args: Any, **more: Any) -> None:
        super().__init__(url_map, *args, **{"max": LARGEST, **more})


def register(app: Flask) -> None:
    """Use it for every `<int:...>`; before any address is registered."""
    app.url_map.converters["int"] = Number
