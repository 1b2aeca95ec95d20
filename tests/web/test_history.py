"""The history: every kind of event that anything records can be read as a sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bespoke.queries.history import MONEY, SENTENCES, sentence

ROOT = Path(__file__).parents[2]
RECORDERS = {"record": "bespoke", "Occurrence": "workflows"}


def recorded() -> Iterator[str]:
    """The first argument of every call that writes a line of the history."""
    for name, package in RECORDERS.items():
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                first = node.args[0]
                if called == name and isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value


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
    assert said == "Received £2,501.46 for the deposit by transfer, OF-1."
    facts = {"milestone": "render_approval", "digest": "7c419a0e" * 8}
    said = sentence("approved", facts, currency="GBP", sees_money=False)
    assert said == "Said yes to render approval, seal 7C41 9A0E."
