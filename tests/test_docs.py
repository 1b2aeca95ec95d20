"""The papers for people: every picture they show is there and small, every link leads somewhere."""

import re
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
PAPERS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
EACH_BYTES, ALL_BYTES = 150_000, 1_500_000


def targets(paper: Path) -> list[str]:
    return LINK.findall(paper.read_text())


def anchors(paper: Path) -> set[str]:
    """What a heading may be called in an address."""
    headings = re.findall(r"^#+ (.+)$", paper.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_every_link_leads_somewhere(paper: Path):
    lost = []
    for target in targets(paper):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        there = (paper.parent / path) if path else paper
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(target)
    assert lost == []


def test_every_picture_is_shown_and_small():
    shown = {(paper.parent / one).resolve() for paper in PAPERS for one in targets(paper)}
    there = sorted(PICTURES.iterdir())
    assert [one.name for one in there if one not in shown] == []
    assert [one.name for one in there if one.stat().st_size > EACH_BYTES] == []
    assert sum(one.stat().st_size for one in there) < ALL_BYTES
    for one in there:
        with Image.open(one) as picture:
            assert not picture.getexif()
            assert picture.width >= 390


def test_every_person_has_a_paper_that_the_readme_names():
    named = set(targets(ROOT / "README.md"))
    assert {f"docs/for-{who}.md" for who in ("clients", "designers", "the-office")} <= named
