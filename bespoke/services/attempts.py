"""Tries, counted in the database, so that every process of the house counts the same."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bespoke.models.access import Attempt
from bespoke.services.errors import ServiceError
from workflows.sentences import sentence

LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may be tried.

    Attributes:
        what: names it in the key: "password of an account".
    """

    what: str
    most: int
    within: timedelta


class TooMany(ServiceError):
    """It was tried too often; `again_at` is when the next try counts."""

    def __init__(self, again_at: datetime, *, now: datetime) -> None:
        minutes = max(1, -int(-(again_at - now).total_seconds() // 60))
        wait = sentence("a minute") if minutes == 1 else sentence("%(minutes)s minutes", minutes=minutes)
        super().__init__(
            sentence("That was tried too often in a short time. Wait %(wait)s, then try again.", wait=wait)
        )
        self.again_at = again_at


def require_room(session: Session, limit: Limit, whose: str, *, at: datetime) -> None:
    """See that one more try is allowed; it is not counted yet, and nobody else counts one before this transaction ends.

    Raises:
        TooMany: that many were made within the time.
    """
    key = _key(limit, whose)
    if session.get_bind().dialect.name == "postgresql":  # SQLite lets one transaction write at a time anyway
        session.execute(select(func.pg_advisory_xact_lock(int(key[:15], 16))))
    statement = (
        select(Attempt.at)
        .where(Attempt.key_hash == key, Attempt.at > at - limit.within)
        .order_by(Attempt.at.desc())
        .limit(limit.most)
    )
    made = session.scalars(statement).all()
    if len(made) >= limit.most:
        raise TooMany(made[-1] + limit.within, now=at)


def count(session: Session, limit: Limit, whose: str, *, at: datetime) -> None:
    """Write one try down."""
    session.add(Attempt(key_hash=_key(limit, whose), at=at))
    session.flush()


def forget(session: Session, limit: Limit, whose: str) -> None:
    """Begin anew after a success."""
    session.execute(delete(Attempt).where(Attempt.key_hash == _key(limit, whose)))


def sweep(session: Session, *, at: datetime) -> int:
    """Let tries go that no longer count for anything; how many there were."""
    old = session.scalar(select(func.count()).select_from(Attempt).where(Attempt.at < at - LONGEST))
    session.execute(delete(Attempt).where(Attempt.at < at - LONGEST))
    return old or 0


def _key(limit: Limit, whose: str) -> str:
    # what was typed may be anybody's address, so it is not kept as it is
    return hashlib.sha256(f"{limit.what}\n{whose}".encode("utf-8", "replace")).hexdigest()
