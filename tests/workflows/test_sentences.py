"""Sentences of the rules: English everywhere, and another language to whoever listens in one."""

import copy
import json
import pickle
from decimal import Decimal

import pytest

from bespoke.templating.catalogue import said, speaking
from bespoke.templating.pseudo import LANGUAGE
from workflows.errors import GateClosed
from workflows.money import Money
from workflows.roles import Role, spoken
from workflows.sentences import Sentence, in_english, listed, sentence, together, word
from workflows.stones import NotCleared
from workflows.template import load

HELD = sentence(
    "%(loss)s g are missing, more than %(allowed_loss)s %% and the scale.",
    loss=Decimal("1234.50"),
    allowed_loss=Decimal(2),
)
ENGLISH = "1234.50 g are missing, more than 2 % and the scale."


def test_a_sentence_is_its_english_text():
    assert HELD == str(HELD) == ENGLISH
    assert json.loads(json.dumps([HELD])) == [ENGLISH]
    for same in (copy.deepcopy(HELD), pickle.loads(pickle.dumps(HELD))):  # noqa: S301 our own bytes
        assert (same, same.pattern, same.facts) == (HELD, HELD.pattern, HELD.facts)


def test_what_is_stored_stays_english_whoever_listens():
    with speaking(LANGUAGE):
        assert HELD == in_english(HELD) == ENGLISH
        assert json.dumps(HELD) == f'"{ENGLISH}"'
        assert str(HELD) == f"{HELD}" == "⟦1,234.50 g áré míššíñg, móré tháñ 2 % áñd thé šçálé.····················⟧"


@pytest.mark.parametrize(
    ("names", "link", "said_so"),
    [
        ([], "and", ""),
        (["a"], "and", "a"),
        (["a", "b"], "or", "a or b"),
        (["a", "b", "c"], "and", "a, b and c"),
        (["a", "b", "c"], "and the", "a and the b and the c"),
    ],
)
def test_names_are_listed_as_a_list_is_said(names: list[str], link: str, said_so: str):
    assert listed(names, link) == said_so


def test_facts_are_written_as_the_listener_writes_them():
    with speaking(LANGUAGE):
        assert "⟦thé çlíéñt···⟧ ór ⟦thé ówñér···⟧" in str(spoken({Role.CLIENT, Role.OWNER}))
        assert "£1,234.50 óf thé dépóšít" in str(NotCleared(Money(123450, "GBP")))
        assert str(GateClosed((HELD, word("in_house")))) == f"{HELD} ⟦íñ hóúšé··⟧"
        assert str(together([HELD, "Rosa"])) == f"{HELD} Rosa"


def test_a_title_and_a_text_of_the_record_are_found_in_the_catalogue():
    title = load("ring")["pattern"].title
    assert (title, title.lower()) == ("Wax model", "wax model")
    assert isinstance(title.lower(), Sentence)
    with speaking(LANGUAGE):
        assert said("Stone T-001 is held for OF-0001 already.").startswith("⟦Štóñé T-001 íš héld fór OF-0001")
        assert said("Elowen's own words") == "Elowen's own words"
        assert str(title) == said("Wax model") == "⟦Wáx módél···⟧"
