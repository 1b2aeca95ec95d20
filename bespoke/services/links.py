"""Links that let people in: 256 random bits of which only a hash is kept, looked at freely, spent once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bespoke.models.access import ClientLink, SignIn, StaffLink
from bespoke.models.job import Queue, enqueue
from bespoke.models.people import Person
from bespoke.services import attempts
from bespoke.services.attempts import Limit
from bespoke.services.errors import NotPossible, ServiceError
from workflows.errors import NotAllowed
from workflows.roles import STAFF, Actor
from workflows.sentences import sentence

CLIENT_DAYS = 7
STAFF_MINUTES = 15
SECRET_BYTES = 32
MAIL = "client_link"
ASKING = Limit("links asked for", 4, timedelta(hours=1))


class Why(StrEnum):
    """Why a link does not open."""

    UNKNOWN = "unknown"
    SPENT = "spent"
    EXPIRED = "expired"
    REVOKED = "revoked"


SAID = {
    Why.UNKNOWN: "This link is not one of ours, or it was cut off on its way.",
    Why.SPENT: "This link has been used. On the device it was used on you are still signed in.",
    Why.EXPIRED: "This link is too old.",
    Why.REVOKED: "This link was taken back by the house.",
}


class LinkRefused(ServiceError):
    """A link that does not open; `why` says which way, and `person_id` whose it was, where that is known."""

    def __init__(self, why: Why, person_id: int | None = None) -> None:
        super().__init__(SAID[why])
        self.why = why
        self.person_id = person_id


@dataclass(frozen=True, slots=True)
class Issued:
    """A link just made; the secret is told this once and kept nowhere."""

    link_id: int
    secret: str
    expires_at: datetime


def issue(session: Session, person: Person, actor: Actor, *, at: datetime) -> Issued:
    """A link for one client to all of their commissions, for a week and one use.

    Raises:
        NotAllowed: only staff make links.
        NotPossible: for one of the staff, who sign in with a password, or somebody no longer let in.
    """
    if actor.role not in STAFF:
        raise NotAllowed(sentence("The house sends the links; ask it for one."))
    if person.is_staff or not person.active:
        raise NotPossible(
            sentence("%(person)s is no client of the house; a link like this is not for them.", person=person.name)
        )
    return _make(session, person, at)


def issue_by_mail(session: Session, person: Person, *, at: datetime) -> Issued | None:
    """The link that goes into a letter to the person's own address; None for somebody who is no client any more."""
    if person.is_staff or not person.active:
        return None
    return _make(session, person, at)


def ask_anew(session: Session, email: str, *, at: datetime) -> None:
    """Have a link mailed to a client; for an address we do not know the same happens, except the mail.

    Raises:
        TooMany: asked for too often for this address.
    """
    address = email.strip().lower()[:254]
    attempts.require_room(session, ASKING, address, at=at)
    attempts.count(session, ASKING, address, at=at)
    person = session.scalar(select(Person).where(Person.email == address))
    mail(session, person, at=at)


def ask_in_place_of(session: Session, secret: str, *, at: datetime) -> None:
    """Have a link mailed to whom an old one was sent; nothing for one the house took back.

    Raises:
        TooMany: asked for too often.
    """
    row = session.scalar(select(ClientLink).where(ClientLink.secret_hash == hash_of(secret)))
    person = None if row is None or row.revoked_at is not None else row.person
    key = hash_of(secret) if person is None else person.email
    attempts.require_room(session, ASKING, key, at=at)
    attempts.count(session, ASKING, key, at=at)
    mail(session, person, at=at)


def mail(session: Session, person: Person | None, *, at: datetime) -> None:
    """Leave it to the worker to make a link and mail it; the same job for nobody, so that none can tell."""
    welcome = person is not None and person.active and not person.is_staff
    number = person.id if person is not None and welcome else 0
    enqueue(session, MAIL, {"person": number}, queue=Queue.MAIL, at=at)


def send(session: Session, person: Person, actor: Actor, *, at: datetime) -> None:
    """The house sends a client a link of its own accord.

    Raises:
        NotAllowed: only staff send links.
        NotPossible: for one of the staff, or somebody no longer let in.
    """
    if actor.role not in STAFF:
        raise NotAllowed(sentence("The house sends the links; ask it for one."))
    if person.is_staff or not person.active:
        raise NotPossible(
            sentence("%(person)s is no client of the house; a link like this is not for them.", person=person.name)
        )
    mail(session, person, at=at)


def look(session: Session, secret: str, *, at: datetime) -> Person:
    """Whose link it is, for the page behind it; looking changes nothing.

    Raises:
        LinkRefused: unknown, spent, expired or revoked.
    """
    row = session.scalar(select(ClientLink).where(ClientLink.secret_hash == hash_of(secret)))
    if row is None:
        raise LinkRefused(Why.UNKNOWN)
    if row.revoked_at is not None or not row.person.active:
        raise LinkRefused(Why.REVOKED)
    _refuse(row.spent_at, row.expires_at, at, row.person_id)
    return row.person


def spend(session: Session, secret: str, *, at: datetime) -> Person:
    """Use a link up; of two at once exactly one succeeds. `id_of` tells its number.

    Raises:
        LinkRefused: unknown, spent, expired or revoked.
    """
    person = look(session, secret, at=at)
    statement = (
        update(ClientLink)
        .where(
            ClientLink.secret_hash == hash_of(secret),
            ClientLink.spent_at.is_(None),
            ClientLink.revoked_at.is_(None),
            ClientLink.expires_at > at,
        )
        .values(spent_at=at)
        .returning(ClientLink.id)
        .execution_options(synchronize_session="fetch")
    )
    if session.scalar(statement) is None:
        raise LinkRefused(Why.SPENT)
    return person


def revoke(session: Session, person: Person, actor: Actor, *, at: datetime) -> int:
    """Take back every link of a client that could still be used, and sign their devices out; how many links."""
    if actor.role not in STAFF:
        raise NotAllowed(sentence("Only the house takes links back."))
    rows = session.scalars(
        select(ClientLink).where(
            ClientLink.person_id == person.id,
            ClientLink.spent_at.is_(None),
            ClientLink.revoked_at.is_(None),
            ClientLink.expires_at > at,
        )
    ).all()
    for row in rows:
        row.revoked_at = at
    session.execute(
        update(SignIn)
        .where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session="fetch")
    )
    session.flush()
    return len(rows)


def issue_for_staff(session: Session, person: Person, *, only_set_up: bool = False, at: datetime) -> Issued:
    """A sign-in link for one of the staff, made at the console of the machine itself, for a quarter of an hour.

    Args:
        only_set_up: it opens nothing but the page where the password and the second factor are set.

    Raises:
        NotPossible: for somebody who is not of the staff, or no longer let in.
    """
    if not person.is_staff or not person.active:
        raise NotPossible(sentence("%(person)s does not work here.", person=person.name))
    secret, expires_at = secrets.token_urlsafe(SECRET_BYTES), at + timedelta(minutes=STAFF_MINUTES)
    row = StaffLink(
        person_id=person.id,
        secret_hash=hash_of(secret),
        created_at=at,
        expires_at=expires_at,
        only_set_up=only_set_up,
    )
    session.add(row)
    session.flush()
    return Issued(row.id, secret, expires_at)


def look_as_staff(session: Session, secret: str, *, at: datetime) -> Person:
    """Whose sign-in link it is; looking changes nothing.

    Raises:
        LinkRefused: unknown, spent or expired.
    """
    row = session.scalar(select(StaffLink).where(StaffLink.secret_hash == hash_of(secret)))
    if row is None:
        raise LinkRefused(Why.UNKNOWN)
    if not row.person.active or not row.person.is_staff:
        raise LinkRefused(Why.REVOKED)
    _refuse(row.spent_at, row.expires_at, at)
    return row.person


def spend_as_staff(session: Session, secret: str, *, at: datetime) -> Person:
    """Use a sign-in link up; of two at once exactly one succeeds. See `is_for_set_up`.

    Raises:
        LinkRefused: unknown, spent or expired.
    """
    person = look_as_staff(session, secret, at=at)
    statement = (
        update(StaffLink)
        .where(StaffLink.secret_hash == hash_of(secret), StaffLink.spent_at.is_(None), StaffLink.expires_at > at)
        .values(spent_at=at)
        .returning(StaffLink.id)
        .execution_options(synchronize_session="fetch")
    )
    if session.scalar(statement) is None:
        raise LinkRefused(Why.SPENT)
    return person


def id_of(session: Session, secret: str) -> int | None:
    """The number of a client's link, to tell which devices came by it."""
    return session.scalar(select(ClientLink.id).where(ClientLink.secret_hash == hash_of(secret)))


def is_for_set_up(session: Session, secret: str) -> bool:
    """Whether a staff link opens the set-up page only."""
    found = session.scalar(select(StaffLink.only_set_up).where(StaffLink.secret_hash == hash_of(secret)))
    return bool(found)


def hash_of(secret: str) -> str:
    """What is kept of a secret: its SHA-256, in hex."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _make(session: Session, person: Person, at: datetime) -> Issued:
    secret, expires_at = secrets.token_urlsafe(SECRET_BYTES), at + timedelta(days=CLIENT_DAYS)
    row = ClientLink(person_id=person.id, secret_hash=hash_of(secret), created_at=at, expires_at=expires_at)
    session.add(row)
    session.flush()
    return Issued(row.id, secret, expires_at)


def _refuse(spent_at: datetime | None, expires_at: datetime, at: datetime, person_id: int | None = None) -> None:
    if spent_at is not None:
        raise LinkRefused(Why.SPENT, person_id)
    if at >= expires_at:
        raise LinkRefused(Why.EXPIRED, person_id)
