"""Files by their SHA-256: written once, never changed."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from bespoke.models.base import Base


class File(Base):
    """What is kept in the store under a digest."""

    __tablename__ = "files"
    __table_args__ = (CheckConstraint("size > 0", name="size"), CheckConstraint("length(digest) = 64", name="digest"))

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    media_type: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
