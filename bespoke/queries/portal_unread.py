"""What in a conversation is new to one of its readers."""

from bespoke.models.message import Message
from bespoke.queries.whole import Whole
from workflows.roles import Actor


def unread(whole: Whole, actor: Actor) -> tuple[Message, ...]:
    """What the house wrote since this reader last had the conversation before them."""
    had = next((one.read_to for one in whole.commission.participants if str(one.person_id) == actor.id), None)
    if had is None:
        return ()
    heard = (one for one in whole.rows.of(Message) if not one.internal and str(one.author_id) != actor.id)
    return tuple(one for one in heard if one.id > had)
