"""A machine that does anything to a piece in any order, beside a small model that knows only what a yes is worth.

The model shares no code with the rules. It keeps a count for each side of the piece, and for each yes and release the
counts it was given for: a yes is worth something while these are the present ones and nobody sent the piece back to
it or behind it. From that alone it says what must live and what must be dead after every decision.
"""

from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.workflows.pieces import MAKER, NOW, OTHER, PAID, SIZE, STONE, sound, step
from workflows.actions import Action, Approve, Cancel, Change, Release, SendBack, Skip, Start
from workflows.decide import Decision, decide
from workflows.errors import WorkflowError
from workflows.milestone import Facet, Template
from workflows.offers import offers
from workflows.roles import Actor, Role
from workflows.snapshot import Hold, Snapshot, Standing, Status
from workflows.template import load

DOWN = {Status.WAITING, Status.OPEN}
UP = {Status.ACTIVE, Status.ASKED, Status.RELEASED, Status.DONE, Status.SKIPPED}


@dataclass
class Model:
    """What the sides of the piece are, by number, and what was said yes to, by the numbers it was said to."""

    sides: dict[str, int | None]
    rests: dict[str, frozenset[str]]
    yes: dict[str, dict[str, int | None]] = field(default_factory=dict)
    release: dict[str, dict[str, int | None]] = field(default_factory=dict)

    def about(self, milestone: str) -> dict[str, int | None]:
        """The numbers of the sides that a milestone is about, as they are now."""
        return {side: self.sides[side] for side in self.rests[milestone]}

    def change(self, side: str, there: bool) -> None:
        """Another content in the place of a side, or none."""
        number = max((n for n in [self.sides[side], self._last.get(side)] if n is not None), default=0) + 1
        self._last[side] = number
        self.sides[side] = number if there else None

    _last: dict[str, int] = field(default_factory=dict)

    def worth(self, given: dict[str, dict[str, int | None]]) -> set[str]:
        """The milestones whose yes or release is about what stands now."""
        return {milestone for milestone, sides in given.items() if sides == self.about(milestone)}


class Pieces(RuleBasedStateMachine):
    """Any steps by anybody in any order, in a world that turns good and bad."""

    template: Template

    @initialize(stones=st.booleans(), engraved=st.booleans())
    def begin(self, stones: bool, engraved: bool) -> None:
        self.piece = sound(self.template, stones=stones, engraved=engraved)
        sides = {facet.value: 1 if facet in self.piece.content else None for facet in Facet}
        if not self.template.sized:
            sides["size"] = None
        rests = {m.key: frozenset(facet.value for facet in m.rests_on) for m in self.template.milestones}
        self.model = Model(sides, rests)

    def step(self, action: Action, actor: Actor) -> bool:
        before = self.piece
        try:
            decision = decide(before, action, actor, at=NOW)
        except WorkflowError:
            return False
        self.follow(before, action, decision)
        self.check(before, action, decision)
        self.piece = self.world(decision.after, action)
        return True

    def follow(self, before: Snapshot, action: Action, decision: Decision) -> None:
        """The model's own idea of what the step means."""
        match action:
            case Approve(milestone):
                self.model.yes[milestone] = self.model.about(milestone)
            case Release(milestone):
                self.model.release[milestone] = self.model.about(milestone)
            case Change(facet, digest) if decision.occurrences and (facet is not Facet.SIZE or self.template.sized):
                self.model.change(facet.value, digest is not None)
            case _:
                pass

    def world(self, piece: Snapshot, action: Action) -> Snapshot:
        """What the house does beside the rules: a new stone is locked and fetched, a new size confirmed."""
        stones = () if Facet.STONES not in piece.content else piece.stones or (STONE,)
        size = piece.size
        if size is not None and isinstance(action, Change) and action.facet is Facet.SIZE:
            size = replace(size, confirmed_by_client=True)
        return replace(piece, stones=stones, size=size)

    def check(self, before: Snapshot, action: Action, decision: Decision) -> None:
        after, said = decision.after, [(o.kind, o.milestone) for o in decision.occurrences]
        target = getattr(action, "milestone", None)
        for old, new in zip(before.states, after.states, strict=True):
            if old.status in UP and new.status in DOWN:
                assert (old.key == target and said) or ("milestone_reopened", old.key) in said, (action, old, new)
            if old.status is not new.status and old.key != target:
                settled = {old.status, new.status} == DOWN
                assert settled or new.status in DOWN, (action, old, new)
            if self.template[old.key].irreversible and old.status in {Status.ACTIVE, Status.DONE}:
                kept = new.status is old.status or (old.key == target and new.status is Status.DONE)
                assert kept or (isinstance(action, SendBack) and ("milestone_reopened", old.key) in said), action
        for old_yes, new_yes in zip(before.approvals, after.approvals, strict=False):
            if old_yes.standing is not new_yes.standing:
                assert new_yes.standing is Standing.SUPERSEDED
                assert ("approval_superseded", old_yes.milestone) in said
        for old_release, new_release in zip(before.releases, after.releases, strict=False):
            if old_release.standing is not new_release.standing:
                assert new_release.standing is Standing.SUPERSEDED
                assert ("release_voided", old_release.milestone) in said
        assert after == before or said, action
        if isinstance(action, Change) and said:
            resting = {m for m, sides in self.model.rests.items() if action.facet.value in sides}
            living = {yes.milestone for yes in after.approvals if yes.standing is Standing.LIVE}
            assert not resting & living, "a yes outlived what it was given to"
        if isinstance(action, Start) and self.template[action.milestone].irreversible:
            self.check_guarded(before, action.milestone)

    def check_guarded(self, piece: Snapshot, key: str) -> None:
        milestone = self.template[key]
        assert piece.plan == PAID, f"{key} began without its money"
        assert piece.size == (SIZE if self.template.sized else None), f"{key} began without a confirmed size"
        assert milestone.stones is None or piece.stones in {(), (STONE,)}, f"{key} began without its stones"
        worth = self.model.worth(self.model.yes)
        for need in milestone.needs:
            assert need in worth or piece.status(need) is Status.SKIPPED
        gives = [key, *milestone.after]
        assert self.model.worth(self.model.release) & set(gives)
        given = [r for r in piece.releases if r.standing is Standing.LIVE and r.milestone in gives]
        assert given
        assert all(release.asked_by != release.released_by for release in given)

    @rule(steps=st.integers(1, 12))
    def go_on(self, steps: int) -> None:
        """By the ordinary way."""
        for _ in range(steps):
            further = step(self.piece)
            if further is None:
                return
            for key in (s.key for s, t in zip(self.piece.states, further.states, strict=True) if s != t):
                if len(further.approvals) > len(self.piece.approvals) and further.approvals[-1].milestone == key:
                    self.model.yes[key] = self.model.about(key)
                if len(further.releases) > len(self.piece.releases) and further.releases[-1].milestone == key:
                    self.model.release[key] = self.model.about(key)
                if further.status(key) is Status.ACTIVE and self.template[key].irreversible:
                    self.check_guarded(self.piece, key)
            self.piece = further

    @rule(data=st.data(), actor=st.sampled_from([*MAKER.values(), *OTHER.values()]))
    def take_an_offer(self, data: st.DataObject, actor: Actor) -> None:
        """Something that is offered, whether it is open or not; the end of it all is tried elsewhere."""
        found = [offer.action for offer in offers(self.piece, actor, at=NOW) if not isinstance(offer.action, Cancel)]
        if found:
            self.step(data.draw(st.sampled_from(found)), actor)

    @rule(facet=st.sampled_from(Facet), there=st.booleans(), number=st.integers(2, 5))
    def change(self, facet: Facet, there: bool, number: int) -> None:
        if there or facet in {Facet.STONES, Facet.ENGRAVING}:
            digest = f"{facet.value}-{number}" if there else None
            if digest != self.piece.content.get(facet):
                self.step(Change(facet, digest), OTHER[Role.OWNER])

    @rule(data=st.data())
    def send_back(self, data: st.DataObject) -> None:
        ways = [(m.key, to) for m in self.template.milestones for to in m.rework_to if self.piece.status(m.key) in UP]
        if ways:
            at, to = data.draw(st.sampled_from(ways))
            self.step(SendBack(at, to, "porosity", "house"), OTHER[Role.LEAD])

    @rule(data=st.data())
    def leave_out(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from([m.key for m in self.template.milestones]))
        self.step(Skip(key, "not wanted"), OTHER[Role.OWNER])

    @rule(data=st.data(), actor=st.sampled_from([*MAKER.values(), *OTHER.values()]))
    def say_yes_to_anything(self, data: st.DataObject, actor: Actor) -> None:
        key = data.draw(st.sampled_from([m.key for m in self.template.milestones]))
        digest = data.draw(st.sampled_from(["old", self.piece.manifest(key) or "none"]))
        accepted = self.step(Approve(key, digest), actor)
        assert not (accepted and digest == "old")

    @rule(trouble=st.sampled_from(["money", "size", "stones"]))
    def something_goes_missing(self, trouble: str) -> None:
        if trouble == "size" and self.piece.size is not None:
            self.piece = replace(self.piece, size=replace(SIZE, confirmed_by_client=False))
        elif trouble == "stones" and self.piece.stones:
            self.piece = replace(self.piece, stones=(replace(STONE, hold=Hold.HELD),))
        elif trouble == "money":
            self.piece = replace(self.piece, plan=())

    @rule()
    def everything_is_there_again(self) -> None:
        stones = (STONE,) if self.piece.stones else ()
        size = SIZE if self.piece.size is not None else None
        self.piece = replace(self.piece, plan=PAID, size=size, stones=stones)

    @invariant()
    def what_lives_is_about_what_stands(self) -> None:
        if not hasattr(self, "piece"):
            return
        living = {yes.milestone for yes in self.piece.approvals if yes.standing is Standing.LIVE}
        assert living <= self.model.worth(self.model.yes)
        for yes in self.piece.approvals:
            if yes.standing is Standing.LIVE:
                assert yes.digest == self.piece.manifest(yes.milestone)
        for given in self.piece.releases:
            if given.standing is Standing.LIVE:
                assert given.milestone in self.model.worth(self.model.release)
                assert given.digest == self.piece.manifest(given.milestone)

    @invariant()
    def what_is_done_by_a_yes_has_exactly_one(self) -> None:
        if not hasattr(self, "piece"):
            return
        for milestone in self.template.milestones:
            if milestone.approves:
                living = [
                    yes
                    for yes in self.piece.approvals
                    if yes.milestone == milestone.key and yes.standing is Standing.LIVE
                ]
                assert len(living) == (self.piece.status(milestone.key) is Status.DONE), milestone.key

    @invariant()
    def what_waits_has_something_before_it_and_what_is_open_has_not(self) -> None:
        if not hasattr(self, "piece"):
            return
        for milestone in self.template.milestones:
            free = all(self.piece.status(other) in {Status.DONE, Status.SKIPPED} for other in milestone.after)
            status = self.piece.status(milestone.key)
            assert status is not Status.WAITING or not free, milestone.key
            assert status is not Status.OPEN or free, milestone.key


SETTINGS = settings(
    max_examples=40,
    stateful_step_count=40,
    phases=(Phase.explicit, Phase.generate),  # shrinking a long walk takes minutes; the walk is printed as it was
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Rings(Pieces):
    template = load("ring")


class Remounts(Pieces):
    template = load("remount")


class Pairs(Pieces):
    template = load("pair")


class Resizes(Pieces):
    template = load("resize")


TestRings = Rings.TestCase
TestRings.settings = SETTINGS
TestRemounts = Remounts.TestCase
TestRemounts.settings = SETTINGS
TestPairs = Pairs.TestCase
TestPairs.settings = SETTINGS
TestResizes = Resizes.TestCase
TestResizes.settings = SETTINGS
