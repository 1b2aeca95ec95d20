"""Invoices: an advance payment is a tax point of its own, and the balance is what the price leaves after them.

A deposit or progress payment is invoiced when it has cleared, the balance when it falls due; numbers run on without a
gap, and an invoice is taken back by a credit note with a number of its own, never erased. What a client is charged
beside the price has an invoice of its own.

Money that goes back needs a credit note only where it was invoiced: an advance whose money is no longer here, or a
price that became less. Money beyond what is asked was never invoiced, so it only goes back.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, CommissionState
from bespoke.models.house import HouseRow
from bespoke.models.job import Queue, enqueue
from bespoke.models.ledger import Account, Entry, Invoice
from bespoke.queries.quotes import Price, accepted, agreed, price_of
from bespoke.services import files, house, ledger
from bespoke.services.errors import NotPossible
from bespoke.services.ledger import Side
from bespoke.storage.store import Stored
from workflows.deposits import Due, tax_within
from workflows.faults import INSTALMENTS
from workflows.money import Money, total
from workflows.roles import Actor
from workflows.sentences import sentence

BALANCE = INSTALMENTS[-1]
BIND, PDF = "bind_invoices", "application/pdf"
LONGEST = 300  # letters of a reason
CHANGED = "The price has changed."


def issue(session: Session, commission: Commission, key: str, actor: Actor, *, at: datetime) -> Invoice | None:
    """The invoice of an instalment, with its tax; asked twice it is the same one.

    The balance is the whole price and its tax less what was invoiced before, so that all of them add up to it. What
    comes for another instalment after the balance was invoiced is in that one already.

    Returns:
        None where nothing is left to invoice, no price was accepted, or the commission was cancelled.

    Raises:
        NotPossible: no such instalment was agreed.
    """
    quote = accepted(commission)
    if quote is None or commission.state is CommissionState.CANCELLED:
        return None
    standing = of_price(session, commission)
    known = next((one for one in standing if one.key == key), None)
    if known is not None:
        return known
    due = next((one for one in agreed(commission) if one.key == key), None)
    if due is None:
        raise NotPossible(
            sentence("No %(key)s has been agreed for %(reference)s.", key=key, reference=commission.reference)
        )
    price = price_of(quote)
    gross, tax = _left(price, standing) if key == BALANCE else _advance(price, due, standing)
    if gross.minor <= 0:
        return None
    advances = sum(one.gross_minor for one in standing) if key == BALANCE else 0
    row = Invoice(key=key, price_minor=price.gross.minor, advances_minor=advances)
    row.tax_name, row.tax_rate = price.tax_name, price.tax_rate
    return _enter(session, commission, row, gross, tax, actor, at)


def issue_cleared(session: Session, commission: Commission, actor: Actor, *, at: datetime) -> tuple[Invoice, ...]:
    """Invoice every instalment whose money is here; those that have their invoice keep it."""
    issued = [
        issue(session, commission, due.key, actor, at=at)
        for due in agreed(commission)
        if due.amount and not due.missing
    ]
    return tuple(one for one in issued if one is not None)


def charge(
    session: Session, commission: Commission, what: str, gross: Money, rate: Decimal, actor: Actor, *, at: datetime
) -> Invoice:
    """The invoice of something charged beside the price, with the tax that is in it.

    Args:
        what: is charged, “storage”; each charge has a number beside it.
        rate: of the tax, 0.20 for twenty in a hundred.
    """
    before = session.scalars(
        select(Invoice).where(Invoice.commission_id == commission.id, Invoice.credits_id.is_(None))
    )
    many = sum(one.key.startswith(f"{what}-") for one in before)
    quote = accepted(commission)
    row = Invoice(key=f"{what}-{many + 1}", price_minor=gross.minor, advances_minor=0)
    row.tax_name, row.tax_rate = "VAT" if quote is None else price_of(quote).tax_name, rate
    return _enter(session, commission, row, gross, gross.times(rate / (1 + rate)), actor, at)


def put_right(
    session: Session, commission: Commission, reason: str, actor: Actor, *, at: datetime, ask_again: bool = False
) -> None:
    """Bring the invoices of the price to what is true by now, whatever changed: money that went, or the price.

    An advance is taken back whose money is not wholly here, or that asked for more than its part is now; the balance,
    once the price is another. What is paid is then invoiced anew. No invoice is ever less than nothing.

    Args:
        reason: of the credit notes.
        ask_again: the balance that had been asked for is asked for again at once.
    """
    quote = accepted(commission)
    if quote is None or commission.state is CommissionState.CANCELLED:
        return
    price, dues = price_of(quote), {due.key: due for due in agreed(commission)}
    for one in of_price(session, commission):
        if one.key != BALANCE and _untrue(one, dues.get(one.key)):
            take_back(session, one, reason, actor, at=at)
    for one in reversed(_advances(session, commission)):
        if not _fits(*_left(price, _advances(session, commission))):  # the tax of the new price is another
            take_back(session, one, reason, actor, at=at)
    balance = next((one for one in of_price(session, commission) if one.key == BALANCE), None)
    if balance is not None:
        same = balance.price_minor == price.gross.minor and _fits(*_left(price, of_price(session, commission)))
        if not same:
            take_back(session, balance, reason, actor, at=at)
    issue_cleared(session, commission, actor, at=at)
    if balance is not None and ask_again:
        issue(session, commission, BALANCE, actor, at=at)


def take_back(session: Session, invoice: Invoice, reason: str, actor: Actor, *, at: datetime) -> Invoice:
    """The credit note that takes an invoice back.

    Raises:
        NotPossible: it was taken back already, is a credit note itself, or nobody says why.
    """
    if invoice.credits_id is not None or invoice.credited_at is not None:
        raise NotPossible(sentence("%(number)s is a credit note, or was taken back already.", number=invoice.number))
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
        tax_name=invoice.tax_name,
        tax_rate=invoice.tax_rate,
        reason=reason.strip()[:LONGEST],
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
    _ask_paper(session, commission, at)
    session.flush()
    return note


def record_bound(session: Session, number: str, stored: Stored, *, at: datetime) -> None:
    """Put the paper of an invoice or credit note down; one that was bound before stays as it is."""
    row = session.scalars(select(Invoice).where(Invoice.number == number)).one()
    if row.digest is None:
        files.enter(session, stored, PDF, at=at)
        row.digest = stored.digest
        session.flush()


def take_back_all(session: Session, commission: Commission, reason: str, actor: Actor, *, at: datetime) -> None:
    """Take back whatever of a commission stands invoiced, as when it ends."""
    for one in of(session, commission):
        take_back(session, one, reason, actor, at=at)


def of(session: Session, commission: Commission) -> tuple[Invoice, ...]:
    """The invoices of a commission that stand, earliest first; no credit notes, and none that was taken back."""
    standing = select(Invoice).where(
        Invoice.commission_id == commission.id, Invoice.credits_id.is_(None), Invoice.credited_at.is_(None)
    )
    return tuple(session.scalars(standing.order_by(Invoice.id)))


def of_price(session: Session, commission: Commission) -> tuple[Invoice, ...]:
    """Those of them that are for the price, and not for what was charged beside it."""
    return tuple(one for one in of(session, commission) if one.key in INSTALMENTS)


def _advances(session: Session, commission: Commission) -> list[Invoice]:
    return [one for one in of_price(session, commission) if one.key != BALANCE]


def _untrue(advance: Invoice, due: Due | None) -> bool:
    return due is None or bool(due.missing) or advance.gross_minor > due.amount.minor


def _fits(gross: Money, tax: Money) -> bool:
    """Whether what is left of a price can be invoiced: no less than nothing, and no more tax than there is price."""
    return 0 <= tax.minor <= gross.minor


def _advance(price: Price, due: Due, standing: Iterable[Invoice]) -> tuple[Money, Money]:
    """What an advance invoices: its own part, and of the price no more than the others leave."""
    gross, tax = _left(price, standing)
    if due.amount >= gross:
        return gross, tax
    return due.amount, min(tax_within(due.amount, gross=price.gross, tax=price.tax), tax)


def _left(price: Price, standing: Iterable[Invoice]) -> tuple[Money, Money]:
    """What of the price and of its tax has not been invoiced."""
    currency, told = price.gross.currency, tuple(standing)
    gross = total((Money(one.gross_minor, currency) for one in told), currency)
    return price.gross - gross, price.tax - total((Money(one.tax_minor, currency) for one in told), currency)


def _enter(
    session: Session, commission: Commission, row: Invoice, gross: Money, tax: Money, actor: Actor, at: datetime
) -> Invoice:
    """Book it, number it, put it down, and have its paper made."""
    sides = (Side(Account.CLIENT, gross), Side(Account.SALES, tax - gross), Side(Account.TAX, -tax))
    entry = ledger.book(session, commission, "invoiced", sides, actor, at=at)
    row.commission_id, row.entry_id, row.number = commission.id, entry.id, _next_number(session)
    row.gross_minor, row.tax_minor, row.currency, row.issued_at = gross.minor, tax.minor, gross.currency, at
    session.add(row)
    session.flush()
    commission.record(
        "invoiced",
        actor,
        at,
        number=row.number,
        instalment=row.key.partition("-")[0],
        gross_minor=gross.minor,
        tax_minor=tax.minor,
        advances_minor=row.advances_minor,
    )
    _ask_paper(session, commission, at)
    session.flush()
    return row


def _ask_paper(session: Session, commission: Commission, at: datetime) -> None:
    """One job for all that wait: their pages are laid out by one child."""
    enqueue(
        session,
        BIND,
        {"commission_id": commission.id},
        queue=Queue.DOCUMENT,
        key=f"{BIND}-{commission.id}",
        at=at,
        commission=commission.reference,
        subject="invoices",
    )


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
