"""Invoices: an advance payment is a tax point of its own, and the balance is what the price leaves after them.

A deposit or progress payment is invoiced when it has cleared, the balance when it falls due; numbers run on without a
gap, and an invoice is taken back by a credit note with a number of its own, never erased.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.house import HouseRow
from bespoke.models.ledger import Account, Entry, Invoice
from bespoke.models.quote import Quote
from bespoke.queries.quotes import accepted, dues
from bespoke.services import house, ledger
from bespoke.services.errors import NotPossible
from bespoke.services.ledger import Side
from workflows.deposits import Due, tax_within
from workflows.faults import INSTALMENTS
from workflows.money import Money, total
from workflows.roles import Actor

BALANCE = INSTALMENTS[-1]


def issue(session: Session, commission: Commission, key: str, actor: Actor, *, at: datetime) -> Invoice | None:
    """The invoice of an instalment, with its tax; asked twice it is the same one.

    The balance is the whole price and its tax less what was invoiced before, so that all of them add up to it.

    Returns:
        None where nothing is left to invoice, or no price was accepted.

    Raises:
        NotPossible: no such instalment was agreed.
    """
    quote = accepted(commission)
    if quote is None:
        return None
    standing = of(session, commission)
    known = next((one for one in standing if one.key == key), None)
    if known is not None:
        return known
    due = next((one for one in dues(commission) if one.key == key), None)
    if due is None:
        raise NotPossible(f"No {key} has been agreed for {commission.reference}.")
    before = [one for one in standing if one.key != BALANCE]
    gross, tax = _rest(quote, before) if key == BALANCE else _advance(quote, due)
    if not gross:
        return None
    entry = _book(session, commission, gross, tax, actor, at)
    row = Invoice(
        commission_id=commission.id,
        number=_next_number(session),
        key=key,
        entry_id=entry.id,
        gross_minor=gross.minor,
        tax_minor=tax.minor,
        price_minor=quote.gross_minor,
        advances_minor=sum(one.gross_minor for one in before) if key == BALANCE else 0,
        currency=gross.currency,
        issued_at=at,
    )
    session.add(row)
    session.flush()
    commission.record(
        "invoiced",
        actor,
        at,
        number=row.number,
        instalment=key,
        gross_minor=gross.minor,
        tax_minor=tax.minor,
        advances_minor=row.advances_minor,
    )
    session.flush()
    return row


def issue_cleared(session: Session, commission: Commission, actor: Actor, *, at: datetime) -> tuple[Invoice, ...]:
    """Invoice every instalment whose money is here; those that have their invoice keep it."""
    issued = [
        issue(session, commission, due.key, actor, at=at) for due in dues(commission) if due.amount and not due.missing
    ]
    return tuple(one for one in issued if one is not None)


def take_back(session: Session, invoice: Invoice, reason: str, actor: Actor, *, at: datetime) -> Invoice:
    """The credit note that takes an invoice back.

    Raises:
        NotPossible: it was taken back already, is a credit note itself, or nobody says why.
    """
    if invoice.credits_id is not None or invoice.credited_at is not None:
        raise NotPossible(f"{invoice.number} is a credit note, or was taken back already.")
    commission = session.get_one(Commission, invoice.commission_id)
    entry = ledger.counter(session, commission, session.get_one(Entry, invoice.entry_id), reason, actor, at=at)
    invoice.credited_at = at
    session.flush()  # it steps aside before another of the same instalment may come
    note = Invoice(
        commission_id=commission.id,
        number=_next_number(session),
        key=invoice.key,
        entry_id=entry.id,
        credits_id=invoice.id,
        gross_minor=-invoice.gross_minor,
        tax_minor=-invoice.tax_minor,
        price_minor=invoice.price_minor,
        advances_minor=0,
        currency=invoice.currency,
        issued_at=at,
    )
    session.add(note)
    session.flush()
    commission.record(
        "invoice_credited",
        actor,
        at,
        number=note.number,
        credits=invoice.number,
        gross_minor=invoice.gross_minor,
        reason=reason.strip(),
    )
    session.flush()
    return note


def take_back_all(session: Session, commission: Commission, reason: str, actor: Actor, *, at: datetime) -> None:
    """Take back whatever of a commission stands invoiced, as when it ends."""
    for one in of(session, commission):
        take_back(session, one, reason, actor, at=at)


def take_back_uncleared(session: Session, commission: Commission, reason: str, actor: Actor, *, at: datetime) -> None:
    """Take back the invoices of advances whose money turned out not to be here; a balance is owed all the same."""
    missing = {due.key for due in dues(commission) if due.missing} - {BALANCE}
    for one in of(session, commission):
        if one.key in missing:
            take_back(session, one, reason, actor, at=at)


def take_back_balance(session: Session, commission: Commission, actor: Actor, *, at: datetime) -> None:
    """The price has changed: a balance that was asked for is no longer what is left."""
    for one in of(session, commission):
        if one.key == BALANCE:
            take_back(session, one, "The price has changed.", actor, at=at)


def of(session: Session, commission: Commission) -> tuple[Invoice, ...]:
    """The invoices of a commission that stand, earliest first; no credit notes, and none that was taken back."""
    standing = select(Invoice).where(
        Invoice.commission_id == commission.id, Invoice.credits_id.is_(None), Invoice.credited_at.is_(None)
    )
    return tuple(session.scalars(standing.order_by(Invoice.id)))


def _advance(quote: Quote, due: Due) -> tuple[Money, Money]:
    price, tax = Money(quote.gross_minor, quote.currency), Money(quote.tax_minor, quote.currency)
    return due.amount, tax_within(due.amount, gross=price, tax=tax)


def _rest(quote: Quote, before: list[Invoice]) -> tuple[Money, Money]:
    currency = quote.currency
    gross = Money(quote.gross_minor, currency) - total((Money(one.gross_minor, currency) for one in before), currency)
    tax = Money(quote.tax_minor, currency) - total((Money(one.tax_minor, currency) for one in before), currency)
    return gross, tax


def _book(session: Session, commission: Commission, gross: Money, tax: Money, actor: Actor, at: datetime) -> Entry:
    sides = (Side(Account.CLIENT, gross), Side(Account.SALES, tax - gross), Side(Account.TAX, -tax))
    return ledger.book(session, commission, "invoiced", sides, actor, at=at)


def _next_number(session: Session) -> str:
    """The next of the house's invoice numbers; given back with everything else where the transaction fails."""
    own = house.current(session)
    number = session.scalar(
        update(HouseRow)
        .where(HouseRow.id == own.id)
        .values(next_invoice=HouseRow.next_invoice + 1)
        .returning(HouseRow.next_invoice)
        .execution_options(synchronize_session=False)
    )
    return f"{own.reference_prefix}-INV-{(number or 1) - 1:05d}"
