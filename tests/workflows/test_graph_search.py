"""A search of each template's graph: nobody can get lost in it, and nothing irreversible begins unguarded.

Breadth first over the states of a piece, taking at each one every ordinary step and every disturbance: a change of any
side, a stone or an engraving taken away and put back, changes asked, rework to every place, a milestone left out, a
release taken back. Between two disturbances the piece goes on by any order of ordinary steps; up to two disturbances
meet in one piece, wherever they fall (without limit where a template is small).

What is abstracted: all evidence of a milestone is put down at once; contents are only new or old, so each state is
written with its present content under one name and only the yeses and releases that still live; a hand-in and its
answer are one step. The search runs in a world where nothing is missing. Gates only ever refuse, so what cannot be
reached in that world cannot be reached in a worse one, and each step into something irreversible is tried again in
every worse world.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

import pytest

from tests.workflows.pieces import CLIENT, MAKER, OWNER, SIZE, STONE, attempt, ended, maker_of, onward, sound
from workflows.actions import AskChanges, Cancel, Change, Pause, Resume, SendBack, Skip, Start, Withdraw
from workflows.milestone import Facet, release_of
from workflows.roles import Role
from workflows.snapshot import Approval, Hold, MilestoneState, Snapshot, Standing, Status
from workflows.template import load

UNLIMITED = 99
BUDGETS = {"ring": 2, "remount": 1, "pair": 1, "pendant": 1, "bracelet": 1, "repair": UNLIMITED, "resize": UNLIMITED}
Key = tuple[tuple[Status, ...], bool, bool, frozenset[str], frozenset[str]]


@dataclass(frozen=True)
class Found:
    """What a search found: each state, how many disturbances it took at least, and where ordinary steps lead."""

    states: dict[Key, Snapshot]
    onward: dict[Key, set[Key]]
    began: list[tuple[Snapshot, str]]


def key_of(piece: Snapshot) -> Key:
    return (
        tuple(state.status for state in piece.states),
        Facet.STONES in piece.content,
        Facet.ENGRAVING in piece.content,
        frozenset(given.milestone for given in piece.approvals if given.standing is Standing.LIVE),
        frozenset(given.milestone for given in piece.releases if given.standing is Standing.LIVE),
    )


def canonical(piece: Snapshot) -> Snapshot:
    """The same state with its present content under one name; every living yes must be about that content."""
    renamed = replace(
        piece,
        content=MappingProxyType({facet: f"{facet.value}-1" for facet in piece.content}),
        size=SIZE if piece.template.sized else None,
        stones=(STONE,) if Facet.STONES in piece.content else (),
        states=tuple(MilestoneState(s.key, s.status, asked_by=s.asked_by, asked_at=s.asked_at) for s in piece.states),
        reworks=0,
    )
    approvals, releases = [], []
    for yes in piece.approvals:
        if yes.standing is Standing.LIVE:
            assert yes.digest == piece.manifest(yes.milestone), f"a yes to something else lives on: {yes}"
            approvals.append(replace(yes, digest=renamed.manifest(yes.milestone) or ""))
    for given in piece.releases:
        if given.standing is Standing.LIVE:
            assert given.digest == piece.manifest(given.milestone), f"a release of something else lives on: {given}"
            releases.append(replace(given, digest=renamed.manifest(given.milestone) or ""))
    return replace(renamed, approvals=tuple(approvals), releases=tuple(releases))


def with_evidence(piece: Snapshot, key: str) -> Snapshot:
    """All evidence at once; putting it down one by one is tried elsewhere."""
    state = piece.state(key)
    if state.status not in {Status.OPEN, Status.ACTIVE}:
        return piece
    return piece.with_state(replace(state, evidence=frozenset(piece.template[key].evidence)))


def ordinary(piece: Snapshot) -> Iterator[Snapshot]:
    """Every next state by an ordinary step; a hand-in is followed by its yes."""
    for milestone in piece.template.milestones:
        further = onward(with_evidence(piece, milestone.key), milestone.key)
        if further is not None and milestone.approves and further.status(milestone.key) is Status.ASKED:
            further = onward(further, milestone.key)
        if further is not None:
            yield further


def disturbances(piece: Snapshot) -> Iterator[Snapshot]:
    """Every next state by something going another way than planned."""
    for milestone in piece.template.milestones:
        key, status = milestone.key, piece.status(milestone.key)
        if status is Status.WAITING:
            continue
        ready = with_evidence(piece, key)
        asked = onward(ready, key) if milestone.approves and status is Status.OPEN else None
        steps = [attempt(piece, SendBack(key, to, "porosity", "house"), OWNER) for to in milestone.rework_to]
        if asked is not None and asked.status(key) is Status.ASKED:
            steps.append(attempt(asked, AskChanges(key, "thinner"), CLIENT))
            steps.append(attempt(asked, Withdraw(key, "a mistake"), OWNER))
        if milestone.releases:
            steps.append(attempt(piece, Withdraw(key, "not yet"), OWNER))
        if status is Status.OPEN:
            steps.append(attempt(piece, Skip(key, "not wanted"), OWNER))
        yield from (further for further in steps if further is not None)
    for facet in sorted({facet for milestone in piece.template.milestones for facet in milestone.rests_on}):
        actor = MAKER[Role.DESIGNER] if facet is Facet.DESIGN else OWNER
        digests = ["new"] if facet not in piece.content else ["new", None]
        for digest in digests if facet in {Facet.STONES, Facet.ENGRAVING} else ["new"]:
            further = attempt(piece, Change(facet, digest), actor)
            if further is not None:
                yield further


def search(template: str) -> Found:
    budget, start = BUDGETS[template], canonical(sound(load(template)))
    states, least = {key_of(start): start}, {key_of(start): 0}
    ways: dict[Key, set[Key]] = {}
    began: dict[tuple[str, Key], tuple[Snapshot, str]] = {}
    ahead = deque([(0, key_of(start))])
    while ahead:
        spent, here = ahead.popleft()
        if spent > least[here]:
            continue  # met again with fewer disturbances meanwhile
        piece, ways[here] = states[here], set()
        reached = [(spent, further) for further in ordinary(piece)]
        if spent < budget:
            reached += [(spent + 1, further) for further in disturbances(piece)]
        for cost, further in reached:
            there = key_of(further)
            if cost == spent:
                ways[here].add(there)
            for milestone in piece.template.milestones:
                if further.status(milestone.key) is Status.ACTIVE and piece.status(milestone.key) is not Status.ACTIVE:
                    began[milestone.key, here] = (piece, milestone.key)
            if cost < least.get(there, UNLIMITED + 1) and cost <= budget:
                states.setdefault(there, canonical(further))
                least[there] = cost
                ahead.appendleft((cost, there)) if cost == spent else ahead.append((cost, there))
    return Found(states, ways, list(began.values()))


@pytest.fixture(scope="module", params=sorted(BUDGETS))
def found(request: pytest.FixtureRequest) -> Found:
    return search(request.param)


def test_the_end_stays_reachable_from_wherever_a_piece_can_be(found: Found) -> None:
    back: dict[Key, set[Key]] = {}
    for here, further in found.onward.items():
        for there in further:
            back.setdefault(there, set()).add(here)
    safe = {key for key, piece in found.states.items() if ended(piece)}
    assert safe, "the end is never reached"
    ahead = list(safe)
    while ahead:
        for here in back.get(ahead.pop(), ()):
            if here not in safe:
                safe.add(here)
                ahead.append(here)
    lost = [
        {state.key: state.status.value for state in piece.states}
        for key, piece in found.states.items()
        if key not in safe and not stone_missing(piece)
    ]
    assert not lost, f"{len(lost)} of {len(found.states)} states are dead ends, as {lost[0]}"


def stone_missing(piece: Snapshot) -> bool:
    """Whether the piece waits for a stone to be put forward, without which a remount is none."""
    return Facet.STONES not in piece.content and piece.template["stone_sourcing"].skip.value == "never"


def test_nothing_irreversible_begins_without_its_yes_its_money_its_size_and_a_second_person(found: Found) -> None:
    reached = {key for _, key in found.began}
    template = next(iter(found.states.values())).template
    assert reached == {milestone.key for milestone in template.milestones if milestone.irreversible}
    for piece, key in found.began:
        milestone = piece.template[key]
        for need in milestone.needs:
            if piece.status(need) is not Status.SKIPPED:
                assert [yes.digest for yes in piece.approvals if yes.milestone == need] == [piece.manifest(need)]
        assert any(piece.status(need) is Status.DONE for need in milestone.needs)
        at = release_of(piece.template, key)
        assert at is not None
        (given,) = [release for release in piece.releases if release.milestone == at]
        assert given.digest == piece.manifest(at)
        assert given.asked_by != given.released_by
        if piece.template[at].gauge:
            assert given.gauge_mm == SIZE.diameter_mm
        for name, worse in worse_worlds(piece, key):
            refused = attempt(worse, Start(key), maker_of(milestone)) is None
            assert refused, f"{key} began although {name}"


def worse_worlds(piece: Snapshot, key: str) -> Iterator[tuple[str, Snapshot]]:
    milestone, at = piece.template[key], release_of(piece.template, key)
    due = piece.plan[: [part.key for part in piece.plan].index(milestone.money) + 1]
    for part in due:
        unpaid = tuple(replace(p, cleared_minor=p.cleared_minor - 1) if p is part else p for p in piece.plan)
        yield f"a penny of the {part.key} is missing", replace(piece, plan=unpaid)
    yield "there is no payment plan", replace(piece, plan=())
    for given in piece.approvals:
        if given.milestone in milestone.needs:
            yield f"the yes to {given.milestone} is gone", replace(piece, approvals=without(piece.approvals, given))
            other = tuple(replace(a, digest="other") if a is given else a for a in piece.approvals)
            yield f"the yes to {given.milestone} was to something else", replace(piece, approvals=other)
    yield "nobody released it", replace(piece, releases=tuple(r for r in piece.releases if r.milestone != at))
    if piece.template.sized:
        yield "no size is recorded", replace(piece, size=None)
        yield "the client has not confirmed the size", replace(piece, size=replace(SIZE, confirmed_by_client=False))
        guessed = replace(SIZE, method="guess")
        yield "the size of an eternity ring is guessed", replace(piece, size=guessed, fixed_size=True)
        if at is not None and piece.template[at].gauge:
            larger = replace(SIZE, diameter_mm=SIZE.diameter_mm + Decimal(5))
            yield "the gauge no longer agrees with the order", replace(piece, size=larger)
    if milestone.stones and piece.stones:
        yield "the stone is elsewhere", replace(piece, stones=(replace(STONE, in_hand=False),))
        yield "the stone is only held", replace(piece, stones=(replace(STONE, hold=Hold.HELD),))
        yield "the stone is on memo", replace(piece, stones=(replace(STONE, on_memo=True),))
        yield "the stone is another commission's", replace(piece, stones=(replace(STONE, taken=True),))


def without(given: tuple[Approval, ...], one: Approval) -> tuple[Approval, ...]:
    return tuple(approval for approval in given if approval is not one)


def test_a_piece_rests_and_goes_on_unchanged_wherever_it_is(found: Found) -> None:
    for piece in found.states.values():
        resting = attempt(piece, Pause("the client travels"), OWNER)
        assert resting is not None
        assert attempt(resting, Resume(), OWNER) == piece


def test_a_piece_can_be_cancelled_until_it_leaves_unless_something_irreversible_is_under_way(found: Found) -> None:
    for piece in found.states.values():
        under_way = any(m.irreversible and piece.status(m.key) is Status.ACTIVE for m in piece.template.milestones)
        left = any(m.hands_over and piece.status(m.key) is Status.DONE for m in piece.template.milestones)
        assert (attempt(piece, Cancel("changed plans"), OWNER) is None) == (under_way or left)
