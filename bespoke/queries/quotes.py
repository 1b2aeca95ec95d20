"""A quote as the client reads it: sums, tax, instalments, terms; no cost, margin, supplier or premium in it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bespoke.models.commission import Commission
from bespoke.models.ledger import STORAGE
from bespoke.models.quote import Quote
from workflows.deposits import REFUNDS_2026, Due, Overpaid, RefundPolicy, due_amounts, plan_of, revised, tax_within
from workflows.money import Money
from workflows.pricing import ClientLine, client_view
from workflows.quote_inputs import QuoteInputs, thaw

POLICIES: dict[str, RefundPolicy] = {policy.version: policy for policy in (REFUNDS_2026,)}


@dataclass(frozen=True, slots=True)
class ClientPiece:
    """What one piece costs, in the sums a client reads."""

    letter: str
    title: str
    lines: tuple[ClientLine, ...]
    metal_statement: str | None


@dataclass(frozen=True, slots=True)
class Price:
    """An accepted price as it is owed: less what the house let go of it, with the tax that is in it.

    Attributes:
        tax_rate: 0.20 for twenty in a hundred; where pieces have different ones, what they come to together.
    """

    gross: Money
    tax: Money
    tax_name: str
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class ClientQuote:
    """One version as the client reads it.

    Attributes:
        gross_from: where it is an estimate: `gross_from` to `gross`.
        price_change: to the price accepted before, where it is a change order.
        allowed: let go of the price; the instalments are less by it.
    """

    reference: str
    number: int
    firm: bool
    pieces: tuple[ClientPiece, ...]
    net: Money
    tax_name: str
    tax: Money
    gross: Money
    gross_from: Money | None
    allowed: Money
    instalments: tuple[tuple[str, Money], ...]
    valid_until: datetime
    included: str
    terms_version: str
    refund_sentences: tuple[str, ...]
    change_reason: str
    price_change: Money | None
    date_delta_days: int
    sent_at: datetime | None
    accepted_at: datetime | None
    superseded_at: datetime | None

    def open_at(self, at: datetime) -> bool:
        """Whether it can still be accepted at that moment."""
        return (
            self.firm
            and self.sent_at is not None
            and self.accepted_at is None
            and self.superseded_at is None
            and at <= self.valid_until
        )


def client_quote(quote: Quote) -> ClientQuote:
    """The client's view of a quote."""
    inputs = inputs_of(quote)
    titles = {piece.letter: piece.title for piece in quote.commission.pieces}
    views = {letter: client_view(one) for letter, one in inputs.items()}
    before = accepted(quote.commission, before=quote)
    return ClientQuote(
        reference=quote.commission.reference,
        number=quote.number,
        firm=quote.firm,
        pieces=tuple(
            ClientPiece(letter, titles.get(letter, letter), view.lines, view.metal_statement)
            for letter, view in views.items()
        ),
        net=Money(quote.net_minor, quote.currency),
        tax_name=next(iter(inputs.values())).tax_name,
        tax=Money(quote.tax_minor, quote.currency),
        gross=Money(quote.gross_minor, quote.currency),
        gross_from=None if quote.gross_from_minor is None else Money(quote.gross_from_minor, quote.currency),
        allowed=allowed_of(quote),
        instalments=tuple((due.key, due.amount) for due in planned(quote)) if quote.firm else (),
        valid_until=quote.valid_until,
        included=quote.included,
        terms_version=quote.terms_version,
        refund_sentences=sentences(POLICIES[quote.terms_version]),
        change_reason=quote.change_reason,
        price_change=None if before is None else Money(quote.gross_minor - before.gross_minor, quote.currency),
        date_delta_days=quote.date_delta_days,
        sent_at=quote.sent_at,
        accepted_at=quote.accepted_at,
        superseded_at=quote.superseded_at,
    )


def inputs_of(quote: Quote) -> dict[str, QuoteInputs]:
    """What the price of each piece was reckoned from, by its letter; for the house only."""
    return {letter: thaw(text) for letter, text in sorted(quote.inputs["pieces"].items())}


def planned(quote: Quote) -> tuple[Due, ...]:
    """The instalments this quote asks for, with what of them has cleared.

    What was asked before stays; the difference of a change order falls on the balance, and where the price falls
    by more than that, on the instalments before it.
    """
    gross = Money(quote.gross_minor, quote.currency) - allowed_of(quote)
    standing = agreed(quote.commission)
    if not standing:
        return due_amounts(plan_of(quote.plan_key), gross)
    try:
        return revised(standing, gross)
    except Overpaid:
        nothing = Money.zero(gross.currency)
        unpaid = revised([Due(due.key, due.amount, nothing) for due in standing], gross)
        return tuple(Due(one.key, one.amount, due.cleared) for one, due in zip(unpaid, standing, strict=True))


def allowed_of(quote: Quote) -> Money:
    """What the house has let go of a price; what it let go of the one before goes on with the next."""
    before = None if quote.accepted_at is not None else accepted(quote.commission, before=quote)
    allowed = quote.allowed_minor if before is None else before.allowed_minor
    return Money(min(allowed, quote.gross_minor), quote.currency)


def price_of(quote: Quote) -> Price:
    """What is owed of an accepted price."""
    gross, tax = Money(quote.gross_minor, quote.currency), Money(quote.tax_minor, quote.currency)
    allowed, given = allowed_of(quote), list(inputs_of(quote).values())
    rates = {one.tax_rate for one in given}
    together = Decimal(0) if not quote.net_minor else round(Decimal(quote.tax_minor) / quote.net_minor, 4)
    return Price(
        gross - allowed,
        tax - tax_within(allowed, gross=gross, tax=tax),
        given[0].tax_name,
        rates.pop() if len(rates) == 1 else together,
    )


def agreed(commission: Commission) -> tuple[Due, ...]:
    """The instalments of the accepted price, without what is charged beside it."""
    return tuple(due for due in dues(commission) if due.key != STORAGE)


def dues(commission: Commission) -> tuple[Due, ...]:
    """All that is asked for and what of each has cleared; nothing before a quote was accepted."""
    return tuple(
        Due(row.key, Money(row.due_minor, row.currency), Money(row.cleared_minor, row.currency))
        for row in commission.instalments
    )


def accepted(commission: Commission, *, before: Quote | None = None) -> Quote | None:
    """The firm quote the client accepted last, earlier than `before` where that is told."""
    found = [
        quote
        for quote in commission.quotes
        if quote.firm and quote.accepted_at is not None and (before is None or quote.number < before.number)
    ]
    return found[-1] if found else None


def sentences(policy: RefundPolicy) -> tuple[str, ...]:
    """What comes back at each stage, as the client reads it before they accept."""
    return (policy.free_sentence, *(rule.sentence for rule in policy.rules))
