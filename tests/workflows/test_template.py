"""Templates as data: what is shipped is sound, and each way in which one can be wrong is told in a sentence."""

import re
from decimal import Decimal

import pytest

from workflows.errors import BrokenTemplate, UnknownMilestone
from workflows.faults import faults
from workflows.milestone import Facet, Milestone, Template
from workflows.template import FOLDER, keys, load, parse, release_of, text_of

RING = text_of("ring")
SHIPPED = keys()


def test_the_seven_templates_are_shipped() -> None:
    assert SHIPPED == ("bracelet", "pair", "pendant", "remount", "repair", "resize", "ring")


@pytest.mark.parametrize("key", SHIPPED)
def test_a_shipped_template_has_no_fault(key: str) -> None:
    template = load(key)
    assert faults(template) == ()
    assert template.key == key
    assert template.version >= 1


@pytest.mark.parametrize("key", SHIPPED)
def test_what_is_worn_by_size_says_so(key: str) -> None:
    assert load(key).sized is (key in {"ring", "bracelet", "remount", "resize"})


def test_a_pair_of_earrings_is_one_piece_of_two_checked_one_by_one() -> None:
    pair = load("pair")
    assert pair.quantity == 2
    assert {"checklist_left", "checklist_right", "nickel_check", "post_check"} <= set(pair["qc"].evidence)
    assert sum(milestone.key == "render_approval" for milestone in pair.milestones) == 1


def test_a_remount_tests_before_it_promises_and_quotes_after_the_stone_is_out() -> None:
    remount = load("remount")
    assert {"intake", "test"} <= remount.before("estimate")
    assert {"unset", "stone_sourcing"} <= remount.before("quote")
    assert "weight_after_removal" in remount["unset"].evidence
    assert remount["melt"].irreversible
    assert remount["setting"].skip.value == "never"


@pytest.mark.parametrize("key", ["repair", "resize"])
def test_a_short_flow_prices_after_cleaning(key: str) -> None:
    template = load(key)
    assert "cleaning" in template.before("quote")
    assert "quote" in template.before("work")
    assert template.milestones[-1].hands_over


@pytest.mark.parametrize("key", SHIPPED)
def test_milestones_shared_with_the_ring_are_shown_in_its_order(key: str) -> None:
    order = [milestone.key for milestone in load("ring").milestones]
    if key == "remount":  # its brief waits for the test of the stone, its sketches for the brief
        order.remove("brief")
    shared = [milestone.key for milestone in load(key).milestones if milestone.key in order]
    assert shared == sorted(shared, key=order.index)


@pytest.mark.parametrize("key", SHIPPED)
def test_a_template_is_read_the_same_twice(key: str) -> None:
    assert parse(text_of(key)) == load(key)


@pytest.mark.parametrize("key", ["", "tiara", "../templates/ring", "ring.toml", "Ring"])
def test_only_a_template_that_is_shipped_is_opened(key: str) -> None:
    with pytest.raises(BrokenTemplate, match="There is no such template; there are bracelet, pair"):
        load(key)


def test_every_file_of_the_folder_is_a_template() -> None:
    assert {path.suffix for path in FOLDER.iterdir()} == {".toml"}


def test_a_milestone_that_is_not_there_is_named() -> None:
    ring = load("ring")
    for look in (ring.__getitem__, ring.before, ring.behind):
        with pytest.raises(UnknownMilestone, match="A ring has no milestone 'tiara'"):
            look("tiara")
    assert "tiara" not in ring
    assert "casting" in ring


def test_what_is_before_and_behind_is_followed_to_the_end() -> None:
    ring = load("ring")
    assert ring.before("concept") == {"brief", "enquiry"}
    assert ring.behind("delivery") == {"dossier", "aftercare"}
    assert ring.before("enquiry") == frozenset()
    assert release_of(ring, "casting") == "pre_cast_release"
    assert release_of(ring, "setting") == "setting"
    assert release_of(ring, "cad") is None


UNREADABLE = [
    ("key = ", "It is not TOML"),
    ("", "It cannot be read: milestone is missing."),
    (RING.replace("version = 1", ""), "It cannot be read: version is missing."),
    (RING.replace("version = 1", "version = true"), "version is True, which is not a whole number"),
    (RING.replace("sized = true", 'sized = "false"', 1), "sized is 'false', which is not true or false"),
    (RING.replace('title = "Ring"', "title = 7"), "title is 7, which is not a text"),
    (RING.replace("version = 1", 'version = 1\ncolour = "red"'), "there is no entry colour in a template"),
    ('key = "x"\nversion = 1\ntitle = "X"\nsized = true\nmilestone = 4', "milestone is 4, which is not a list"),
    ('key = "x"\nversion = 1\ntitle = "X"\nsized = true\nmilestone = [4]', "milestone is 4, which is not a table"),
    (RING.replace('key = "enquiry"\n', ""), "key of a milestone is missing"),
    (RING.replace('acts = ["office", "designer"]', "", 1), "acts of enquiry is missing"),
    (RING.replace("after = []", 'after = ""'), "after of enquiry is '', which is not a list"),
    (RING.replace("after = []", "after = [3]"), "after of enquiry is 3, which is not a text"),
    (RING.replace("after = []", 'after = []\nfontsize = "9"'), "there is no entry fontsize in enquiry"),
    (RING.replace('acts = ["office", "designer"]', 'acts = ["king"]', 1), "acts of enquiry names 'king'"),
    (RING.replace('rests_on = ["brief"]', 'rests_on = ["mood"]'), "rests_on of brief names 'mood'"),
    (RING.replace('skip = "stoneless"', 'skip = "maybe"', 1), "skip of stone_sourcing names 'maybe'"),
    (RING.replace('mark = "brief"', 'mark = "crown"'), "mark of brief names 'crown'"),
    (RING.replace('waits_for = "shop"', 'waits_for = "godot"', 1), "waits_for of enquiry names 'godot'"),
    (RING.replace("typical_days = [1, 3]", "typical_days = [1]", 1), "typical_days of enquiry is [1]"),
    (RING.replace("typical_days = [1, 3]", 'typical_days = ["a", 3]', 1), "which is not two numbers"),
    (RING.replace("version = 1", 'version = 1\nsize_tolerance_mm = "wide"'), "It cannot be read"),
]


@pytest.mark.parametrize(("text", "sentence"), UNREADABLE, ids=[sentence for _, sentence in UNREADABLE])
def test_a_text_that_is_no_template_is_refused_with_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(BrokenTemplate) as caught:
        parse(text)
    assert sentence in str(caught.value)


def entry(text: str, which: str, /, **lines: str | None) -> str:
    """The ring's text with lines of one milestone put in place, added, or with None taken away."""
    head, *entries = text.split("[[milestone]]\n")
    for index, body in enumerate(entries):
        if body.startswith(f'key = "{which}"\n'):
            for name, value in lines.items():
                body = re.sub(rf"^{name} = .*\n", "", body, flags=re.MULTILINE)
                if value is not None:
                    body = body.rstrip("\n") + f"\n{name} = {value}\n\n"
            entries[index] = body
    return "[[milestone]]\n".join((head, *entries))


FAULTY = [
    (entry(RING, "concept", key='"brief"'), "brief is listed twice."),
    (entry(RING, "concept", after='["dream"]'), "concept names dream, which is not in the template."),
    (entry(RING, "casting", needs='["quote", "dream"]'), "casting names dream, which is not in the template."),
    (entry(RING, "casting", rework_to='["dream"]'), "casting names dream, which is not in the template."),
    (
        entry(RING, "render_approval", changes_to='"dream"'),
        "render_approval names dream, which is not in the template.",
    ),
    (entry(RING, "qc", not_by_makers_of='["dream"]'), "qc names dream, which is not in the template."),
    (entry(RING, "brief", after='["enquiry", "quote"]'), "brief comes after itself."),
    (entry(RING, "concept", after="[]"), "Exactly one milestone must come first."),
    (entry(RING, "delivery", hands_over=None), "The piece is never handed over."),
    (RING.replace("version = 1", "version = 1\nquantity = 0"), "A piece is at least one object."),
    (
        RING.replace("version = 1", 'version = 1\nsize_tolerance_mm = "NaN"'),
        "A size tolerance is a positive number of millimetres.",
    ),
    (entry(RING, "cad", acts="[]"), "Nobody may do cad."),
    (entry(RING, "cad", evidence="[]"), "cad could be called done without evidence."),
    (
        entry(RING, "cad", only_with_stones='["ruby"]'),
        "cad does without ruby where there are no stones, and never asks for it.",
    ),
    (entry(RING, "brief", releases='["lead"]'), "brief is both approved and released; it must be one of them."),
    (entry(RING, "brief", rests_on=None), "What is said yes to at brief is not named."),
    (entry(RING, "pre_cast_release", rests_on=None), "What is said yes to at pre_cast_release is not named."),
    (
        entry(RING, "hallmark", acts='["lead"]', releases='["lead"]'),
        "Whoever asks for the release of hallmark is the only one who could give it.",
    ),
    (
        entry(RING, "casting", money='"tip"'),
        "casting asks for the instalment tip; there are deposit, progress, balance.",
    ),
    (entry(RING, "setting", stones='"dreamt"'), "setting asks for stones dreamt; there are chosen, locked, in_hand."),
    (entry(RING, "casting", gauge="true"), "casting asks for a gauge, but nobody releases it."),
    (
        entry(RING, "pre_cast_release", sized=None),
        "pre_cast_release reads a gauge against a size it does not ask for.",
    ),
    (RING.replace("sized = true", "sized = false", 1), "casting asks for a size, and the piece has none."),
    (entry(RING, "cad", makes_metal="true"), "cad makes metal and says it can be undone."),
    (entry(RING, "casting", freezes=None), "casting makes metal and freezes nothing."),
    (entry(RING, "cad", typical_days="[4, 2]"), "cad takes between 4 and 2 days, which is no span."),
    (entry(RING, "cad", typical_days="[-1, 2]"), "cad takes between -1 and 2 days, which is no span."),
    (entry(RING, "casting", needs='["cad"]'), "casting needs the approval of cad, which nobody approves."),
    (
        entry(RING, "casting", needs='["pre_ship_confirmation"]'),
        "casting needs the approval of pre_ship_confirmation, which does not come before it.",
    ),
    (entry(RING, "render_approval", needs='["render_approval"]'), "which does not come before it."),
    (entry(RING, "casting", rework_to='["setting"]'), "Rework from casting may not lead on to setting."),
    (
        entry(RING, "render_approval", changes_to='"casting"'),
        "Changes asked at render_approval may not lead on to casting.",
    ),
    (entry(RING, "cad", changes_to='"cad"'), "Nobody could ask for changes at cad, which nobody approves."),
    (entry(RING, "casting", needs=None), "casting cannot be undone and needs no approval."),
    (
        entry(RING, "casting", needs='["pattern"]'),
        "casting cannot be undone, and every approval it needs may be left out.",
    ),
    (
        entry(RING, "setting", needs='["engrave_proof"]', after='["hallmark", "engrave_proof"]'),
        "setting cannot be undone, and every approval it needs may be left out.",
    ),
    (entry(RING, "casting", money=None), "casting cannot be undone and needs no money."),
    (entry(RING, "setting", sized=None), "setting cannot be undone and does not ask for the size."),
    (entry(RING, "setting", releases=None), "setting cannot be undone and no second person releases it."),
    (entry(RING, "casting", after='["pattern"]'), "casting cannot be undone and no second person releases it."),
    (
        entry(RING, "pre_cast_release", skip='"with_reason"'),
        "casting cannot be undone, and its release may be left out.",
    ),
    (
        entry(RING, "pre_cast_release", gauge=None),
        "casting cannot be undone, and nobody reads the size from a gauge before it.",
    ),
    (
        entry(entry(RING, "pre_cast_release", gauge=None), "engrave", gauge="true"),
        "casting cannot be undone, and nobody reads the size from a gauge before it.",
    ),
    (
        entry(entry(RING, "pre_cast_release", gauge=None), "setting", gauge="true"),
        "engrave cannot be undone, and nobody reads the size from a gauge before it.",
    ),
    (
        entry(RING, "hallmark", approves='["client"]', releases=None),
        "hallmark cannot be undone, so what is approved must be a milestone before it.",
    ),
    (entry(RING, "qc", checks='["size", "gloss"]'), "qc checks gloss, which is no point of a check."),
    (entry(RING, "qc", checks=None), "qc is a check by other hands, and names no point they read."),
    (entry(RING, "setting", hands_over="true"), "setting hands the piece over; that is not work on it."),
]


@pytest.mark.parametrize(("text", "sentence"), FAULTY, ids=[sentence for _, sentence in FAULTY])
def test_a_template_that_could_do_harm_is_refused_with_what_is_wrong(text: str, sentence: str) -> None:
    assert text != RING
    with pytest.raises(BrokenTemplate) as caught:
        parse(text)
    assert any(sentence in fault for fault in caught.value.faults), caught.value.faults
    assert str(caught.value).startswith("Template ring: ")


def test_every_sentence_about_a_fault_is_tried() -> None:
    source = (FOLDER.parent / "faults.py").read_text(encoding="utf-8")
    endings = re.findall(r'(?<!")"(?!")((?:[^"\\]|\\.)*\.)"(?!")', source)
    tried = [sentence for _, sentence in FAULTY]
    for ending in endings:
        tail = re.split(r"\{[^}]*\}", ending)[-1]
        assert any(sentence.endswith(tail) for sentence in tried) or ending == "It has no milestones.", ending


def test_a_template_without_milestones_is_told_so() -> None:
    assert faults(Template("x", 1, "X", sized=False, milestones=())) == ("It has no milestones.",)


def test_a_milestone_has_the_plainest_needs_unless_it_says_more() -> None:
    plain = Milestone("a", "A", (), frozenset(), ())
    assert plain.typical_days == (Decimal(1), Decimal(2))
    assert not plain.irreversible
    assert Facet.SIZE not in plain.rests_on
