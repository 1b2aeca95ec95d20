"""Papers the house issued: frozen versions, sealed, with a code by which anybody may check them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bespoke.models.base import Base


class Document(Base):
    """One issued paper; a correction is the next version, with what changed."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("piece_id", "kind", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    piece_id: Mapped[int] = mapped_column(ForeignKey("pieces.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))  # dossier, quote, receipt, certificate
    version: Mapped[int]
    code: Mapped[str | None] = mapped_column(String(40), unique=True)  # at least 50 random bits
    digest: Mapped[str | None] = mapped_column(ForeignKey("files.digest"))  # of the signed file, once bound
    manifest: Mapped[str | None] = mapped_column(Text)  # canonical JSON, as sealed
    manifest_digest: Mapped[str | None] = mapped_column(String(64))
    changes: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]
