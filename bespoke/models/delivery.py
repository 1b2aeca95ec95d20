"""How a finished piece reaches its owner."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bespoke.models.base import Base


class Delivery(Base):
    """One hand-over: what was agreed in the recap, and what happened."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), unique=True)
    method: Mapped[str] = mapped_column(String(20))  # collection, courier
    recipient: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(Text, default="")
    day: Mapped[date | None] = mapped_column(Date)
    seal_number: Mapped[str] = mapped_column(String(40), default="")
    handed_over_at: Mapped[datetime | None]
    handed_over_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    identity_check: Mapped[str] = mapped_column(String(120), default="")  # what was seen, never a copy of it
    signature: Mapped[str | None] = mapped_column(ForeignKey("files.digest"))
