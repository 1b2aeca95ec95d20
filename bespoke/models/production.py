"""The bench: evidence, weights, photographs, time, readings of the final check, rework."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bespoke.models.base import Base, Minor
from bespoke.models.people import Person

if TYPE_CHECKING:
    from bespoke.models.piece import Piece


class Evidence(Base):
    """Something that shows a step was done: a batch number, marks, a caliper reading, a count of stones."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    milestone: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship()


class Weight(Base):
    """A weighing in grams; a wrong one is corrected by the next, with a reason, and stays."""

    __tablename__ = "weights"
    __table_args__ = (CheckConstraint("corrects_id IS NULL OR reason <> ''", name="reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    milestone: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))  # gross, button, net, scrap, final
    weight_g: Mapped[Decimal]
    outside_expected: Mapped[bool] = mapped_column(default=False)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("weights.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(300), default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship()


class Photograph(Base):
    """A photograph from the bench; the client sees it only when somebody says so."""

    __tablename__ = "photographs"

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    milestone: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(ForeignKey("files.digest"))
    caption: Mapped[str] = mapped_column(String(300), default="")
    client_visible: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship()


class WorkSpan(Base):
    """A stretch of time one person worked on a step; the sum is the craft hours."""

    __tablename__ = "work_spans"

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    milestone: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class QcReading(Base):
    """One point of the final check: what it should be, what it is, within which limits."""

    __tablename__ = "qc_readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    round: Mapped[int]
    point: Mapped[str] = mapped_column(String(80))
    expected: Mapped[str] = mapped_column(String(80))
    found: Mapped[str] = mapped_column(String(80))
    unit: Mapped[str] = mapped_column(String(10), default="")
    passed: Mapped[bool]
    accepted_reason: Mapped[str] = mapped_column(String(300), default="")
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    superseded: Mapped[bool] = mapped_column(default=False)  # a later round read it again
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    piece: Mapped["Piece"] = relationship(back_populates="readings")
    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    accepted_by: Mapped[Person | None] = relationship(foreign_keys=[accepted_by_id])

    @property
    def stands_failed(self) -> bool:
        """Whether it failed, was not accepted, and no later round has read it again."""
        return not self.passed and not self.accepted_reason and not self.superseded


class Rework(Base):
    """A piece sent back: from where, to where, why, and who pays."""

    __tablename__ = "reworks"

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    from_milestone: Mapped[str] = mapped_column(String(40))
    to_milestone: Mapped[str] = mapped_column(String(40))
    cause: Mapped[str] = mapped_column(String(60))
    cost_bearer: Mapped[str] = mapped_column(String(20))
    cost_minor: Mapped[int | None] = mapped_column(Minor)
    note: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
