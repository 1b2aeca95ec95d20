"""What is engraved into a piece: the exact words, of which a proof is shown before they are cut."""

from datetime import datetime

from sqlalchemy.orm import Session

from bespoke.models.piece import Piece
from bespoke.services import steps
from bespoke.services.errors import NotPossible
from workflows.roles import Actor
from workflows.sentences import sentence
from workflows.template import Facet

LONGEST = 200


def word(session: Session, piece: Piece, text: str, actor: Actor, *, at: datetime, face: str = "") -> None:
    """Engrave these words, or nothing where they are empty; a proof of other words is void.

    Args:
        face: the lettering, as the engraver calls it.

    Raises:
        NotPossible: too long, or with characters nobody can see.
        OutOfOrder: it has been engraved.
    """
    words = text.strip()
    if len(words) > LONGEST or not words.isprintable():
        raise NotPossible(
            sentence("An engraving has at most %(longest)s characters, each of which can be seen.", longest=LONGEST)
        )
    body = {"text": words, "face": face.strip()} if words else None
    steps.put_content(session, piece, Facet.ENGRAVING, body, actor, at=at)
    piece.engraving = words
    session.flush()
