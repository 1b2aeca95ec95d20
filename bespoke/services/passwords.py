"""Passwords of the staff: argon2 with the memory a small server has, and a slow, even answer to whoever guesses."""

import secrets
import threading
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.people import Person
from bespoke.services import attempts
from bespoke.services.attempts import Limit
from bespoke.services.errors import NotPossible
from workflows.sentences import sentence

SHORTEST, LONGEST = 12, 200
PER_ACCOUNT = Limit("password of an account", 8, timedelta(minutes=15))
PER_ADDRESS = Limit("passwords from an address", 40, timedelta(minutes=15))
# 19 MiB, two passes, one lane: OWASP's setting for servers that hash beside other work
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
NOBODYS = HASHER.hash(secrets.token_urlsafe(24))  # verified where there is no account, so that the answer takes as long
ONE_AT_A_TIME = threading.Lock()  # so that a burst of guesses does not take 19 MiB a thread


def put(session: Session, person: Person, typed: str) -> None:
    """Give one of the staff a password; only its hash is kept.

    Raises:
        NotPossible: it is too short or too long, or says who they are.
    """
    if not person.is_staff:
        raise NotPossible(sentence("Clients have no password; a link opens their commission."))
    if len(typed) < SHORTEST:
        raise NotPossible(
            sentence(
                "A password has at least %(shortest)s characters; four words in a row are easy to remember.",
                shortest=SHORTEST,
            )
        )
    if len(typed) > LONGEST:
        raise NotPossible(sentence("A password has at most %(longest)s characters.", longest=LONGEST))
    plain = typed.casefold()
    if plain in (person.email, person.name.casefold()) or len(set(plain)) < 5:
        raise NotPossible(
            sentence("That password is guessed first. Take four words that have nothing to do with each other.")
        )
    with ONE_AT_A_TIME:
        person.password_hash = HASHER.hash(typed)
    session.flush()


def count_try(session: Session, email: str, address: str, *, at: datetime) -> None:
    """Count a try before it is looked at, in a transaction of its own, so that many at once are not more.

    Raises:
        TooMany: for this account or from this address, whether there is such an account or not.
    """
    account = email.strip().lower()
    attempts.require_room(session, PER_ACCOUNT, account, at=at)
    attempts.require_room(session, PER_ADDRESS, address, at=at)
    attempts.count(session, PER_ACCOUNT, account, at=at)
    attempts.count(session, PER_ADDRESS, address, at=at)


def whose(session: Session, email: str, typed: str) -> Person | None:
    """The one of the staff with this address and password; None, after as long, where anything is wrong."""
    person = session.scalar(select(Person).where(Person.email == email.strip().lower()))
    known = person is not None and person.active and person.is_staff and person.password_hash is not None
    kept = person.password_hash if known and person is not None else None
    right = matches(kept or NOBODYS, typed)
    return person if right and known else None


def forget_tries(session: Session, person: Person) -> None:
    """Begin to count anew: they are in."""
    attempts.forget(session, PER_ACCOUNT, person.email)


def matches(kept: str, typed: str) -> bool:
    """Whether a password is the one of which this hash was kept."""
    try:
        with ONE_AT_A_TIME:
            return HASHER.verify(kept, typed[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
