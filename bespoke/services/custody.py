"""Custody: every valuable has a chain of hand-overs; who holds it is read from the chain, never typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.custody import CustodyIntake, CustodyItem, CustodyMove, Place
from bespoke.models.file import File
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneRow
from bespoke.services.errors import Missing, NotPossible
from workflows.errors import NotAllowed
from workflows.money import Money
from workflows.roles import STAFF, Actor, Role
from workflows.sentences import sentence, together

KINDS = ("stone", "metal", "casting", "piece", "report", "jewellery")
AWAY = frozenset({Place.CLIENT, Place.VENDOR, Place.ASSAY, Place.COURIER})
SCALE_G = Decimal("0.02")  # two readings of one scale differ by so much


@dataclass(frozen=True, slots=True)
class SeenStone:
    """Stones of one kind as they were seen at the counter, before anything was measured."""

    count: int
    shape: str
    size_mm: str
    colour: str
    belief: str  # natural, laboratory-grown, imitation or not determined: what the client believes


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What is written down when a client hands something over; pictures and signatures are files by digest.

    Attributes:
        marks: stamped into the metal; "stamp illegible" where it is worn.
        damage: what is seen of it; "none seen" where none is.
    """

    kind: str
    description: str
    name: str
    telephone: str
    other_contact: str
    marks: str
    weight_g: Decimal
    damage: str
    photographs: tuple[str, ...]
    client_signature: str
    house_signature: str
    metal: str = ""
    stones: tuple[SeenStone, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One hand-over, and by how much the weight differs from the one before, in grams; None where not weighed."""

    move: CustodyMove
    difference_g: Decimal | None

    @property
    def differs(self) -> bool:
        """Whether the two readings are further apart than a scale explains."""
        return self.difference_g is not None and abs(self.difference_g) > SCALE_G


def take_in(
    session: Session,
    commission: Commission,
    intake: Intake,
    actor: Actor,
    *,
    piece: Piece | None = None,
    at: datetime,
) -> CustodyItem:
    """A client's own thing comes into the house, described, weighed, photographed and signed for by both sides.

    Args:
        piece: what it is worked on as, where it is mended.

    Raises:
        NotAllowed: only staff take things in.
        NotPossible: a line of the form is empty; the sentence says which.
        Missing: a photograph or a signature is not among the house's files.
    """
    _staff(actor)
    _whole(session, intake)
    item = CustodyItem(
        commission_id=commission.id,
        piece_id=None if piece is None else piece.id,
        kind=intake.kind,
        description=intake.description.strip(),
        created_at=at,
    )
    item.intake = CustodyIntake(
        name=intake.name.strip(),
        telephone=intake.telephone.strip(),
        other_contact=intake.other_contact.strip(),
        metal=intake.metal.strip(),
        marks=intake.marks.strip(),
        weight_g=intake.weight_g,
        stones=[
            {
                "count": one.count,
                "shape": one.shape,
                "size_mm": one.size_mm,
                "colour": one.colour,
                "belief": one.belief,
            }
            for one in intake.stones
        ],
        damage=intake.damage.strip(),
        photographs=list(intake.photographs),
        client_signature=intake.client_signature,
        house_signature=intake.house_signature,
        taken_by_id=int(actor.id),
        at=at,
    )
    item.moves = [
        CustodyMove(
            at=at,
            place=Place.SAFE,
            holder=_name(session, actor),
            by_id=int(actor.id),
            weight_g=intake.weight_g,
            photograph=intake.photographs[0],
            signature=intake.client_signature,
            note="taken in",
        )
    ]
    session.add(item)
    session.flush()
    commission.record(
        "custody_taken_in", actor, at, item=item.id, what=item.kind, weight_g=format(intake.weight_g, "f")
    )
    session.flush()
    return item


def enter(
    session: Session,
    commission: Commission,
    kind: str,
    description: str,
    place: Place,
    actor: Actor,
    *,
    stone: StoneRow | None = None,
    piece: Piece | None = None,
    weight_g: Decimal | None = None,
    holder: str = "",
    at: datetime,
) -> CustodyItem:
    """A valuable of the house's own making or buying enters its chain: a stone, metal, a casting, a report.

    Raises:
        NotPossible: no such kind, or nothing is said of it.
    """
    _staff(actor)
    if kind not in KINDS or not description.strip():
        raise NotPossible(sentence("Say what it is; one of %(kinds)s, in words.", kinds=", ".join(KINDS)))
    item = CustodyItem(
        commission_id=commission.id,
        stone_id=None if stone is None else stone.id,
        piece_id=None if piece is None else piece.id,
        kind=kind,
        description=description.strip(),
        created_at=at,
    )
    item.moves = [
        CustodyMove(
            at=at,
            place=place,
            holder=holder.strip() or _name(session, actor),
            by_id=int(actor.id),
            weight_g=weight_g,
            note="entered",
        )
    ]
    session.add(item)
    session.flush()
    commission.record("custody_entered", actor, at, item=item.id, what=kind, place=place.value)
    session.flush()
    return item


def move(
    session: Session,
    item: CustodyItem,
    place: Place,
    holder: str,
    actor: Actor,
    *,
    weight_g: Decimal | None = None,
    photograph: str | None = None,
    signature: str | None = None,
    note: str = "",
    at: datetime,
) -> HandedOver:
    """Hand a valuable over; never changed afterwards, a wrong hand-over is answered by the next.

    Args:
        signature: of whoever takes it; needed where it leaves the house.

    Raises:
        NotPossible: nobody takes it, it goes nowhere, it leaves without a signature, a moment before the last.
    """
    _staff(actor)
    last = item.moves[-1]
    if not holder.strip():
        raise NotPossible(sentence("Say who takes it."))
    if place is last.place and holder.strip() == last.holder:
        raise NotPossible(sentence("It is with %(holder)s already.", holder=last.holder))
    if place in AWAY and signature is None:
        raise NotPossible(sentence("It leaves the house only against the signature of whoever takes it."))
    if at < last.at:
        raise NotPossible(sentence("A hand-over comes after the one before it."))
    if weight_g is not None and weight_g <= 0:
        raise NotPossible(sentence("A weight is more than nothing."))
    _kept(session, (photograph, signature))
    row = CustodyMove(
        at=at,
        place=place,
        holder=holder.strip(),
        by_id=int(actor.id),
        weight_g=weight_g,
        photograph=photograph,
        signature=signature,
        note=note.strip(),
    )
    before = next((one.weight_g for one in reversed(item.moves) if one.weight_g is not None), None)
    item.moves.append(row)
    session.flush()
    handed = HandedOver(row, None if before is None or weight_g is None else weight_g - before)
    commission = None if item.commission_id is None else session.get_one(Commission, item.commission_id)
    if commission is not None:
        commission.record(
            "custody_moved",
            actor,
            at,
            item=item.id,
            place=place.value,
            holder=holder.strip(),
            weight_g=None if weight_g is None else format(weight_g, "f"),
            difference_g=None if handed.difference_g is None else format(handed.difference_g, "f"),
        )
    session.flush()
    return handed


def declare_value(session: Session, item: CustodyItem, value: Money, actor: Actor, *, at: datetime) -> None:
    """The client's own figure of what their thing is worth; nobody of the house may set or suggest it.

    Raises:
        NotAllowed: somebody else than the client of the commission.
        NotPossible: a value of nothing.
    """
    commission = None if item.commission_id is None else session.get_one(Commission, item.commission_id)
    if commission is None or actor.role is not Role.CLIENT or actor.id != str(commission.client.id):
        raise NotAllowed(
            sentence("Only its owner says what it is worth; the house neither sets nor suggests the figure.")
        )
    if value.minor <= 0:
        raise NotPossible(sentence("A value is more than nothing."))
    item.declared_value_minor, item.currency = value.minor, value.currency
    commission.record("value_declared", actor, at, item=item.id, value_minor=value.minor, currency=value.currency)
    session.flush()


def with_house(session: Session, commission: Commission) -> tuple[CustodyItem, ...]:
    """What the house still answers for in a commission: all that is not back with the client, nor part of a piece."""
    items = session.scalars(select(CustodyItem).where(CustodyItem.commission_id == commission.id))
    return tuple(item for item in items if item.place not in (Place.CLIENT, Place.PIECE))


def unsettled(session: Session) -> tuple[str, ...]:
    """What does not add up in the chains, in sentences, for whoever reconciles; empty where all is well."""
    told = []
    for item in session.scalars(select(CustodyItem).order_by(CustodyItem.id)):
        if not item.moves:
            told.append(f"Item {item.id} ({item.description}) has no hand-over, so nobody answers for it.")
        told.extend(_breaks(item, item.moves))
    return tuple(told)


def _breaks(item: CustodyItem, moves: Sequence[CustodyMove]) -> list[str]:
    told, weighed = [], None
    for one in moves:
        if one.weight_g is None:
            continue
        if (
            weighed is not None
            and item.kind in ("stone", "report", "jewellery")
            and abs(one.weight_g - weighed) > SCALE_G
        ):
            told.append(f"Item {item.id} ({item.description}) weighed {weighed} g, then {one.weight_g} g.")
        weighed = one.weight_g
    return told


def _whole(session: Session, intake: Intake) -> None:
    lines = {
        sentence("what it is"): intake.description,
        sentence("the client's full name"): intake.name,
        sentence("a telephone number"): intake.telephone,
        sentence("a second way to reach them"): intake.other_contact,
        sentence("the marks in the metal, or that they are illegible"): intake.marks,
        sentence("the damage seen, or that none is"): intake.damage,
        sentence("the client's signature"): intake.client_signature,
        sentence("the house's signature"): intake.house_signature,
    }
    missing = [what for what, said in lines.items() if not said.strip()]
    if not intake.photographs:
        missing.append(sentence("a photograph"))
    if missing:
        raise NotPossible(sentence("The form still needs %(missing)s.", missing=together(missing, ", ")))
    if intake.kind not in KINDS:
        raise NotPossible(sentence("Say what it is; one of %(kinds)s.", kinds=", ".join(KINDS)))
    if intake.weight_g <= 0:
        raise NotPossible(sentence("Weigh it first; a weight in grams is more than nothing."))
    for one in intake.stones:
        if one.count < 1 or not all((one.shape.strip(), one.size_mm.strip(), one.colour.strip(), one.belief.strip())):
            raise NotPossible(
                sentence("Of each kind of stone: how many, shape, size, colour, and what it is believed to be.")
            )
    _kept(session, (*intake.photographs, intake.client_signature, intake.house_signature))


def _kept(session: Session, digests: Sequence[str | None]) -> None:
    for digest in digests:
        if digest is not None and session.get(File, digest) is None:
            raise Missing(
                sentence("The file %(digest)s is not among the house's; upload it first.", digest=digest[:12])
            )


def _name(session: Session, actor: Actor) -> str:
    return session.get_one(Person, int(actor.id)).name


def _staff(actor: Actor) -> None:
    if actor.role not in STAFF:
        raise NotAllowed(sentence("Hand-overs are written down by the house."))
