"""Whether a piece must be hallmarked where it is sold: dated rules per market, by metal and weight of metal.

Laws age; each rule names its source and its dates, and a house keeps its own copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from workflows.alloys import ALLOYS, Metal
from workflows.sentences import sentence
from workflows.units import round_to


@dataclass(frozen=True, slots=True)
class HallmarkRule:
    """One market's duty for one metal: marked from `from_g` grams of metal on; None: no duty."""

    market: str
    metal: Metal
    from_g: Decimal | None
    fineness_ppt: tuple[int, ...]
    since: date
    source: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class HallmarkDuty:
    """Whether the marks are required, and the sentence that says why; without a rule on file a person decides."""

    required: bool
    sentence: str
    on_file: bool = True


_UK = "hallmarkingconvention.org, United Kingdom"
_CCM = "hallmarkingconvention.org, questions"
_US = "National Gold and Silver Marking Act"
_TRADE = "general trade knowledge, to be confirmed with the office"
_GOLD = (375, 585, 750, 916, 990, 999)
_PLATINUM = (850, 900, 950, 999)
_PALLADIUM = (500, 950, 999)
_SILVER = (800, 925, 958, 999)
_FINENESS = {
    Metal.GOLD: _GOLD,
    Metal.PLATINUM: _PLATINUM,
    Metal.PALLADIUM: _PALLADIUM,
    Metal.SILVER: _SILVER,
}
_UK_FROM_G = {Metal.GOLD: "1", Metal.PLATINUM: "0.5", Metal.PALLADIUM: "1", Metal.SILVER: "7.78"}
_START = date(2010, 1, 1)

HALLMARK_RULES: tuple[HallmarkRule, ...] = (
    *(HallmarkRule("UK", metal, Decimal(_UK_FROM_G[metal]), _FINENESS[metal], _START, _UK) for metal in Metal),
    *(HallmarkRule("CCM", metal, Decimal(0), _FINENESS[metal], _START, _CCM) for metal in Metal),
    *(
        HallmarkRule(market, metal, Decimal(0), _FINENESS[metal], _START, _TRADE)
        for market in ("NL", "IE", "PT")
        for metal in Metal
    ),
    *(HallmarkRule(market, metal, None, (), _START, _TRADE) for market in ("DE", "SE") for metal in Metal),
    *(HallmarkRule("US", metal, None, (), _START, _US) for metal in Metal),
)
_MARKETS = {"GB": "UK"}
ESTIMATE_MARGIN = Decimal("0.10")


def hallmark_required(
    market: str,
    metal: Metal,
    metal_g: Decimal,
    *,
    on: date,
    measured: bool = False,
    rules: Sequence[HallmarkRule] = HALLMARK_RULES,
) -> HallmarkDuty:
    """Whether a piece must be marked before it is sold.

    Args:
        market: where it is sold: "UK", "CCM" for Convention marks, a country's code.
        metal_g: weight of the metal without stones, in grams.
        measured: the weight is from the scale; an estimate is taken 10 % heavier, to be safe.
    """
    rule = next((one for one in rules if (one.market, one.metal) == (market, metal) and _in_force(one, on)), None)
    if rule is None:
        return HallmarkDuty(
            True,
            sentence(
                "No rule for %(metal)s in %(market)s is on file; ask the assay office before selling.",
                metal=metal,
                market=market,
            ),
            on_file=False,
        )
    if rule.from_g is None:
        return HallmarkDuty(
            False,
            sentence(
                "%(market)s asks for no hallmark on %(metal)s; a fineness mark needs the maker's beside.",
                market=market,
                metal=metal,
            ),
        )
    weight_g = metal_g if measured else metal_g * (1 + ESTIMATE_MARGIN)
    said = f"{round_to(weight_g, 2)} g of {metal}" + ("" if measured else ", estimated with 10 % in hand")
    if weight_g < rule.from_g:
        return HallmarkDuty(
            False,
            sentence(
                "%(said)s: below the %(from_g)s g from which %(market)s asks for a hallmark.",
                said=said,
                from_g=rule.from_g,
                market=market,
            ),
        )
    floor = f"from {rule.from_g} g" if rule.from_g else "whatever a piece weighs"
    return HallmarkDuty(
        True, sentence("%(said)s: %(market)s asks for a hallmark %(floor)s.", said=said, market=market, floor=floor)
    )


def demanded(market: str, alloy: str | None, metal_g: Decimal | None, *, on: date) -> str | None:
    """Why a piece may not leave the house without its marks; None where the law lets it, or no rule is on file.

    Args:
        market: the country the house sells in, by its two letters.
        alloy: the code of the alloy; None where none was chosen.
        metal_g: weight of the metal without stones as drawn, in grams; None where it is not known.
    """
    metal = None if alloy is None or alloy not in ALLOYS else ALLOYS[alloy].metal
    if metal is None:
        return None
    market = _MARKETS.get(market, market)
    duty = hallmark_required(market, metal, metal_g or Decimal(0), on=on)
    if metal_g is None and duty.on_file and _any_duty(market, metal, on):
        return sentence(
            "Its weight of %(metal)s is not known, and %(market)s asks for a hallmark unless "
            "it is light; have it marked.",
            metal=metal,
            market=market,
        )
    return duty.sentence if duty.required and duty.on_file else None


def _any_duty(market: str, metal: Metal, on: date) -> bool:
    found = next(
        (one for one in HALLMARK_RULES if (one.market, one.metal) == (market, metal) and _in_force(one, on)), None
    )
    return found is not None and found.from_g is not None


def fineness_markable(
    market: str, metal: Metal, fineness_ppt: int, *, on: date, rules: Sequence[HallmarkRule] = HALLMARK_RULES
) -> bool:
    """Whether the market has a mark for this fineness; a fineness is never rounded up to the next mark."""
    return any(
        one.market == market and one.metal == metal and _in_force(one, on) and fineness_ppt in one.fineness_ppt
        for one in rules
    )


def _in_force(rule: HallmarkRule, on: date) -> bool:
    return rule.since <= on and (rule.until is None or on <= rule.until)
