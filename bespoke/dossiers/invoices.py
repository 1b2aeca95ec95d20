"""What an invoice says, from the record of its commission; nothing of it is typed for the paper."""

from collections.abc import Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.documents.invoice import Earlier, InvoiceFacts, Paid, Piece, Seller
from bespoke.dossiers.words import capital, locale_of
from bespoke.models.commission import Commission
from bespoke.models.delivery import Delivery
from bespoke.models.house import HouseRow
from bespoke.models.ledger import Invoice, Payment
from bespoke.models.piece import Piece as PieceRow
from bespoke.queries.portal import described, stones_of
from bespoke.templating.catalogue import _
from workflows.faults import INSTALMENTS

BALANCE = INSTALMENTS[-1]


def unbound(session: Session, commission: Commission) -> Sequence[Invoice]:
    """The invoices and credit notes of a commission that have no paper yet, earliest first."""
    rows = select(Invoice).where(Invoice.commission_id == commission.id, Invoice.digest.is_(None))
    return session.scalars(rows.order_by(Invoice.id)).all()


def facts_of(session: Session, house: HouseRow, commission: Commission, invoice: Invoice) -> InvoiceFacts:
    """All that one invoice or credit note says."""
    zone = ZoneInfo(house.time_zone)
    key = invoice.key.partition("-")[0]
    credited = None if invoice.credits_id is None else session.get_one(Invoice, invoice.credits_id)
    advances = _advances(session, invoice, zone)
    paid = () if credited is not None else _paid(session, commission, invoice, key, zone)
    return InvoiceFacts(
        number=invoice.number,
        day=invoice.issued_at.astimezone(zone).date(),
        currency=invoice.currency,
        locale=locale_of(house, commission.client),
        seller=_seller(house),
        client=commission.client.name,
        client_address=_address(session, commission),
        reference=commission.reference,
        title=commission.title,
        key=key,
        gross_minor=invoice.gross_minor,
        tax_minor=invoice.tax_minor,
        tax_name=invoice.tax_name,
        tax_rate=invoice.tax_rate,
        price_minor=invoice.price_minor,
        price_tax_minor=invoice.tax_minor + sum(one.tax_minor for one in advances),
        pieces=tuple(Piece(one.title, described(one), _stones(one)) for one in commission.pieces),
        advances=advances,
        paid=paid,
        open_minor=max(invoice.gross_minor - sum(one.amount_minor for one in paid), 0),
        pay_reference=f"{commission.reference}-{key.upper()}",
        credits=None if credited is None else _earlier(credited, zone),
        reason=invoice.reason,
    )


def _seller(house: HouseRow) -> Seller:
    return Seller(
        name=house.name,
        address=house.address,
        telephone=house.telephone,
        email=house.email,
        tax_number=house.tax_number,
        bank_name=house.bank_name,
        bank_account=house.bank_account,
    )


def _address(session: Session, commission: Commission) -> str:
    """The client's own address for invoices, else where the piece is sent to."""
    if commission.client.address:
        return commission.client.address
    told = session.scalar(select(Delivery.address).where(Delivery.commission_id == commission.id))
    return told or ""


def _advances(session: Session, invoice: Invoice, zone: tzinfo) -> tuple[Earlier, ...]:
    """Of a balance: the advances that stood when it was issued."""
    if invoice.key != BALANCE or not invoice.advances_minor:
        return ()
    return tuple(_earlier(row, zone) for row in _stood(session, invoice) if row.key in INSTALMENTS)


def _stood(session: Session, invoice: Invoice) -> list[Invoice]:
    """The invoices of its commission before it that were not taken back before it, earliest first."""
    earlier = select(Invoice).where(Invoice.commission_id == invoice.commission_id, Invoice.id < invoice.id)
    rows = session.scalars(earlier.order_by(Invoice.id)).all()
    gone = {row.credits_id for row in rows}
    return [row for row in rows if row.credits_id is None and row.id not in gone]


def _earlier(invoice: Invoice, zone: tzinfo) -> Earlier:
    day = invoice.issued_at.astimezone(zone).date()
    return Earlier(invoice.number, day, invoice.gross_minor, invoice.tax_minor)


def _paid(session: Session, commission: Commission, invoice: Invoice, key: str, zone: tzinfo) -> tuple[Paid, ...]:
    """What of it had come in when it was issued; money fills the parts in their order, and charges in theirs."""
    rows = sorted(commission.instalments, key=lambda row: row.rank)
    payments: list[Payment] = sorted((one for row in rows for one in row.payments), key=lambda one: one.id)
    here = [one for one in payments if one.cleared_at is not None and one.cleared_at <= invoice.issued_at]
    rank = next((row.rank for row in rows if row.key == key), 0)
    before = sum(row.due_minor for row in rows if row.rank < rank)
    if key not in INSTALMENTS:
        charged = [one for one in _stood(session, invoice) if one.key.startswith(f"{key}-")]
        before += sum(one.gross_minor for one in charged)
    amount = min(max(sum(one.cleared_minor for one in here) - before, 0), invoice.gross_minor)
    if not amount:
        return ()
    last = here[-1]
    own = {one.method for one in here if one.instalment.key == key}
    how = own.pop() if len(own) == 1 else ""
    day = (last.cleared_at or invoice.issued_at).astimezone(zone).date()
    return (Paid(day, how, amount),)


def _stones(piece: PieceRow) -> tuple[str, ...]:
    return tuple(_stone(stone) for stone in stones_of(piece))


def _stone(stone: dict[str, object]) -> str:
    """A stone as it must be named on an invoice: what it is, its weight, its report, and how it was treated."""
    parts = [f"{capital(str(stone['name']))}, {stone['weight_words']}"]
    if stone.get("clients_own"):
        parts.append(_("your own"))
    if stone.get("report_number"):
        parts.append(_("report %(lab)s %(number)s", lab=stone["laboratory"], number=stone["report_number"]))
    codes = stone.get("treatment_codes")
    told = ", ".join(codes) if isinstance(codes, list) else ""
    parts.append(f"{stone['treatment_words']} ({told})" if told else str(stone["treatment_words"]))
    care = stone.get("care")
    return ". ".join([", ".join(parts), *(care if isinstance(care, list) else [])])
