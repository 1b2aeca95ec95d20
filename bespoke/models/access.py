"""How people get in and where they are: links spent once, devices signed in, tries counted. Only hashes are kept."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bespoke.models.base import Base
from bespoke.models.people import Person
from workflows.roles import Role


class ClientLink(Base):
    """A link for one client to all of their commissions: opened by a GET, spent by a POST, once."""

    __tablename__ = "client_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of 256 random bits
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class StaffLink(Base):
    """A sign-in link for one of the staff, made at the console of the machine itself; never mailed."""

    __tablename__ = "staff_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
    only_set_up: Mapped[bool] = mapped_column(default=False)  # opens nothing but the page where factors are set up

    person: Mapped[Person] = relationship()


class SignIn(Base):
    """One device on which somebody is signed in, in one role at a time."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of what the device's cookie carries
    role: Mapped[Role]
    device: Mapped[str] = mapped_column(String(80))  # "Firefox on Windows", from what the browser says of itself
    link_id: Mapped[int | None] = mapped_column(ForeignKey("client_links.id"))  # the link it came by
    only_set_up: Mapped[bool] = mapped_column(default=False)
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]  # to the quarter of an hour, and nothing rests on it
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class Attempt(Base):
    """One try at something that may be tried a few times only; swept when it no longer counts."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_key_at", "key_hash", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64))  # of what is tried and by whom
    at: Mapped[datetime] = mapped_column(index=True)
