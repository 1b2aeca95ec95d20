"""Which files somebody may open: asked for by digest, found only on what they may see."""

from sqlalchemy import ColumnElement, Select, select, union_all
from sqlalchemy.orm import Session

from bespoke.models.brief import Brief, BriefPicture, DraftPicture, Sketch
from bespoke.models.commission import Commission
from bespoke.models.design import Revision, RevisionPicture
from bespoke.models.document import Document
from bespoke.models.file import File
from bespoke.models.identity import StoneIdentity
from bespoke.models.message import Message
from bespoke.models.piece import MilestoneRow, Piece
from bespoke.models.production import Photograph
from bespoke.models.stone import StoneOption, StoneReport, StoneRow
from bespoke.queries.commissions import NotFound
from bespoke.queries.seen import seen_by
from workflows.roles import STAFF, Actor, Role
from workflows.sentences import sentence

PRICED = ("quote", "receipt", "invoice")  # papers with an amount of money on them
CASHIERS = frozenset({Role.OFFICE, Role.OWNER})
Digests = Select[str | None]


def get(session: Session, reference: str, digest: str, actor: Actor) -> File:
    """A file of a commission that this person may open.

    Raises:
        NotFound: there is none, it is another's, or it has not been shown to them.
    """
    ours = seen_by(actor).where(Commission.reference == reference.upper()).with_only_columns(Commission.id)
    pieces = select(Piece.id).where(Piece.commission_id.in_(ours))
    shown = _for_staff(ours, pieces, digest, actor) if actor.role in STAFF else _for_client(ours, pieces, digest)
    found = session.scalar(select(File).where(File.digest == digest, File.digest.in_(union_all(*shown))))
    if found is None:
        raise NotFound(sentence("file"))
    return found


def _for_client(ours: Select[int], pieces: Select[int], digest: str) -> list[Digests]:
    """What was published, told or handed over to the client."""
    published = select(Revision.id).where(Revision.piece_id.in_(pieces), Revision.published_at.is_not(None))
    shown = select(MilestoneRow.piece_id).where(
        MilestoneRow.piece_id.in_(pieces), MilestoneRow.key == "concept", MilestoneRow.rounds > 0
    )
    stones = select(StoneOption.stone_id).where(StoneOption.piece_id.in_(pieces), StoneOption.withdrawn_at.is_(None))
    return [
        _one(RevisionPicture.digest, digest, RevisionPicture.revision_id.in_(published)),
        _one(Photograph.digest, digest, Photograph.piece_id.in_(pieces), Photograph.client_visible.is_(True)),
        _one(Sketch.digest, digest, Sketch.piece_id.in_(shown)),
        _one(Document.digest, digest, Document.commission_id.in_(ours), Document.issued_at.is_not(None)),
        _one(Message.picture, digest, Message.commission_id.in_(ours), Message.internal.is_(False)),
        _one(StoneRow.photograph, digest, StoneRow.id.in_(stones)),
        _one(StoneReport.digest, digest, StoneReport.stone_id.in_(stones)),
        _brief(ours, digest),
        _one(DraftPicture.digest, digest, DraftPicture.commission_id.in_(ours)),
    ]


def _for_staff(ours: Select[int], pieces: Select[int], digest: str, actor: Actor) -> list[Digests]:
    """All that belongs to the work; papers with money on them for those who see money."""
    revisions = select(Revision.id).where(Revision.piece_id.in_(pieces))
    stones = select(StoneOption.stone_id).where(StoneOption.piece_id.in_(pieces))
    papers = [Document.commission_id.in_(ours)]
    if actor.role not in CASHIERS:
        papers.append(Document.kind.not_in(PRICED))
    return [
        _one(RevisionPicture.digest, digest, RevisionPicture.revision_id.in_(revisions)),
        _one(Photograph.digest, digest, Photograph.piece_id.in_(pieces)),
        _one(Sketch.digest, digest, Sketch.piece_id.in_(pieces)),
        _one(Document.digest, digest, *papers),
        _one(Message.picture, digest, Message.commission_id.in_(ours)),
        _one(StoneRow.photograph, digest, StoneRow.id.in_(stones)),
        _one(StoneReport.digest, digest, StoneReport.stone_id.in_(stones)),
        _one(StoneIdentity.photograph, digest, StoneIdentity.stone_id.in_(stones)),
        _brief(ours, digest),
        _one(DraftPicture.digest, digest, DraftPicture.commission_id.in_(ours)),
    ]


def _brief(ours: Select[int], digest: str) -> Digests:
    briefs = select(Brief.id).where(Brief.commission_id.in_(ours))
    return _one(BriefPicture.digest, digest, BriefPicture.brief_id.in_(briefs))


def _one(column: object, digest: str, *conditions: ColumnElement[bool]) -> Digests:
    statement: Digests = select(column).where(column == digest, *conditions)  # type: ignore[call-overload]
    return statement
