"""What somebody shows beside a password or a link: an authenticator app, a passkey, a written code, a mailed one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bespoke.models.base import Base


class Authenticator(Base):
    """The app on the telephone of one of the staff; at most one each."""

    __tablename__ = "authenticators"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    secret_sealed: Mapped[str] = mapped_column(String(300))  # encrypted with the house's key, so a copy says nothing
    last_step: Mapped[int] = mapped_column(default=0)  # the half-minute of the last code taken: none is taken twice
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """One of ten codes on paper, each good once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A key in a device or a password manager, with which one of the staff signs in."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    credential: Mapped[str] = mapped_column(String(1400), unique=True)  # base64url, as browsers speak of it
    public_key: Mapped[str] = mapped_column(Text)  # base64url of its COSE key
    sign_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class StepUp(Base):
    """A mailed code for one act of one person on exactly what they were shown."""

    __tablename__ = "step_ups"
    __table_args__ = (CheckConstraint("tries BETWEEN 0 AND 5", name="tries"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    act: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64))  # of what was shown
    code_hash: Mapped[str | None] = mapped_column(String(64))  # once the code has been made, just before it is mailed
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]  # the right code was typed
    used_at: Mapped[datetime | None]  # the act was done with it
    replaced_at: Mapped[datetime | None]  # a newer one was asked for
