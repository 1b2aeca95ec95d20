"""Reads the table of refused attempts: how a piece stands, what is tried with it and by whom."""

from dataclasses import replace
from decimal import Decimal

from tests.workflows.pieces import MAKER, OTHER, SIZE, STONE, at, record_all, sound, take
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
from workflows.milestone import Facet
from workflows.roles import Actor, Role
from workflows.snapshot import CadWeight, Course, Finding, Hold, Snapshot, Status
from workflows.template import load

THIN = Finding("thin_wall", "The wall is 0.4 mm at the shank.")


def situation(template: str, milestone: str, status: str, world: str) -> Snapshot:
    """A piece whose milestone has come to a status by the ordinary way, in a world with the named troubles."""
    troubles = world.split()
    kinds = {"stones": "stoneless" not in troubles, "engraved": "engraved" in troubles}
    if status == "waiting":
        piece = sound(load(template), **kinds)
    else:
        piece = at(load(template), milestone, Status(status), **kinds)
    for trouble in troubles:
        piece = troubled(piece, milestone, trouble)
    return piece


def troubled(piece: Snapshot, milestone: str, trouble: str) -> Snapshot:
    """The piece with one thing not as it should be."""
    name, _, value = trouble.partition("=")
    match name:
        case "unpaid":
            short = [replace(p, cleared_minor=0) if p.key == value else p for p in piece.plan]
            return replace(piece, plan=tuple(short))
        case "unplanned":
            return replace(piece, plan=())
        case "unsized":
            return replace(piece, size=None)
        case "unconfirmed":
            return replace(piece, size=replace(SIZE, confirmed_by_client=False))
        case "guessed":
            return replace(piece, size=replace(SIZE, method="guess"), fixed_size=True)
        case "resized":
            return replace(piece, size=replace(SIZE, diameter_mm=Decimal(value)))
        case "away":
            return replace(piece, stones=(replace(STONE, in_hand=False),))
        case "memo":
            return replace(piece, stones=(replace(STONE, on_memo=True),))
        case "held":
            return replace(piece, stones=(replace(STONE, hold=Hold.HELD),))
        case "taken":
            return replace(piece, stones=(replace(STONE, taken=True),))
        case "unchosen":
            return replace(piece, stones=())
        case "blocked":
            return replace(piece, findings=(THIN,))
        case "heavy":
            return replace(piece, weight=CadWeight(Decimal("6.4"), Decimal("5.0"), Decimal("0.5")))
        case "remarks":
            return replace(piece, must_fix=int(value))
        case "failed":
            return replace(piece, failed_checks=(value.replace("_", " "),))
        case "paused":
            return replace(piece, course=Course.PAUSED)
        case "cancelled":
            return replace(piece, course=Course.CANCELLED)
        case "sole":
            return replace(piece, house=replace(piece.house, sole_maker=True))
        case "changed":
            return take(piece, Change(Facet(value), "new"), OTHER[Role.OWNER])
        case "missing":
            return replace(piece, content={f: d for f, d in piece.content.items() if f.value != value})
        case "recorded":
            return record_all(piece, milestone)
        case "stoneless" | "engraved":
            return piece
    raise AssertionError(f"no such trouble: {trouble}")


def step_of(piece: Snapshot, milestone: str, step: str) -> Action:
    """The action a row of the table names; what it does not say is what a careful person would say."""
    name, *said = step.split()
    value = said[0] if said else ""
    digest = piece.manifest(milestone) or "0" * 64
    match name:
        case "start":
            return Start(milestone)
        case "record":
            return Record(milestone, value)
        case "hand_in":
            return HandIn(milestone)
        case "approve":
            return Approve(milestone, value if value not in {"", "counter"} else digest, at_counter=value == "counter")
        case "ask_changes":
            return AskChanges(milestone, "" if value == "silently" else "a thinner band")
        case "complete":
            return Complete(milestone)
        case "ask_release":
            return AskRelease(milestone)
        case "release":
            return Release(milestone, digest, _gauge(value))
        case "release_other":
            return Release(milestone, "other", SIZE.diameter_mm)
        case "withdraw":
            return Withdraw(milestone, "" if value == "silently" else "not yet")
        case "send_back":
            cause = "" if said[1:] == ["silently"] else "porosity"
            return SendBack(milestone, value, cause, "" if said[1:] == ["unpaid"] else "house")
        case "skip":
            return Skip(milestone, "" if value == "silently" else "not wanted")
        case "change":
            return Change(Facet(value), "newer")
        case "override":
            return Override(value, "" if said[1:] == ["silently"] else "it is a bezel")
        case "pause":
            return Pause("" if value == "silently" else "the client travels")
        case "resume":
            return Resume()
        case "cancel":
            return Cancel("" if value == "silently" else "changed plans")
    raise AssertionError(f"no such step: {step}")


def who(name: str) -> Actor:
    """A person of a role; "asker" and "maker" are the bench's own hands, other roles somebody else's."""
    if name in {"asker", "maker"}:
        return MAKER[Role.BENCH]
    return OTHER[Role(name)]


def _gauge(value: str) -> Decimal | None:
    return None if value == "blind" else Decimal(value or SIZE.diameter_mm)
