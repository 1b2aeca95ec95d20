"""Refused first: for every milestone at least five attempts that the rules do not allow, with the sentence each gets.

The attempts and their sentences are a table to be read, in data/refusals.txt.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.workflows.pieces import refusal
from tests.workflows.refused import situation, step_of, who
from workflows.template import keys, load

TABLE = Path(__file__).with_name("data") / "refusals.txt"


@dataclass(frozen=True)
class Attempt:
    """One row: how the piece stands, what is tried by whom, and what is said to it."""

    template: str
    milestone: str
    status: str
    troubles: str
    step: str
    person: str
    refusal: str
    sentence: str


def attempts() -> list[Attempt]:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    rows = []
    for tried, said in zip(lines[::2], lines[1::2], strict=True):
        template, milestone, status, troubles, step, person = (part.strip() for part in tried.split("|"))
        kind, _, sentence = said.strip().partition(": ")
        rows.append(Attempt(template, milestone, status, troubles, step, person, kind, sentence))
    return rows


ATTEMPTS = attempts()


@pytest.mark.parametrize(
    "row", ATTEMPTS, ids=[" ".join((r.milestone, r.status, r.troubles, r.step, r.person)) for r in ATTEMPTS]
)
def test_the_attempt_is_refused_with_its_sentence(row: Attempt) -> None:
    piece = situation(row.template, row.milestone, row.status, row.troubles)
    refused = refusal(piece, step_of(piece, row.milestone, row.step), who(row.person))
    assert (type(refused).__name__, str(refused)) == (row.refusal, row.sentence)


def test_every_milestone_of_every_template_has_five_refused_attempts() -> None:
    tried = Counter((row.template, row.milestone) for row in ATTEMPTS)
    for template in keys():
        for milestone in load(template).milestones:
            # a milestone that templates share is tried in the first of them
            most = max(tried[other, milestone.key] for other in ("ring", "remount", "repair", "resize", template))
            assert most >= 5, f"{template} {milestone.key}"


@pytest.mark.parametrize("sentence", sorted({row.sentence for row in ATTEMPTS}))
def test_a_sentence_is_one_in_plain_words(sentence: str) -> None:
    assert re.match(r"[A-Z0-9£]", sentence)
    assert sentence.endswith(".")
    assert "_" not in sentence.replace("thin_wall", "")
    assert "  " not in sentence
    assert not re.search(r"\b(None|True|False|minor|null|digest|status)\b", sentence)
    assert len(sentence) < 200


def test_no_role_is_named_by_its_code() -> None:
    for row in ATTEMPTS:
        if row.refusal == "NotAllowed":
            assert re.search(
                r"\bthe (client|designer|bench|workshop lead|office|owner|house)|somebody|sole", row.sentence
            )
