"""Which commissions somebody may see; to a stranger another's commission does not exist."""

import re

from sqlalchemy import Select, exists, false, select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, Participant
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from workflows.roles import STAFF, Actor, Role
from workflows.sentences import sentence


class NotFound(LookupError):
    """There is no such thing for whoever asks: unknown and not theirs read alike."""

    def __init__(self, what: str = sentence("commission")) -> None:
        super().__init__(sentence("There is no %(what)s here.", what=what))
        self.what = what


_PIECE = re.compile(r"(?P<commission>.+)-(?P<letter>[A-Z]{1,2})", re.ASCII)


def visible_to(actor: Actor) -> Select[Commission]:
    """The commissions shown to somebody: all of them to the staff, to others those they have a part in."""
    everything = select(Commission)
    if actor.role in STAFF:
        return everything
    if actor.role not in (Role.CLIENT, Role.READER) or not actor.id.isdecimal():
        return everything.where(false())
    return everything.where(
        exists().where(
            Participant.commission_id == Commission.id,
            Participant.person_id == int(actor.id),
            Participant.role == actor.role,
        )
    )


def get(session: Session, reference: str, actor: Actor) -> Commission:
    """The commission of that reference.

    Raises:
        NotFound: there is none, or it is not theirs to see; nobody can tell which.
    """
    found = session.scalar(visible_to(actor).where(Commission.reference == reference))
    if found is None:
        raise NotFound(sentence("commission"))
    return found


def get_piece(session: Session, reference: str, actor: Actor) -> Piece:
    """The piece of that reference: OF-0412-A.

    Raises:
        NotFound: there is none, or it is not theirs to see.
    """
    read = _PIECE.fullmatch(reference)
    if read is not None:
        commission = get(session, read["commission"], actor)
        for piece in commission.pieces:
            if piece.letter == read["letter"]:
                return piece
    raise NotFound(sentence("piece"))


def all_visible(session: Session, actor: Actor) -> tuple[Commission, ...]:
    """Every commission somebody may see, the one changed last first."""
    statement = visible_to(actor).order_by(Commission.changed_at.desc(), Commission.id.desc())
    return tuple(session.scalars(statement))


def acting_in(session: Session, commission: Commission, person: Person) -> Actor:
    """A person as what they are to one commission: its client, or one who reads along.

    Raises:
        NotFound: they have no part in it, or are no longer let in.
    """
    statement = select(Participant.role).where(
        Participant.commission_id == commission.id, Participant.person_id == person.id
    )
    role = session.scalar(statement)
    if role is None or not person.active:
        raise NotFound(sentence("commission"))
    return person.acting(role)
