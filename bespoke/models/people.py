"""People: clients and staff, each one once, whatever they are to a commission."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from bespoke.models.base import Base
from workflows.roles import STAFF, Actor, Role


class Person(Base):
    """Somebody the house knows. Staff have `roles`; a client has none of them."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254), unique=True)  # kept in lower case
    telephone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(300), default="")  # for invoices
    language: Mapped[str] = mapped_column(String(8), default="en")
    trade: Mapped[str] = mapped_column(String(80), default="")  # "setter", "designer": printed as a credit
    roles: Mapped[list[Any]] = mapped_column(JSON, default=list)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    unwanted_mails: Mapped[list[Any]] = mapped_column(JSON, default=list)  # kinds they asked not to be written about
    deletion_asked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def is_staff(self) -> bool:
        """Whether they work for the house."""
        return bool(self.roles)

    def acting(self, role: Role) -> Actor:
        """This person in one of their roles.

        Raises:
            ValueError: they do not have that role.
        """
        if role in STAFF and role.value not in self.roles:
            raise ValueError(f"{self.name} is not {role.value} in this house")
        return Actor(str(self.id), role, self.name)
