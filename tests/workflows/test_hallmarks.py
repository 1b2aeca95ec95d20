"""Hallmarks: compulsory from the weight of each metal, with a tenth in hand on estimates."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.workflows.pieces import NOW, OWNER, at
from workflows.actions import Skip
from workflows.alloys import Metal
from workflows.changes import put, send_back
from workflows.decide import decide
from workflows.errors import OutOfOrder
from workflows.hallmarks import HALLMARK_RULES, fineness_markable, hallmark_required
from workflows.milestone import Facet
from workflows.offers import WORDS, offers
from workflows.snapshot import House, Snapshot, Status
from workflows.template import load

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("metal", "limit"),
    [(Metal.GOLD, "1"), (Metal.PLATINUM, "0.5"), (Metal.PALLADIUM, "1"), (Metal.SILVER, "7.78")],
)
def test_uk_exemptions_end_at_their_weight(metal: Metal, limit: str) -> None:
    weight = Decimal(limit)
    assert hallmark_required("UK", metal, weight, on=TODAY, measured=True).required
    assert not hallmark_required("UK", metal, weight - Decimal("0.001"), on=TODAY, measured=True).required


def test_an_estimate_is_taken_a_tenth_heavier() -> None:
    assert hallmark_required("UK", Metal.GOLD, Decimal("0.91"), on=TODAY).required
    assert not hallmark_required("UK", Metal.GOLD, Decimal("0.90"), on=TODAY).required
    assert "10 %" in hallmark_required("UK", Metal.GOLD, Decimal("0.91"), on=TODAY).sentence


@pytest.mark.parametrize("metal", list(Metal))
def test_the_convention_knows_no_exemption_and_the_united_states_no_duty(metal: Metal) -> None:
    assert hallmark_required("CCM", metal, Decimal("0.01"), on=TODAY).required
    assert not hallmark_required("US", metal, Decimal(100), on=TODAY).required


def test_where_no_rule_is_on_file_the_office_is_asked() -> None:
    duty = hallmark_required("BR", Metal.GOLD, Decimal(5), on=TODAY)
    assert duty.required
    assert "ask the assay office" in duty.sentence


def test_a_rule_counts_only_in_its_time() -> None:
    ended = tuple(replace(rule, until=date(2026, 1, 1)) for rule in HALLMARK_RULES)
    assert "on file" in hallmark_required("UK", Metal.GOLD, Decimal(5), on=TODAY, rules=ended).sentence


@pytest.mark.parametrize(
    ("metal", "fineness", "markable"),
    [(Metal.GOLD, 750, True), (Metal.GOLD, 417, False), (Metal.PLATINUM, 950, True), (Metal.SILVER, 935, False)],
)
def test_a_fineness_without_a_mark_is_not_rounded_to_one(metal: Metal, fineness: int, markable: bool) -> None:
    assert fineness_markable("UK", metal, fineness, on=TODAY) is markable


def hallmarked(market: str, alloy: str | None, metal_g: str | None) -> Snapshot:
    """A ring whose hallmark is open, in a house of that market."""
    ring = at(load("ring"), "hallmark", Status.OPEN)
    weight = None if metal_g is None else Decimal(metal_g)
    return replace(ring, house=House(market=market), alloy=alloy, metal_g=weight)


@pytest.mark.parametrize(
    ("market", "alloy", "metal_g", "said"),
    [
        ("GB", "AU750Y", "5.1", "5.61 g of gold, estimated with 10 % in hand: UK asks for a hallmark from 1 g."),
        ("GB", "AU750Y", "0.91", "UK asks for a hallmark from 1 g"),
        ("GB", "PT950RU", "0.5", "UK asks for a hallmark from 0.5 g"),
        ("GB", "AG925", "7.1", "UK asks for a hallmark from 7.78 g"),
        ("GB", "AU750Y", None, "Its weight of gold is not known"),
        ("NL", "AU750Y", "0.1", "NL asks for a hallmark whatever a piece weighs"),
    ],
)
def test_the_hallmark_is_not_left_out_where_the_law_asks_for_it(
    market: str, alloy: str, metal_g: str | None, said: str
) -> None:
    piece = hallmarked(market, alloy, metal_g)
    with pytest.raises(OutOfOrder, match="Hallmark is not left out of this piece") as refusal:
        decide(piece, Skip("hallmark", "the client is in a hurry"), OWNER, at=NOW)
    assert said in str(refusal.value)
    (offer,) = [one for one in offers(piece, OWNER, at=NOW) if one.action == Skip("hallmark", WORDS)]
    assert offer.reason == str(refusal.value)


@pytest.mark.parametrize(
    ("market", "alloy", "metal_g"),
    [
        ("GB", "AU750Y", "0.90"),
        ("GB", "AG925", "7.0"),
        ("DE", "AU750Y", "5"),
        ("US", "AU750Y", "5"),
        ("BR", "AU750Y", "5"),  # no rule on file: a person decides, and says why
    ],
)
def test_a_piece_the_law_lets_go_may_do_without_a_hallmark(market: str, alloy: str, metal_g: str) -> None:
    after = decide(hallmarked(market, alloy, metal_g), Skip("hallmark", "too light"), OWNER, at=NOW).after
    assert after.status("hallmark") is Status.SKIPPED


def test_another_alloy_takes_a_hallmark_up_again_that_was_left_out() -> None:
    light = hallmarked("GB", "AG925", "7.0")
    after = decide(light, Skip("hallmark", "too light"), OWNER, at=NOW).after
    again = send_back(after, "pattern")[0]
    again = put(again, Facet.ALLOY, "gold")[0]
    assert again.status("hallmark") is not Status.SKIPPED
