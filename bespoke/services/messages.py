"""Messages about a commission; what is internal stays among the staff."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, Participant
from bespoke.models.file import File
from bespoke.models.message import Message
from bespoke.services.errors import Missing, NotPossible
from workflows.errors import NotAllowed
from workflows.roles import STAFF, Actor, Role
from workflows.sentences import sentence

LONGEST = 10_000
TWICE = timedelta(seconds=30)  # a button pressed twice sends the same words once


def write(
    session: Session,
    commission: Commission,
    text: str,
    actor: Actor,
    *,
    internal: bool = False,
    picture: str | None = None,
    at: datetime,
) -> Message:
    """A message to the other side, or among the staff.

    Args:
        picture: the digest of a file the house keeps.

    Raises:
        NotAllowed: somebody who only reads along, another client, or a client's "internal" message.
        NotPossible: it says nothing, or too much.
        Missing: the picture is not among the house's files.
    """
    theirs = actor.role is Role.CLIENT and actor.id == str(commission.client.id)
    if actor.role not in STAFF and (not theirs or internal):
        raise NotAllowed(sentence("Messages are between the client of a commission and the house."))
    if not text.strip() or len(text) > LONGEST:
        raise NotPossible(sentence("A message says something, in at most %(longest)s characters.", longest=LONGEST))
    if picture is not None and session.get(File, picture) is None:
        raise Missing(sentence("The picture is not among the house's files; upload it first."))
    said = _said_already(session, commission, text.strip(), actor, internal=internal, picture=picture, at=at)
    if said is not None:
        return said
    message = Message(
        commission_id=commission.id,
        author_id=int(actor.id),
        text=text.strip(),
        picture=picture,
        internal=internal,
        at=at,
    )
    session.add(message)
    session.flush()
    commission.record("message_written", actor, at, message=message.id, internal=internal)
    session.flush()
    return message


def note_read(session: Session, commission_id: int, person_id: int, number: int) -> None:
    """Somebody has had the conversation before them as far as the message of that number; nothing rests on it."""
    theirs = Participant.commission_id == commission_id, Participant.person_id == person_id
    change = update(Participant).where(*theirs, Participant.read_to < number).values(read_to=number)
    session.execute(change.execution_options(synchronize_session=False))


def of(session: Session, commission: Commission, actor: Actor) -> tuple[Message, ...]:
    """What this person may read of the conversation, oldest first."""
    statement = select(Message).where(Message.commission_id == commission.id).order_by(Message.at, Message.id)
    if actor.role not in STAFF:
        statement = statement.where(Message.internal.is_(False))
    return tuple(session.scalars(statement))


def _said_already(
    session: Session,
    commission: Commission,
    text: str,
    actor: Actor,
    *,
    internal: bool,
    picture: str | None,
    at: datetime,
) -> Message | None:
    statement = (
        select(Message)
        .where(Message.commission_id == commission.id, Message.author_id == int(actor.id), Message.at > at - TWICE)
        .order_by(Message.id.desc())
        .limit(1)
    )
    last = session.scalar(statement)
    same = last is not None and (last.text, last.internal, last.picture) == (text, internal, picture)
    return last if same else None
