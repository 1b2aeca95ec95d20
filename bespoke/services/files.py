"""Files into the store and their rows beside them."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bespoke.models.file import File
from bespoke.storage.store import Store, Stored, chunks_of


def keep(session: Session, store: Store, path: Path, media_type: str, *, at: datetime) -> File:
    """The row of a file on this machine, kept in the store first so that no row is without its bytes."""
    with path.open("rb") as content:
        return keep_chunks(session, store, chunks_of(content), media_type, at=at)


def keep_chunks(session: Session, store: Store, chunks: Iterable[bytes], media_type: str, *, at: datetime) -> File:
    """The row of some content, kept in the store first."""
    return enter(session, store.put(chunks), media_type, at=at)


def enter(session: Session, stored: Stored, media_type: str, *, at: datetime) -> File:
    """The row of content the store has; the same content twice is one row."""
    row = session.get(File, stored.digest)
    if row is None:
        row = File(digest=stored.digest, size=stored.size, media_type=media_type, created_at=at)
        session.add(row)
        session.flush()
    return row
