"""The hand-over: a recap the client confirms, then the piece in its box."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.delivery import Delivery
from bespoke.models.piece import Piece
from bespoke.services import chains, identities, invoices, steps
from bespoke.services.errors import Missing, NotPossible
from workflows.actions import Complete, HandIn
from workflows.roles import Actor
from workflows.sentences import sentence
from workflows.template import Facet

METHODS = frozenset({"collection", "courier"})
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Terms:
    """How, to whom, where and when the piece is handed over."""

    method: str  # collection or courier
    recipient: str
    address: str
    day: date | None


def recap(session: Session, piece: Piece, terms: Terms, actor: Actor, *, at: datetime) -> Delivery:
    """Put the recap before the client: what is handed over, and on which terms; the balance falls due with it.

    Raises:
        NotPossible: a courier needs an address, or nobody receives it.
        OutOfOrder: the piece has not passed its final check, or has been handed over.
    """
    if terms.method not in METHODS:
        raise NotPossible(sentence("A piece is collected, or sent by courier."))
    if not terms.recipient.strip() or (terms.method == "courier" and not terms.address.strip()):
        raise NotPossible(sentence("Say who receives the piece, and where the courier takes it."))
    if len(terms.recipient) > LONGEST_NAME:
        raise NotPossible(sentence("A recipient's name has up to %(longest_name)s letters.", longest_name=LONGEST_NAME))
    row = of(session, piece.commission) or Delivery(commission_id=piece.commission_id)
    row.method, row.recipient, row.day = terms.method, terms.recipient.strip(), terms.day
    row.address = terms.address.strip()
    session.add(row)
    session.flush()
    body = {
        "method": row.method,
        "recipient": row.recipient,
        "address": row.address,
        "day": None if terms.day is None else terms.day.isoformat(),
    }
    steps.put_content(session, piece, Facet.DELIVERY, body, actor, at=at)
    steps.show_evidence(session, piece, "pre_ship_confirmation", "recap", actor, body, at=at)
    steps.act(session, piece, HandIn("pre_ship_confirmation"), actor, at=at)
    invoices.issue(session, piece.commission, invoices.BALANCE, actor, at=at)
    return row


def hand_over(
    session: Session,
    piece: Piece,
    actor: Actor,
    *,
    at: datetime,
    identity_check: str,
    receipt: str,
    seal_number: str = "",
) -> Delivery:
    """Record that the piece was handed over: who was seen, and what they signed or said.

    Raises:
        Missing: no recap was made, or a client's stone was not looked at again.
        AnotherStone: it is not the stone that came in.
        NotPossible: nobody says how the recipient was recognised, or what was signed; the piece is not in the house.
        OutOfOrder: the client has not confirmed the recap.
        GateClosed: the balance has not cleared.
    """
    row = of(session, piece.commission)
    if row is None and "pre_ship_confirmation" not in piece.template:  # a repair is fetched by whoever brought it
        row = Delivery(commission_id=piece.commission_id, method="collection", address="")
        row.recipient = piece.commission.client.name
        session.add(row)
    if row is None:
        raise Missing(sentence("There is no recap of this delivery; send it and let the client confirm it."))
    if not identity_check.strip() or not receipt.strip():
        raise NotPossible(sentence("Say how the recipient was recognised, and what was signed."))
    for kind, facts in (
        ("handed_over", {"seal_number": seal_number}),
        ("identity_checked", {"how": identity_check}),
        ("receipt", {"receipt": receipt}),
    ):
        steps.show_evidence(session, piece, "delivery", kind, actor, facts, at=at)
    chains.check(session, piece, "delivery")
    identities.check(session, piece, "delivery")
    steps.act(session, piece, Complete("delivery"), actor, at=at)
    chains.follow(session, piece, "delivery", actor, at=at)
    row.identity_check, row.seal_number = identity_check.strip()[:120], seal_number.strip()[:40]
    row.handed_over_at, row.handed_over_by_id = at, int(actor.id)
    session.flush()
    return row


def of(session: Session, commission: Commission) -> Delivery | None:
    """The commission's delivery, once a recap was made."""
    return session.scalar(select(Delivery).where(Delivery.commission_id == commission.id))
