"""The bench: starting and finishing steps, weighing, photographing, releasing, sending back."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.piece import Piece
from bespoke.models.production import Evidence, Photograph, Rework, Weight, WorkSpan
from bespoke.services import files, house, steps
from bespoke.services.errors import NotPossible
from bespoke.storage.store import Stored
from workflows.actions import AskRelease, Complete, HandIn, Release, SendBack, Skip, Start
from workflows.roles import Actor
from workflows.stones import Whereabouts

SETTING = "setting"
WEIGHT_EVIDENCE = {"gross": "gross_weight", "net": "net_weight", "final": "final_weight"}


def start(session: Session, piece: Piece, milestone: str, actor: Actor, *, at: datetime) -> None:
    """Begin a step; the time on it counts from here."""
    steps.act(session, piece, Start(milestone), actor, at=at)
    session.add(WorkSpan(piece_id=piece.id, milestone=milestone, person_id=int(actor.id), started_at=at))
    session.flush()


def show(
    session: Session,
    piece: Piece,
    milestone: str,
    kind: str,
    actor: Actor,
    facts: Mapping[str, Any] | None = None,
    *,
    at: datetime,
) -> Evidence:
    """Put down what shows that a step was done: a batch, a lot, marks, a count."""
    return steps.show_evidence(session, piece, milestone, kind, actor, facts, at=at)


def weigh(
    session: Session,
    piece: Piece,
    milestone: str,
    kind: str,
    weight_g: Decimal,
    actor: Actor,
    *,
    at: datetime,
    expected_g: tuple[Decimal, Decimal] | None = None,
) -> Weight:
    """Put a weighing down; one outside the expected range is kept and flagged, never refused.

    Args:
        kind: gross, button, net, scrap or final.
        expected_g: from and to, where the drawing or an earlier weighing says what to expect.

    Raises:
        NotPossible: nothing weighs that.
    """
    if not weight_g.is_finite() or not 0 < weight_g < 10_000:
        raise NotPossible(f"{weight_g} g is no weight of a piece; weigh it again.")
    outside = expected_g is not None and not expected_g[0] <= weight_g <= expected_g[1]
    row = Weight(
        piece_id=piece.id,
        milestone=milestone,
        kind=kind,
        weight_g=weight_g,
        outside_expected=outside,
        by_id=int(actor.id),
        at=at,
    )
    session.add(row)
    session.flush()
    facts = {"weight_g": str(weight_g), "outside_expected": outside, "weight": row.id}
    evidence = WEIGHT_EVIDENCE.get(kind)
    if evidence in piece.template[milestone].evidence and evidence is not None:
        steps.show_evidence(session, piece, milestone, evidence, actor, facts, at=at)
    piece.commission.record("weighed", actor, at, piece=piece.reference, milestone=milestone, weighing=kind, **facts)
    session.flush()
    return row


def correct_weight(
    session: Session, piece: Piece, wrong: Weight, weight_g: Decimal, reason: str, actor: Actor, *, at: datetime
) -> Weight:
    """The right weight in the place of a wrong one, which stays to be seen.

    Raises:
        NotPossible: no reason, or it was corrected before.
    """
    if not reason.strip():
        raise NotPossible("Say why the weight is corrected.")
    if session.scalar(select(Weight.id).where(Weight.corrects_id == wrong.id)) is not None:
        raise NotPossible("This weighing has been corrected already; correct the correction.")
    row = Weight(
        piece_id=piece.id,
        milestone=wrong.milestone,
        kind=wrong.kind,
        weight_g=weight_g,
        outside_expected=False,
        corrects_id=wrong.id,
        reason=reason.strip(),
        by_id=int(actor.id),
        at=at,
    )
    session.add(row)
    session.flush()
    piece.commission.record(
        "weight_corrected",
        actor,
        at,
        piece=piece.reference,
        milestone=wrong.milestone,
        weighing=wrong.kind,
        was_g=str(wrong.weight_g),
        weight_g=str(weight_g),
        reason=reason,
    )
    session.flush()
    return row


def photograph(
    session: Session,
    piece: Piece,
    milestone: str,
    stored: Stored,
    actor: Actor,
    *,
    at: datetime,
    caption: str = "",
    client_visible: bool = False,
    media_type: str = "image/jpeg",
) -> Photograph:
    """A photograph of a step, re-encoded and in the store already; the client sees it only when told so."""
    files.enter(session, stored, media_type, at=at)
    row = Photograph(
        piece_id=piece.id,
        milestone=milestone,
        digest=stored.digest,
        caption=caption,
        client_visible=client_visible,
        by_id=int(actor.id),
        at=at,
    )
    session.add(row)
    session.flush()
    if "photograph" in piece.template[milestone].evidence:
        facts = {"sha256": stored.digest, "photograph": row.id}
        steps.show_evidence(session, piece, milestone, "photograph", actor, facts, at=at)
    piece.commission.record(
        "photographed",
        actor,
        at,
        piece=piece.reference,
        milestone=milestone,
        sha256=stored.digest,
        client_visible=client_visible,
    )
    session.flush()
    return row


def complete(session: Session, piece: Piece, milestone: str, actor: Actor, *, at: datetime) -> None:
    """Say that a step is done."""
    steps.act(session, piece, Complete(milestone), actor, at=at)
    if milestone == SETTING:
        for option in piece.options:
            if option.chosen:
                option.stone.whereabouts = Whereabouts.SET
    _stop_clock(session, piece, milestone, at)


def hand_in(session: Session, piece: Piece, milestone: str, actor: Actor, *, at: datetime) -> None:
    """Put the result of a step before the client."""
    steps.act(session, piece, HandIn(milestone), actor, at=at)
    _stop_clock(session, piece, milestone, at)


def ask_release(session: Session, piece: Piece, milestone: str, actor: Actor, *, at: datetime) -> None:
    """Ask a second person to let a step begin."""
    steps.act(session, piece, AskRelease(milestone), actor, at=at)


def release(
    session: Session,
    piece: Piece,
    milestone: str,
    digest: str,
    actor: Actor,
    *,
    at: datetime,
    gauge_mm: Decimal | None = None,
    gauge: str = "",
) -> None:
    """Let a step begin, as the second person, with the size read from a gauge where there is one."""
    steps.release(session, piece, Release(milestone, digest, gauge_mm), actor, gauge=gauge, at=at)


def skip(session: Session, piece: Piece, milestone: str, reason: str, actor: Actor, *, at: datetime) -> None:
    """Leave out a step this piece does not have."""
    steps.act(session, piece, Skip(milestone, reason), actor, at=at)


def send_back(
    session: Session,
    piece: Piece,
    milestone: str,
    to: str,
    cause: str,
    cost_bearer: str,
    actor: Actor,
    *,
    at: datetime,
    note: str = "",
    cost_minor: int | None = None,
) -> Rework:
    """Send the piece back for rework, with its cause, who bears the cost, and what it cost."""
    steps.act(session, piece, SendBack(milestone, to, cause, cost_bearer), actor, at=at)
    for reading in piece.readings:
        reading.superseded = True
    row = Rework(
        piece_id=piece.id,
        from_milestone=milestone,
        to_milestone=to,
        cause=cause,
        cost_bearer=cost_bearer,
        cost_minor=cost_minor,
        note=note,
        by_id=int(actor.id),
        at=at,
    )
    session.add(row)
    _stop_clock(session, piece, milestone, at)
    session.flush()
    return row


def expected_cast_g(session: Session, piece: Piece) -> tuple[Decimal, Decimal] | None:
    """What a casting should weigh in grams, from and to: the drawing, and what finishing may take off."""
    revision = piece.revision
    weight = None if revision is None else revision.weight_of(piece.alloy)
    if weight is None:
        return None
    loss = house.current(session).finishing_loss
    return (weight * Decimal("0.97"), weight / (1 - loss) * Decimal("1.05"))


def _stop_clock(session: Session, piece: Piece, milestone: str, at: datetime) -> None:
    running = select(WorkSpan).where(
        WorkSpan.piece_id == piece.id, WorkSpan.milestone == milestone, WorkSpan.ended_at.is_(None)
    )
    for span in session.scalars(running):
        span.ended_at = at
    session.flush()
