"""When an instalment is due: those before it are here, and a piece has come to a step its money is for."""

from bespoke.models.commission import Commission
from bespoke.models.ledger import InstalmentRow
from workflows.money import Money
from workflows.snapshot import Course, Status


def missing(row: InstalmentRow) -> Money:
    """What of an instalment has not been received; never less than nothing."""
    return Money(max(row.due_minor - row.cleared_minor, 0), row.currency)


def first_before(row: InstalmentRow) -> InstalmentRow | None:
    """The earliest instalment before this one that is not wholly paid."""
    rows = sorted(row.commission.instalments, key=lambda one: one.rank)
    return next((one for one in rows if one.rank < row.rank and missing(one)), None)


def is_asked(row: InstalmentRow) -> bool:
    """Whether a piece has come to a step this money is for; the first instalment is due with the accepted price."""
    if row.rank == min(one.rank for one in row.commission.instalments):
        return True
    needing = [
        piece.milestone(milestone.key).status
        for piece in row.commission.pieces
        if piece.course is not Course.CANCELLED
        for milestone in piece.template.milestones
        if milestone.money == row.key
    ]
    return not needing or any(status is not Status.WAITING for status in needing)


def is_payable(row: InstalmentRow) -> bool:
    """Whether its client may pay it now."""
    return bool(missing(row)) and first_before(row) is None and is_asked(row)


def excess(commission: Commission) -> Money:
    """What has come in beyond all that is asked for; it is the client's, and goes back to them."""
    received = sum(payment.cleared_minor for row in commission.instalments for payment in row.payments)
    asked = sum(row.due_minor for row in commission.instalments)
    return Money(max(received - asked, 0), commission.currency)
