"""What the rules read of a piece, brought into the session in few statements.

Left to themselves the relations of a piece come one by one as they are touched, and those of stones and instalments
one by one for each row. Here one statement says which tables have nothing of the piece; the others are read once.
"""

from typing import Any

from sqlalchemy import BindParameter, bindparam, exists, inspect, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from bespoke.models.approval import ApprovalRow, OverrideRow, ReleaseRow
from bespoke.models.commission import Commission
from bespoke.models.design import Pin, Revision
from bespoke.models.ledger import InstalmentRow
from bespoke.models.piece import Piece
from bespoke.models.production import QcReading
from bespoke.models.quote import Quote
from bespoke.models.stone import StoneOption, StoneRow

PIECE: BindParameter[int] = bindparam("piece")
COMMISSION: BindParameter[int] = bindparam("commission")
OFTEN_EMPTY = {
    "approvals": ApprovalRow.piece_id,
    "releases": ReleaseRow.piece_id,
    "overrides": OverrideRow.piece_id,
    "options": StoneOption.piece_id,
    "revisions": Revision.piece_id,
    "readings": QcReading.piece_id,
}
THERE = select(
    *(exists().where(column == PIECE).label(name) for name, column in OFTEN_EMPTY.items()),
    exists().where(Pin.revision_id == Revision.id, Revision.piece_id == PIECE).label("pins"),
)
OPTIONS = (
    select(StoneOption)
    .where(StoneOption.piece_id == PIECE)
    .order_by(StoneOption.id)
    .options(joinedload(StoneOption.stone).joinedload(StoneRow.holds))
)
REVISIONS = select(Revision).where(Revision.piece_id == PIECE).order_by(Revision.number)
REVISIONS_WITH_PINS = REVISIONS.options(selectinload(Revision.pins))
INSTALMENTS = (
    select(InstalmentRow)
    .where(InstalmentRow.commission_id == COMMISSION)
    .order_by(InstalmentRow.rank)
    .options(joinedload(InstalmentRow.payments))
)
QUOTES = select(Quote).where(Quote.commission_id == COMMISSION).order_by(Quote.number)


def gather(session: Session, piece: Piece) -> None:
    """Load what a snapshot of the piece reads and is not loaded yet; what is loaded stays as it is."""
    missing = inspect(piece).unloaded & OFTEN_EMPTY.keys()
    if missing:
        there = session.execute(THERE, {"piece": piece.id}).one()._mapping
        for name in missing:
            if not there[name]:
                set_committed_value(piece, name, [])
        if "options" in missing and there["options"]:
            set_committed_value(piece, "options", _rows(session, OPTIONS, piece=piece.id))
        if "revisions" in missing and there["revisions"]:
            _revisions(session, piece, pinned=there["pins"])
        for name in missing:
            getattr(piece, name)  # the rest as the relation loads it
    _of_commission(session, piece.commission)


def _revisions(session: Session, piece: Piece, *, pinned: bool) -> None:
    found = _rows(session, REVISIONS_WITH_PINS if pinned else REVISIONS, piece=piece.id)
    set_committed_value(piece, "revisions", found)
    for revision in found:
        if not pinned and "pins" in inspect(revision).unloaded:
            set_committed_value(revision, "pins", [])


def _of_commission(session: Session, commission: Commission) -> None:
    for name, statement in (("instalments", INSTALMENTS), ("quotes", QUOTES)):
        if name in inspect(commission).unloaded:
            set_committed_value(commission, name, _rows(session, statement, commission=commission.id))


def _rows(session: Session, statement: Any, **values: int) -> list[Any]:
    return list(session.scalars(statement, values).unique())
