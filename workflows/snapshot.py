"""The frozen state of one piece that every rule reads: milestones, approvals, content, money, stones, size."""

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from workflows.errors import UnknownMilestone
from workflows.milestone import Facet, Milestone, Template, release_of
from workflows.sentences import sentence


class Status(StrEnum):
    """Where one milestone stands."""

    WAITING = "waiting"  # something before it is not done
    OPEN = "open"  # may begin
    ACTIVE = "active"  # begun
    ASKED = "asked"  # handed in: waits for a yes, or for a second person's release
    RELEASED = "released"  # a second person let it begin
    DONE = "done"
    SKIPPED = "skipped"


BEGUN = frozenset({Status.ACTIVE, Status.DONE})
PASSED = frozenset({Status.DONE, Status.SKIPPED})


class Course(StrEnum):
    """Whether the piece is being worked on at all."""

    LIVE = "live"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class Standing(StrEnum):
    """Whether a yes still counts."""

    LIVE = "live"
    SUPERSEDED = "superseded"


class Hold(StrEnum):
    """How firmly a stone belongs to this commission."""

    NONE = "none"
    HELD = "held"  # until a moment; frees itself
    LOCKED = "locked"  # by cleared money


@dataclass(frozen=True, slots=True)
class MilestoneState:
    """How far one milestone is, with what evidence and by whom.

    Attributes:
        done_by: who began it, or did it at once.
        hands: everybody who began it, recorded evidence of it or ended it, in this metal however often it was redone.
    """

    key: str
    status: Status = Status.WAITING
    evidence: frozenset[str] = frozenset()
    done_by: str | None = None
    asked_by: str | None = None
    asked_at: datetime | None = None
    rounds: int = 0  # how often it was handed in
    hands: frozenset[str] = frozenset()

    def made_by(self, person: str) -> bool:
        """Whether this person had a hand in it."""
        return person in self.hands or person == self.done_by


@dataclass(frozen=True, slots=True)
class Approval:
    """A client's yes to exactly one content of a milestone."""

    milestone: str
    digest: str
    by: str
    standing: Standing = Standing.LIVE


@dataclass(frozen=True, slots=True)
class Released:
    """A second person's word that a step which cannot be undone may begin."""

    milestone: str
    digest: str
    asked_by: str
    released_by: str
    gauge_mm: Decimal | None = None
    standing: Standing = Standing.LIVE


@dataclass(frozen=True, slots=True)
class Instalment:
    """One part of the price, in minor units; `key` is deposit, progress or balance."""

    key: str
    due_minor: int
    cleared_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class StoneState:
    """One chosen stone as far as the rules care."""

    reference: str
    hold: Hold = Hold.NONE
    in_hand: bool = False
    on_memo: bool = False  # a supplier's property until bought
    taken: bool = False  # another commission's
    centre: bool = False
    inscribed: bool = False  # its report's number is on the girdle


@dataclass(frozen=True, slots=True)
class Size:
    """The ordered size: inner diameter in millimetres, how it was measured, who confirmed it."""

    diameter_mm: Decimal
    method: str
    confirmed_by_client: bool = False

    @property
    def guessed(self) -> bool:
        """Whether nobody measured it."""
        return self.method == "guess"


@dataclass(frozen=True, slots=True)
class CadWeight:
    """The drawing's weight in grams against what the quote assumed and allowed."""

    cad_g: Decimal
    assumed_g: Decimal
    allowance_g: Decimal

    @property
    def outside(self) -> bool:
        """Whether the price has to be asked again."""
        return abs(self.cad_g - self.assumed_g) > self.allowance_g


@dataclass(frozen=True, slots=True)
class Finding:
    """A block in the CAD report; answered when a named person overrode it with a reason."""

    code: str
    message: str
    answered: bool = False


@dataclass(frozen=True, slots=True)
class House:
    """What the house decided for itself."""

    sole_maker: bool = False
    reconfirm_after_hours: int = 12
    size_tolerance_mm: Decimal = Decimal("0.10")
    market: str = ""  # where it sells: a country's two letters; the law on hallmarks follows it


NO_CONTENT: Mapping[Facet, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One piece, whole: what the rules need to decide and nothing else."""

    reference: str
    template: Template
    states: tuple[MilestoneState, ...]
    course: Course = Course.LIVE
    content: Mapping[Facet, str] = field(default_factory=lambda: NO_CONTENT)
    approvals: tuple[Approval, ...] = ()
    releases: tuple[Released, ...] = ()
    plan: tuple[Instalment, ...] = ()
    stones: tuple[StoneState, ...] = ()
    size: Size | None = None
    fixed_size: bool = False  # eternity, tension: it can never be resized
    engraved: bool = False
    weight: CadWeight | None = None
    findings: tuple[Finding, ...] = ()
    must_fix: int = 0  # open remarks that must be answered before a yes
    failed_checks: tuple[str, ...] = ()
    read_checks: frozenset[str] = frozenset()  # points read in the last round of the final check
    alloy: str | None = None
    metal_g: Decimal | None = None  # of the drawing, without stones; None where it is not known
    reworks: int = 0
    house: House = House()

    def state(self, key: str) -> MilestoneState:
        """The state of one milestone."""
        for state in self.states:
            if state.key == key:
                return state
        raise UnknownMilestone(
            sentence("%(reference)s has no milestone %(key)s.", reference=self.reference, key=f"{key!r}")
        )

    def status(self, key: str) -> Status:
        """The status of one milestone."""
        return self.state(key).status

    def begun(self, key: str) -> bool:
        """Whether work on the milestone itself has begun or ended."""
        return self.status(key) in BEGUN

    def manifest(self, key: str) -> str | None:
        """The digest of what stands at a milestone now; None while a side of it is missing."""
        milestone = self.template[key]
        missing = [facet for facet in milestone.rests_on if facet not in self.content and self.applies(facet)]
        if missing:
            return None
        facets = {facet: self.content.get(facet) for facet in milestone.rests_on if self.applies(facet)}
        return manifest_digest(self.reference, key, facets)

    def applies(self, facet: Facet) -> bool:
        """Whether this piece has that side at all: stoneless and unengraved pieces are legal."""
        if facet is Facet.STONES:
            return bool(self.stones) or facet in self.content
        if facet is Facet.SIZE:
            return self.template.sized
        if facet is Facet.ENGRAVING:
            return self.engraved or facet in self.content
        return True

    def required(self, key: str) -> tuple[str, ...]:
        """The evidence this piece needs at a milestone; one without stones needs none about them."""
        milestone = self.template[key]
        if self.applies(Facet.STONES):
            return milestone.evidence
        return tuple(name for name in milestone.evidence if name not in milestone.only_with_stones)

    def approved(self, key: str) -> bool:
        """Whether a live yes covers exactly what stands at the milestone."""
        digest = self.manifest(key)
        return any(
            approval.milestone == key and approval.standing is Standing.LIVE and approval.digest == digest
            for approval in self.approvals
        )

    def released(self, key: str) -> bool:
        """Whether a live release covers exactly what stands at the milestone."""
        digest = self.manifest(key)
        return any(
            release.milestone == key and release.standing is Standing.LIVE and release.digest == digest
            for release in self.releases
        )

    @property
    def size_tolerance_mm(self) -> Decimal:
        """How far a gauge may be off in inner diameter: the template's figure, or the house's."""
        return self.template.size_tolerance_mm or self.house.size_tolerance_mm

    def release_holds(self, key: str) -> bool:
        """Whether a milestone is released and, where a gauge was read, the reading still agrees with the order."""
        return self.released(key) and self.off_gauge(key) is None

    def off_gauge(self, key: str) -> Decimal | None:
        """The reading of a live release that no longer agrees with the ordered size; None when all is well."""
        if not (self.template[key].gauge and self.template.sized and self.size is not None):
            return None
        for release in self.releases:
            if release.milestone == key and release.standing is Standing.LIVE and release.gauge_mm is not None:
                off = abs(release.gauge_mm - self.size.diameter_mm)
                if off > self.size_tolerance_mm:
                    return release.gauge_mm
        return None

    def used(self, release: str) -> bool:
        """Whether a step that this release lets begin has begun."""
        return any(
            self.begun(milestone.key)
            for milestone in self.template.milestones
            if milestone.irreversible and release_of(self.template, milestone.key) == release
        )

    def waits_for(self, key: str) -> tuple[str, ...]:
        """The milestones that have to be done before this one is open, those right before it first.

        Behind metal that was made these are all of the work on it, not only the one right before: what cannot be
        undone stays done when something earlier is sent back, and would let the check begin before the mending.
        """
        template = self.template
        ground = _ground(self, key, _passed(self), _made(self))
        order = dict.fromkeys((*template[key].after, *(milestone.key for milestone in template.milestones)))
        return tuple(other for other in order if other in ground)

    def handed_over(self) -> Milestone | None:
        """The milestone at which the piece left, or is leaving, the house."""
        for milestone in self.template.milestones:
            if milestone.hands_over and self.begun(milestone.key):
                return milestone
        return None

    def with_state(self, changed: MilestoneState) -> "Snapshot":
        """The same piece with one milestone's state replaced."""
        return replace(self, states=tuple(changed if s.key == changed.key else s for s in self.states))


def begin(
    reference: str,
    template: Template,
    *,
    house: House | None = None,
    fixed_size: bool = False,
    engraved: bool = False,
) -> Snapshot:
    """A piece on which nothing has happened: its first milestone is open."""
    states = tuple(
        MilestoneState(milestone.key, Status.WAITING if milestone.after else Status.OPEN)
        for milestone in template.milestones
    )
    return Snapshot(
        reference=reference,
        template=template,
        states=states,
        house=house or House(),
        fixed_size=fixed_size,
        engraved=engraved,
    )


def manifest_digest(reference: str, milestone: str, facets: Mapping[Facet, str | None]) -> str:
    """SHA-256, in hex, of what an approval or a release of a milestone binds."""
    content = {
        "piece": reference,
        "milestone": milestone,
        "facets": {facet.value: digest for facet, digest in sorted(facets.items())},
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def settled(snapshot: Snapshot) -> Snapshot:
    """The same piece with waiting and open milestones told apart by what comes before them.

    Work that is not done and whose ground was taken away waits again; work that is done stays done, and so does
    work under way that cannot be undone.
    """
    passed, made = _passed(snapshot), _made(snapshot)
    states = tuple(_settled(snapshot, state, passed, made) for state in snapshot.states)
    return snapshot if states == snapshot.states else replace(snapshot, states=states)


def _settled(snapshot: Snapshot, state: MilestoneState, passed: Set[str], made: Sequence[str]) -> MilestoneState:
    if state.status in PASSED or (state.status is Status.ACTIVE and snapshot.template[state.key].irreversible):
        return state
    free = not _ground(snapshot, state.key, passed, made)
    if not free and state.status is not Status.WAITING:
        return replace(state, status=Status.WAITING, asked_by=None, asked_at=None)
    if free and state.status is Status.WAITING:
        return replace(state, status=Status.OPEN)
    return state


def _passed(snapshot: Snapshot) -> Set[str]:
    return {state.key for state in snapshot.states if state.status in PASSED}


def _made(snapshot: Snapshot) -> Sequence[str]:
    """The milestones that make metal and have begun."""
    return [metal.key for metal in snapshot.template.milestones if metal.makes_metal and snapshot.begun(metal.key)]


def _ground(snapshot: Snapshot, key: str, passed: Set[str], made: Sequence[str]) -> Set[str]:
    template = snapshot.template
    ground = {other for other in template[key].after if other not in passed}
    for metal in made:
        if key in template.behind(metal):
            ground |= (template.before(key) & template.behind(metal)) - passed
    return ground
