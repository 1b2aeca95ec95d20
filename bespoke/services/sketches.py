"""Concept sketches: drawn, put before the client together, and one of them picked."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.approval import ApprovalRow
from bespoke.models.brief import Sketch
from bespoke.models.file import File
from bespoke.models.piece import Piece
from bespoke.proof.seal import Sealable
from bespoke.services import steps, together
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.steps import Circumstances
from workflows.actions import Approve, AskChanges, HandIn
from workflows.roles import Actor
from workflows.sentences import sentence
from workflows.template import Facet

CONCEPT = "concept"


def add(session: Session, piece: Piece, file: File, actor: Actor, *, note: str = "", at: datetime) -> Sketch:
    """One more sketch of a piece; the set the client is shown changes with it.

    Raises:
        NotAllowed: somebody else than a designer.
        NotPossible: the same drawing is among the sketches already.
    """
    before = of(session, piece)
    if any(sketch.digest == file.digest for sketch in before):
        raise NotPossible(sentence("This drawing is among the sketches already."))
    sketch = Sketch(
        piece_id=piece.id,
        number=len(before) + 1,
        digest=file.digest,
        note=note.strip(),
        drawn_by_id=int(actor.id),
        created_at=at,
    )
    steps.put_content(session, piece, Facet.SKETCH, _content((*before, sketch)), actor, at=at)
    session.add(sketch)
    session.flush()
    for one in before:
        one.picked_at = None  # the set is another one now
    piece.commission.record(
        "sketch_added", actor, at, piece=piece.reference, number=sketch.number, digest=sketch.digest
    )
    facts = {"number": sketch.number, "digest": sketch.digest}
    together.show_where_open(session, piece, CONCEPT, "sketch", actor, facts, at=at)
    session.flush()
    return sketch


def hand_in(session: Session, piece: Piece, actor: Actor, *, at: datetime) -> str:
    """Put the sketches before the client; the digest a pick carries back."""
    drawn = of(session, piece)
    if drawn and "sketch" not in piece.milestone(CONCEPT).evidence:  # drawn before the brief was agreed
        facts = {"number": drawn[-1].number, "digest": drawn[-1].digest}
        together.show_where_open(session, piece, CONCEPT, "sketch", actor, facts, at=at)
    steps.act(session, piece, HandIn(CONCEPT), actor, at=at)
    return steps.manifest(session, piece, CONCEPT)


def pick(
    session: Session,
    piece: Piece,
    number: int,
    shown: str,
    actor: Actor,
    circumstances: Circumstances,
    *,
    at: datetime,
    at_counter: bool = False,
) -> ApprovalRow:
    """The client picks one of the sketches that were shown.

    Raises:
        Missing: there is no sketch of that number.
        Stale: a sketch was added after the page was shown.
    """
    sketch = next((one for one in of(session, piece) if one.number == number), None)
    if sketch is None:
        raise Missing(
            sentence("There is no sketch %(number)s of %(reference)s.", number=number, reference=piece.reference)
        )
    words = Circumstances(
        f"{circumstances.words} Sketch {sketch.number}, file {sketch.digest}.".strip(),
        circumstances.address,
        circumstances.device,
    )
    row = steps.approve(session, piece, Approve(CONCEPT, shown, at_counter=at_counter), actor, words, at=at)
    for one in of(session, piece):
        one.picked_at = at if one is sketch else None
    piece.commission.record(
        "sketch_picked", actor, at, piece=piece.reference, number=sketch.number, digest=sketch.digest
    )
    session.flush()
    return row


def ask_another(session: Session, piece: Piece, note: str, actor: Actor, *, at: datetime) -> None:
    """The client wants another sketch, and says what should be different."""
    steps.act(session, piece, AskChanges(CONCEPT, note), actor, at=at)


def of(session: Session, piece: Piece) -> tuple[Sketch, ...]:
    """All sketches of a piece in the order they were drawn."""
    return tuple(session.scalars(select(Sketch).where(Sketch.piece_id == piece.id).order_by(Sketch.number)))


def picked(session: Session, piece: Piece) -> Sketch | None:
    """The sketch the client picked, if they have."""
    return next((sketch for sketch in of(session, piece) if sketch.picked_at is not None), None)


def _content(sketches: tuple[Sketch, ...]) -> dict[str, Sealable]:
    return {
        "sketches": [{"number": one.number, "digest": one.digest, "note": one.note} for one in sketches],
    }
