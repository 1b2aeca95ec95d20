"""Links that let people in: 256 random bits of which only a hash is kept, looked at freely, spent once."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bespoke.models.access import ClientLink, StaffLink
from bespoke.models.people import Person
from bespoke.services.errors import NotPossible, ServiceError
from workflows.errors import NotAllowed
from workflows.roles import STAFF, Actor

CLIENT_DAYS = 7
STAFF_MINUTES = 15
SECRET_BYTES = 32


class Why(StrEnum):
    """Why a link does not open."""

    UNKNOWN = "unknown"
    SPENT = "spent"
    EXPIRED = "expired"
    REVOKED = "revoked"


SAID = {
    Why.UNKNOWN: "This link is not one of ours, or it was cut off on its way; ask for a new one.",
    Why.SPENT: "This link has been used. On the device it was used on you are still signed in; ask for a new one.",
    Why.EXPIRED: "This link is too old; ask for a new one.",
    Why.REVOKED: "This link was taken back; ask for a new one.",
}


class LinkRefused(ServiceError):
    """A link that does not open; `why` says which way."""

    def __init__(self, why: Why) -> None:
        super().__init__(SAID[why])
        self.why = why


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
        raise NotAllowed("The house sends the links; ask it for one.")
    if person.is_staff or not person.active:
        raise NotPossible(f"{person.name} is no client of the house; a link like this is not for them.")
    secret, expires_at = secrets.token_urlsafe(SECRET_BYTES), at + timedelta(days=CLIENT_DAYS)
    row = ClientLink(person_id=person.id, secret_hash=hash_of(secret), created_at=at, expires_at=expires_at)
    session.add(row)
    session.flush()
    return Issued(row.id, secret, expires_at)


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
    _refuse(row.spent_at, row.expires_at, at)
    return row.person


def spend(session: Session, secret: str, *, at: datetime) -> Person:
    """Use a link up; of two at once exactly one succeeds.

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
    """Take back every link of a client that could still be used; how many there were."""
    if actor.role not in STAFF:
        raise NotAllowed("Only the house takes links back.")
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
    session.flush()
    return len(rows)


def issue_for_staff(session: Session, person: Person, *, at: datetime) -> Issued:
    """A sign-in link for one of the staff, made at the console of the machine itself, for a quarter of an hour.

    Raises:
        NotPossible: for somebody who is not of the staff, or no longer let in.
    """
    if not person.is_staff or not person.active:
        raise NotPossible(f"{person.name} does not work here.")
    secret, expires_at = secrets.token_urlsafe(SECRET_BYTES), at + timedelta(minutes=STAFF_MINUTES)
    row = StaffLink(person_id=person.id, secret_hash=hash_of(secret), created_at=at, expires_at=expires_at)
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
    """Use a sign-in link up; of two at once exactly one succeeds.

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


def hash_of(secret: str) -> str:
    """What is kept of a secret: its SHA-256, in hex."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _refuse(spent_at: datetime | None, expires_at: datetime, at: datetime) -> None:
    if spent_at is not None:
        raise LinkRefused(Why.SPENT)
    if at >= expires_at:
        raise LinkRefused(Why.EXPIRED)
