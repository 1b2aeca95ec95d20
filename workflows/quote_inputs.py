"""What a quote is reckoned from, frozen: spot, densities, losses, stones, hours, rates, mark-ups, tax, terms.

Repricing makes a new set of inputs and a new quote; `freeze` and `thaw` keep a set as canonical JSON.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from workflows.alloys import FINISHING_LOSS_PLAIN, MELT_LOSS, Alloy, WeightChain, mass_of_volume, weight_chain
from workflows.errors import WorkflowError
from workflows.money import Money
from workflows.sentences import sentence
from workflows.units import TROY_OUNCE_G


class MisreadInputs(WorkflowError):
    """Frozen inputs that are not whole."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The price of fine metal for a troy ounce, when and where it was read."""

    per_ounce: Decimal
    currency: str
    at: datetime
    source: str
    bid: Decimal | None = None
    ask: Decimal | None = None

    @property
    def per_gram(self) -> Decimal:
        """The price of a gram of fine metal, unrounded."""
        return self.per_ounce / TROY_OUNCE_G


@dataclass(frozen=True, slots=True)
class MetalInput:
    """One metal of the piece: its net weight as drawn or assumed, and what is lost on the way to it.

    `allowance_g` says that the weight is assumed, and how far off the drawing may be; None: it was drawn.
    """

    alloy: str
    fineness_ppt: int
    density_g_cm3: Decimal
    net_g: Decimal
    spot: Spot
    premium_per_g: Decimal = Decimal(0)  # fabrication, on the poured weight
    allowance_g: Decimal | None = None
    finishing_loss: Decimal = FINISHING_LOSS_PLAIN
    melt_loss: Decimal = MELT_LOSS

    @property
    def weights(self) -> WeightChain:
        """Net, cast and poured weight in grams."""
        return weight_chain(self.net_g, finishing_loss=self.finishing_loss, melt_loss=self.melt_loss)


@dataclass(frozen=True, slots=True)
class StoneInput:
    """A stone or parcel by the carat, or by the piece where `each` is told instead."""

    label: str
    weight_ct: Decimal
    per_carat: Decimal | None = None
    each: Decimal | None = None
    pieces: int = 1
    breakage: Decimal = Decimal(0)  # reserve, 0.03 is 3 %

    def __post_init__(self) -> None:
        if (self.per_carat is None) is (self.each is None):
            raise MisreadInputs(sentence("%(label)s is priced either by the carat or by the piece.", label=self.label))


@dataclass(frozen=True, slots=True)
class LabourInput:
    """Hours of an operation at a rate; a piece rate is so many pieces for hours."""

    label: str
    hours: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class OutsideInput:
    """What others charge: casting, printing, hallmark, report, engraving, carriage."""

    label: str
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Markups:
    """What is added to cost, each part by its own rate: 0.25 is 25 %."""

    metal: Decimal
    stones: Decimal
    labour: Decimal  # on overhead too
    outside: Decimal = Decimal(0)
    premium: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class QuoteInputs:
    """All a price is computed from; amounts are in `currency`, in major units.

    `adjustment` is the explicit line that makes a round price, before tax; never hidden in another line.
    """

    currency: str
    metals: tuple[MetalInput, ...]
    stones: tuple[StoneInput, ...]
    labour: tuple[LabourInput, ...]
    outside: tuple[OutsideInput, ...]
    overhead: Decimal  # on labour: 0.35 is 35 %
    markups: Markups
    tax_name: str
    tax_rate: Decimal
    terms_version: str
    rates: tuple[tuple[str, Decimal], ...] = ()  # other currency, units of ours for one of it; as used
    adjustment: Money | None = None

    def __post_init__(self) -> None:
        strangers = {metal.spot.currency for metal in self.metals} - {self.currency, *(code for code, _ in self.rates)}
        if strangers:
            raise MisreadInputs(
                sentence(
                    "No rate to %(currency)s is given for %(strangers)s.",
                    currency=self.currency,
                    strangers=", ".join(sorted(strangers)),
                )
            )

    def rate_of(self, currency: str) -> Decimal:
        """Units of the quote's currency for one of `currency`."""
        return Decimal(1) if currency == self.currency else dict(self.rates)[currency]


def metal_of_volume(
    alloy: Alloy, volume_mm3: Decimal, spot: Spot, *, premium_per_g: Decimal = Decimal(0)
) -> MetalInput:
    """The metal of a drawing: its net weight is the volume in mm³ at the alloy's density."""
    net_g = mass_of_volume(volume_mm3, alloy.density_g_cm3)
    return MetalInput(alloy.code, alloy.fineness_ppt, alloy.density_g_cm3, net_g, spot, premium_per_g)


def metal_assumed(
    alloy: Alloy, net_g: Decimal, allowance_g: Decimal, spot: Spot, *, premium_per_g: Decimal = Decimal(0)
) -> MetalInput:
    """The metal of a piece not yet drawn: an assumed net weight and how many grams the drawing may differ."""
    return MetalInput(
        alloy.code, alloy.fineness_ppt, alloy.density_g_cm3, net_g, spot, premium_per_g, allowance_g=allowance_g
    )


def freeze(inputs: QuoteInputs) -> str:
    """Canonical JSON of a set of inputs; `thaw` gives back an equal set."""
    content = {
        "currency": inputs.currency,
        "metals": [_plain_metal(metal) for metal in inputs.metals],
        "stones": [
            {
                "label": one.label,
                "weight_ct": str(one.weight_ct),
                "per_carat": _text(one.per_carat),
                "each": _text(one.each),
                "pieces": one.pieces,
                "breakage": str(one.breakage),
            }
            for one in inputs.stones
        ],
        "labour": [{"label": one.label, "hours": str(one.hours), "rate": str(one.rate)} for one in inputs.labour],
        "outside": [{"label": one.label, "cost": str(one.cost)} for one in inputs.outside],
        "overhead": str(inputs.overhead),
        "markups": {
            "metal": str(inputs.markups.metal),
            "stones": str(inputs.markups.stones),
            "labour": str(inputs.markups.labour),
            "outside": str(inputs.markups.outside),
            "premium": str(inputs.markups.premium),
        },
        "tax_name": inputs.tax_name,
        "tax_rate": str(inputs.tax_rate),
        "terms_version": inputs.terms_version,
        "rates": [[code, str(rate)] for code, rate in inputs.rates],
        "adjustment_minor": None if inputs.adjustment is None else inputs.adjustment.minor,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def thaw(text: str) -> QuoteInputs:
    """The inputs that were frozen.

    Raises:
        MisreadInputs: a part is missing or not what it should be.
    """
    try:
        return _thawed(json.loads(text))
    except (KeyError, TypeError, ValueError, ArithmeticError) as fault:
        raise MisreadInputs(sentence("The frozen inputs of this quote are not whole.")) from fault


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _plain_metal(metal: MetalInput) -> dict[str, object]:
    return {
        "alloy": metal.alloy,
        "fineness_ppt": metal.fineness_ppt,
        "density_g_cm3": str(metal.density_g_cm3),
        "net_g": str(metal.net_g),
        "premium_per_g": str(metal.premium_per_g),
        "allowance_g": _text(metal.allowance_g),
        "finishing_loss": str(metal.finishing_loss),
        "melt_loss": str(metal.melt_loss),
        "spot": {
            "per_ounce": str(metal.spot.per_ounce),
            "currency": metal.spot.currency,
            "at": metal.spot.at.astimezone(UTC).isoformat(),
            "source": metal.spot.source,
            "bid": _text(metal.spot.bid),
            "ask": _text(metal.spot.ask),
        },
    }


def _thawed_metal(kept: dict[str, Any]) -> MetalInput:
    spot = kept["spot"]
    return MetalInput(
        alloy=kept["alloy"],
        fineness_ppt=kept["fineness_ppt"],
        density_g_cm3=Decimal(kept["density_g_cm3"]),
        net_g=Decimal(kept["net_g"]),
        spot=Spot(
            per_ounce=Decimal(spot["per_ounce"]),
            currency=spot["currency"],
            at=datetime.fromisoformat(spot["at"]),
            source=spot["source"],
            bid=_number(spot["bid"]),
            ask=_number(spot["ask"]),
        ),
        premium_per_g=Decimal(kept["premium_per_g"]),
        allowance_g=_number(kept["allowance_g"]),
        finishing_loss=Decimal(kept["finishing_loss"]),
        melt_loss=Decimal(kept["melt_loss"]),
    )


def _thawed(kept: dict[str, Any]) -> QuoteInputs:
    adjustment = kept["adjustment_minor"]
    return QuoteInputs(
        currency=kept["currency"],
        metals=tuple(_thawed_metal(one) for one in kept["metals"]),
        stones=tuple(
            StoneInput(
                label=one["label"],
                weight_ct=Decimal(one["weight_ct"]),
                per_carat=_number(one["per_carat"]),
                each=_number(one["each"]),
                pieces=one["pieces"],
                breakage=Decimal(one["breakage"]),
            )
            for one in kept["stones"]
        ),
        labour=tuple(LabourInput(one["label"], Decimal(one["hours"]), Decimal(one["rate"])) for one in kept["labour"]),
        outside=tuple(OutsideInput(one["label"], Decimal(one["cost"])) for one in kept["outside"]),
        overhead=Decimal(kept["overhead"]),
        markups=Markups(**{part: Decimal(rate) for part, rate in kept["markups"].items()}),
        tax_name=kept["tax_name"],
        tax_rate=Decimal(kept["tax_rate"]),
        terms_version=kept["terms_version"],
        rates=tuple((code, Decimal(rate)) for code, rate in kept["rates"]),
        adjustment=None if adjustment is None else Money(adjustment, kept["currency"]),
    )
