"""What the rules read of a piece, brought into the session in one statement.

Left to themselves the relations of a piece come one by one as they are touched, and those of stones and instalments
one by one for each row.
"""

from sqlalchemy import BindParameter, Integer, bindparam, inspect, select
from sqlalchemy.orm import Session

from bespoke.models.approval import ApprovalRow, OverrideRow, ReleaseRow
from bespoke.models.commission import Participant
from bespoke.models.design import Pin, Revision
from bespoke.models.house import HouseRow
from bespoke.models.ledger import InstalmentRow, Payment
from bespoke.models.piece import Content, MilestoneRow, Piece
from bespoke.models.production import QcReading
from bespoke.models.quote import Quote
from bespoke.models.stone import StoneHold, StoneOption, StoneReport, StoneRow
from bespoke.queries.gather import Gathered, Gathering, attach

PIECE: BindParameter[int] = bindparam("piece", type_=Integer())
COMMISSION: BindParameter[int] = bindparam("commission", type_=Integer())
REVISIONS = select(Revision.id).where(Revision.piece_id == PIECE)
STONES = select(StoneOption.stone_id).where(StoneOption.piece_id == PIECE)
READ = Gathering(
    {
        HouseRow: HouseRow.id == 1,
        Participant: Participant.commission_id == COMMISSION,
        Quote: Quote.commission_id == COMMISSION,
        InstalmentRow: InstalmentRow.commission_id == COMMISSION,
        Payment: Payment.commission_id == COMMISSION,
        MilestoneRow: MilestoneRow.piece_id == PIECE,
        Content: Content.piece_id == PIECE,
        ApprovalRow: ApprovalRow.piece_id == PIECE,
        ReleaseRow: ReleaseRow.piece_id == PIECE,
        OverrideRow: OverrideRow.piece_id == PIECE,
        QcReading: QcReading.piece_id == PIECE,
        Revision: Revision.piece_id == PIECE,
        Pin: Pin.revision_id.in_(REVISIONS),
        StoneOption: StoneOption.piece_id == PIECE,
        StoneRow: StoneRow.id.in_(STONES),
        StoneReport: StoneReport.stone_id.in_(STONES),
        StoneHold: StoneHold.stone_id.in_(STONES),
    }
)
OF_PIECE = frozenset(
    ("milestones", "contents", "approvals", "releases", "overrides", "options", "revisions", "readings")
)
OF_COMMISSION = frozenset(("participants", "instalments", "quotes"))
KEPT = "bespoke_gathered"  # in a session, which lets go of rows that nothing points to


def gather(session: Session, piece: Piece) -> None:
    """Load what a snapshot of the piece reads and is not loaded yet; what is loaded stays as it is."""
    if not (inspect(piece).unloaded & OF_PIECE or inspect(piece.commission).unloaded & OF_COMMISSION):
        return
    rows = READ.rows(session, piece=piece.id, commission=piece.commission_id)
    session.info[KEPT] = rows
    _join(piece, rows)


def _join(piece: Piece, rows: Gathered) -> None:
    one, revisions, stones = [piece], rows.of(Revision), rows.of(StoneRow)
    whole = [piece.commission]
    attach(whole, "participants", rows.of(Participant), lambda row: row.commission_id)
    attach(whole, "quotes", rows.of(Quote), lambda row: row.commission_id, by=lambda row: row.number)
    attach(
        whole,
        "instalments",
        rows.of(InstalmentRow),
        lambda row: row.commission_id,
        by=lambda row: row.rank,
        back="commission",
    )
    attach(rows.of(InstalmentRow), "payments", rows.of(Payment), lambda row: row.instalment_id)
    attach(one, "milestones", rows.of(MilestoneRow), lambda row: row.piece_id)
    attach(one, "contents", rows.of(Content), lambda row: row.piece_id)
    attach(one, "approvals", rows.of(ApprovalRow), lambda row: row.piece_id)
    attach(one, "releases", rows.of(ReleaseRow), lambda row: row.piece_id)
    attach(one, "overrides", rows.of(OverrideRow), lambda row: row.piece_id)
    attach(one, "readings", rows.of(QcReading), lambda row: row.piece_id)
    attach(one, "revisions", revisions, lambda row: row.piece_id, by=lambda row: row.number)
    attach(one, "options", rows.of(StoneOption), lambda row: row.piece_id, back="piece")
    attach(revisions, "pins", rows.of(Pin), lambda row: row.revision_id)
    attach(stones, "reports", rows.of(StoneReport), lambda row: row.stone_id)
    attach(stones, "holds", rows.of(StoneHold), lambda row: row.stone_id)
