"""A price being made: the rows somebody fills in, what they come to, and the versions there are already."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bespoke.models.commission import Commission
from bespoke.models.house import HouseRow
from bespoke.models.piece import Piece
from bespoke.models.quote import Quote
from bespoke.queries.quotes import ClientQuote, client_quote, inputs_of
from bespoke.templating.catalogue import _
from workflows.alloys import ALLOYS
from workflows.money import Money
from workflows.pricing import BuildUp, Line, LineKind, spot_is_stale
from workflows.quote_inputs import QuoteInputs
from workflows.snapshot import Course

BLANK_ROWS = 2
QUOTE = "quote"
PARTS = ("metal", "stone", "labour", "outside")
FIELDS = {
    "metal": ("alloy", "net_g", "allowance_g", "spot", "premium"),
    "stone": ("label", "weight_ct", "pieces", "per_carat", "each", "breakage"),
    "labour": ("label", "hours", "rate"),
    "outside": ("label", "cost"),
}
KINDS = {
    "metal": LineKind.METAL,
    "stone": LineKind.STONES,
    "labour": LineKind.LABOUR,
    "outside": LineKind.OUTSIDE,
}
MARKUPS = ("metal", "stones", "labour", "outside", "premium")
USUAL_MARKUPS = {"metal": "25", "stones": "40", "labour": "100", "outside": "0", "premium": "0"}
USUAL_OVERHEAD = "35"


@dataclass(frozen=True, slots=True)
class Version:
    """One quote as it stands: what the client reads, and what the house earns by it."""

    row: Quote
    client: ClientQuote
    cost: Money | None
    margin_percent: Decimal | None
    state: str

    @property
    def locked(self) -> bool:
        """Whether it can no longer be changed, only followed by another."""
        return self.row.sent_at is not None


@dataclass(frozen=True, slots=True)
class Fix:
    """When the price of the metal was last read, and whether that is too long ago."""

    at: datetime
    source: str
    stale: bool


@dataclass(frozen=True, slots=True)
class PricedRow:
    """What one filled-in row comes to."""

    cost: Money
    price: Money


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What the rows of one piece come to."""

    letter: str
    build: BuildUp

    def row(self, part: str, number: int) -> PricedRow | None:
        """The cost and price of a row; None where it is empty."""
        lines = [line for line in self.build.lines if line.kind is KINDS[part]]
        return PricedRow(lines[number].cost, lines[number].price) if number < len(lines) else None

    def others(self) -> Iterator[Line]:
        """The lines that follow from the others: premium, overhead, rounding."""
        told = set(KINDS.values())
        return (line for line in self.build.lines if line.kind not in told)


def priced_pieces(commission: Commission) -> tuple[Piece, ...]:
    """The pieces that need a price."""
    return tuple(one for one in commission.pieces if QUOTE in one.template and one.course is Course.LIVE)


def versions(commission: Commission, at: datetime, *, sees_money: bool) -> tuple[Version, ...]:
    """All quotes, the newest first; cost and margin only for those who see money."""
    found = []
    for quote in reversed(commission.quotes):
        cost = margin = None
        if sees_money and quote.cost_minor is not None:
            cost = Money(quote.cost_minor, quote.currency)
            if quote.net_minor:
                margin = Decimal(quote.net_minor - quote.cost_minor) / quote.net_minor * 100
        found.append(Version(quote, client_quote(quote), cost, margin, _state(quote, at)))
    return tuple(found)


def fixes(commission: Commission, at: datetime) -> dict[str, Fix]:
    """By piece, when the metal of the newest version was priced."""
    if not commission.quotes:
        return {}
    found = {}
    for letter, inputs in inputs_of(commission.quotes[-1]).items():
        if inputs.metals:
            spot = inputs.metals[0].spot
            found[letter] = Fix(spot.at, spot.source, spot_is_stale(spot, at))
    return found


def starting(commission: Commission, house: HouseRow) -> dict[str, str]:
    """The fields of the newest version, or those of a first one: the chosen stones and the weight as drawn."""
    last = inputs_of(commission.quotes[-1]) if commission.quotes else {}
    fields = {"valid_days": "14", "included": commission.quotes[-1].included if commission.quotes else ""}
    for piece in priced_pieces(commission):
        known = last.get(piece.letter)
        fields |= _first(piece) if known is None else _again(piece.letter, known)
    return fields


def rows_of(fields: Mapping[str, str], letter: str, part: str) -> tuple[int, ...]:
    """The numbers of the rows to draw: those that say something and a few blank ones."""
    filled = [
        number
        for number in range(60)
        if any(fields.get(f"{letter}-{part}-{number}-{name}", "").strip() for name in FIELDS[part])
    ]
    last = filled[-1] + 1 if filled else 0
    return tuple(range(last + (1 if part == "metal" and last else BLANK_ROWS)))


def _first(piece: Piece) -> dict[str, str]:
    letter, alloy = piece.letter, ALLOYS.get(piece.alloy or "")
    weight = None if piece.revision is None else piece.revision.weight_of(piece.alloy)
    fields = {f"{letter}-overhead": USUAL_OVERHEAD}
    fields |= {f"{letter}-markup-{name}": rate for name, rate in USUAL_MARKUPS.items()}
    code, net_g = "" if alloy is None else alloy.code, "" if weight is None else f"{weight:.2f}"
    fields |= _row(letter, "metal", 0, alloy=code, net_g=net_g)
    for number, option in enumerate(one for one in piece.options if one.chosen):
        stone = option.stone
        each = (
            "" if stone.cost_minor is None else f"{Money(stone.cost_minor, stone.currency).amount / stone.pieces:.2f}"
        )
        fields |= _row(
            letter,
            "stone",
            number,
            label=stone.reference,
            weight_ct=f"{stone.weight_ct:f}",
            pieces=str(stone.pieces),
            each=each,
        )
    for number, words in enumerate((_("Design and drawing"), _("Making up"), _("Setting"), _("Polishing"))):
        fields |= _row(letter, "labour", number, label=words)
    for number, words in enumerate((_("Wax print and casting"), _("Hallmark"))):
        fields |= _row(letter, "outside", number, label=words)
    return fields


def _again(letter: str, known: QuoteInputs) -> dict[str, str]:
    fields = {f"{letter}-overhead": _percent(known.overhead)}
    fields |= {f"{letter}-markup-{name}": _percent(getattr(known.markups, name)) for name in MARKUPS}
    if known.adjustment is not None:
        fields[f"{letter}-adjustment"] = f"{known.adjustment.amount:f}"
    for number, metal in enumerate(known.metals):
        allowance = "" if metal.allowance_g is None else f"{metal.allowance_g:f}"
        fields |= _row(
            letter,
            "metal",
            number,
            alloy=metal.alloy,
            net_g=f"{metal.net_g:f}",
            allowance_g=allowance,
            spot=f"{metal.spot.per_ounce:f}",
            premium=f"{metal.premium_per_g:f}",
        )
    for number, stone in enumerate(known.stones):
        fields |= _row(
            letter,
            "stone",
            number,
            label=stone.label,
            weight_ct=f"{stone.weight_ct:f}",
            pieces=str(stone.pieces),
            per_carat="" if stone.per_carat is None else f"{stone.per_carat:f}",
            each="" if stone.each is None else f"{stone.each:.2f}",
            breakage=_percent(stone.breakage),
        )
    for number, labour in enumerate(known.labour):
        fields |= _row(letter, "labour", number, label=labour.label, hours=f"{labour.hours:f}", rate=f"{labour.rate:f}")
    for number, outside in enumerate(known.outside):
        fields |= _row(letter, "outside", number, label=outside.label, cost=f"{outside.cost:f}")
    return fields


def _row(letter: str, part: str, number: int, **values: str) -> dict[str, str]:
    return {f"{letter}-{part}-{number}-{name}": value for name, value in values.items()}


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f}"


def _state(quote: Quote, at: datetime) -> str:
    if not quote.firm:
        return _("estimate")
    if quote.accepted_at is not None:
        return _("accepted")
    if quote.superseded_at is not None:
        return _("replaced")
    if quote.sent_at is None:
        return _("draft")
    return _("sent") if at <= quote.valid_until else _("run out")
