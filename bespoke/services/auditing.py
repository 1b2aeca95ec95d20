"""Whether the money adds up: the ledger, the invoices with their numbers, and what each commission is asked for."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, selectinload

from bespoke.models.commission import Commission, CommissionState
from bespoke.models.house import HouseRow
from bespoke.models.ledger import STORAGE, Account, Entry, InstalmentRow, Invoice, Payment, PaymentState, Posting
from bespoke.queries.quotes import Price, accepted, agreed, price_of
from bespoke.services.invoices import BALANCE
from workflows.faults import INSTALMENTS

Found = tuple[str, tuple[str, ...]]
"""What was looked at, and a sentence for each thing wrong with it."""


def ledger(session: Session) -> Iterator[Found]:
    """Each booking adds up to nothing, and each payment that cleared was booked."""
    sums = select(Posting.entry_id, Posting.currency, func.sum(Posting.amount_minor)).group_by(
        Posting.entry_id, Posting.currency
    )
    for entry_id, currency, total in session.execute(sums):
        fault = (f"Its postings add up to {total} minor units {currency}, not to nothing.",) if total else ()
        yield f"entry {entry_id}", fault
    booked = set(session.scalars(select(Entry.payment_id).where(Entry.kind == "received")))
    for payment in session.scalars(select(Payment).where(Payment.state == PaymentState.CLEARED)):
        fault = () if payment.id in booked else ("It cleared, but the ledger has no entry for it.",)
        yield f"payment {payment.id}", fault


def invoices(session: Session) -> Iterator[Found]:
    """Each was booked as it says, is more than nothing, and follows the one before; a credit note undoes its own."""
    owed = (
        select(Invoice, func.coalesce(func.sum(Posting.amount_minor), 0))
        .outerjoin(Posting, and_(Posting.entry_id == Invoice.entry_id, Posting.account == Account.CLIENT))
        .group_by(Invoice.id)
        .order_by(Invoice.id)
    )
    last, known = 0, {}
    for invoice, booked in session.execute(owed):
        known[invoice.id] = invoice
        number = int(invoice.number.rpartition("-")[2])
        fault = []
        if booked != invoice.gross_minor:
            fault.append(f"It says {invoice.gross_minor} minor units, {booked} were booked.")
        if number != last + 1:
            fault.append(f"Its number follows {last}; the numbers between are missing.")
        if invoice.credits_id is None and not 0 <= invoice.tax_minor <= invoice.gross_minor:
            fault.append("It is less than nothing, or more tax than price.")
        if invoice.credits_id is not None and not _undoes(invoice, known.get(invoice.credits_id)):
            fault.append("It does not undo the invoice it takes back.")
        last = number
        yield f"invoice {invoice.number}", tuple(fault)
    following = session.scalar(select(HouseRow.next_invoice))  # as the database counts it
    if following is not None and following != last + 1:
        yield "invoice numbers", (f"The last one is {last}, the next would be {following}.",)


def commissions(session: Session) -> Iterator[Found]:
    """What is asked for is the price; what was invoiced is what was paid or asked; the client's account says so too."""
    standing: dict[int, list[Invoice]] = defaultdict(list)
    signed: dict[int, int] = defaultdict(int)
    for invoice in session.scalars(select(Invoice).order_by(Invoice.id)):
        signed[invoice.commission_id] += invoice.gross_minor
        if invoice.credits_id is None and invoice.credited_at is None:
            standing[invoice.commission_id].append(invoice)
    balances = _balances(session)
    with_plan = (
        select(Commission)
        .where(Commission.instalments.any())
        .options(
            selectinload(Commission.quotes), selectinload(Commission.instalments).selectinload(InstalmentRow.payments)
        )
    )
    for commission in session.scalars(with_plan):
        told = [*_plan_faults(commission), *_invoice_faults(commission, standing[commission.id])]
        received = sum(payment.cleared_minor for row in commission.instalments for payment in row.payments)
        owed = balances[commission.id, Account.CLIENT] + balances[commission.id, Account.FORFEIT]
        if owed != signed[commission.id] - received:
            told.append(f"The client's account stands at {owed} minor units, which invoices and money do not explain.")
        yield commission.reference, tuple(told)


def _undoes(note: Invoice, invoice: Invoice | None) -> bool:
    if invoice is None or invoice.credited_at is None:
        return False
    return (note.gross_minor, note.tax_minor) == (-invoice.gross_minor, -invoice.tax_minor)


def _balances(session: Session) -> dict[tuple[int, Account], int]:
    found: dict[tuple[int, Account], int] = defaultdict(int)
    sums = (
        select(Entry.commission_id, Posting.account, func.sum(Posting.amount_minor))
        .join(Entry, Posting.entry_id == Entry.id)
        .group_by(Entry.commission_id, Posting.account)
    )
    for commission_id, account, minor in session.execute(sums):
        found[commission_id, account] = int(minor)
    return found


def _plan_faults(commission: Commission) -> Iterator[str]:
    quote = accepted(commission)
    price = 0 if quote is None else price_of(quote).gross.minor
    asked = sum(due.amount.minor for due in agreed(commission))
    if asked != price:
        yield f"The instalments add up to {asked}, the accepted price is {price} minor units."


def _invoice_faults(commission: Commission, standing: Sequence[Invoice]) -> Iterator[str]:
    quote = accepted(commission)
    if quote is None or commission.state is CommissionState.CANCELLED:
        if standing:
            yield f"{', '.join(one.number for one in standing)} still stands, and nothing is owed."
        return
    charged = sum(one.gross_minor for one in standing if one.key not in INSTALMENTS)
    asked = sum(row.due_minor for row in commission.instalments if row.key == STORAGE)
    if charged != asked:
        yield f"{charged} minor units of storage were invoiced, {asked} are asked for."
    yield from _price_faults(commission, price_of(quote), [one for one in standing if one.key in INSTALMENTS])


def _price_faults(commission: Commission, price: Price, standing: Sequence[Invoice]) -> Iterator[str]:
    gross, tax = sum(one.gross_minor for one in standing), sum(one.tax_minor for one in standing)
    if gross > price.gross.minor or tax > price.tax.minor:
        yield f"{gross} minor units with {tax} tax were invoiced of a price of {price.gross.minor}."
    if gross == price.gross.minor and tax != price.tax.minor:
        yield f"All of the price was invoiced, but with {tax} instead of {price.tax.minor} minor units of tax."
    keys = {one.key: one for one in standing}
    for due in agreed(commission):
        one = keys.get(due.key)
        if due.amount and not due.missing and one is None and gross < price.gross.minor:
            yield f"The {due.key} is paid and was not invoiced."
        if due.key != BALANCE and one is not None and (due.missing or one.gross_minor > due.amount.minor):
            yield f"{one.number} says more of the {due.key} than was asked and paid."
