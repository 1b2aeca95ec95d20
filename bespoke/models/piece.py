"""A piece of a commission: it hands out its snapshot and takes a decision back."""

from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bespoke.models.approval import ApprovalRow, OverrideRow, ReleaseRow
from bespoke.models.base import Base
from bespoke.models.commission import Commission
from workflows import snapshot as rules
from workflows.decide import Decision
from workflows.roles import Actor
from workflows.snapshot import Course, Status
from workflows.template import Facet, Template, parse

if TYPE_CHECKING:
    from bespoke.models.design import Revision
    from bespoke.models.production import QcReading
    from bespoke.models.stone import StoneOption


CURRENT = text("current")


class Piece(Base):
    """One thing that is made: a ring, or a pair of earrings (quantity two)."""

    __tablename__ = "pieces"
    __table_args__ = (UniqueConstraint("commission_id", "letter"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    letter: Mapped[str] = mapped_column(String(2))
    title: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int] = mapped_column(default=1)
    template_key: Mapped[str] = mapped_column(String(40))
    template_text: Mapped[str] = mapped_column(Text)  # the version it began with
    course: Mapped[Course] = mapped_column(default=Course.LIVE)
    alloy: Mapped[str | None] = mapped_column(String(20))
    size_mm: Mapped[Decimal | None]  # inner diameter
    size_label: Mapped[str] = mapped_column(String(20), default="")
    size_method: Mapped[str] = mapped_column(String(30), default="")
    size_confirmed_at: Mapped[datetime | None]  # by the client
    fixed_size: Mapped[bool] = mapped_column(default=False)
    engraving: Mapped[str] = mapped_column(String(200), default="")
    reworks: Mapped[int] = mapped_column(default=0)

    commission: Mapped[Commission] = relationship(back_populates="pieces", lazy="joined", innerjoin=True)
    milestones: Mapped[list["MilestoneRow"]] = relationship(back_populates="piece", order_by="MilestoneRow.id")
    contents: Mapped[list["Content"]] = relationship(back_populates="piece", order_by="Content.id")
    approvals: Mapped[list[ApprovalRow]] = relationship(order_by=ApprovalRow.id)
    releases: Mapped[list[ReleaseRow]] = relationship(order_by=ReleaseRow.id)
    overrides: Mapped[list[OverrideRow]] = relationship(order_by=OverrideRow.id)
    options: Mapped[list["StoneOption"]] = relationship(back_populates="piece", order_by="StoneOption.id")
    revisions: Mapped[list["Revision"]] = relationship(back_populates="piece", order_by="Revision.number")
    readings: Mapped[list["QcReading"]] = relationship(back_populates="piece", order_by="QcReading.id")

    @property
    def reference(self) -> str:
        """The commission's reference with the piece's letter: OF-0412-A."""
        return f"{self.commission.reference}-{self.letter}"

    @property
    def template(self) -> Template:
        """The workflow it began with."""
        return parse(self.template_text)

    @property
    def revision(self) -> "Revision | None":
        """The newest revision of its design."""
        return self.revisions[-1] if self.revisions else None

    def milestone(self, key: str) -> "MilestoneRow":
        """The row of one milestone."""
        for row in self.milestones:
            if row.key == key:
                return row
        raise LookupError(f"{self.reference} has no milestone {key}")

    def content(self, facet: Facet) -> "Content | None":
        """What stands at one side now."""
        for row in reversed(self.contents):
            if row.facet is facet:
                return row if row.current else None
        return None

    def snapshot(self, house: rules.House) -> rules.Snapshot:
        """The frozen state that the rules read."""
        revision = self.revision
        return rules.Snapshot(
            reference=self.reference,
            template=self.template,
            states=tuple(row.state() for row in self.milestones),
            course=self.course,
            content=MappingProxyType({row.facet: row.digest for row in self.contents if row.current}),
            approvals=tuple(row.fact() for row in self.approvals),
            releases=tuple(row.fact() for row in self.releases),
            plan=tuple(row.fact() for row in self.commission.instalments),
            stones=tuple(option.fact() for option in self.options if option.chosen),
            size=self._size(),
            fixed_size=self.fixed_size,
            engraved=bool(self.engraving),
            weight=self._weight(),
            findings=()
            if revision is None
            else revision.blocks({o.code for o in self.overrides if o.covers(revision)}),
            must_fix=sum(drawn.must_fix for drawn in self.revisions),  # the next drawing does not answer a remark
            failed_checks=tuple(reading.point for reading in self.readings if reading.stands_failed),
            read_checks=frozenset(reading.point for reading in self.readings if not reading.superseded),
            alloy=self.alloy,
            metal_g=None if revision is None else revision.weight_of(self.alloy),
            reworks=self.reworks,
            house=house,
        )

    def apply(self, before: rules.Snapshot, decision: Decision, actor: Actor, at: datetime) -> None:
        """Take a decision over: milestones, course, approvals, releases, and a line in the history for each.

        Args:
            before: the piece as the decision was asked of it.
        """
        after = decision.after
        for milestone_row, was, now in zip(self.milestones, before.states, after.states, strict=True):
            if now != was:  # a step changes one or two of twenty
                milestone_row.take(now, at)
        if (self.course, self.reworks) != (after.course, after.reworks):
            self.course, self.reworks = after.course, after.reworks
        for row, fact in zip(self.approvals, after.approvals, strict=False):
            row.take(fact.standing, at)
        for release_row, release in zip(self.releases, after.releases, strict=False):
            release_row.take(release.standing, at)
        for happened in decision.occurrences:
            facts = dict(happened.facts)
            if happened.milestone is not None:
                facts["milestone"] = happened.milestone
            self.commission.record(happened.kind, actor, at, piece=self.reference, **facts)

    def _size(self) -> rules.Size | None:
        if self.size_mm is None:
            return None
        return rules.Size(self.size_mm, self.size_method, confirmed_by_client=self.size_confirmed_at is not None)

    def _weight(self) -> rules.CadWeight | None:
        accepted = [quote for quote in self.commission.quotes if quote.firm and quote.accepted_at is not None]
        if not accepted or self.revision is None:
            return None
        assumed = accepted[-1].assumption(self.letter)
        weighed = self.revision.weight_of(self.alloy)
        if assumed is None or weighed is None:
            return None
        return rules.CadWeight(weighed, assumed.weight_g, assumed.allowance_g)


class MilestoneRow(Base):
    """How far one milestone of a piece is."""

    __tablename__ = "milestones"
    __table_args__ = (UniqueConstraint("piece_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    key: Mapped[str] = mapped_column(String(40))
    status: Mapped[Status] = mapped_column(index=True)
    evidence: Mapped[list[Any]] = mapped_column(JSON, default=list)
    done_by: Mapped[str | None] = mapped_column(String(40))
    asked_by: Mapped[str | None] = mapped_column(String(40))
    asked_at: Mapped[datetime | None]
    rounds: Mapped[int] = mapped_column(default=0)
    hands: Mapped[list[Any]] = mapped_column(JSON, default=list)  # everybody who had a part in it
    opened_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    piece: Mapped[Piece] = relationship(back_populates="milestones")

    def state(self) -> rules.MilestoneState:
        """As the rules read it."""
        return rules.MilestoneState(
            key=self.key,
            status=self.status,
            evidence=frozenset(self.evidence),
            done_by=self.done_by,
            asked_by=self.asked_by,
            asked_at=self.asked_at,
            rounds=self.rounds,
            hands=frozenset(self.hands),
        )

    def take(self, state: rules.MilestoneState, at: datetime) -> None:
        """Become `state`; the moments of opening, starting and ending are kept."""
        if state.status is not self.status:
            if state.status is Status.OPEN:
                self.opened_at, self.done_at = at, None
            elif state.status is Status.ACTIVE:
                self.started_at = at
            elif state.status in rules.PASSED:
                self.done_at = at
            elif state.status is Status.WAITING:
                self.done_at = None
        self.status = state.status
        if frozenset(self.evidence) != state.evidence:
            self.evidence = sorted(state.evidence)
        self.done_by, self.asked_by, self.asked_at = state.done_by, state.asked_by, state.asked_at
        self.rounds = state.rounds
        if frozenset(self.hands) != state.hands:
            self.hands = sorted(state.hands)


class Content(Base):
    """What one side of a piece said at one time: the very text that was hashed, never changed."""

    __tablename__ = "contents"
    __table_args__ = (
        Index("uq_contents_current", "piece_id", "facet", unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    facet: Mapped[Facet]
    digest: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[str] = mapped_column(Text)  # canonical JSON, as hashed
    created_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(default=True)

    piece: Mapped[Piece] = relationship(back_populates="contents")


def milestone_rows(template: Template, at: datetime) -> list[MilestoneRow]:
    """All rows of a piece on which nothing has happened; they exist from the start, so that races meet on them."""
    rows = []
    for milestone in template.milestones:
        first = not milestone.after
        rows.append(
            MilestoneRow(
                key=milestone.key,
                status=Status.WAITING if milestone.after else Status.OPEN,
                evidence=[],
                hands=[],
                rounds=0,
                opened_at=at if first else None,
            )
        )
    return rows
