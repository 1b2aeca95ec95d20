"""The final check: readings against limits, round by round, by somebody who did not make the piece."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bespoke.models.piece import Piece
from bespoke.models.production import QcReading
from bespoke.services import steps
from bespoke.services.errors import NotPossible
from workflows.errors import NotAllowed
from workflows.roles import Actor, Role


@dataclass(frozen=True, slots=True)
class Reading:
    """One point as it was found; numbers as text with their unit beside them."""

    point: str
    expected: str
    found: str
    unit: str
    passed: bool


def read(
    session: Session, piece: Piece, readings: tuple[Reading, ...], actor: Actor, *, at: datetime
) -> list[QcReading]:
    """Put a whole round of readings down; the round before no longer counts.

    Raises:
        NotPossible: no readings.
    """
    if not readings:
        raise NotPossible("A check has readings.")
    steps.show_evidence(session, piece, "qc", "checklist", actor, {"points": len(readings)}, at=at)
    if any(reading.point == "size" for reading in readings) or not piece.template.sized:
        steps.show_evidence(session, piece, "qc", "size_reading", actor, {}, at=at)
    for earlier in piece.readings:
        earlier.superseded = True
    number = 1 + max((reading.round for reading in piece.readings), default=0)
    rows = [
        QcReading(
            round=number,
            point=reading.point,
            expected=reading.expected,
            found=reading.found,
            unit=reading.unit,
            passed=reading.passed,
            accepted_reason="",
            superseded=False,
            by_id=int(actor.id),
            at=at,
        )
        for reading in readings
    ]
    piece.readings.extend(rows)
    session.flush()
    failed = [row.point for row in rows if not row.passed]
    piece.commission.record(
        "checked", actor, at, piece=piece.reference, round=number, points=len(rows), failed=", ".join(failed)
    )
    session.flush()
    return rows


def accept(session: Session, piece: Piece, row: QcReading, reason: str, actor: Actor, *, at: datetime) -> None:
    """Accept a failed point all the same, by name and with a reason.

    Raises:
        NotAllowed: only the workshop lead or the owner may.
    """
    if actor.role not in {Role.LEAD, Role.OWNER}:
        raise NotAllowed("Only the workshop lead or the owner may accept a failed point.")
    if not reason.strip():
        raise NotPossible("Say why it is accepted.")
    row.accepted_reason = reason.strip()
    piece.commission.record(
        "check_accepted", actor, at, piece=piece.reference, round=row.round, point=row.point, reason=reason
    )
    session.flush()
