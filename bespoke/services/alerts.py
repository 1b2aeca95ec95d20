"""Word to somebody, at once and by mail, of what was done with their way in: whoever did not do it must learn of it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.access import SignIn
from bespoke.models.job import Queue, enqueue
from bespoke.models.people import Person
from bespoke.notifications.security import What

MAIL = "alert"


def owe(session: Session, person: Person, what: What, *, at: datetime, device: str = "", left: int = 0) -> None:
    """The letter about it is owed from this transaction on.

    Args:
        device: in words, where it was done: "Firefox on Windows".
        left: of codes on paper, where one was used.
    """
    facts = {"person": person.id, "what": what.value, "device": device, "left": left, "at": at.isoformat()}
    # to the address as it is now: one that is changed later does not take the word of it away
    enqueue(session, MAIL, {**facts, "to": person.email}, queue=Queue.MAIL, at=at)


def was_here_before(session: Session, person: Person, *, but: int) -> bool:
    """Whether the person was ever signed in before the sign-in of that number: the first of all is no news."""
    earlier = select(SignIn.id).where(SignIn.person_id == person.id, SignIn.id != but)
    return session.scalar(earlier.limit(1)) is not None
