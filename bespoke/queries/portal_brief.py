"""A brief being written: its draft, what was sent before, and the pieces it is for; read in few statements."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.brief import Brief, BriefDraft, BriefPicture, DraftPicture
from bespoke.models.commission import Commission, Participant
from bespoke.models.piece import MilestoneRow, Piece
from bespoke.queries import seen
from bespoke.queries.gather import attach, gather
from workflows.roles import Actor
from workflows.snapshot import PASSED

BRIEF = "brief"


@dataclass(frozen=True, slots=True)
class Writing:
    """What the pages of a brief are drawn from."""

    commission: Commission
    draft: BriefDraft | None
    pictures: tuple[DraftPicture, ...]
    pieces: tuple[Piece, ...]
    agreed: bool

    @property
    def sent(self) -> Brief | None:
        """The version sent last."""
        return self.commission.briefs[-1] if self.commission.briefs else None


def writing(session: Session, reference: str, actor: Actor) -> Writing:
    """The brief of one commission as far as it is.

    Raises:
        NotFound: there is no such commission, or it is somebody else's.
    """
    commission = seen.get(session, reference, actor)
    number = commission.id
    briefs = select(Brief.id).where(Brief.commission_id == number)
    pieces = select(Piece.id).where(Piece.commission_id == number)
    rows = gather(
        session,
        {
            Participant: Participant.commission_id == number,
            Piece: Piece.commission_id == number,
            Brief: Brief.commission_id == number,
            BriefDraft: BriefDraft.commission_id == number,
            DraftPicture: DraftPicture.commission_id == number,
            BriefPicture: BriefPicture.brief_id.in_(briefs),
            MilestoneRow: (MilestoneRow.key == BRIEF) & MilestoneRow.piece_id.in_(pieces),
        },
    )
    attach([commission], "participants", rows.of(Participant), lambda row: row.commission_id)
    attach([commission], "pieces", rows.of(Piece), lambda row: row.commission_id, by=lambda row: row.letter)
    attach([commission], "briefs", rows.of(Brief), lambda row: row.commission_id, by=lambda row: row.number)
    attach(rows.of(Brief), "pictures", rows.of(BriefPicture), lambda row: row.brief_id)
    drafts, marks = rows.of(BriefDraft), rows.of(MilestoneRow)
    return Writing(
        commission,
        drafts[0] if drafts else None,
        tuple(rows.of(DraftPicture)),
        tuple(commission.pieces),
        agreed=bool(marks) and all(row.status in PASSED for row in marks),
    )
