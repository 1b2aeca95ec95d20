"""The table of letters: every kind of event stands in it, every letter it names is written, each for its own side."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bespoke.notifications import rules, to_clients, to_staff, words
from bespoke.notifications.quiet import next_slot
from bespoke.notifications.rules import Whom
from bespoke.notifications.words import HOLE
from bespoke.queries.history import SENTENCES
from workflows.roles import Role

ROOT = Path(__file__).parents[2]
KNOWN = {"name", "reference", "title", "thing", "who", "number", "note", "reason", "words", "milestone", "stone"} | {
    "until",
    "asked",
    "first",
    "last",
}
NOON = datetime(2026, 6, 15, 11, 0, tzinfo=UTC)  # noon in London


def recorded() -> set[str]:
    """Every kind that the services write down, and every occurrence of the rules."""
    found = set()
    for path in [*ROOT.glob("bespoke/services/*.py"), *ROOT.glob("workflows/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("record", "Occurrence"):
                constants = [one for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)]
                found |= {one.value for one in constants if isinstance(one.value, str)}
    return found


def test_every_kind_of_event_stands_in_the_table():
    assert {"approved", "photograph_hidden", "message_written"} <= recorded()
    assert sorted((recorded() | SENTENCES.keys()) - rules.RULES.keys()) == []


def test_every_letter_the_table_names_is_written():
    missing = [
        (key, line.mail)
        for key, lines in rules.RULES.items()
        for line in lines
        if line.mail not in (to_clients if line.whom in (Whom.CLIENT, Whom.READER) else to_staff).MAILS
    ]
    assert missing == []


@pytest.mark.parametrize("mails", [to_clients.MAILS, to_staff.MAILS], ids=["clients", "staff"])
def test_a_letter_names_only_facts_there_are_and_says_no_amount(mails):
    for kind, mail in mails.items():
        said = [mail.subject, mail.heading, mail.button, *mail.sentences]
        assert {hole for line in said for hole in HOLE.findall(line.message)} <= KNOWN, kind
        assert "!" not in "".join(line.message for line in said)
        assert not mail.group or mail.group in words.GROUPS


def test_a_letter_goes_to_the_other_side():
    assert {one.whom for one in rules.tellings("message_written", {"internal": False}, role=Role.CLIENT)} == {
        Whom.OFFICE,
        Whom.DESIGNERS,
    }
    assert [one.whom for one in rules.tellings("message_written", {"internal": False}, role=Role.OFFICE)] == [
        Whom.CLIENT
    ]
    assert rules.tellings("message_written", {"internal": True}, role=Role.OFFICE) == ()
    assert [one.mail for one in rules.tellings("stone_hold_lapsed", {}, role=Role.SYSTEM)] == ["hold_over"] * 2


@pytest.mark.parametrize(
    ("after_noon", "sent_before", "waits"),
    [
        (timedelta(0), None, timedelta(0)),
        (timedelta(hours=8), None, timedelta(hours=12)),  # eight in the evening
        (timedelta(hours=-5), None, timedelta(hours=1)),  # seven in the morning
        (timedelta(0), timedelta(hours=2), timedelta(hours=20)),  # one went this morning
        (timedelta(0), timedelta(hours=17), timedelta(0)),  # one went yesterday
        (timedelta(hours=-5), timedelta(hours=-1), timedelta(hours=25)),
    ],
)
def test_letters_go_by_day_and_once_a_day(after_noon: timedelta, sent_before: timedelta | None, waits: timedelta):
    at = NOON + after_noon
    last = None if sent_before is None else at - sent_before
    assert next_slot(at, "Europe/London", last) - at == waits


def test_the_clocks_going_back_does_not_send_by_night():
    at = datetime(2026, 10, 24, 20, 30, tzinfo=UTC)  # half past nine in the evening, the night they go back
    assert next_slot(at, "Europe/London", None) == datetime(2026, 10, 25, 8, 0, tzinfo=UTC)
