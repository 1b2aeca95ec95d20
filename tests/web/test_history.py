"""The history: every kind of event that anything records can be read as a sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bespoke.queries.history import MONEY, SENTENCES, sentence
from bespoke.queries.words import MILESTONES
from workflows.template import keys, load

ROOT = Path(__file__).parents[2]
RECORDERS = {"record": "bespoke", "_record": "bespoke", "Occurrence": "workflows"}


def recorded() -> Iterator[str]:
    """The kind in every call that writes a line of the history."""
    for name, package in RECORDERS.items():
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                said = [kind for one in node.args for kind in kinds_in(one)]
                if called == name and said:
                    yield from said[: 2 if isinstance(node.args[0], ast.IfExp) else 1]


def kinds_in(node: ast.expr) -> Iterator[str]:
    """A kind written out, or either of two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*kinds_in(node.body), *kinds_in(node.orelse))


def test_every_event_has_its_sentence():
    kinds = set(recorded())
    assert len(kinds) > 50
    assert kinds - SENTENCES.keys() == set()


def test_no_sentence_is_left_over():
    assert SENTENCES.keys() - set(recorded()) == set()


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_a_sentence_is_told_even_where_a_fact_is_missing(kind: str):
    said = sentence(kind, {}, currency="GBP", sees_money=True)
    assert said is not None
    assert "{" not in said
    assert said[:1].isupper() or said[:1] == "–"


@pytest.mark.parametrize("kind", sorted(MONEY))
def test_amounts_are_told_to_those_who_see_money(kind: str):
    assert sentence(kind, {"amount_minor": 123_456}, currency="GBP", sees_money=False) is None


def test_facts_are_written_as_people_read_them():
    facts = {"instalment": "deposit", "amount_minor": 250_146, "reference": "OF-1", "method": "transfer"}
    said = sentence("payment_cleared", facts, currency="GBP", sees_money=True)
    assert said == "£2,501.46 for the deposit came in by transfer, OF-1."
    facts = {"milestone": "render_approval", "digest": "7c419a0e" * 8}
    said = sentence("approved", facts, currency="GBP", sees_money=False)
    assert said == "Said yes to the design, seal 7C41 9A0E."


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (
            "revision_handed_in",
            {"revision": 2, "file": "mareel_r2.glb", "sha256": "0" * 64, "note": "", "piece": "OF-0412-A"},
            "Ines Halloran handed in revision 2 (mareel_r2.glb).",
        ),
        ("revision_handed_in", {"revision": 2, "note": "Lower."}, "Ines Halloran handed in revision 2. Lower."),
        (
            "evidence_recorded",
            {"milestone": "cad", "evidence": "cad_file"},
            "Ines Halloran recorded the CAD file for the drawing.",
        ),
        ("revision_measured", {"revision": 2, "blocks": 0}, "Revision 2 has been measured: nothing stands in its way."),
        ("revision_measured", {"revision": 2, "blocks": 1}, "Revision 2 has been measured: 1 finding blocks it."),
        ("revision_measured", {"revision": 2, "blocks": 3}, "Revision 2 has been measured: 3 findings block it."),
        ("revision_drawn", {"revision": 2, "pictures": 1}, "Revision 2 has been drawn: 1 picture."),
        ("handed_in", {"milestone": "render_approval", "round": 1}, "Ines Halloran put the design forward for a yes."),
        (
            "handed_in",
            {"milestone": "render_approval", "round": 2},
            "Ines Halloran put the design forward for a yes, round 2.",
        ),
        (
            "stone_held",
            {"stone": "S-0412", "until": "2026-11-21T23:30:00+00:00"},
            "Ines Halloran held stone S-0412 until 22 Nov.",
        ),
        ("quote_sent", {"number": 1, "valid_until": "2026-09-14"}, "Ines Halloran sent price 1, valid until 14 Sep."),
        (
            "promise_moved",
            {"was": "2026-12-18", "last": "2026-12-22", "first": "2026-12-20", "reason": "Stone late."},
            "Ines Halloran moved the promised day from 18 Dec to 22 Dec: Stone late.",
        ),
        ("stone_moved", {"stone": "S-0412", "step": "set", "whereabouts": "set"}, "Stone S-0412 is now set."),
        (
            "weighed",
            {"milestone": "casting", "weighing": "gross", "weight_g": "8.20"},
            "Ines Halloran weighed 8.20 g gross at the casting.",
        ),
        ("milestone_reopened", {"milestone": "pattern"}, "The wax model has to be done again."),
        (
            "checked",
            {"round": 1, "points": 9, "failed": ""},
            "Ines Halloran made the final check, 9 points; failed: none.",
        ),
    ],
)
def test_a_line_reads_as_a_person_would_say_it(kind: str, facts: dict[str, object], said: str):
    zone = ZoneInfo("Europe/Paris")
    assert sentence(kind, facts, currency="GBP", sees_money=True, who="Ines Halloran", zone=zone) == said


@pytest.mark.parametrize("template", keys())
def test_every_milestone_has_its_words(template: str):
    assert {one.key for one in load(template).milestones} <= MILESTONES.keys()
