"""What somebody sees of the commissions: as their client or reading along, whichever they are to each."""

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.queries.commissions import NotFound, visible_to
from workflows.roles import STAFF, Actor, Role
from workflows.sentences import sentence


def seen_by(actor: Actor) -> Select[Commission]:
    """The commissions this person may open: all for the staff; for others those they ordered or read along in."""
    if actor.role in STAFF:
        return visible_to(actor)
    roles = (Actor(actor.id, role, actor.name) for role in (Role.CLIENT, Role.READER))
    theirs = union_all(*(visible_to(one).with_only_columns(Commission.id) for one in roles))
    return select(Commission).where(Commission.id.in_(theirs))


def get(session: Session, reference: str, actor: Actor) -> Commission:
    """One commission by its reference.

    Raises:
        NotFound: there is none, or it is not theirs to see.
    """
    found = session.scalar(seen_by(actor).where(Commission.reference == reference.upper()))
    if found is None:
        raise NotFound(sentence("commission"))
    return found
