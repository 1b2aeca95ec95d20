"""The bench: starting and finishing steps, weighing, photographing, releasing, sending back."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.piece import Piece
from bespoke.models.production import Evidence, Photograph, Rework, Weight, WorkSpan
from bespoke.queries.quotes import accepted
from bespoke.services import balance, chains, files, identities, steps
from bespoke.services.errors import NotPossible
from bespoke.storage.store import Stored
from workflows.actions import AskRelease, Complete, HandIn, Release, SendBack, Skip, Start
from workflows.errors import NotAllowed, OutOfOrder
from workflows.quality import expected_cast_range, expected_finished_range
from workflows.roles import STAFF, Actor
from workflows.sentences import sentence
from workflows.snapshot import PASSED, Course, Status
from workflows.stones import Whereabouts
from workflows.units import CARAT_G

SETTING = "setting"
WEIGHINGS = ("gross", "button", "net", "scrap", "final")
WEIGHT_EVIDENCE = {"gross": "gross_weight", "net": "net_weight", "final": "final_weight"}
HEAVIEST_G = 10_000
LONGEST = 300  # letters of a caption or a reason


def start(session: Session, piece: Piece, milestone: str, actor: Actor, *, at: datetime) -> None:
    """Begin a step; the time on it counts from here."""
    if milestone == SETTING:
        identities.check(session, piece, milestone)
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
        expected_g: from and to; what the drawing says to expect where left out.

    Raises:
        NotPossible: nothing weighs that, or nothing is weighed so.
        OutOfOrder: the step is not under way.
    """
    _at_work(piece, milestone, actor)
    if kind not in WEIGHINGS:
        raise NotPossible(sentence("A weighing is one of %(weighings)s.", weighings=", ".join(WEIGHINGS)))
    _plausible(weight_g)
    outside = _outside(session, piece, kind, weight_g, expected_g)
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
        NotPossible: no reason, another piece's weighing, no weight, or it was corrected before.
    """
    if actor.role not in STAFF:
        raise NotAllowed(sentence("The house corrects what it weighed."))
    if wrong.piece_id != piece.id:
        raise NotPossible(sentence("This is a weighing of another piece."))
    if not reason.strip():
        raise NotPossible(sentence("Say why the weight is corrected."))
    _plausible(weight_g)
    if session.scalar(select(Weight.id).where(Weight.corrects_id == wrong.id)) is not None:
        raise NotPossible(sentence("This weighing has been corrected already; correct the correction."))
    row = Weight(
        piece_id=piece.id,
        milestone=wrong.milestone,
        kind=wrong.kind,
        weight_g=weight_g,
        outside_expected=_outside(session, piece, wrong.kind, weight_g, None),
        corrects_id=wrong.id,
        reason=reason.strip()[:LONGEST],
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
        reason=row.reason,
        weight=row.id,
        corrects=wrong.id,
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
    """A photograph of a step, re-encoded and in the store already; the client sees it only when told so.

    Of a step that is done it is one more picture, and no longer its evidence.
    """
    _at_work(piece, milestone, actor, also=PASSED)
    files.enter(session, stored, media_type, at=at)
    row = Photograph(
        piece_id=piece.id,
        milestone=milestone,
        digest=stored.digest,
        caption=caption.strip()[:LONGEST],
        client_visible=client_visible,
        by_id=int(actor.id),
        at=at,
    )
    session.add(row)
    session.flush()
    if "photograph" in piece.template[milestone].evidence and not steps.is_past(piece, milestone):
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


def let_see(
    session: Session, piece: Piece, photograph: Photograph, actor: Actor, *, visible: bool, at: datetime
) -> None:
    """Let the client see a photograph from now on, or no longer.

    Raises:
        NotAllowed: only the house decides what it shows.
        NotPossible: it is of another piece.
    """
    if actor.role not in STAFF:
        raise NotAllowed(sentence("The house decides which photographs it shows."))
    if photograph.piece_id != piece.id:
        raise NotPossible(sentence("This is a photograph of another piece."))
    if photograph.client_visible is visible:
        return
    photograph.client_visible = visible
    piece.commission.record(
        "photograph_shown" if visible else "photograph_hidden",
        actor,
        at,
        piece=piece.reference,
        milestone=photograph.milestone,
        sha256=photograph.digest,
    )
    session.flush()


def complete(session: Session, piece: Piece, milestone: str, actor: Actor, *, at: datetime) -> None:
    """Say that a step is done; with the setting the stones are in the piece.

    Raises:
        OutOfBalance: metal or stones that went in did not come out, beyond what the trade allows.
        NotPossible: a piece is to be handed over that is not in the house.
    """
    balance.check(session, piece, milestone)
    chains.check(session, piece, milestone)
    identities.check(session, piece, milestone)
    steps.act(session, piece, Complete(milestone), actor, at=at)
    if milestone == SETTING:
        _move_stones(session, piece, {Whereabouts.IN_HOUSE, Whereabouts.IN_BAG}, Whereabouts.SET, "set", actor, at)
    chains.follow(session, piece, milestone, actor, at=at)
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
    """Send the piece back for rework, with its cause, who bears the cost, and what it cost.

    Stones that were set come out again where the setting has to be done again.

    Args:
        cost_minor: in the commission's currency; the client never sees it.

    Raises:
        NotPossible: it cost less than nothing.
    """
    if cost_minor is not None and cost_minor < 0:
        raise NotPossible(sentence("A rework costs nothing or more."))
    steps.act(session, piece, SendBack(milestone, to, cause, cost_bearer), actor, at=at)
    if SETTING in piece.template and not steps.is_past(piece, SETTING):
        _move_stones(session, piece, {Whereabouts.SET}, Whereabouts.IN_BAG, "unset", actor, at)
    for reading in piece.readings:
        reading.superseded = True
    row = Rework(
        piece_id=piece.id,
        from_milestone=milestone,
        to_milestone=to,
        cause=cause.strip()[:60],
        cost_bearer=cost_bearer.strip()[:20],
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
    """What a raw casting should weigh in grams, from and to, by its drawing; None where no weight is known."""
    drawn = None if piece.revision is None else piece.revision.weight_of(piece.alloy)
    return None if drawn is None else expected_cast_range(drawn)


def expected_finished_g(session: Session, piece: Piece) -> tuple[Decimal, Decimal] | None:
    """What the finished piece should weigh in grams, from and to, stones included; None where no weight is known."""
    drawn = None if piece.revision is None else piece.revision.weight_of(piece.alloy)
    if drawn is None:
        return None
    stones_g = _stones_g(piece)
    lightest, heaviest = expected_finished_range(drawn)
    return lightest + stones_g, heaviest + stones_g


def drawn_with_stones_g(piece: Piece) -> Decimal | None:
    """What the drawing and the chosen stones weigh together, in grams; None where no weight is known.

    Where the drawing's weight was withheld, the one the accepted price assumed stands in for it.
    """
    drawn = None if piece.revision is None else piece.revision.weight_of(piece.alloy)
    if drawn is None:
        quote = accepted(piece.commission)
        assumed = None if quote is None else quote.assumption(piece.letter)
        drawn = None if assumed is None else assumed.weight_g
    return None if drawn is None else drawn + _stones_g(piece)


def _stones_g(piece: Piece) -> Decimal:
    return sum((option.stone.weight_ct for option in piece.options if option.chosen), Decimal(0)) * CARAT_G


def _at_work(piece: Piece, milestone: str, actor: Actor, *, also: frozenset[Status] = frozenset()) -> None:
    """Refuse whoever is not of the house, and what is about a step that has not been reached."""
    if actor.role not in STAFF:
        raise NotAllowed(sentence("This is written down by the house."))
    title, status = piece.template[milestone].title, piece.milestone(milestone).status
    if piece.course is not Course.LIVE:
        raise OutOfOrder(f"{piece.reference} is {piece.course.value}.")
    if status is Status.WAITING or (status in PASSED and status not in also):
        raise OutOfOrder(
            sentence("%(title)s is %(status)s, so nothing is put down for it now.", title=title, status=status.value)
        )


def _plausible(weight_g: Decimal) -> None:
    if not weight_g.is_finite() or not 0 < weight_g < HEAVIEST_G:
        raise NotPossible(sentence("%(weight_g)s g is no weight of a piece; weigh it again.", weight_g=weight_g))


def _outside(
    session: Session, piece: Piece, kind: str, weight_g: Decimal, told: tuple[Decimal, Decimal] | None
) -> bool:
    known = {"net": expected_cast_g, "final": expected_finished_g}.get(kind)
    expected = told if told is not None or known is None else known(session, piece)
    return expected is not None and not expected[0] <= weight_g <= expected[1]


def _move_stones(
    session: Session, piece: Piece, from_: set[Whereabouts], to: Whereabouts, step: str, actor: Actor, at: datetime
) -> None:
    moved = [option.stone for option in piece.options if option.chosen and option.stone.whereabouts in from_]
    for stone in moved:
        stone.whereabouts = to
        chains.went(session, stone, actor, at=at)
        piece.commission.record(
            "stone_moved",
            actor,
            at,
            piece=piece.reference,
            stone=stone.reference,
            step=step,
            whereabouts=to.value,
        )


def _stop_clock(session: Session, piece: Piece, milestone: str, at: datetime) -> None:
    running = select(WorkSpan).where(
        WorkSpan.piece_id == piece.id, WorkSpan.milestone == milestone, WorkSpan.ended_at.is_(None)
    )
    for span in session.scalars(running):
        span.ended_at = at
    session.flush()
