"""Every action in every status by every role, against a table written down from the trade's process by hand.

The five kinds of milestone are those the engine knows: a yes, plain work, a release given by a second person, work
that cannot be undone after such a release, and work that cannot be undone with a release of its own.
"""

from dataclasses import replace
from itertools import product

import pytest

from tests.workflows.pieces import NOW, OTHER, SIZE, at, digest_of, sound
from workflows.actions import (
    Action,
    Approve,
    AskChanges,
    AskRelease,
    Cancel,
    Change,
    Complete,
    HandIn,
    Override,
    Pause,
    Record,
    Release,
    Resume,
    SendBack,
    Skip,
    Start,
    Withdraw,
)
from workflows.decide import decide
from workflows.errors import WorkflowError
from workflows.milestone import Facet
from workflows.roles import Role
from workflows.snapshot import Approval, Course, Finding, MilestoneState, Released, Snapshot, Status
from workflows.template import load

RING = load("ring")
ACTIONS = {
    "start": lambda key, digest: Start(key),
    "record": lambda key, digest: Record(key, RING[key].evidence[0]),
    "hand_in": lambda key, digest: HandIn(key),
    "approve": lambda key, digest: Approve(key, digest),
    "approve_at_counter": lambda key, digest: Approve(key, digest, at_counter=True),
    "ask_changes": lambda key, digest: AskChanges(key, "a thinner band"),
    "complete": lambda key, digest: Complete(key),
    "ask_release": lambda key, digest: AskRelease(key),
    "release": lambda key, digest: Release(key, digest, SIZE.diameter_mm),
    "withdraw": lambda key, digest: Withdraw(key, "not yet"),
    "send_back": lambda key, digest: SendBack(key, REWORK[key], "porosity", "house"),
    "skip": lambda key, digest: Skip(key, "not wanted"),
}
REWORK = {
    "render_approval": "cad",
    "clean_assembly": "clean_assembly",
    "pre_cast_release": "pattern",
    "casting": "pre_cast_release",
    "setting": "setting",
}
# milestone: {action: (statuses in which, roles by which it is accepted)}; whatever is not here is refused
ACCEPTED: dict[str, dict[str, tuple[str, str]]] = {
    "render_approval": {
        "start": ("open", "designer owner"),
        "record": ("open active", "designer owner"),
        "hand_in": ("open active", "designer owner"),
        "approve": ("asked", "client"),
        "approve_at_counter": ("asked", "client office owner"),
        "ask_changes": ("asked", "client office owner"),
        "withdraw": ("asked", "designer lead owner"),
        "send_back": ("open active asked released done", "designer lead owner"),
    },
    "clean_assembly": {
        "start": ("open", "bench lead owner"),
        "record": ("open active", "bench lead owner"),
        "complete": ("open active", "bench lead owner"),
        "send_back": ("open active asked released done", "bench lead owner"),
    },
    "pre_cast_release": {
        "record": ("open active", "bench lead designer owner"),
        "ask_release": ("open", "bench lead designer owner"),
        "release": ("asked", "bench lead designer owner"),
        "withdraw": ("asked released done", "bench lead designer owner"),
        "send_back": ("open active asked released done", "bench lead designer owner"),
    },
    "casting": {
        "start": ("open", "bench lead owner"),
        "record": ("active", "bench lead owner"),
        "complete": ("active", "bench lead owner"),
        # once metal is cast, only who answers for it may have it cast again
        "send_back": ("open asked released", "bench lead owner"),
        "send_back again": ("active done", "lead owner"),
    },
    "setting": {
        "start": ("released", "bench lead owner"),
        "record": ("active", "bench lead owner"),
        "complete": ("active", "bench lead owner"),
        "ask_release": ("open", "bench lead owner"),
        "release": ("asked", "bench lead designer owner"),
        "withdraw": ("asked released", "bench lead designer owner"),
        "send_back": ("open active asked released done", "bench lead owner"),
    },
}


def accepted(key: str, action: str, status: Status, role: Role) -> bool:
    rows = [ACCEPTED[key].get(name, ("", "")) for name in (action, f"{action} again")]
    return any(status.value in statuses.split() and role.value in roles.split() for statuses, roles in rows)


def standing(key: str, status: Status) -> Snapshot:
    """A ring that came by the ordinary way to a milestone, which is then given the status."""
    if status is Status.WAITING:
        return sound(RING)
    piece = at(RING, key, Status.OPEN)
    evidence = frozenset(RING[key].evidence) if status is not Status.SKIPPED else frozenset()
    asked = status is Status.ASKED
    state = MilestoneState(key, status, evidence, asked_by="asker" if asked else None, asked_at=NOW if asked else None)
    piece = piece.with_state(state)
    digest = digest_of(piece, key)
    if RING[key].approves and status is Status.DONE:
        return replace(piece, approvals=(*piece.approvals, Approval(key, digest, "client-1")))
    if RING[key].releases and status in {Status.RELEASED, Status.ACTIVE, Status.DONE}:
        given = Released(key, digest, "asker", "releaser", SIZE.diameter_mm)
        return replace(piece, releases=(*piece.releases, given))
    return piece


@pytest.mark.parametrize(("key", "action"), list(product(ACCEPTED, ACTIONS)))
def test_only_the_listed_steps_are_accepted(key: str, action: str) -> None:
    wrong = []
    for status in Status:
        piece = standing(key, status)
        step = ACTIONS[action](key, digest_of(piece, key))
        for role in Role:
            if accepts(piece, step, role) is not accepted(key, action, status, role):
                wrong.append((status.value, role.value))
    assert wrong == []


def accepts(piece: Snapshot, step: Action, role: Role) -> bool:
    try:
        decide(piece, step, OTHER[role], at=NOW)
    except WorkflowError:
        return False
    return True


def test_the_table_names_only_what_there_is() -> None:
    for key, rows in ACCEPTED.items():
        for action, (statuses, roles) in rows.items():
            assert action.removesuffix(" again") in ACTIONS, key
            assert set(statuses.split()) <= set(Status)
            assert set(roles.split()) <= set(Role)


LEFT_OUT = {
    # milestone: who may leave it out, of which piece
    "concept": ("designer lead office owner", "any"),
    "stone_sourcing": ("designer lead office owner", "stoneless"),
    "pattern": ("bench lead office owner", "any"),
    "hallmark": ("bench lead office owner", "any"),
    "setting": ("bench lead office owner", "stoneless"),
    "engrave_proof": ("bench designer lead office owner", "unengraved"),
    "engrave": ("bench lead office owner", "unengraved"),
}


@pytest.mark.parametrize("key", [milestone.key for milestone in RING.milestones])
def test_a_milestone_is_left_out_only_where_the_table_says(key: str) -> None:
    roles, which = LEFT_OUT.get(key, ("", "none"))
    for stones, engraved in product((True, False), repeat=2):
        piece = at(RING, key, Status.OPEN, stones=stones, engraved=engraved) if passes(key, stones, engraved) else None
        fits = which == "any" or (which == "stoneless" and not stones) or (which == "unengraved" and not engraved)
        for role in Role:
            if piece is not None:
                expected = fits and role.value in roles.split()
                assert accepts(piece, Skip(key, "not wanted"), role) is expected, (stones, engraved, role)


def passes(key: str, stones: bool, engraved: bool) -> bool:
    """Whether the ordinary way stops at the milestone, rather than leaving it out or never opening it."""
    return key != "dossier" or (stones and engraved)


CHANGES = {
    Facet.BRIEF: "client designer office owner",
    Facet.SKETCH: "client designer owner",
    Facet.STONES: "client designer office bench lead owner",
    Facet.QUOTE: "office owner",
    Facet.TERMS: "office owner",
    Facet.DESIGN: "designer owner",
    Facet.ALLOY: "client designer office owner",
    Facet.SIZE: "client designer office owner",
    Facet.ENGRAVING: "client designer office owner",
    Facet.DELIVERY: "client office owner",
}
# from which milestone's beginning on a side is fixed
FIXED_BY = {
    Facet.DESIGN: "casting",
    Facet.ALLOY: "casting",
    Facet.SIZE: "casting",
    Facet.STONES: "setting",
    Facet.ENGRAVING: "engrave",
}


@pytest.mark.parametrize("facet", list(Facet))
def test_a_side_is_changed_only_by_the_listed_roles_and_until_work_fixes_it(facet: Facet) -> None:
    fixed_by = FIXED_BY.get(facet, "delivery")
    before = at(RING, fixed_by, Status.OPEN, engraved=True)
    after = at(RING, fixed_by, Status.ACTIVE if fixed_by in FIXED_BY.values() else Status.DONE, engraved=True)
    left = at(RING, "delivery", Status.DONE, engraved=True)
    for role in Role:
        assert accepts(before, Change(facet, "new"), role) is (role.value in CHANGES[facet].split()), role
        assert not accepts(after, Change(facet, "new"), role), role
        assert not accepts(left, Change(facet, "new"), role), role


# which action, in which course, by whom
COURSES = {
    "pause": {"live": "office owner"},
    "resume": {"paused": "office owner"},
    "cancel": {"live": "office owner", "paused": "office owner"},
    "override": {"live": "lead owner"},
    "start": {"live": "office designer owner"},
}
WHOLE: dict[str, Action] = {
    "pause": Pause("the client travels"),
    "resume": Resume(),
    "cancel": Cancel("changed plans"),
    "override": Override("thin_wall", "it is a bezel"),
    "start": Start("enquiry"),
}


@pytest.mark.parametrize("action", COURSES)
def test_a_piece_rests_ends_and_goes_on_only_as_listed(action: str) -> None:
    finding = Finding("thin_wall", "The wall is 0.4 mm at the shank.")
    for course in Course:
        piece = replace(sound(RING), course=course, findings=(finding,))
        for role in Role:
            expected = role.value in COURSES[action].get(course.value, "").split()
            assert accepts(piece, WHOLE[action], role) is expected, (course, role)
