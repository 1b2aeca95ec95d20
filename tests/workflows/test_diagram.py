"""The diagram and the tables of the documentation are those of the template as it is."""

import re
from pathlib import Path

import pytest

from workflows.diagram import gate_table, mermaid, milestone_table
from workflows.template import keys, load

DOCUMENT = Path(__file__).parents[2] / "docs" / "workflow.md"
RING = load("ring")


@pytest.mark.parametrize("made", [mermaid, milestone_table, gate_table])
def test_the_document_shows_the_ring_as_it_is(made: object) -> None:
    assert callable(made)
    assert made(RING) in DOCUMENT.read_text(encoding="utf-8")


def test_the_architecture_shows_the_ring_as_it_is() -> None:
    assert mermaid(RING) in DOCUMENT.with_name("architecture.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", keys())
def test_the_document_lists_every_template_with_what_is_irreversible(key: str) -> None:
    template = load(key)
    (line,) = [row for row in DOCUMENT.read_text(encoding="utf-8").splitlines() if row.startswith(f"| `{key}` | ")][:1]
    irreversible = ", ".join(f"`{milestone.key}`" for milestone in template.milestones if milestone.irreversible)
    assert f"| {template.title} | {len(template.milestones)} |" in line
    assert line.endswith(f"| {template.quantity} | {irreversible} |")


@pytest.mark.parametrize("key", keys())
def test_every_milestone_and_every_way_on_is_drawn(key: str) -> None:
    template = load(key)
    lines = [line.strip() for line in mermaid(template).splitlines()]
    assert lines[0] == "flowchart TD"
    for milestone in template.milestones:
        assert any(line.startswith(milestone.key) and f'"{milestone.title}"' in line for line in lines)
        for other in milestone.after:
            assert any(line.startswith(f"{other} ") and line.endswith(f" {milestone.key}") for line in lines)


def test_what_cannot_be_undone_is_drawn_so() -> None:
    drawing = mermaid(RING)
    assert 'casting[["Casting"]]' in drawing
    assert 'pre_cast_release{{"Release to cast"}}' in drawing
    assert 'brief("Brief")' in drawing
    assert "class casting,hallmark,setting,engrave irreversible" in drawing
    assert "setting -. if any .-> polish_plate" in drawing


def test_the_gates_of_casting_are_told() -> None:
    (row,) = [line for line in gate_table(RING).splitlines() if line.startswith("| `casting`")]
    for told in (
        "progress cleared",
        "size confirmed by the client",
        "released at `pre_cast_release`",
        "`quote` approved",
    ):
        assert told in row


def test_the_table_of_the_trades_rules_names_tests_that_are_there() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    section = text[text.index("## The trade's rules") : text.index("## Templates")]
    there = {path.stem for path in DOCUMENT.parents[1].glob("tests/*/test_*.py")}
    assert set(re.findall(r"`(test_[a-z_]+)`", section)) <= there
    told = set(re.findall(r"R-(\d+)", section))
    assert {str(number) for number in (*range(10, 19), *range(20, 26))} <= told
