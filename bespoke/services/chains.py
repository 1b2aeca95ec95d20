"""Chains of custody that begin and go on by themselves, with the step of the work that says so."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.custody import CustodyItem, CustodyMove, Place
from bespoke.models.delivery import Delivery
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.models.production import Weight
from bespoke.models.stone import StoneReport, StoneRow
from bespoke.services import steps
from bespoke.services.errors import NotPossible
from workflows.roles import Actor
from workflows.sentences import sentence
from workflows.stones import Ownership, Whereabouts
from workflows.units import CARAT_G

CASTING, CHECK, DELIVERY = "casting", "qc", "delivery"
HERE = frozenset({Place.SAFE, Place.BAG, Place.BENCH})
PLACES = {
    Place.CLIENT: "with the client",
    Place.TRANSIT: "on its way",
    Place.VENDOR: "with a supplier",
    Place.ASSAY: "at the assay office",
    Place.COURIER: "with the courier",
}
STONES = {
    Whereabouts.IN_HOUSE: Place.SAFE,
    Whereabouts.IN_BAG: Place.BAG,
    Whereabouts.SET: Place.PIECE,
}


def finished(session: Session, piece: Piece) -> CustodyItem | None:
    """The chain of a finished piece; a client's own jewellery that was mended goes on in the chain of its intake."""
    kinds = ["piece"] if CASTING in piece.template else ["piece", "jewellery"]
    return _of_piece(session, piece, *kinds)


def check(session: Session, piece: Piece, milestone: str) -> None:
    """Let a piece leave only from the house.

    Raises:
        NotPossible: it has left, or is somewhere else; the sentence says where.
    """
    if milestone != DELIVERY or not steps.is_past(piece, CHECK):
        return
    item = finished(session, piece)
    if item is None:
        raise NotPossible(
            sentence("%(reference)s is in no chain of custody; enter where it is first.", reference=piece.reference)
        )
    if item.place not in HERE:
        where = "nowhere" if item.place is None else PLACES[item.place]
        raise NotPossible(
            sentence(
                "%(reference)s is %(where)s, held by %(holder)s; it cannot be handed over from there.",
                reference=piece.reference,
                where=where,
                holder=item.holder,
            )
        )


def follow(session: Session, piece: Piece, milestone: str, actor: Actor, *, at: datetime) -> None:
    """What a step that has just been done says about who holds what: a casting, a finished piece, a hand-over."""
    if milestone == CASTING:
        cast = _begin(session, "casting", f"Casting of {piece.reference}", piece.commission)
        cast.piece_id = piece.id
        _put(session, cast, Place.BENCH, actor, at, note="cast", weight_g=_weighed(session, piece, "net"))
    elif milestone == CHECK:
        _pass(session, piece, actor, at)
    elif milestone == DELIVERY:
        _leave(session, piece, actor, at)


def receive(session: Session, stone: StoneRow, weight_ct: Decimal, actor: Actor, *, at: datetime) -> CustodyItem:
    """A stone that came in goes into the safe; its chain begins, or goes on where it has one."""
    item = of_stone(session, stone)
    if item is None:
        item = _begin(session, "stone", f"Stone {stone.reference}", _commission(session, stone))
        item.stone_id = stone.id
    _put(session, item, Place.SAFE, actor, at, note="received", weight_g=weight_ct * CARAT_G)
    return item


def went(session: Session, stone: StoneRow, actor: Actor, *, to_client: bool = False, at: datetime) -> None:
    """A stone in its chain has gone where its record says: bag, piece, back; broken or lost changes no holder."""
    item = of_stone(session, stone)
    if item is None:
        return
    if stone.whereabouts is Whereabouts.RETURNED:
        own = to_client or stone.ownership is Ownership.CLIENT
        place, holder = (Place.CLIENT, _owner(session, stone)) if own else (Place.VENDOR, stone.supplier)
        _put(session, item, place, actor, at, note="gone back", holder=holder or "the supplier")
    elif stone.whereabouts in STONES:
        _put(session, item, STONES[stone.whereabouts], actor, at, note=stone.whereabouts.value.replace("_", " "))


def keep_original(session: Session, report: StoneReport, actor: Actor, *, at: datetime) -> CustodyItem:
    """The original of a laboratory's report lies in the safe from now on.

    Raises:
        NotPossible: its original is in a chain already.
    """
    if original_of(session, report) is not None:
        raise NotPossible(
            sentence(
                "The original of %(laboratory)s report %(number)s is in the house's care already.",
                laboratory=report.laboratory,
                number=report.number,
            )
        )
    item = _begin(session, "report", _words(report), _commission(session, report.stone))
    item.stone_id = report.stone_id
    _put(session, item, Place.SAFE, actor, at, note="registered")
    return item


def original_of(session: Session, report: StoneReport) -> CustodyItem | None:
    """The chain of a report's original, once it has one."""
    rows = select(CustodyItem).where(CustodyItem.kind == "report", CustodyItem.description == _words(report))
    return session.scalars(rows.order_by(CustodyItem.id).limit(1)).one_or_none()


def of_stone(session: Session, stone: StoneRow) -> CustodyItem | None:
    """The chain of a stone, once it has one."""
    rows = select(CustodyItem).where(CustodyItem.stone_id == stone.id, CustodyItem.kind == "stone")
    return session.scalars(rows.order_by(CustodyItem.id.desc()).limit(1)).one_or_none()


def _words(report: StoneReport) -> str:
    return f"Original of {report.laboratory} report {report.number}"


def _pass(session: Session, piece: Piece, actor: Actor, at: datetime) -> None:
    item = finished(session, piece)
    weight = _weighed(session, piece, "final")
    if item is None:
        item = _begin(session, "piece", f"{piece.reference}, finished", piece.commission)
        item.piece_id = piece.id
    _put(session, item, Place.SAFE, actor, at, note="passed its final check", weight_g=weight)
    cast = _of_piece(session, piece, "casting")
    if cast is not None and cast.place is not Place.PIECE:
        _put(session, cast, Place.PIECE, actor, at, note="is the finished piece")


def _leave(session: Session, piece: Piece, actor: Actor, at: datetime) -> None:
    item = finished(session, piece)
    if item is None:  # a piece without a final check; `check` has refused the others
        return
    row = session.scalar(select(Delivery).where(Delivery.commission_id == piece.commission_id))
    sent = row is not None and row.method == "courier"
    holder = piece.commission.client.name if row is None else row.recipient
    place, taker = (Place.COURIER, f"the courier, for {holder}") if sent else (Place.CLIENT, holder)
    _put(session, item, place, actor, at, note="handed over", holder=taker)


def _begin(session: Session, kind: str, description: str, commission: Commission | None) -> CustodyItem:
    item = CustodyItem(kind=kind, description=description)
    item.commission_id = None if commission is None else commission.id
    return item


def _put(
    session: Session,
    item: CustodyItem,
    place: Place,
    actor: Actor,
    at: datetime,
    *,
    note: str,
    holder: str = "",
    weight_g: Decimal | None = None,
) -> None:
    """One more hand-over; the first of an item is its entry into the book."""
    began = not item.moves
    if began:
        item.created_at = at
        session.add(item)
    taker = holder or session.get_one(Person, int(actor.id)).name
    item.moves.append(CustodyMove(at=at, place=place, holder=taker, by_id=int(actor.id), weight_g=weight_g, note=note))
    session.flush()
    commission = None if item.commission_id is None else session.get_one(Commission, item.commission_id)
    if commission is None:
        return
    if began:
        commission.record("custody_entered", actor, at, item=item.id, what=item.kind, place=place.value)
    else:
        weight = None if weight_g is None else format(weight_g, "f")
        commission.record("custody_moved", actor, at, item=item.id, place=place.value, holder=taker, weight_g=weight)
    session.flush()


def _of_piece(session: Session, piece: Piece, *kinds: str) -> CustodyItem | None:
    rows = select(CustodyItem).where(CustodyItem.piece_id == piece.id, CustodyItem.kind.in_(kinds))
    return session.scalars(rows.order_by(CustodyItem.id.desc()).limit(1)).one_or_none()


def _weighed(session: Session, piece: Piece, kind: str) -> Decimal | None:
    """The last weighing of a kind, in grams; a correction follows what it corrects."""
    rows = select(Weight.weight_g).where(Weight.piece_id == piece.id, Weight.kind == kind)
    return session.scalars(rows.order_by(Weight.id.desc()).limit(1)).one_or_none()


def _commission(session: Session, stone: StoneRow) -> Commission | None:
    if stone.held is not None:
        return stone.held.commission
    return None if stone.owner_id is None else session.get_one(Commission, stone.owner_id)


def _owner(session: Session, stone: StoneRow) -> str:
    commission = _commission(session, stone)
    return "" if commission is None else commission.client.name
