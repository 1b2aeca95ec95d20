"""One instalment as its client reads it: what is due, what it locks, what comes back when, and how far it is."""

from dataclasses import dataclass
from datetime import datetime

from bespoke.models.ledger import STORAGE, InstalmentRow, Payment, PaymentState
from bespoke.models.quote import Quote
from bespoke.models.stone import StoneOption
from bespoke.queries.commissions import NotFound
from bespoke.queries.portal import INSTALMENTS, MoneyLine, money_of
from bespoke.queries.quotes import POLICIES, accepted, allowed_of
from bespoke.queries.turns import is_payable
from bespoke.queries.whole import Whole
from bespoke.templating.catalogue import _, lazy
from workflows.deposits import tax_within
from workflows.money import Money
from workflows.sentences import sentence

TRANSFER, CARD = "transfer", "card"
STAGES = {
    "deposit": lazy("After that:"),
    "pattern": lazy("Once the wax model is made:"),
    "casting": lazy("Once it is cast:"),
    "qc": lazy("Once it is finished:"),
}


@dataclass(frozen=True, slots=True)
class Instalment:
    """The whole page of one instalment.

    Attributes:
        reference: what the client writes on a transfer.
        state: later, due, sent, held, part, received.
        card: the newest payment by card: left, refused, held or None.
        later: what is asked for after it.
        stones: what it locks, where it is the deposit.
        until: when the first of the holds ends.
        refunds: what comes back, stage by stage.
    """

    key: str
    name: str
    due: Money
    missing: Money
    cleared: Money
    tax: Money
    percent: int
    quote: Quote
    net: Money
    quote_tax: Money
    gross: Money
    allowed: Money
    tax_name: str
    reference: str
    state: str
    announced_at: datetime | None
    card: str | None
    later: tuple[MoneyLine, ...]
    stones: tuple[StoneOption, ...]
    until: datetime | None
    extended: bool
    refunds: tuple[tuple[str, str], ...]
    payments: tuple[Payment, ...]


def instalment(whole: Whole, key: str, *, tax_name: str) -> Instalment:
    """What there is to know of one instalment.

    Raises:
        NotFound: no price was accepted, or its plan has no such part.
    """
    commission = whole.commission
    row = next((one for one in commission.instalments if one.key == key), None)
    quote = accepted(commission)
    money = money_of(commission)
    if row is None or quote is None or money is None:
        raise NotFound(sentence("payment"))
    due, cleared = Money(row.due_minor, row.currency), Money(row.cleared_minor, row.currency)
    gross, tax = Money(quote.gross_minor, quote.currency), Money(quote.tax_minor, quote.currency)
    allowed = allowed_of(quote)
    keys = [one.key for one in commission.instalments]
    locks = tuple(one for piece in commission.pieces for one in piece.options if one.chosen and key == keys[0])
    holds = [one.stone.held for one in locks if one.stone.held is not None]
    ends = [held.until for held in holds if held.until is not None and held.locked_at is None]
    sent = [one for one in row.payments if one.state is PaymentState.ANNOUNCED and one.method == TRANSFER]
    return Instalment(
        key=key,
        name=str(INSTALMENTS.get(key, key)),
        due=due,
        missing=max(due - cleared, Money.zero(row.currency)),
        cleared=cleared,
        tax=tax_within(due, gross=gross, tax=tax),
        percent=0 if gross == allowed else round(100 * due.minor / (gross - allowed).minor),
        quote=quote,
        net=Money(quote.net_minor, quote.currency),
        quote_tax=tax,
        gross=gross,
        allowed=allowed,
        tax_name=tax_name,
        reference=f"{commission.reference}-{key.upper()}",
        state=_state(row, due, cleared),
        announced_at=sent[-1].announced_at if sent else None,
        card=_card(row),
        later=tuple(one for one in money.lines[keys.index(key) + 1 :] if one.key != STORAGE),
        stones=locks,
        until=min(ends) if ends else None,
        extended=any(held.extended_at is not None for held in holds),
        refunds=() if key == STORAGE else refund_stages(quote.terms_version),
        payments=tuple(row.payments),
    )


def refund_stages(terms_version: str) -> tuple[tuple[str, str], ...]:
    """What comes back, each sentence with the stage it counts from."""
    policy = POLICIES[terms_version]
    first = (_("At first:"), policy.free_sentence)
    return (first, *((str(STAGES.get(rule.after, rule.after)), rule.sentence) for rule in policy.rules))


def _state(row: InstalmentRow, due: Money, cleared: Money) -> str:
    if cleared >= due:
        return "received"
    if any(one.state is PaymentState.AUTHORISED for one in row.payments):
        return "held"
    if any(one.state is PaymentState.ANNOUNCED and one.method == TRANSFER for one in row.payments):
        return "sent"
    if cleared.minor > 0:
        return "part"
    return "due" if is_payable(row) else "later"


def _card(row: InstalmentRow) -> str | None:
    newest = next((one for one in reversed(row.payments) if one.method == CARD), None)
    if newest is None:
        return None
    told = {PaymentState.ANNOUNCED: "left", PaymentState.FAILED: "refused", PaymentState.AUTHORISED: "held"}
    return told.get(newest.state)
