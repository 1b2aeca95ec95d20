"""The plain steps of the house: which service does each, and what is checked before a file is taken."""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from bespoke.models.piece import Piece
from bespoke.queries import seen
from bespoke.queries.commissions import NotFound
from bespoke.queries.desk import require_drawable
from bespoke.services import designs, production, steps
from bespoke.services.errors import NotPossible
from renders.report import LengthUnit
from workflows.actions import Withdraw
from workflows.roles import Actor
from workflows.sentences import sentence, together

UNITS: Mapping[str, str] = {
    "": sentence("the file says"),
    LengthUnit.MILLIMETRE.value: sentence("millimetres"),
    LengthUnit.CENTIMETRE.value: sentence("centimetres"),
    LengthUnit.METRE.value: sentence("metres"),
    LengthUnit.INCH.value: sentence("inches"),
}

Step = Callable[[Session, Piece, str, str, Actor, datetime], object]


class NoFile(NotPossible):
    """Nothing was chosen to be handed in."""

    def __init__(self) -> None:
        super().__init__(sentence("Choose a CAD file first: STL, OBJ, PLY, GLB, 3MF, STEP or 3DM."))


def do(session: Session, piece: Piece, milestone: str, name: str, reason: str, actor: Actor, *, at: datetime) -> None:
    """Take one of the plain steps.

    Raises:
        WorkflowError: the rules refuse it.
    """
    DOABLE[name](session, piece, milestone, reason, actor, at)


def may_hand_in(session: Session, reference: str, letter: str, actor: Actor, *, at: datetime) -> None:
    """Refuse a file before its bytes are kept, where the design may not change now.

    Raises:
        WorkflowError: the rule's own sentence.
    """
    piece = piece_of(session, reference, letter, actor)
    require_drawable(steps.snapshot(session, piece), actor, at)


def piece_of(session: Session, reference: str, letter: str, actor: Actor) -> Piece:
    """A piece by its letter.

    Raises:
        NotFound: there is none.
    """
    commission = seen.get(session, reference, actor)
    for piece in commission.pieces:
        if piece.letter == letter.upper():
            return piece
    raise NotFound(sentence("piece"))


def unit_of(text: str) -> str | None:
    """The unit a designer confirmed; None where the file is to say.

    Raises:
        NotPossible: no unit we know.
    """
    if text not in UNITS:
        raise NotPossible(
            sentence("A drawing is in %(words)s.", words=together([words for key, words in UNITS.items() if key], ", "))
        )
    return text or None


def plain_name(name: str) -> str:
    """A file's name as it may be shown: no folders, no control or direction characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if unicodedata.category(letter) not in {"Cc", "Cf", "Co", "Cn", "Cs"})
    return kept.strip()[-120:] or "unnamed"


def _start(session: Session, piece: Piece, key: str, _reason: str, actor: Actor, at: datetime) -> None:
    production.start(session, piece, key, actor, at=at)


def _complete(session: Session, piece: Piece, key: str, _reason: str, actor: Actor, at: datetime) -> None:
    if key == "cad":
        designs.finish_drawing(session, piece, actor, at=at)
    else:
        production.complete(session, piece, key, actor, at=at)


def _hand_in(session: Session, piece: Piece, key: str, _reason: str, actor: Actor, at: datetime) -> None:
    if key == "render_approval":
        designs.publish(session, piece, actor, at=at)
    else:
        production.hand_in(session, piece, key, actor, at=at)


def _ask_release(session: Session, piece: Piece, key: str, _reason: str, actor: Actor, at: datetime) -> None:
    production.ask_release(session, piece, key, actor, at=at)


def _skip(session: Session, piece: Piece, key: str, reason: str, actor: Actor, at: datetime) -> None:
    production.skip(session, piece, key, reason, actor, at=at)


def _withdraw(session: Session, piece: Piece, key: str, reason: str, actor: Actor, at: datetime) -> None:
    steps.act(session, piece, Withdraw(key, reason), actor, at=at)


DOABLE: Mapping[str, Step] = {
    "start": _start,
    "complete": _complete,
    "hand_in": _hand_in,
    "ask_release": _ask_release,
    "skip": _skip,
    "withdraw": _withdraw,
}
"""The steps a button of this page takes; `skip` and `withdraw` want a reason."""
