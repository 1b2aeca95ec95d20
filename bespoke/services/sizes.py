"""The size of a piece: as it was said and measured, what the ring is made to, and the client's word for it."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from bespoke.models.piece import Piece
from bespoke.proof.seal import Sealable
from bespoke.services import steps, together
from bespoke.services.errors import Missing, NotPossible
from workflows import sentences
from workflows.errors import NotAllowed
from workflows.roles import Actor, Role
from workflows.sentences import sentence, word
from workflows.sizes import FittedSize, RingSize, fit
from workflows.template import Facet
from workflows.units import PI, round_to

LENGTHS = frozenset({"bracelet"})  # templates worn by length
LENGTH_METHODS = ("tape", "piece_sent_in", "guess")
METHODS = ("mandrel", "finger_gauge", "ring_on_stick", "ring_sent_in", "guess")
COUNTER = frozenset({Role.OFFICE, Role.OWNER})


@dataclass(frozen=True, slots=True)
class Measured:
    """A size, how it was taken, and the band it is for; widths in mm."""

    size: RingSize
    method: str
    band_width_mm: Decimal
    comfort: bool = False
    finger: str = ""


@dataclass(frozen=True, slots=True)
class MeasuredLength:
    """The length around a wrist or neck in mm, how it was taken, and how much longer the piece is to be."""

    length_mm: Decimal
    method: str
    ease_mm: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class OrderedSize:
    """The size of a piece as it was put down: what was measured, and what the piece is made to.

    All are inner diameters: a bracelet's or a chain's is that of the closed piece, and its band has no width here.
    """

    nominal_mm: Decimal
    system: str
    label: str
    made_to_mm: Decimal
    allowance_us: Decimal
    reason: str
    method: str
    band_width_mm: Decimal
    comfort: bool
    finger: str


def put_down(session: Session, piece: Piece, measured: Measured, actor: Actor, *, at: datetime) -> FittedSize:
    """Put a size down; the allowance for a wide band is applied once, and the client has to confirm it anew.

    Raises:
        NotPossible: the piece is not worn by size, an unknown method, a band of no width.
        OutOfOrder: work that cannot be undone has begun on the size before.
    """
    if not piece.template.sized:
        raise NotPossible(sentence("A %(title)s has no finger size.", title=piece.template.title.lower()))
    if measured.method not in METHODS:
        ways = sentences.together([word(way) for way in METHODS], ", ")
        raise NotPossible(sentence("Say how the size was taken: %(ways)s.", ways=ways))
    if not Decimal("0.5") <= measured.band_width_mm <= 30:
        raise NotPossible(sentence("A band is between 0.5 and 30 mm wide at the finger."))
    fitted = fit(measured.size, width_mm=measured.band_width_mm, comfort=measured.comfort)
    _put(session, piece, _content(measured, fitted), fitted.made_to_mm, actor, at)
    return fitted


def put_down_length(
    session: Session, piece: Piece, measured: MeasuredLength, actor: Actor, *, at: datetime
) -> OrderedSize:
    """Put the length of a bracelet or chain down, as the inner diameter it has when closed.

    The ease is added once, and the client has to confirm the size anew.

    Raises:
        NotPossible: the piece is not worn by length, an unknown method, a length that fits nobody.
        OutOfOrder: work that cannot be undone has begun on the length before.
    """
    if piece.template.key not in LENGTHS:
        raise NotPossible(sentence("A %(title)s is not worn by length.", title=piece.template.title.lower()))
    if measured.method not in LENGTH_METHODS:
        ways = sentences.together([word(way) for way in LENGTH_METHODS], ", ")
        raise NotPossible(sentence("Say how the length was taken: %(ways)s.", ways=ways))
    if not 100 <= measured.length_mm <= 1200 or not 0 <= measured.ease_mm <= 100:
        raise NotPossible(sentence("A length is between 100 and 1200 mm, its ease at most 100 mm."))
    made_to_mm = round_to((measured.length_mm + measured.ease_mm) / PI, 3)
    body: dict[str, Sealable] = {
        "nominal_mm": round_to(measured.length_mm / PI, 3),
        "system": "length",
        "label": f"{measured.length_mm} mm",
        "made_to_mm": made_to_mm,
        "allowance_us": Decimal(0),
        "reason": f"{measured.ease_mm} mm of ease" if measured.ease_mm else "no allowance needed",
        "method": measured.method,
        "band_width_mm": Decimal(0),
        "comfort": False,
        "finger": "",
    }
    _put(session, piece, body, made_to_mm, actor, at)
    return ordered(piece)


def confirm(session: Session, piece: Piece, actor: Actor, *, at: datetime, at_counter: bool = False) -> None:
    """The client's word that the size is right; at the counter the office writes it down for them.

    Raises:
        Missing: no size has been put down.
        NotAllowed: somebody else than the client, away from the counter.
    """
    if piece.size_mm is None:
        raise Missing(sentence("No size has been put down yet; measure it first."))
    theirs = actor.role is Role.CLIENT and actor.id == str(piece.commission.client.id)
    if not (theirs or (at_counter and actor.role in COUNTER)):
        raise NotAllowed(
            sentence("Only the client confirms their size; at the counter the office may write it down for them.")
        )
    if piece.size_confirmed_at is not None:
        return
    piece.size_confirmed_at = at
    piece.commission.record(
        "size_confirmed",
        actor,
        at,
        piece=piece.reference,
        label=piece.size_label,
        made_to_mm=str(piece.size_mm),
        at_counter=at_counter,
    )
    session.flush()


def ordered(piece: Piece) -> OrderedSize:
    """The size that stands now.

    Raises:
        Missing: none has been put down.
    """
    row = piece.content(Facet.SIZE)
    if row is None:
        raise Missing(sentence("%(reference)s has no size yet.", reference=piece.reference))
    said = json.loads(row.body)
    return OrderedSize(
        nominal_mm=Decimal(said["nominal_mm"]),
        system=said["system"],
        label=said["label"],
        made_to_mm=Decimal(said["made_to_mm"]),
        allowance_us=Decimal(said["allowance_us"]),
        reason=said["reason"],
        method=said["method"],
        band_width_mm=Decimal(said["band_width_mm"]),
        comfort=said["comfort"],
        finger=said["finger"],
    )


def show_size(session: Session, piece: Piece, actor: Actor, *, at: datetime) -> None:
    """Put the standing size down as evidence of the brief, where the brief is open and asks for it."""
    if piece.size_mm is None:
        return
    facts = {"label": piece.size_label, "made_to_mm": str(piece.size_mm), "method": piece.size_method}
    together.show_where_open(session, piece, "brief", "size", actor, facts, at=at)


def _put(
    session: Session, piece: Piece, body: dict[str, Sealable], made_to_mm: Decimal, actor: Actor, at: datetime
) -> None:
    decision = steps.put_content(session, piece, Facet.SIZE, body, actor, at=at)
    if decision.occurrences:
        piece.size_mm = made_to_mm
        piece.size_label = str(body["label"])
        piece.size_method = str(body["method"])
        piece.size_confirmed_at = None
        session.flush()
    show_size(session, piece, actor, at=at)


def _content(measured: Measured, fitted: FittedSize) -> dict[str, Sealable]:
    return {
        "nominal_mm": measured.size.diameter_mm,
        "system": measured.size.system.value,
        "label": measured.size.label,
        "made_to_mm": fitted.made_to_mm,
        "allowance_us": fitted.allowance_us,
        "reason": fitted.reason,
        "method": measured.method,
        "band_width_mm": measured.band_width_mm,
        "comfort": measured.comfort,
        "finger": measured.finger.strip(),
    }
