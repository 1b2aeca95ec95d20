"""What the client wishes for, and the sketches that answer it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bespoke.models.base import Base, Minor
from bespoke.models.commission import Commission


class Brief(Base):
    """One version of a brief; a new wish is a new version."""

    __tablename__ = "briefs"
    __table_args__ = (UniqueConstraint("commission_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    number: Mapped[int]
    occasion: Mapped[str] = mapped_column(String(200), default="")
    wish: Mapped[str] = mapped_column(Text, default="")  # in the client's own words
    story: Mapped[str] = mapped_column(Text, default="")
    lifestyle: Mapped[str] = mapped_column(Text, default="")
    metals: Mapped[list[Any]] = mapped_column(JSON, default=list)
    links: Mapped[list[Any]] = mapped_column(JSON, default=list)
    budget_from_minor: Mapped[int | None] = mapped_column(Minor)
    budget_to_minor: Mapped[int | None] = mapped_column(Minor)
    needed_by: Mapped[date | None] = mapped_column(Date)
    is_surprise: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    commission: Mapped[Commission] = relationship(back_populates="briefs")
    pictures: Mapped[list["BriefPicture"]] = relationship(order_by="BriefPicture.id")


class BriefPicture(Base):
    """A picture that shows what is meant; re-encoded, without the place it was taken."""

    __tablename__ = "brief_pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    brief_id: Mapped[int] = mapped_column(ForeignKey("briefs.id"), index=True)
    digest: Mapped[str] = mapped_column(ForeignKey("files.digest"))
    caption: Mapped[str] = mapped_column(String(300), default="")


class BriefDraft(Base):
    """Answers as they are given, before they are sent as a version of the brief; one a commission."""

    __tablename__ = "brief_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), unique=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # question → what was typed
    changed_at: Mapped[datetime]


class DraftPicture(Base):
    """A picture beside the answers; re-encoded, without the place it was taken."""

    __tablename__ = "draft_pictures"
    __table_args__ = (UniqueConstraint("commission_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    digest: Mapped[str] = mapped_column(ForeignKey("files.digest"))
    caption: Mapped[str] = mapped_column(String(300), default="")
    added_at: Mapped[datetime]


class Sketch(Base):
    """One concept drawing of a piece; the client picks one."""

    __tablename__ = "sketches"
    __table_args__ = (UniqueConstraint("piece_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(ForeignKey("files.digest"))
    note: Mapped[str] = mapped_column(Text, default="")
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    picked_at: Mapped[datetime | None]
