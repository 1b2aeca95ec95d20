"""The alloy a piece is made of."""

from datetime import datetime

from sqlalchemy.orm import Session

from bespoke.models.piece import Piece
from bespoke.proof.seal import Sealable
from bespoke.services import steps
from bespoke.services.errors import NotPossible
from workflows.alloys import ALLOYS
from workflows.roles import Actor
from workflows.sentences import sentence
from workflows.template import Facet


def choose(session: Session, piece: Piece, code: str, actor: Actor, *, at: datetime) -> None:
    """Make the piece in the alloy of this code; what was approved in another one is void.

    Raises:
        NotPossible: no such alloy.
    """
    if code not in ALLOYS:
        raise NotPossible(
            sentence("There is no alloy %(code)s; there are %(alloys)s.", code=code, alloys=", ".join(sorted(ALLOYS)))
        )
    alloy = ALLOYS[code]
    body: dict[str, Sealable] = {
        "alloy": alloy.code,
        "fineness_ppt": alloy.fineness_ppt,
        "density_g_cm3": alloy.density_g_cm3,
    }
    steps.put_content(session, piece, Facet.ALLOY, body, actor, at=at)
    piece.alloy = code
    session.flush()
