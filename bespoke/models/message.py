"""What people wrote to each other about a commission."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bespoke.models.base import Base
from bespoke.models.people import Person


class Message(Base):
    """One message; an internal one is never shown to the client."""

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(Text)
    picture: Mapped[str | None] = mapped_column(String(64), ForeignKey("files.digest"))
    internal: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]

    author: Mapped[Person] = relationship()
