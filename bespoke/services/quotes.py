"""Quotes: estimates and firm prices with frozen inputs, sent for every piece, accepted before they expire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from bespoke.models.commission import Commission, CommissionState
from bespoke.models.ledger import InstalmentRow
from bespoke.models.quote import Quote, QuoteLine
from bespoke.queries.quotes import (
    POLICIES,
    accepted,
    agreed,
    allowed_of,
    client_quote,
    planned,
)
from bespoke.queries.turns import excess
from bespoke.services import house, invoices, steps, together
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.quote_content import content_of, terms_of
from bespoke.services.steps import Circumstances
from workflows.deposits import plan_of
from workflows.errors import NotAllowed
from workflows.money import Money, total
from workflows.naming import check_text
from workflows.pricing import BuildUp, Stage, build_up, estimate_range
from workflows.quote_inputs import QuoteInputs, freeze
from workflows.roles import Actor, Role
from workflows.sentences import sentence
from workflows.snapshot import Course
from workflows.template import Facet

QUOTE, ESTIMATE = "quote", "estimate"
PRICERS = frozenset({Role.OFFICE, Role.OWNER})


class QuoteExpired(NotPossible):
    """The price is no longer valid; `valid_until` says since when."""

    def __init__(self, valid_until: datetime) -> None:
        super().__init__(
            sentence(
                "This price was valid until %(valid_until)s UTC; ask for it to be renewed.",
                valid_until=f"{valid_until:%d %B %Y, %H:%M}",
            )
        )
        self.valid_until = valid_until


@dataclass(frozen=True, slots=True)
class PricedPiece:
    """One piece of the commission, by its letter, and what its price is reckoned from."""

    letter: str
    inputs: QuoteInputs


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What an accepted price means for the money.

    Attributes:
        due_key, due_now: the first instalment not yet cleared, and what is missing of it.
        to_refund: what has cleared beyond the new price.
    """

    quote: Quote
    due_key: str | None
    due_now: Money
    to_refund: Money


def estimate(
    session: Session,
    commission: Commission,
    priced: Sequence[PricedPiece],
    actor: Actor,
    *,
    stage: Stage = Stage.CONCEPT,
    included: str = "",
    valid_days: int = 30,
    at: datetime,
) -> Quote:
    """A range, shown to the client at once; nobody can accept it."""
    built = _built(commission, priced, actor)
    gross = total((one.gross for one in built.values()), commission.currency)
    low, high = estimate_range(gross, stage, step_minor=10_000)
    quote = _quote(session, commission, priced, built, included, valid_days, at)
    quote.firm, quote.gross_from_minor, quote.gross_minor, quote.sent_at = False, low.minor, high.minor, at
    commission.quotes.append(quote)
    session.flush()
    commission.record("estimate_given", actor, at, number=quote.number, from_minor=low.minor, to_minor=high.minor)
    for piece in commission.pieces:
        if ESTIMATE in piece.template and piece.course is Course.LIVE:
            steps.put_content(session, piece, Facet.TERMS, terms_of(POLICIES[quote.terms_version]), actor, at=at)
            facts = {"from_minor": low.minor, "to_minor": high.minor, "currency": quote.currency}
            together.show_where_open(session, piece, ESTIMATE, "estimate", actor, facts, at=at)
    session.flush()
    return quote


def firm(
    session: Session,
    commission: Commission,
    priced: Sequence[PricedPiece],
    actor: Actor,
    *,
    included: str = "",
    valid_days: int = 14,
    plan_key: str | None = None,
    change_reason: str = "",
    date_delta_days: int = 0,
    at: datetime,
) -> Quote:
    """A firm price for every piece, on the weights assumed or drawn; the client sees it once it is sent.

    Args:
        change_reason: why it replaces an accepted price; needed for a change order.
        date_delta_days: by how many days the change moves the promised date.

    Raises:
        NotPossible: a piece without a price, another currency, unknown terms, a change without its reason.
        MisleadingName: the text calls a stone what it is not.
    """
    built = _built(commission, priced, actor)
    plan_of(plan_key or house.current(session).plan_key)
    if accepted(commission) is not None and not change_reason.strip():
        raise NotPossible(sentence("A price was accepted already; say why this one replaces it."))
    stones = [one.stone.named for piece in commission.pieces for one in piece.options if one.chosen]
    check_text(included, stones)
    quote = _quote(session, commission, priced, built, included, valid_days, at)
    quote.plan_key = plan_key or quote.plan_key
    quote.change_reason, quote.date_delta_days = change_reason.strip(), date_delta_days
    commission.quotes.append(quote)
    session.flush()
    commission.record("quote_made", actor, at, number=quote.number, gross_minor=quote.gross_minor)
    session.flush()
    return quote


def send(session: Session, quote: Quote, actor: Actor, *, at: datetime) -> str:
    """Put a firm quote before the client for every piece; the digest their yes carries back.

    What rested on an earlier price is superseded with it, and an earlier one still open cannot be accepted any more.

    Raises:
        NotPossible: an estimate, sent before, or a newer version exists.
        QuoteExpired: it ran out before it was sent.
        OutOfOrder: a piece is not ready for a price.
    """
    commission = quote.commission
    _may_price(actor)
    if not quote.firm:
        raise NotPossible(sentence("An estimate is not accepted; make a firm quote."))
    if quote.sent_at is not None:
        raise NotPossible(
            sentence(
                "Quote %(number)s was sent on %(sent_at)s.", number=quote.number, sent_at=f"{quote.sent_at:%d %B %Y}"
            )
        )
    if any(other.firm and other.number > quote.number for other in commission.quotes):
        raise NotPossible(
            sentence("There is a newer version than quote %(number)s; send that one.", number=quote.number)
        )
    if at > quote.valid_until:
        raise QuoteExpired(quote.valid_until)
    for other in commission.quotes:
        waits = other.firm and other.sent_at is not None and other.accepted_at is None
        if waits and other.superseded_at is None:
            other.superseded_at = at
    quote.sent_at = at
    said, policy = client_quote(quote), POLICIES[quote.terms_version]
    for piece in together.pieces_with(commission, QUOTE):
        steps.put_content(session, piece, Facet.TERMS, terms_of(policy), actor, at=at)
        steps.put_content(session, piece, Facet.QUOTE, content_of(said), actor, at=at)
        facts = {"number": quote.number, "gross_minor": quote.gross_minor, "currency": quote.currency}
        together.show_where_open(session, piece, QUOTE, "firm_quote", actor, facts, at=at)
    commission.record("quote_sent", actor, at, number=quote.number, valid_until=quote.valid_until.isoformat())
    return together.hand_in(session, commission, QUOTE, actor, at=at)


def accept(
    session: Session,
    quote: Quote,
    shown: str,
    actor: Actor,
    circumstances: Circumstances,
    *,
    at: datetime,
    at_counter: bool = False,
) -> Acceptance:
    """The client's yes to the price; the instalments are agreed with it, and what has cleared stays cleared.

    Raises:
        QuoteExpired: the price is no longer valid.
        NotPossible: an estimate, superseded, accepted already; the commission rests or has ended.
        Stale: something else stands there than what was shown.
    """
    commission = quote.commission
    _acceptable(quote, at)
    together.approve(session, commission, QUOTE, shown, actor, circumstances, at=at, at_counter=at_counter)
    before = accepted(commission, before=quote)
    plan = planned(quote)
    quote.allowed_minor, quote.accepted_at = allowed_of(quote).minor, at
    if before is not None:
        before.superseded_at = at
        _move_promise(commission, quote)
    rows = {row.key: row for row in commission.instalments}
    for rank, due in enumerate(plan):
        row = rows.get(due.key)
        if row is None:
            row = InstalmentRow(key=due.key, currency=quote.currency)
            commission.instalments.append(row)
        row.rank, row.due_minor = rank, due.amount.minor
    session.flush()
    price_delta = 0 if before is None else quote.gross_minor - before.gross_minor
    commission.record(
        "quote_accepted",
        actor,
        at,
        number=quote.number,
        gross_minor=quote.gross_minor,
        price_delta_minor=price_delta,
        date_delta_days=quote.date_delta_days,
        reason=quote.change_reason,
    )
    session.flush()
    if before is not None:
        invoices.put_right(session, commission, invoices.CHANGED, actor, at=at)
    return _acceptance(quote)


def ask_changes(session: Session, quote: Quote, note: str, actor: Actor, *, at: datetime) -> None:
    """The client would like another price, and says why."""
    together.ask_changes(session, quote.commission, QUOTE, note, actor, at=at)


def current(commission: Commission) -> Quote:
    """The newest firm quote.

    Raises:
        Missing: none was made.
    """
    found = [quote for quote in commission.quotes if quote.firm]
    if not found:
        raise Missing(sentence("%(reference)s has no firm quote yet.", reference=commission.reference))
    return found[-1]


def _acceptable(quote: Quote, at: datetime) -> None:
    if not quote.firm:
        raise NotPossible(sentence("An estimate is not accepted; a firm quote follows it."))
    if quote.sent_at is None:
        raise NotPossible(sentence("Quote %(number)s has not been sent yet.", number=quote.number))
    if quote.accepted_at is not None:
        raise NotPossible(
            sentence(
                "Quote %(number)s was accepted on %(accepted_at)s.",
                number=quote.number,
                accepted_at=f"{quote.accepted_at:%d %B %Y}",
            )
        )
    if quote.superseded_at is not None:
        raise NotPossible(sentence("Quote %(number)s was replaced by a newer one; look at that.", number=quote.number))
    if at > quote.valid_until:
        raise QuoteExpired(quote.valid_until)
    if quote.commission.state is not CommissionState.OPEN:
        raise NotPossible(
            sentence(
                "%(reference)s is %(state)s; nothing is accepted now.",
                reference=quote.commission.reference,
                state=quote.commission.state.value,
            )
        )


def _may_price(actor: Actor) -> None:
    if actor.role not in PRICERS:
        raise NotAllowed(sentence("Only the office or the owner names a price."))


def _built(commission: Commission, priced: Sequence[PricedPiece], actor: Actor) -> dict[str, BuildUp]:
    _may_price(actor)
    pieces = {piece.letter for piece in together.pieces_with(commission, QUOTE)}
    letters = [one.letter for one in priced]
    if sorted(letters) != sorted(pieces):
        raise NotPossible(
            sentence(
                "Every piece has one price: %(pieces)s; given were %(letters)s.",
                pieces=", ".join(sorted(pieces)),
                letters=", ".join(letters) or "none",
            )
        )
    for one in priced:
        if one.inputs.currency != commission.currency:
            raise NotPossible(
                sentence(
                    "%(reference)s is in %(currency)s, not in %(currency2)s.",
                    reference=commission.reference,
                    currency=commission.currency,
                    currency2=one.inputs.currency,
                )
            )
        if one.inputs.terms_version not in POLICIES:
            raise NotPossible(
                sentence(
                    "There are no terms %(terms_version)s; there are %(policies)s.",
                    terms_version=one.inputs.terms_version,
                    policies=", ".join(POLICIES),
                )
            )
    if len({(one.inputs.terms_version, one.inputs.tax_name) for one in priced}) > 1:
        raise NotPossible(sentence("All pieces of a quote stand under the same terms and the same tax."))
    return {one.letter: build_up(one.inputs) for one in sorted(priced, key=lambda one: one.letter)}


def _quote(
    session: Session,
    commission: Commission,
    priced: Sequence[PricedPiece],
    built: dict[str, BuildUp],
    included: str,
    valid_days: int,
    at: datetime,
) -> Quote:
    if not 1 <= valid_days <= 365:
        raise NotPossible(sentence("A price is valid for at least a day and at most a year."))
    currency = commission.currency
    quote = Quote(
        number=len(commission.quotes) + 1,
        firm=True,
        currency=currency,
        net_minor=total((one.net for one in built.values()), currency).minor,
        tax_minor=total((one.tax for one in built.values()), currency).minor,
        gross_minor=total((one.gross for one in built.values()), currency).minor,
        cost_minor=total((one.cost for one in built.values()), currency).minor,
        inputs={
            "pieces": {one.letter: freeze(one.inputs) for one in priced},
            "assumed": _assumed(commission, priced),
        },
        plan_key=house.current(session).plan_key,
        included=included.strip(),
        terms_version=priced[0].inputs.terms_version,
        valid_until=at + timedelta(days=valid_days),
        change_reason="",
        date_delta_days=0,
        created_at=at,
    )
    quote.lines = [
        QuoteLine(
            letter=letter,
            kind=line.kind.value,
            label=line.label[:200],
            price_minor=line.price.minor,
            cost_minor=line.cost.minor,
        )
        for letter, one in built.items()
        for line in one.lines
    ]
    return quote


def _assumed(commission: Commission, priced: Sequence[PricedPiece]) -> dict[str, dict[str, str]]:
    """The weight each price took its piece to have, in the alloy the piece is cast in, and the allowance, in grams."""
    alloys = {piece.letter: piece.alloy for piece in commission.pieces}
    found: dict[str, dict[str, str]] = {}
    for one in priced:
        assumed = [metal for metal in one.inputs.metals if metal.allowance_g is not None]
        cast = [metal for metal in assumed if metal.alloy == alloys[one.letter]] or assumed
        if cast:
            weight = sum((metal.net_g for metal in cast), Decimal(0))
            allowance = sum((metal.allowance_g or Decimal(0) for metal in cast), Decimal(0))
            found[one.letter] = {"weight_g": format(weight, "f"), "allowance_g": format(allowance, "f")}
    return found


def _move_promise(commission: Commission, quote: Quote) -> None:
    if not quote.date_delta_days:
        return
    moved = timedelta(days=quote.date_delta_days)
    if commission.promised_from is not None:
        commission.promised_from += moved
    if commission.promised_to is not None:
        commission.promised_to += moved
    commission.promise_reason = quote.change_reason[:300]


def _acceptance(quote: Quote) -> Acceptance:
    first = next((due for due in agreed(quote.commission) if due.missing), None)
    return Acceptance(
        quote,
        None if first is None else first.key,
        Money.zero(quote.currency) if first is None else first.missing,
        excess(quote.commission),
    )
