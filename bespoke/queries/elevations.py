"""What the elevation of a drawing says in figures: they stand on the root element of the SVG the house drew itself."""

import re
from dataclasses import dataclass
from decimal import Decimal

from bespoke.models.design import Revision
from bespoke.storage.store import StorageError, Store

MOST_KNOWN = 500
HEAD_BYTES = 2_000  # the root element with all its figures stands in the first few hundred
FIGURE = re.compile(r'data-([a-z-]+)-mm="(-?[0-9]{1,4}(?:\.[0-9]{1,4})?)"', re.ASCII)


@dataclass(frozen=True, slots=True)
class Elevation:
    """The piece seen along the finger, in millimetres; what it does not have is None."""

    width: Decimal | None = None
    height: Decimal | None = None
    stone_width: Decimal | None = None
    head_above_finger: Decimal | None = None


def elevation_of(revision: Revision, store: Store) -> Elevation:
    """The figures of a revision's elevation; none where it was not drawn or its file is lost."""
    digest = next((one.digest for one in revision.pictures if one.kind == "elevation"), None)
    if digest is None:
        return Elevation()
    try:
        return _read(store, digest)
    except StorageError:
        return Elevation()


def _read(store: Store, digest: str) -> Elevation:
    if digest not in _KNOWN:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        with store.open(digest) as content:
            head = content.read(HEAD_BYTES).decode("utf-8", "replace")
        found = {name: Decimal(value) for name, value in FIGURE.findall(head.partition(">")[0])}
        _KNOWN[digest] = Elevation(
            width=found.get("width"),
            height=found.get("height"),
            stone_width=found.get("stone-width"),
            head_above_finger=found.get("head-above-finger"),
        )
    return _KNOWN[digest]


_KNOWN: dict[str, Elevation] = {}  # a digest always means the same drawing
