"""Scripts are small, come from this house, and ask for nothing that the content policy refuses."""

import gzip
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "bespoke" / "static"
SCRIPTS = STATIC / "js"
VIEWER = ("viewer", "three", "vendor", "room")  # what turns a model; it is fetched in the viewing room alone
MOST_BYTES = 40_000


def _small() -> list[Path]:
    return [path for path in SCRIPTS.rglob("*.js") if not any(part.startswith(VIEWER) for part in path.parts)]


def test_scripts_beside_the_viewer_are_small_together():
    assert sum(len(gzip.compress(path.read_bytes())) for path in _small()) < MOST_BYTES


@pytest.mark.parametrize("path", _small(), ids=lambda path: path.name)
def test_a_script_keeps_to_the_house(path: Path):
    text = path.read_text()
    assert not re.search(r"\beval\(|new Function|insertAdjacentHTML|document\.write|https?://", text)
    assert not re.search(r"\.setAttribute\(\s*[\"']style", text)
    assert len(text.splitlines()) <= 400
