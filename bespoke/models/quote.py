"""Quotes: versions that freeze what they were reckoned from."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bespoke.models.base import Base, Minor
from bespoke.models.commission import Commission


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a quote took a piece to weigh before it was drawn, and how far off the drawing may be, in grams."""

    weight_g: Decimal
    allowance_g: Decimal


class Quote(Base):
    """One version: an estimate (a range) or a firm price with its validity; a change is a new version."""

    __tablename__ = "quotes"
    __table_args__ = (UniqueConstraint("commission_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    number: Mapped[int]
    firm: Mapped[bool]  # an estimate's net and tax are those of the middle of its range
    currency: Mapped[str] = mapped_column(String(3))
    net_minor: Mapped[int] = mapped_column(Minor)
    tax_minor: Mapped[int] = mapped_column(Minor)
    gross_minor: Mapped[int] = mapped_column(Minor)
    gross_from_minor: Mapped[int | None] = mapped_column(Minor)  # an estimate is a range
    allowed_minor: Mapped[int] = mapped_column(Minor, default=0)  # let go of the price after it was accepted
    cost_minor: Mapped[int | None] = mapped_column(Minor)  # never leaves the house
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON)  # frozen per piece: spot, densities, rates, losses, stones
    plan_key: Mapped[str] = mapped_column(String(20))
    included: Mapped[str] = mapped_column(Text, default="")
    terms_version: Mapped[str] = mapped_column(String(20))
    valid_until: Mapped[datetime]
    change_reason: Mapped[str] = mapped_column(Text, default="")  # why it replaces the one before
    date_delta_days: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]

    commission: Mapped[Commission] = relationship(back_populates="quotes")
    lines: Mapped[list["QuoteLine"]] = relationship(back_populates="quote", order_by="QuoteLine.id")

    def assumption(self, letter: str) -> Assumption | None:
        """The weight this quote took the piece of that letter to have."""
        told = self.inputs.get("assumed", {}).get(letter)
        if told is None:
            return None
        return Assumption(Decimal(told["weight_g"]), Decimal(told["allowance_g"]))


class QuoteLine(Base):
    """One line of the build-up with what it costs the house; the client reads them in sums, see `queries.quotes`."""

    __tablename__ = "quote_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    quote_id: Mapped[int] = mapped_column(ForeignKey("quotes.id"), index=True)
    letter: Mapped[str] = mapped_column(String(2))  # of the piece it is for
    kind: Mapped[str] = mapped_column(String(20))  # metal, premium, stones, labour, overhead, outside, adjustment
    label: Mapped[str] = mapped_column(String(200))
    price_minor: Mapped[int] = mapped_column(Minor)
    cost_minor: Mapped[int | None] = mapped_column(Minor)  # never leaves the house

    quote: Mapped[Quote] = relationship(back_populates="lines")
