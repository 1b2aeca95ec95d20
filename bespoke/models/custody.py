"""Where each valuable is and who answers for it: a chain of hand-overs, from which the holder is derived."""

import enum
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bespoke.models.base import Base, Minor


class Place(enum.StrEnum):
    """Where a valuable can be."""

    CLIENT = "client"
    TRANSIT = "transit"
    SAFE = "safe"
    BAG = "bag"
    BENCH = "bench"
    VENDOR = "vendor"
    ASSAY = "assay"
    COURIER = "courier"
    PIECE = "piece"  # a part of a piece, with which it goes from now on


class CustodyItem(Base):
    """A stone, metal, a casting, a finished piece, an original report."""

    __tablename__ = "custody_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int | None] = mapped_column(ForeignKey("commissions.id"), index=True)
    stone_id: Mapped[int | None] = mapped_column(ForeignKey("stones.id"), index=True)
    piece_id: Mapped[int | None] = mapped_column(ForeignKey("pieces.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # stone, metal, casting, piece, report
    description: Mapped[str] = mapped_column(Text)
    declared_value_minor: Mapped[int | None] = mapped_column(Minor)  # the client's own figure, never ours
    currency: Mapped[str | None] = mapped_column(String(3))
    created_at: Mapped[datetime]

    moves: Mapped[list["CustodyMove"]] = relationship(back_populates="item", order_by="CustodyMove.id")
    intake: Mapped["CustodyIntake | None"] = relationship(back_populates="item")

    @property
    def place(self) -> Place | None:
        """Where it is now: where the last hand-over took it."""
        return self.moves[-1].place if self.moves else None

    @property
    def holder(self) -> str | None:
        """Who answers for it now."""
        return self.moves[-1].holder if self.moves else None


class CustodyMove(Base):
    """One hand-over; never changed, a wrong one is answered by the next."""

    __tablename__ = "custody_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("custody_items.id"), index=True)
    at: Mapped[datetime]
    place: Mapped[Place]
    holder: Mapped[str] = mapped_column(String(200))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    weight_g: Mapped[Decimal | None]
    photograph: Mapped[str | None] = mapped_column(ForeignKey("files.digest"))
    signature: Mapped[str | None] = mapped_column(ForeignKey("files.digest"))
    note: Mapped[str] = mapped_column(Text, default="")

    item: Mapped[CustodyItem] = relationship(back_populates="moves")


class CustodyIntake(Base):
    """What was handed over the counter, as both sides signed it; a client's goods never come in without one."""

    __tablename__ = "custody_intakes"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("custody_items.id"), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    telephone: Mapped[str] = mapped_column(String(40))
    other_contact: Mapped[str] = mapped_column(String(254))
    metal: Mapped[str] = mapped_column(String(120), default="")
    marks: Mapped[str] = mapped_column(String(200))  # "stamp illegible" where it is worn
    weight_g: Mapped[Decimal]
    stones: Mapped[list[Any]] = mapped_column(JSON, default=list)  # count, shape, size, colour, belief of each kind
    damage: Mapped[str] = mapped_column(Text)  # "none seen" where none was
    photographs: Mapped[list[Any]] = mapped_column(JSON)  # digests of files
    client_signature: Mapped[str] = mapped_column(ForeignKey("files.digest"))
    house_signature: Mapped[str] = mapped_column(ForeignKey("files.digest"))
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    item: Mapped[CustodyItem] = relationship(back_populates="intake")
