"""A commission: one client's order, from the first wish to the piece in its box."""

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship

from bespoke.models.base import Base
from bespoke.models.event import RECORDED, Event
from bespoke.models.people import Person
from workflows.history import GENESIS, line_digest
from workflows.roles import Actor, Role

if TYPE_CHECKING:
    from bespoke.models.brief import Brief
    from bespoke.models.ledger import InstalmentRow
    from bespoke.models.piece import Piece
    from bespoke.models.quote import Quote


class CommissionState(enum.StrEnum):
    """Where the order as a whole stands; each piece has its milestones beside it."""

    OPEN = "open"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class Commission(Base):
    """One order. Its history is a chain; `version` catches two people changing it at once."""

    __tablename__ = "commissions"
    __table_args__ = (Index("ix_commissions_state_changed", "state", "changed_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)  # OF-0412
    title: Mapped[str] = mapped_column(String(200))  # "The Mareel ring"
    state: Mapped[CommissionState] = mapped_column(default=CommissionState.OPEN)
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime]
    needed_by: Mapped[date | None] = mapped_column(Date)
    promised_from: Mapped[date | None] = mapped_column(Date)
    promised_to: Mapped[date | None] = mapped_column(Date)
    promise_reason: Mapped[str] = mapped_column(String(300), default="")  # the client reads it
    changed_at: Mapped[datetime] = mapped_column(index=True)
    events_count: Mapped[int] = mapped_column(default=0)
    events_digest: Mapped[str] = mapped_column(String(64), default=GENESIS)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    participants: Mapped[list["Participant"]] = relationship(back_populates="commission")
    pieces: Mapped[list["Piece"]] = relationship(back_populates="commission", order_by="Piece.letter")
    briefs: Mapped[list["Brief"]] = relationship(back_populates="commission", order_by="Brief.number")
    quotes: Mapped[list["Quote"]] = relationship(back_populates="commission", order_by="Quote.number")
    instalments: Mapped[list["InstalmentRow"]] = relationship(
        back_populates="commission", order_by="InstalmentRow.rank"
    )

    @property
    def client(self) -> Person:
        """The one who decides.

        Raises:
            LookupError: nobody is the client yet.
        """
        for participant in self.participants:
            if participant.role is Role.CLIENT:
                return participant.person
        raise LookupError(f"{self.reference} has no client yet")

    def record(self, kind: str, actor: Actor, at: datetime, *, piece: str | None = None, **facts: Any) -> Event:
        """Append a line to the chain; it changes this row too, so a concurrent change is noticed."""
        session = object_session(self)
        if session is None:
            raise RuntimeError(f"{self.reference} is not in a session, so nothing can be recorded on it")
        self.events_count = (self.events_count or 0) + 1
        digest = line_digest(
            position=self.events_count,
            at=at,
            kind=kind,
            actor=actor.id,
            role=actor.role.value,
            piece=piece,
            facts=facts,
            previous=self.events_digest or GENESIS,
        )
        event = Event(
            commission_id=self.id,
            position=self.events_count,
            at=at,
            kind=kind,
            actor=actor.id,
            role=actor.role.value,
            piece=piece,
            facts=facts,
            previous=self.events_digest or GENESIS,
            digest=digest,
        )
        session.add(event)
        session.info.setdefault(RECORDED, []).append(event)
        self.events_digest = digest
        self.changed_at = at
        return event


class Participant(Base):
    """Who somebody is to one commission: its client, or one who may read along."""

    __tablename__ = "participants"
    __table_args__ = (UniqueConstraint("commission_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[Role]
    read_to: Mapped[int] = mapped_column(default=0)  # the newest message they have had before them, by its number

    commission: Mapped[Commission] = relationship(back_populates="participants")
    person: Mapped[Person] = relationship()
