"""The arithmetic of a price: exact inside, rounded once per line, and a client's view that shows no cost.

Net is metal, stones, labour with overhead and outside work, each with its own mark-up; gross adds the tax.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from workflows.alloys import ALLOYS
from workflows.money import Money, total
from workflows.quote_inputs import QuoteInputs, Spot, StoneInput
from workflows.sentences import listed, sentence
from workflows.units import round_to


class LineKind(StrEnum):
    """What a line of the build-up is for."""

    METAL = "metal"
    PREMIUM = "premium"
    STONES = "stones"
    LABOUR = "labour"
    OVERHEAD = "overhead"
    OUTSIDE = "outside"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it costs the house and what it is sold for, each rounded once. Never leaves the house."""

    kind: LineKind
    label: str
    cost: Money
    price: Money


@dataclass(frozen=True, slots=True)
class BuildUp:
    """A price with everything behind it; for the house only."""

    lines: tuple[Line, ...]
    cost: Money
    net: Money
    tax: Money
    gross: Money

    @property
    def margin_percent(self) -> Decimal | None:
        """Profit as a part of the net price, to one decimal; None where the price is nothing."""
        return margin_percent(self.cost, self.net)

    @property
    def markup_percent(self) -> Decimal | None:
        """Profit as a part of the cost, to one decimal; None where the cost is nothing."""
        return markup_percent(self.cost, self.net)


@dataclass(frozen=True, slots=True)
class ClientLine:
    """One line as the client reads it."""

    label: str
    price: Money


@dataclass(frozen=True, slots=True)
class ClientView:
    """A price as the client may see it: no cost, margin, supplier or premium has a place in it."""

    lines: tuple[ClientLine, ...]
    net: Money
    tax_name: str
    tax: Money
    gross: Money
    terms_version: str
    metal_statement: str | None  # for a price on an assumed weight


@dataclass(frozen=True, slots=True)
class Difference:
    """What a swap does to the price, everything else the same; `percent` of the price before."""

    net: Money
    gross: Money
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What the net price does when metal falls or rises by `percent`."""

    percent: Decimal
    down: Money
    up: Money


SPOT_GOOD_FOR = timedelta(hours=24)
METAL_MOVE_PERCENT = Decimal(5)


def build_up(inputs: QuoteInputs) -> BuildUp:
    """The price these inputs give, line by line.

    Each line's cost and price is rounded once, halves up; totals are sums of lines; the tax is one line.
    """
    lines = (*_metal_lines(inputs), *_stone_lines(inputs), *_labour_lines(inputs), *_outside_lines(inputs))
    if inputs.adjustment is not None:
        nothing = Money.zero(inputs.currency)
        lines = (*lines, Line(LineKind.ADJUSTMENT, sentence("Rounding"), nothing, inputs.adjustment))
    cost = total((line.cost for line in lines), inputs.currency)
    net = total((line.price for line in lines), inputs.currency)
    tax = net.times(inputs.tax_rate)
    return BuildUp(lines, cost, net, tax, net + tax)


_CLIENT_PARTS: tuple[tuple[str, frozenset[LineKind]], ...] = (
    (sentence("Metal"), frozenset({LineKind.METAL, LineKind.PREMIUM})),
    (sentence("Stones"), frozenset({LineKind.STONES})),
    (sentence("Design and making"), frozenset({LineKind.LABOUR, LineKind.OVERHEAD, LineKind.OUTSIDE})),
    (sentence("Rounding"), frozenset({LineKind.ADJUSTMENT})),
)


def client_view(inputs: QuoteInputs) -> ClientView:
    """The same price with nothing in it that is not the client's to see."""
    price = build_up(inputs)
    parts = []
    for label, kinds in _CLIENT_PARTS:
        lines = [line.price for line in price.lines if line.kind in kinds]
        if lines:
            parts.append(ClientLine(label, total(lines, inputs.currency)))
    return ClientView(
        tuple(parts), price.net, inputs.tax_name, price.tax, price.gross, inputs.terms_version, metal_statement(inputs)
    )


def metal_statement(inputs: QuoteInputs) -> str | None:
    """What a price on an assumed weight says of it; None where every weight was drawn."""
    said = [
        sentence(
            "%(net)s g of %(alloy)s, %(allowance)s g more or less",
            net=round_to(metal.net_g, 2),
            alloy=_metal_name(metal.alloy),
            allowance=round_to(metal.allowance_g, 2),
        )
        for metal in inputs.metals
        if metal.allowance_g is not None
    ]
    if not said:
        return None
    return sentence(
        "The price is firm for %(said)s. If the drawing needs a weight outside that, we ask you first.",
        said=listed(said),
    )


def _metal_name(code: str) -> str:
    """An alloy as a client reads it; a code the trade does not know stays as it is."""
    known = ALLOYS.get(code)
    return code if known is None else known.name


def needs_change_order(assumed_g: Decimal, allowance_g: Decimal, cad_g: Decimal) -> bool:
    """Whether the drawing's weight leaves what a firm quote assumed and allowed, all in grams."""
    return abs(cad_g - assumed_g) > allowance_g


class Stage(StrEnum):
    """How well the piece is known when a range is given."""

    CONCEPT = "concept"
    DRAWN = "drawn"


ESTIMATE_SPREAD: dict[Stage, Decimal] = {Stage.CONCEPT: Decimal("0.25"), Stage.DRAWN: Decimal("0.10")}


def estimate_range(gross: Money, stage: Stage, *, step_minor: int = 1) -> tuple[Money, Money]:
    """The range an estimate is given as, widened outward to whole steps of `step_minor` minor units."""
    spread = ESTIMATE_SPREAD[stage]
    low, high = gross.times(1 - spread).minor, gross.times(1 + spread).minor
    return (
        Money(low // step_minor * step_minor, gross.currency),
        Money(-(-high // step_minor) * step_minor, gross.currency),
    )


def margin_percent(cost: Money, net: Money) -> Decimal | None:
    """Profit as a part of the price, to one decimal: a mark-up of 50 % is a margin of 33.3 %."""
    return None if not net else round_to((net - cost).amount / net.amount * 100, 1)


def markup_percent(cost: Money, net: Money) -> Decimal | None:
    """Profit as a part of the cost, to one decimal."""
    return None if not cost else round_to((net - cost).amount / cost.amount * 100, 1)


def metal_sensitivity(inputs: QuoteInputs, percent: Decimal = METAL_MOVE_PERCENT) -> Sensitivity:
    """What the net price does if every metal moves by so many per cent; for the internal sheet."""
    today = build_up(inputs).net
    down = build_up(_with_metal_moved(inputs, 1 - percent / 100)).net - today
    up = build_up(_with_metal_moved(inputs, 1 + percent / 100)).net - today
    return Sensitivity(percent, down, up)


def swap_stone(inputs: QuoteInputs, position: int, stone: StoneInput) -> QuoteInputs:
    """The same inputs with the stone at `position` (from 0) replaced."""
    stones = list(inputs.stones)
    stones[position] = stone
    return replace(inputs, stones=tuple(stones))


def difference(before: QuoteInputs, after: QuoteInputs) -> Difference:
    """What the change from one set of inputs to another costs the client."""
    old, new = build_up(before), build_up(after)
    percent = None if not old.net else round_to((new.net - old.net).amount / old.net.amount * 100, 1)
    return Difference(new.net - old.net, new.gross - old.gross, percent)


def spot_is_stale(spot: Spot, now: datetime, good_for: timedelta = SPOT_GOOD_FOR) -> bool:
    """Whether the metal price is too old to stand without “subject to metal price”."""
    return now - spot.at > good_for


def metal_moved(quoted: Spot, today: Spot, *, limit_percent: Decimal = METAL_MOVE_PERCENT) -> bool:
    """Whether metal has moved by more than the clause allows since the quote, before it was bought."""
    return abs(today.per_ounce - quoted.per_ounce) / quoted.per_ounce * 100 > limit_percent


def _priced(kind: LineKind, label: str, cost: Decimal, markup: Decimal, currency: str) -> Line:
    return Line(kind, label, Money.of(cost, currency), Money.of(cost * (1 + markup), currency))


def _metal_lines(inputs: QuoteInputs) -> tuple[Line, ...]:
    lines = []
    for metal in inputs.metals:
        poured_g = metal.weights.poured_g
        per_gram = metal.spot.per_gram * inputs.rate_of(metal.spot.currency) * metal.fineness_ppt / 1000
        cost = poured_g * per_gram
        lines.append(_priced(LineKind.METAL, metal.alloy, cost, inputs.markups.metal, inputs.currency))
        if metal.premium_per_g:
            premium = poured_g * metal.premium_per_g
            label = f"{metal.alloy}, fabrication"
            lines.append(_priced(LineKind.PREMIUM, label, premium, inputs.markups.premium, inputs.currency))
    return tuple(lines)


def _stone_lines(inputs: QuoteInputs) -> tuple[Line, ...]:
    lines = []
    for stone in inputs.stones:
        by_piece = stone.pieces * stone.each if stone.each is not None else Decimal(0)
        cost = stone.weight_ct * stone.per_carat if stone.per_carat is not None else by_piece
        cost *= 1 + stone.breakage
        lines.append(_priced(LineKind.STONES, stone.label, cost, inputs.markups.stones, inputs.currency))
    return tuple(lines)


def _labour_lines(inputs: QuoteInputs) -> tuple[Line, ...]:
    markup, currency = inputs.markups.labour, inputs.currency
    lines = [_priced(LineKind.LABOUR, one.label, one.hours * one.rate, markup, currency) for one in inputs.labour]
    labour = sum((one.hours * one.rate for one in inputs.labour), Decimal(0))
    if labour and inputs.overhead:
        lines.append(_priced(LineKind.OVERHEAD, "Overhead", labour * inputs.overhead, markup, currency))
    return tuple(lines)


def _outside_lines(inputs: QuoteInputs) -> tuple[Line, ...]:
    markup = inputs.markups.outside
    return tuple(_priced(LineKind.OUTSIDE, one.label, one.cost, markup, inputs.currency) for one in inputs.outside)


def _with_metal_moved(inputs: QuoteInputs, factor: Decimal) -> QuoteInputs:
    moved = (
        replace(metal, spot=replace(metal.spot, per_ounce=metal.spot.per_ounce * factor)) for metal in inputs.metals
    )
    return replace(inputs, metals=tuple(moved))
