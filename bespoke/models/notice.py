"""What somebody is to be told by mail, and the letters it went out in."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bespoke.models.base import Base


class LetterRow(Base):
    """One letter to one person, as it was written; what holds a secret is not kept here."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    discreet: Mapped[bool] = mapped_column(default=False)
    written_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]  # the server will not take it, today or tomorrow


class Notice(Base):
    """One piece of news for one person, waiting for its letter or in it."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("person_id", "about"),
        Index("ix_notices_waiting", "person_id", "letter_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))  # of `notifications.rules`
    about: Mapped[str] = mapped_column(String(160))  # what it tells of, so that nobody is told twice
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"), index=True)
    dropped_at: Mapped[datetime | None]  # it was no longer so when the letter was written
