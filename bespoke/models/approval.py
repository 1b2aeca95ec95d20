"""What was said yes to, by digest; who released what; which block was overridden and why."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bespoke.models.base import Base
from bespoke.models.people import Person
from workflows.roles import Role
from workflows.snapshot import Approval, Released, Standing

if TYPE_CHECKING:
    from bespoke.models.design import Revision

LIVE = text("standing = 'live'")


class ApprovalRow(Base):
    """A yes to exactly one content; only its standing changes, once."""

    __tablename__ = "approvals"
    __table_args__ = (
        Index("uq_approvals_live", "piece_id", "milestone", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    milestone: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    facets: Mapped[dict[str, Any]] = mapped_column(JSON)  # side → digest of its content
    words: Mapped[str] = mapped_column(Text)  # the five facts as they were read back
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[Role]
    at_counter: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(64), default="")  # where the request came from
    device: Mapped[str] = mapped_column(String(300), default="")
    standing: Mapped[Standing] = mapped_column(default=Standing.LIVE)
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    def fact(self) -> Approval:
        """As the rules read it."""
        return Approval(self.milestone, self.digest, str(self.person_id), self.standing)

    def take(self, standing: Standing, at: datetime) -> None:
        """Stop counting, when the rules say so."""
        if standing is not self.standing:
            self.standing, self.ended_at = standing, at


class ReleaseRow(Base):
    """A second person's word that a step which cannot be undone may begin."""

    __tablename__ = "releases"
    __table_args__ = (
        Index("uq_releases_live", "piece_id", "milestone", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    milestone: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    facets: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    released_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    gauge_mm: Mapped[Decimal | None]
    gauge: Mapped[str] = mapped_column(String(80), default="")  # which mandrel or stick
    at: Mapped[datetime]
    standing: Mapped[Standing] = mapped_column(default=Standing.LIVE)
    ended_at: Mapped[datetime | None]

    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    released_by: Mapped[Person] = relationship(foreign_keys=[released_by_id])

    def fact(self) -> Released:
        """As the rules read it."""
        return Released(
            self.milestone,
            self.digest,
            str(self.asked_by_id),
            str(self.released_by_id),
            self.gauge_mm,
            self.standing,
        )

    def take(self, standing: Standing, at: datetime) -> None:
        """Stop counting, when the rules say so."""
        if standing is not self.standing:
            self.standing, self.ended_at = standing, at


class OverrideRow(Base):
    """A block of a CAD report answered by name; it counts for that revision alone."""

    __tablename__ = "overrides"

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), index=True)
    code: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()

    def covers(self, revision: "Revision") -> bool:
        """Whether it was said of this revision."""
        return self.revision_id == revision.id
