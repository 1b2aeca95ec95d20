"""Stones, their reports, and who holds them: one live hold a stone, kept so by the database."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bespoke.models.base import Base, Minor
from workflows.gems import Growth, Origin
from workflows.naming import NamedStone
from workflows.snapshot import Hold, StoneState
from workflows.stones import HeldFor, Ownership, StoneStatus, Whereabouts

if TYPE_CHECKING:
    from bespoke.models.commission import Commission
    from bespoke.models.piece import Piece


LIVE = text("ended_at IS NULL")


class StoneRow(Base):
    """A stone, or a parcel of small ones counted and weighed together."""

    __tablename__ = "stones"
    __table_args__ = (CheckConstraint("pieces > 0", name="pieces"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)  # D-001
    species: Mapped[str] = mapped_column(String(40))
    origin: Mapped[str] = mapped_column(String(20))  # natural, lab_grown, simulant, composite, unknown
    growth: Mapped[str | None] = mapped_column(String(10))
    shape: Mapped[str] = mapped_column(String(30))
    pieces: Mapped[int] = mapped_column(default=1)
    weight_ct: Mapped[Decimal]  # of all pieces together
    weight_source: Mapped[str] = mapped_column(String(30))  # lab_report, measured, estimated, client_declared
    length_mm: Mapped[Decimal]
    width_mm: Mapped[Decimal]
    depth_mm: Mapped[Decimal | None]
    colour: Mapped[str | None] = mapped_column(String(60))
    clarity: Mapped[str | None] = mapped_column(String(20))
    cut: Mapped[str | None] = mapped_column(String(20))
    assessment: Mapped[str | None] = mapped_column(String(20))
    treatments: Mapped[list[Any]] = mapped_column(JSON, default=list)  # codes; empty means not determined
    country: Mapped[str | None] = mapped_column(String(60))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # table, angles, polish, as reported
    inscription: Mapped[str] = mapped_column(String(60), default="")
    inscription_read_at: Mapped[datetime | None]
    ownership: Mapped[Ownership] = mapped_column(default=Ownership.HOUSE)
    whereabouts: Mapped[Whereabouts] = mapped_column(default=Whereabouts.CANDIDATE)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("commissions.id"))  # whose client it belongs to
    memo_due_at: Mapped[datetime | None]
    supplier: Mapped[str] = mapped_column(String(120), default="")  # never leaves the house
    cost_minor: Mapped[int | None] = mapped_column(Minor)  # never leaves the house
    currency: Mapped[str] = mapped_column(String(3))
    photograph: Mapped[str | None] = mapped_column(ForeignKey("files.digest"))
    warnings: Mapped[list[Any]] = mapped_column(JSON, default=list)  # what did not quite add up when it was entered
    created_at: Mapped[datetime]

    reports: Mapped[list["StoneReport"]] = relationship(back_populates="stone", order_by="StoneReport.id")
    holds: Mapped[list["StoneHold"]] = relationship(back_populates="stone", order_by="StoneHold.id")

    @property
    def governing(self) -> "StoneReport | None":
        """The laboratory report that counts."""
        return next((report for report in self.reports if report.governing), None)

    @property
    def held(self) -> "StoneHold | None":
        """The one live hold, if there is one."""
        return next((hold for hold in self.holds if hold.ended_at is None), None)

    @property
    def named(self) -> NamedStone:
        """What its name is made from by the rules of naming."""
        report = self.governing
        return NamedStone(
            gem=self.species,
            origin=Origin(self.origin),
            growth=None if self.growth is None else Growth(self.growth),
            treatments=tuple(self.treatments) or None,
            reported=report is not None,
            geographic_origin=self.country,
            geographic_lab=None if report is None else report.laboratory,
        )

    def status(self, held: "StoneHold | None") -> StoneStatus:
        """As the rules of stones read it with its live hold; commissions are named by their row."""
        return StoneStatus(
            reference=self.reference,
            whereabouts=self.whereabouts,
            ownership=self.ownership,
            hold=None if held is None else held.fact(),
            owner=None if self.owner_id is None else str(self.owner_id),
            memo_due=None if self.memo_due_at is None else self.memo_due_at.date(),
        )


class StoneReport(Base):
    """A laboratory's report; a stone may have several, one of which governs."""

    __tablename__ = "stone_reports"
    __table_args__ = (
        UniqueConstraint("laboratory", "number"),
        Index(
            "uq_stone_reports_governing",
            "stone_id",
            unique=True,
            sqlite_where=text("governing"),
            postgresql_where=text("governing"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stone_id: Mapped[int] = mapped_column(ForeignKey("stones.id"), index=True)
    laboratory: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(40))
    issued: Mapped[str] = mapped_column(String(10), default="")
    digest: Mapped[str | None] = mapped_column(ForeignKey("files.digest"))
    governing: Mapped[bool] = mapped_column(default=True)
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    stone: Mapped[StoneRow] = relationship(back_populates="reports")


class StoneHold(Base):
    """A stone kept for one commission: until a moment, or for good once money cleared."""

    __tablename__ = "stone_holds"
    __table_args__ = (
        # The one guard against selling a stone twice.
        Index("uq_stone_holds_live", "stone_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        CheckConstraint("(locked_at IS NOT NULL) OR (until IS NOT NULL)", name="until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stone_id: Mapped[int] = mapped_column(ForeignKey("stones.id"), index=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    created_at: Mapped[datetime]
    until: Mapped[datetime | None]
    extended_at: Mapped[datetime | None]  # once, when a transfer was announced
    locked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(String(40), default="")  # lapsed, released, replaced, cancelled

    stone: Mapped[StoneRow] = relationship(back_populates="holds")
    commission: Mapped["Commission"] = relationship()

    def fact(self) -> HeldFor:
        """As the rules of stones read it."""
        return HeldFor(
            commission=str(self.commission_id),
            placed_at=self.created_at,
            until=None if self.locked_at is not None else self.until,
            extended=self.extended_at is not None,
            locked_at=self.locked_at,
        )


class StoneOption(Base):
    """A stone put forward for a piece, with what the finished piece would cost with it."""

    __tablename__ = "stone_options"
    __table_args__ = (UniqueConstraint("piece_id", "stone_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    stone_id: Mapped[int] = mapped_column(ForeignKey("stones.id"), index=True)
    role: Mapped[str] = mapped_column(String(20), default="centre")  # centre, side, accent, melee
    voice: Mapped[str] = mapped_column(Text, default="")  # the designer's own words about it
    piece_price_minor: Mapped[int | None] = mapped_column(Minor)  # of the finished piece with this stone
    put_forward_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    chosen_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]

    piece: Mapped["Piece"] = relationship(back_populates="options")
    stone: Mapped[StoneRow] = relationship()

    @property
    def chosen(self) -> bool:
        """Whether it is the stone of the piece now."""
        return self.chosen_at is not None and self.replaced_at is None

    def fact(self) -> StoneState:
        """As the rules read it."""
        held = self.stone.held
        ours = held is not None and held.commission_id == self.piece.commission_id
        firmness = Hold.NONE
        if held is not None and ours:
            firmness = Hold.LOCKED if held.locked_at is not None else Hold.HELD
        return StoneState(
            reference=self.stone.reference,
            hold=firmness,
            in_hand=self.stone.whereabouts in {Whereabouts.IN_HOUSE, Whereabouts.IN_BAG, Whereabouts.SET},
            on_memo=self.stone.ownership is Ownership.MEMO,
            taken=held is not None and not ours,
            centre=self.role == "centre",
            inscribed=bool(self.stone.inscription),
        )
