"""What is offered can be done, what is refused is said with its reason, and nothing that can be done is left out."""

import random
from dataclasses import fields
from decimal import Decimal

import pytest

from tests.workflows.pieces import MAKER, NOW, OTHER, SIZE, at, sound, step
from tests.workflows.refused import troubled
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
from workflows.offers import Offer, filled, name_of, offers
from workflows.roles import Actor, Role
from workflows.snapshot import Snapshot, Status
from workflows.template import keys, load

TROUBLES = (
    "unpaid=deposit",
    "unpaid=progress",
    "unpaid=balance",
    "unconfirmed",
    "guessed",
    "away",
    "held",
    "blocked",
    "heavy",
    "remarks=2",
    "failed=size",
    "missing=terms",
)
# the clock is offered no buttons
EVERYBODY = tuple(actor for actor in (*MAKER.values(), *OTHER.values()) if actor.role is not Role.SYSTEM)


def wandering(template: str, seed: int) -> list[Snapshot]:
    """States met on the ordinary way with a turn at random now and then, and in half of them some trouble."""
    chance = random.Random(seed)  # the same walk each time
    piece = sound(load(template), stones=chance.random() < 0.8, engraved=chance.random() < 0.5)
    met = []
    for _ in range(45):
        if chance.random() < 0.8:
            piece = step(piece) or piece
        else:
            actor = chance.choice(EVERYBODY)
            turns = [o.action for o in offers(piece, actor, at=NOW) if o.reason is None and o.name != "cancel"]
            piece = decide(piece, chance.choice(turns), actor, at=NOW).after if turns else piece
        met.append(troubled(piece, "", chance.choice(TROUBLES)) if chance.random() < 0.5 else piece)
    return met


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("template", keys())
def test_an_offer_without_a_reason_succeeds_and_one_with_a_reason_is_refused_with_it(template: str, seed: int) -> None:
    chance = random.Random(seed)
    seen = set()
    for piece in wandering(template, seed):
        for actor in chance.sample(EVERYBODY, 4):
            offered = offers(piece, actor, at=NOW)
            for offer in offered:
                seen.add(offer.name)
                assert outcome(piece, offer.action, actor) == offer.reason, offer
            assert offers(piece, actor, at=NOW, only="approve") == tuple(o for o in offered if o.name == "approve")
    assert len(seen) >= 8


@pytest.mark.parametrize("template", keys())
def test_whatever_can_be_done_is_offered(template: str) -> None:
    chance = random.Random(7)
    for piece in wandering(template, seed=7):
        actor = chance.choice(EVERYBODY)
        offered = {shape(offer.action) for offer in offers(piece, actor, at=NOW) if offer.reason is None}
        for action in everything(piece):
            if outcome(piece, action, actor) is None and not_nothing(piece, action, actor):
                assert shape(action) in offered, (action, actor)


def everything(piece: Snapshot) -> list[Action]:
    """Every action there is, with what a careful person would say."""
    found: list[Action] = [Pause("x"), Resume(), Cancel("x"), Override("thin_wall", "x"), Override("size", "x")]
    found += [Change(facet, "0" * 64) for facet in Facet if any(facet in m.rests_on for m in piece.template.milestones)]
    gauge = SIZE.diameter_mm
    for milestone in piece.template.milestones:
        key, digest = milestone.key, piece.manifest(milestone.key) or ""
        found += [Start(key), HandIn(key), AskChanges(key, "x"), Complete(key), AskRelease(key), Withdraw(key, "x")]
        found += [Approve(key, digest), Approve(key, digest, at_counter=True), Release(key, digest, gauge)]
        found += [Skip(key, "x"), *(SendBack(key, to, "x", "x") for to in milestone.rework_to)]
        found += [Record(key, name) for name in milestone.evidence]
    return found


def outcome(piece: Snapshot, action: Action, actor: Actor) -> str | None:
    try:
        decide(piece, action, actor, at=NOW)
    except WorkflowError as refusal:
        return str(refusal)
    return None


def not_nothing(piece: Snapshot, action: Action, actor: Actor) -> bool:
    return bool(decide(piece, action, actor, at=NOW).occurrences)


def shape(action: Action) -> tuple[object, ...]:
    """An action without what a person writes: what is done, where and to what."""
    written = {"reason", "note", "cause", "cost_bearer", "digest", "gauge_mm", "at_counter"}
    return type(action), *(getattr(action, f.name) for f in fields(action) if f.name not in written)


def named(piece: Snapshot, actor: Actor) -> dict[tuple[str, str | None, str | None], Offer]:
    return {(offer.name, offer.milestone, offer.subject): offer for offer in offers(piece, actor, at=NOW)}


def test_a_client_is_offered_the_yes_and_the_change() -> None:
    found = named(at(load("ring"), "render_approval", Status.ASKED), MAKER[Role.CLIENT])
    assert found["approve", "render_approval", None].reason is None
    assert found["ask_changes", "render_approval", None].asks == ("note",)
    assert not any(name in {"release", "complete", "pause", "send_back"} for name, _, _ in found)


def test_the_bench_sees_why_casting_cannot_begin() -> None:
    piece = troubled(at(load("ring"), "casting", Status.OPEN), "casting", "unpaid=progress")
    start = named(piece, MAKER[Role.BENCH])["start", "casting", None]
    assert start.reason is not None
    assert start.reason.startswith("£400.00 of the progress payment")


def test_who_asked_for_a_release_sees_that_somebody_else_gives_it() -> None:
    piece = at(load("ring"), "pre_cast_release", Status.ASKED)
    asker = Actor(piece.state("pre_cast_release").asked_by or "", Role.BENCH)
    assert "somebody other" in (named(piece, asker)["release", "pre_cast_release", None].reason or "")
    assert named(piece, OTHER[Role.LEAD])["release", "pre_cast_release", None].reason is None


@pytest.mark.parametrize("role", [Role.READER, Role.SYSTEM])
def test_who_only_reads_is_offered_nothing(role: Role) -> None:
    assert offers(sound(load("ring")), MAKER[role], at=NOW) == ()


def test_a_resting_piece_offers_only_to_go_on_or_to_end() -> None:
    piece = troubled(at(load("ring"), "cad", Status.OPEN), "cad", "paused")
    assert {name for name, _, _ in named(piece, MAKER[Role.OFFICE])} == {"resume", "cancel"}
    assert named(piece, MAKER[Role.BENCH]) == {}
    assert offers(troubled(piece, "cad", "cancelled"), MAKER[Role.OWNER], at=NOW) == ()


def test_what_the_person_says_takes_its_place() -> None:
    piece = at(load("ring"), "pre_cast_release", Status.ASKED)
    offer = named(piece, OTHER[Role.LEAD])["release", "pre_cast_release", None]
    assert offer.asks == ("gauge_mm",)
    action = filled(offer, gauge_mm=Decimal("16.55"))
    assert action == Release("pre_cast_release", piece.manifest("pre_cast_release") or "", Decimal("16.55"))
    with pytest.raises(ValueError, match="release asks for gauge_mm"):
        filled(offer, reason="because")


def test_an_action_is_named_as_in_routes() -> None:
    assert name_of(AskRelease("casting")) == "ask_release"
    assert name_of(HandIn("cad")) == "hand_in"
