"""The chained history of a commission: one line an event, none ever changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bespoke.models.base import Base
from workflows.history import Line

RECORDED = "recorded"  # key of Session.info under which this transaction's events wait to be told


class Event(Base):
    """Something that happened to a commission."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("commission_id", "position"),
        CheckConstraint("position > 0", name="position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    position: Mapped[int]  # from 1, without gaps
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60), index=True)
    actor: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))
    piece: Mapped[str | None] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))

    def line(self) -> Line:
        """The event as the rules check it."""
        facts: Mapping[str, object] = self.facts
        return Line(
            self.position, self.at, self.kind, self.actor, self.role, self.piece, facts, self.previous, self.digest
        )
