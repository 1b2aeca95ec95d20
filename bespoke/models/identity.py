"""What a stone was recognised by when its owner handed it over, and again before it goes back."""

import enum
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bespoke.models.base import Base


class Occasion(enum.StrEnum):
    """When a stone was looked at."""

    INTAKE = "intake"
    RETURN = "return"


class StoneIdentity(Base):
    """One look at a stone; never changed, a wrong one is followed by another, and the last one counts."""

    __tablename__ = "stone_identities"

    id: Mapped[int] = mapped_column(primary_key=True)
    stone_id: Mapped[int] = mapped_column(ForeignKey("stones.id"), index=True)
    occasion: Mapped[Occasion]
    length_mm: Mapped[Decimal]
    width_mm: Mapped[Decimal]
    weight_ct: Mapped[Decimal | None]  # None once it is set and cannot be weighed by itself
    inclusions: Mapped[str] = mapped_column(Text)  # what is seen under magnification, or that nothing is
    same_inclusions: Mapped[bool | None]  # of a return: the word of whoever compared them with the intake
    inscription: Mapped[str] = mapped_column(String(60), default="")
    unread: Mapped[str] = mapped_column(String(120), default="")  # why an inscription cannot be read: "under the bezel"
    photograph: Mapped[str] = mapped_column(ForeignKey("files.digest"))
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
