"""The dossier of a piece: issued as a numbered version, bound by a job, put down with its seal."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bespoke.models.document import Document
from bespoke.models.job import Queue, enqueue
from bespoke.models.piece import Piece
from bespoke.proof.seal import digest_bytes
from bespoke.services import files, steps
from bespoke.services.errors import NotPossible
from bespoke.storage.store import Stored
from workflows.actions import Complete, Record
from workflows.errors import NotAllowed
from workflows.roles import STAFF, Actor
from workflows.sentences import sentence
from workflows.snapshot import Course, Status

DOSSIER = "dossier"
BIND = "bind_dossier"
PDF = "application/pdf"
REACHED = frozenset({Status.OPEN, Status.ACTIVE, Status.DONE})


def issue(session: Session, piece: Piece, code: str, actor: Actor, *, at: datetime, changes: str = "") -> Document:
    """The next version of a piece's dossier, and the job that binds it.

    Args:
        code: random, by which anybody may check it.
        changes: what is different from the version before; needed from the second on.

    Raises:
        NotAllowed: only staff issue dossiers.
        NotPossible: the piece has not been handed over, the version before is not bound, or nobody says what changed.
    """
    if actor.role not in STAFF:
        raise NotAllowed(sentence("The house issues dossiers."))
    if DOSSIER not in piece.template:
        raise NotPossible(sentence("A %(title)s has no dossier.", title=piece.template.title.lower()))
    if piece.milestone(DOSSIER).status not in REACHED or piece.course is not Course.LIVE:
        raise NotPossible(
            sentence("%(reference)s has not been handed over; its dossier comes after that.", reference=piece.reference)
        )
    before = session.scalar(
        select(func.max(Document.version)).where(Document.piece_id == piece.id, Document.kind == DOSSIER)
    )
    version = (before or 0) + 1
    waiting = newest(session, piece)
    if waiting is not None and waiting.issued_at is None:
        raise NotPossible(
            sentence("Version %(version)s of the dossier is still being bound; wait for it.", version=waiting.version)
        )
    if version > 1 and not changes.strip():
        raise NotPossible(sentence("Say what is different from the dossier before."))
    document = Document(
        commission_id=piece.commission_id,
        piece_id=piece.id,
        kind=DOSSIER,
        version=version,
        code=code,
        changes=changes.strip(),
        created_at=at,
    )
    session.add(document)
    session.flush()
    piece.commission.record("dossier_issued", actor, at, piece=piece.reference, version=version, code=code)
    enqueue(
        session,
        BIND,
        {"document_id": document.id},
        queue=Queue.DOCUMENT,
        key=f"bind-{document.id}",
        at=at,
        commission=piece.commission.reference,
        subject=f"{piece.reference} dossier {version}",
    )
    return document


def record_bound(
    session: Session, document: Document, stored: Stored, manifest: bytes, actor: Actor, *, at: datetime
) -> None:
    """Put the signed dossier down with its seal; the piece's dossier is done. Doing it twice changes nothing."""
    if document.issued_at is not None:
        return
    files.enter(session, stored, PDF, at=at)
    document.digest, document.issued_at = stored.digest, at
    document.manifest, document.manifest_digest = manifest.decode(), digest_bytes(manifest)
    piece = session.get_one(Piece, document.piece_id)
    session.flush()
    facts = {"sha256": stored.digest, "manifest_sha256": document.manifest_digest, "version": document.version}
    if piece.milestone(DOSSIER).status is not Status.DONE:
        steps.act(session, piece, Record(DOSSIER, DOSSIER), actor, at=at)
        steps.act(session, piece, Complete(DOSSIER), actor, at=at)
    piece.commission.record("dossier_bound", actor, at, piece=piece.reference, **facts)
    session.flush()


def newest(session: Session, piece: Piece) -> Document | None:
    """The newest dossier of a piece, bound or not."""
    of_piece = select(Document).where(Document.piece_id == piece.id, Document.kind == DOSSIER)
    return session.scalar(of_piece.order_by(Document.version.desc()).limit(1))
