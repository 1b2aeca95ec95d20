"""Cases of the workshop, each told from beginning to end: what a change, a broken stone or a second thought undoes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.workflows.pieces import (
    CLIENT,
    MAKER,
    NOW,
    OTHER,
    OWNER,
    SIZE,
    STONE,
    at,
    digest_of,
    ended,
    kinds,
    refusal,
    take,
    walk,
)
from workflows.actions import (
    AskChanges,
    AskRelease,
    Cancel,
    Change,
    Complete,
    Override,
    Record,
    Release,
    SendBack,
    Start,
    Withdraw,
)
from workflows.decide import decide
from workflows.errors import OutOfOrder
from workflows.milestone import Facet
from workflows.roles import Role
from workflows.snapshot import Hold, House, Snapshot, Status, StoneState
from workflows.template import load

RING = load("ring")
BENCH = MAKER[Role.BENCH]


def fetched(piece: Snapshot, reference: str = "S-2") -> Snapshot:
    return replace(piece, stones=(StoneState(reference, Hold.LOCKED, in_hand=True),))


def test_a_new_drawing_supersedes_the_yes_to_the_old_one_and_all_that_rests_on_it() -> None:
    piece = at(RING, "pre_cast_release", Status.ASKED)
    decision = decide(piece, Change(Facet.DESIGN, "design-2"), OTHER[Role.DESIGNER], at=NOW)
    assert ("approval_superseded", "render_approval") in kinds(decision)
    assert ("approval_superseded", "pattern") in kinds(decision)
    assert ("milestone_reopened", "cad") in kinds(decision)
    assert ("milestone_reopened", "pre_cast_release") in kinds(decision)
    assert decision.after.approved("quote")
    assert ended(walk(decision.after))


def test_a_stone_replaced_while_the_ring_is_at_the_caster_does_not_strand_it() -> None:
    piece = at(RING, "casting", Status.ACTIVE)
    piece = fetched(take(piece, Change(Facet.STONES, "stones-2"), OTHER[Role.DESIGNER]))
    assert piece.status("casting") is Status.ACTIVE
    assert piece.status("pre_cast_release") is Status.DONE
    assert not piece.approved("render_approval")
    cast = walk(piece, lambda p: p.status("casting") is Status.DONE)
    assert cast.status("casting") is Status.DONE
    assert ended(walk(cast))


def test_a_stone_broken_in_setting_is_replaced_without_casting_again() -> None:
    piece = at(RING, "setting", Status.ACTIVE)
    sent = decide(piece, SendBack("setting", "stone_sourcing", "broken stone", "house"), BENCH, at=NOW)
    assert ("milestone_reopened", "setting") in kinds(sent)
    assert sent.after.status("casting") is Status.DONE
    assert sent.after.status("clean_assembly") is Status.DONE
    changed = fetched(take(sent.after, Change(Facet.STONES, "stones-2"), OTHER[Role.DESIGNER]))
    assert "live approval of the design" in str(refusal(changed, AskRelease("setting"), BENCH))
    end = walk(changed)
    assert ended(end)
    assert end.reworks == 1


def test_a_client_who_asks_for_changes_after_casting_does_not_have_the_ring_cast_again() -> None:
    piece = at(RING, "clean_assembly", Status.OPEN)
    piece = fetched(take(piece, Change(Facet.STONES, "stones-2"), OTHER[Role.DESIGNER]))
    piece = walk(piece, lambda p: p.status("render_approval") is Status.ASKED)
    after = take(piece, AskChanges("render_approval", "a lighter stone"), CLIENT)
    assert after.status("casting") is Status.DONE
    assert after.status("render_approval") is Status.OPEN


def test_porosity_makes_the_ring_anew_and_only_who_answers_for_it_decides_that() -> None:
    piece = at(RING, "polish_plate", Status.OPEN)
    back = SendBack("polish_plate", "pattern", "porosity", "caster")
    assert "only the workshop lead or the owner" in str(refusal(piece, back, BENCH))
    again = take(piece, back, OTHER[Role.LEAD])
    assert [again.status(key) for key in ("casting", "hallmark", "setting")] == [Status.WAITING] * 3
    assert not again.released("pre_cast_release")
    assert again.approved("render_approval")
    assert ended(walk(again))


def test_an_engraving_wished_for_after_the_final_check_takes_up_what_was_left_out() -> None:
    piece = at(RING, "pre_ship_confirmation", Status.OPEN)
    assert piece.status("engrave") is Status.SKIPPED
    decision = decide(piece, Change(Facet.ENGRAVING, "text-1"), CLIENT, at=NOW)
    reopened = {key for kind, key in kinds(decision) if kind == "milestone_reopened"}
    assert {"engrave_proof", "engrave", "qc"} <= reopened
    assert decision.after.status("polish_plate") is Status.DONE
    end = walk(decision.after)
    assert ended(end)
    assert end.status("engrave") is Status.DONE


def test_an_engraving_wished_for_after_delivery_is_a_new_commission() -> None:
    piece = at(RING, "delivery", Status.DONE)
    refused = refusal(piece, Change(Facet.ENGRAVING, "text-1"), CLIENT)
    assert isinstance(refused, OutOfOrder)
    assert "new commission" in str(refused)


def test_a_stone_added_to_a_plain_band_after_casting_is_chosen_and_set() -> None:
    piece = at(RING, "polish_plate", Status.OPEN, stones=False)
    assert piece.status("setting") is Status.SKIPPED
    changed = take(piece, Change(Facet.STONES, "stones-1"), OTHER[Role.DESIGNER])
    assert changed.status("stone_sourcing") is Status.OPEN
    assert changed.status("setting") is Status.OPEN
    end = walk(replace(changed, stones=(STONE,)))
    assert ended(end)
    assert end.status("setting") is Status.DONE


def test_a_new_size_has_to_be_confirmed_again_and_drops_the_release() -> None:
    piece = at(RING, "casting", Status.OPEN)
    decision = decide(piece, Change(Facet.SIZE, "size-2"), CLIENT, at=NOW)
    assert ("release_voided", "pre_cast_release") in kinds(decision)
    assert decision.after.size is not None
    assert not decision.after.size.confirmed_by_client


def test_a_release_whose_gauge_no_longer_agrees_is_asked_for_again() -> None:
    piece = replace(at(RING, "casting", Status.OPEN), size=replace(SIZE, diameter_mm=Decimal("17.0")))
    assert "have it released again" in str(refusal(piece, Start("casting"), BENCH))
    asked = take(piece, AskRelease("pre_cast_release"), BENCH)
    release = Release("pre_cast_release", digest_of(asked, "pre_cast_release"), Decimal("17.05"))
    assert take(take(asked, release, OWNER), Start("casting"), BENCH).status("casting") is Status.ACTIVE


def test_a_second_person_refuses_a_release_and_one_that_was_not_used_is_taken_back() -> None:
    asked = at(RING, "setting", Status.ASKED)
    assert take(asked, Withdraw("setting", "the prongs are thin"), OTHER[Role.LEAD]).status("setting") is Status.OPEN
    released = at(RING, "setting", Status.RELEASED)
    decision = decide(released, Withdraw("setting", "the prongs are thin"), OTHER[Role.LEAD], at=NOW)
    assert ("release_voided", "setting") in kinds(decision)
    assert "second person" in str(refusal(decision.after, Start("setting"), BENCH))


def test_a_sole_maker_confirms_once_more_after_the_wait_and_it_is_written_down() -> None:
    piece = at(RING, "pre_cast_release", Status.ASKED)
    piece = replace(piece, house=House(sole_maker=True, reconfirm_after_hours=12))
    asker = BENCH
    release = Release("pre_cast_release", digest_of(piece, "pre_cast_release"), SIZE.diameter_mm)
    early = NOW + timedelta(hours=11, minutes=59)
    assert "12 hours after asking" in str(refusal(piece, release, asker, at=early))
    decision = decide(piece, release, asker, at=NOW + timedelta(hours=12))
    assert decision.occurrences[0].facts["sole_maker"] is True


def test_who_ended_the_setting_another_began_does_not_check_it() -> None:
    piece = at(RING, "setting", Status.ACTIVE)
    state = piece.state("setting")
    piece = piece.with_state(replace(state, evidence=frozenset(RING["setting"].evidence)))
    finisher = OTHER[Role.LEAD]
    piece = walk(take(piece, Complete("setting"), finisher), lambda p: p.status("qc") is Status.OPEN)
    assert piece.state("setting").done_by == BENCH.id
    assert "you had a hand in the setting" in str(refusal(piece, Start("qc"), finisher))


def test_whoever_set_the_stone_does_not_check_it_because_another_set_it_again() -> None:
    piece, setter = at(RING, "setting", Status.RELEASED), OTHER[Role.LEAD]
    piece = take(piece, Start("setting"), setter)
    for name in piece.required("setting"):
        piece = take(piece, Record("setting", name), setter)
    piece = walk(take(piece, Complete("setting"), setter), lambda p: p.status("qc") is Status.OPEN)
    piece = take(piece, SendBack("qc", "setting", "loose stone", "house"), OWNER)
    piece = walk(piece, lambda p: p.status("qc") is Status.OPEN)
    assert piece.state("setting").done_by == BENCH.id
    assert "you had a hand in the setting" in str(refusal(piece, Start("qc"), setter))


@pytest.mark.parametrize("engraved", [False, True])
def test_the_final_check_waits_for_what_was_sent_back_to_be_mended(engraved: bool) -> None:
    piece = at(RING, "qc", Status.OPEN, engraved=engraved)
    for to in ("setting", "clean_assembly"):
        back = take(piece, SendBack("qc", to, "scratch", "house"), OWNER)
        assert back.status("qc") is Status.WAITING
        assert f"{RING[to].title.lower()}" in str(refusal(back, Record("qc", "photograph"), OTHER[Role.BENCH])).lower()
        assert ended(walk(back))


def test_whoever_made_what_was_given_up_may_check_the_piece_made_anew() -> None:
    piece = at(RING, "qc", Status.OPEN)
    anew = take(piece, SendBack("qc", "pattern", "porosity", "house"), OWNER)
    assert not any(anew.state(key).hands for key in RING["qc"].not_by_makers_of)


def test_a_failed_reading_is_accepted_by_name_with_a_reason() -> None:
    piece = replace(at(RING, "qc", Status.OPEN), failed_checks=("weight per ear",))
    after = take(piece, Override("weight per ear", "the client wants them heavy"), OTHER[Role.LEAD])
    assert after.failed_checks == ()


def test_a_cancelled_piece_says_what_had_begun() -> None:
    piece = at(RING, "clean_assembly", Status.OPEN)
    decision = decide(piece, Cancel("changed plans"), OTHER[Role.OFFICE], at=NOW)
    assert decision.occurrences[0].facts["begun"] == ["casting"]


def test_evidence_about_the_old_drawing_does_not_speak_for_the_new_one() -> None:
    piece = at(RING, "cad", Status.OPEN)
    piece = piece.with_state(replace(piece.state("cad"), evidence=frozenset({"cad_file", "cad_report"})))
    after = take(piece, Change(Facet.DESIGN, "design-2"), OTHER[Role.DESIGNER])
    assert after.state("cad").evidence == frozenset()
    assert after.findings == ()


def test_a_recast_ring_keeps_the_melted_metal_of_the_client_melted() -> None:
    piece = at(load("remount"), "clean_assembly", Status.OPEN)
    assert piece.status("melt") is Status.DONE
    again = take(piece, SendBack("clean_assembly", "pattern", "porosity", "house"), OTHER[Role.LEAD])
    assert again.status("melt") is Status.DONE
    assert again.status("casting") is Status.WAITING
    assert ended(walk(again))
