"""The final check: readings against limits, round by round, by somebody who did not make the piece."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sqlalchemy.orm import Session

from bespoke.models.piece import Piece
from bespoke.models.production import QcReading
from bespoke.services import house, production, steps
from bespoke.services.errors import NotPossible
from workflows import checklist, quality
from workflows.actions import Override
from workflows.errors import NotAllowed
from workflows.quality import CheckPoint, Judged, Verdict
from workflows.roles import Actor
from workflows.sentences import sentence

QC, SIZE, WEIGHT = "qc", "size", "weight"
CHECKLIST = "checklist"  # evidence whose name begins so: of a pair there is one for each side
LONGEST = 80  # letters of a point and of what was found
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Reading:
    """One point as it was found; numbers as text with their unit beside them.

    Attributes:
        passed: the word of whoever looked. A measured point whose limits are known passes only within them.
    """

    point: str
    expected: str
    found: str
    unit: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """One reading the final check of this piece asks for; `expected` is a number in `unit`, or a limit to keep."""

    key: str
    question: str
    expected: str
    unit: str
    tool: str
    measured: bool


def wanted(session: Session, piece: Piece) -> tuple[Wanted, ...]:
    """Every reading this piece needs before it can pass, with what it should be where that is known."""
    found = steps.snapshot(session, piece)
    return tuple(
        Wanted(
            one.key,
            one.question,
            _expected(piece, one.point) or _limit(one.point),
            one.point.unit,
            one.point.tool,
            checklist.is_measured(one.point),
        )
        for one in checklist.asked(found, piece.template[QC])
    )


def read(
    session: Session, piece: Piece, readings: tuple[Reading, ...], actor: Actor, *, at: datetime
) -> list[QcReading]:
    """Put a round of readings down; the round before no longer counts.

    A round may end early, with a piece that is sent back; it passes only with every point in `wanted`.

    Raises:
        NotAllowed: whoever made the piece does not check it.
        NotPossible: no readings, a point read twice, nothing said of it, or no number where one is measured.
    """
    points = [reading.point for reading in readings]
    if not points:
        raise NotPossible(sentence("A check has readings."))
    if len(set(points)) != len(points):
        raise NotPossible(sentence("Each point is read once in a round."))
    judged = [_judged(session, piece, reading) for reading in readings]
    evidence = piece.template[QC].evidence
    for kind in (each for each in evidence if each.startswith(CHECKLIST)):
        steps.show_evidence(session, piece, QC, kind, actor, {"points": len(judged)}, at=at)
    if "size_reading" in evidence and (SIZE in points or not piece.template.sized):
        steps.show_evidence(session, piece, QC, "size_reading", actor, {}, at=at)
    for earlier in piece.readings:
        earlier.superseded = True
    number = 1 + max((row.round for row in piece.readings), default=0)
    rows = [_row(reading, number, actor, at) for reading in judged]
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
        NotAllowed: only the workshop lead or the owner may, and nobody accepts what they read themselves.
        NotPossible: it has not failed, was read again, or is a point that is mended, never accepted.
    """
    known = checklist.point_of(row.point)
    if row.piece_id != piece.id or not row.stands_failed:
        raise NotPossible(
            sentence("The reading of %(point)s does not stand failed; there is nothing to accept.", point=row.point)
        )
    if known is not None and not known.acceptable:
        raise NotPossible(sentence("%(question)s: this is mended, never accepted.", question=known.question))
    if str(row.by_id) == actor.id and not house.rules(session).sole_maker:
        raise NotAllowed(sentence("Whoever read the point does not accept it; another person does."))
    steps.act(session, piece, Override(row.point, reason), actor, at=at)
    row.accepted_reason, row.accepted_by_id = reason.strip()[:LONGEST_REASON], int(actor.id)
    piece.commission.record(
        "check_accepted",
        actor,
        at,
        piece=piece.reference,
        round=row.round,
        point=row.point,
        reason=row.accepted_reason,
    )
    session.flush()


def _judged(session: Session, piece: Piece, reading: Reading) -> Reading:
    """The reading as the limits have it: the caller's word counts only where nothing is measured."""
    words = (reading.point, reading.expected, reading.found)
    if not reading.point.strip() or any(len(said) > LONGEST for said in words) or len(reading.unit) > 10:
        raise NotPossible(sentence("A point and what was found have up to %(longest)s letters.", longest=LONGEST))
    if reading.point == SIZE and piece.template.sized and piece.size_mm is not None:
        room = piece.template.size_tolerance_mm or house.rules(session).size_tolerance_mm
        within = abs(_number(reading.found, reading.point) - piece.size_mm) <= room
        return Reading(SIZE, f"{piece.size_mm:.2f}", reading.found, "mm", within)
    point = checklist.point_of(reading.point)
    if point is None or point.judged is Judged.EYE:
        if not reading.found.strip():
            raise NotPossible(sentence("Say what was found at %(point)s.", point=reading.point))
        return reading
    expected = _expected(piece, point) or reading.expected or _limit(point)
    target = _number(expected, reading.point) if point.judged in {Judged.NEAR, Judged.PART} else None
    value = _number(reading.found, reading.point)
    result = quality.judge(point, quality.Reading(point.key, by="", value=value, target=target))
    return Reading(reading.point, expected, reading.found, point.unit, result.verdict is Verdict.PASS)


def _limit(point: CheckPoint) -> str:
    return str(point.limit) if point.judged in {Judged.AT_LEAST, Judged.AT_MOST} else ""


def _expected(piece: Piece, point: CheckPoint) -> str:
    """What the record says a point should be, so that nobody types it; empty where it says nothing."""
    if point.key == SIZE and piece.size_mm is not None:
        return f"{piece.size_mm:.2f}"
    drawn = production.drawn_with_stones_g(piece) if point.key == WEIGHT else None
    return "" if drawn is None else f"{drawn:.2f}"


def _number(text: str, point: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise NotPossible(
            sentence("The %(point)s is measured; %(text)s is no number.", point=point, text=f"{text[:20]!r}")
        ) from None
    if not number.is_finite():
        raise NotPossible(
            sentence("The %(point)s is measured; %(text)s is no number.", point=point, text=f"{text[:20]!r}")
        )
    return number


def _row(reading: Reading, number: int, actor: Actor, at: datetime) -> QcReading:
    return QcReading(
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
