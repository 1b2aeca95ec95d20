"""What a client asks of the house about a stone: to keep it for them while they think."""

from datetime import datetime

from sqlalchemy.orm import Session

from bespoke.models.stone import StoneHold, StoneOption
from bespoke.services import holds
from bespoke.services.errors import NotPossible
from workflows.errors import NotAllowed
from workflows.roles import STAFF, Actor, Role
from workflows.sentences import sentence

MOST = 3  # stones the house keeps for one piece that nobody has chosen yet


def ask_to_hold(session: Session, option: StoneOption, actor: Actor, *, at: datetime) -> StoneHold:
    """The stone is kept for the client, for the time the house keeps one without money.

    Raises:
        StoneTaken: another commission has it by now.
        NotPossible: it was withdrawn, a stone is locked for its place, or as many are kept as the house keeps for
            one piece.
        NotAllowed: somebody else than the client or the house.
    """
    piece, stone = option.piece, option.stone
    theirs = actor.role is Role.CLIENT and actor.id == str(piece.commission.client.id)
    if not theirs and actor.role not in STAFF:
        raise NotAllowed(sentence("The client asks for a stone to be kept, or the house for them."))
    if option.withdrawn_at is not None or option.replaced_at is not None:
        raise NotPossible(
            sentence("Stone %(reference)s is no longer offered; look at the others.", reference=stone.reference)
        )
    mine = [one for one in piece.options if one.role == option.role and one.chosen and one is not option]
    if any(_is_locked(one) for one in mine):
        raise NotPossible(sentence("Your stone is locked for this place already, so no other is kept for it."))
    kept = [one for one in piece.options if one.stone.held and one.stone.held.commission_id == piece.commission_id]
    if option not in kept and len([one for one in kept if not one.chosen]) >= MOST:
        raise NotPossible(
            sentence("We keep at most %(most)s stones at a time for one piece; choose among those first.", most=MOST)
        )
    keeper = actor if actor.role in STAFF else Actor(actor.id, Role.SYSTEM, actor.name)
    return holds.hold(session, piece.commission, stone, keeper, at=at)


def _is_locked(option: StoneOption) -> bool:
    held = option.stone.held
    return held is not None and held.commission_id == option.piece.commission_id and held.locked_at is not None
