"""Design revisions: the file as handed in, what was measured on it, its pictures, and the pins on it."""

import enum
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bespoke.models.base import Base
from bespoke.models.people import Person
from renders.report import Report
from workflows.roles import STAFF, Actor
from workflows.snapshot import Finding

if TYPE_CHECKING:
    from bespoke.models.piece import Piece


class Examination(enum.StrEnum):
    """How far the measuring of a revision is."""

    RUNNING = "running"
    MEASURED = "measured"  # the report is there, pictures follow
    DONE = "done"
    REFUSED = "refused"  # the file cannot be used; the reason is kept


class Revision(Base):
    """One revision of a piece's design; never changed, only followed by the next."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("piece_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(ForeignKey("files.digest"), index=True)  # of the file as uploaded
    original_name: Mapped[str] = mapped_column(String(255))
    unit: Mapped[str | None] = mapped_column(String(5))  # confirmed by the designer
    note: Mapped[str] = mapped_column(Text, default="")
    handed_in_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    handed_in_at: Mapped[datetime]
    examination: Mapped[Examination] = mapped_column(default=Examination.RUNNING)
    refusal: Mapped[str] = mapped_column(Text, default="")
    report_text: Mapped[str | None] = mapped_column(Text)  # the JSON of renders.report, as it came
    published_at: Mapped[datetime | None]

    piece: Mapped["Piece"] = relationship(back_populates="revisions")
    handed_in_by: Mapped[Person] = relationship()
    pictures: Mapped[list["RevisionPicture"]] = relationship(
        order_by="RevisionPicture.id", cascade="all, delete-orphan"
    )
    pins: Mapped[list["Pin"]] = relationship(order_by="Pin.id")

    @property
    def report(self) -> Report | None:
        """What was measured; None until it has been."""
        return None if self.report_text is None else _parsed(self.report_text)

    @property
    def must_fix(self) -> int:
        """How many remarks must still be answered."""
        return sum(pin.must_fix and pin.settled_at is None for pin in self.pins)

    def blocks(self, overridden: set[str]) -> tuple[Finding, ...]:
        """The blocks of the report, answered where a person overrode them."""
        report = self.report
        if report is None:
            return ()
        return tuple(
            Finding(finding.code, finding.message, answered=finding.code in overridden) for finding in report.blocks
        )

    def weight_of(self, alloy: str | None) -> Decimal | None:
        """The drawing's weight in grams in that alloy; None where it was withheld."""
        report = self.report
        weight = None if report is None or alloy is None else report.weight_g(alloy)
        return None if weight is None else Decimal(f"{weight:.3f}")


@lru_cache(maxsize=64)  # asked for several times at every step; the text never changes, and the report is frozen
def _parsed(text: str) -> Report:
    return Report.from_json(text)


class RevisionPicture(Base):
    """A still, a frame of the turntable, the light model or a drawing made from a revision."""

    __tablename__ = "revision_pictures"
    __table_args__ = (UniqueConstraint("revision_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))  # still-front.png
    kind: Mapped[str] = mapped_column(String(20))  # still, turntable, model, plot
    camera: Mapped[str | None] = mapped_column(String(40))
    ground: Mapped[str | None] = mapped_column(String(20))
    frame: Mapped[str | None] = mapped_column(String(60))  # of a still: where its camera stood, in mm
    digest: Mapped[str] = mapped_column(ForeignKey("files.digest"))


class Pin(Base):
    """A remark on the surface of a revision; one that must be fixed blocks the approval until it is settled.

    What the house remarks among itself stays there, unless it was put down for the client.
    """

    __tablename__ = "pins"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), index=True)
    x_mm: Mapped[float | None] = mapped_column(Float)
    y_mm: Mapped[float | None] = mapped_column(Float)
    z_mm: Mapped[float | None] = mapped_column(Float)
    body: Mapped[str] = mapped_column(String(200), default="")  # name of the part that was touched
    text: Mapped[str] = mapped_column(Text)
    must_fix: Mapped[bool] = mapped_column(default=False)
    for_client: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")  # how it was settled
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    settled_at: Mapped[datetime | None]

    by: Mapped[Person] = relationship(foreign_keys=by_id)
    replies: Mapped[list["PinReply"]] = relationship(order_by="PinReply.id")

    def is_read_by(self, actor: Actor, *, outsiders: frozenset[int] = frozenset()) -> bool:
        """Whether somebody may read it: the house all of them, others what they or those on the client's side said.

        Args:
            outsiders: numbers of the people who take part in the commission and are no staff.
        """
        if actor.role in STAFF or self.for_client:
            return True
        return str(self.by_id) == actor.id or self.by_id in outsiders


class PinReply(Base):
    """What somebody said below a remark; saying something settles nothing."""

    __tablename__ = "pin_replies"

    id: Mapped[int] = mapped_column(primary_key=True)
    pin_id: Mapped[int] = mapped_column(ForeignKey("pins.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
