"""Hallmarks: compulsory from the weight of each metal, with a tenth in hand on estimates."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from workflows.alloys import Metal
from workflows.hallmarks import HALLMARK_RULES, fineness_markable, hallmark_required

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
