"""Cash: what the law of a place lets a house take in notes, and what must be reported.

Laws and limits age, so each rule carries its dates and where it is from; a house keeps its own copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from workflows.errors import WorkflowError
from workflows.money import Money
from workflows.sentences import sentence


class CashRefused(WorkflowError):
    """Cash that may not be taken; `limit` is the rule's, `total` what it would come to."""

    def __init__(self, message: str, *, limit: Money, total: Money) -> None:
        super().__init__(message)
        self.limit = limit
        self.total = total


@dataclass(frozen=True, slots=True)
class CashRule:
    """A limit on linked cash payments of one payer.

    `forbids` refuses what reaches the limit (or exceeds it, where `over` is set), a registered house excepted
    where `unless_registered`; otherwise taking it only makes a duty, said in `sentence`.
    """

    place: str
    limit: Money
    over: bool
    forbids: bool
    since: date
    sentence: str
    source: str
    unless_registered: bool = False
    until: date | None = None


CASH_RULES: tuple[CashRule, ...] = (
    CashRule(
        place="US",
        limit=Money(1_000_000, "USD"),
        over=True,
        forbids=False,
        since=date(1985, 1, 1),
        sentence=sentence(
            "File Form 8300 within 15 days: more than USD 10,000 in cash in linked payments within 12 months."
        ),
        source="IRS, Form 8300",
    ),
    CashRule(
        place="UK",
        limit=Money(1_000_000, "EUR"),
        over=False,
        forbids=True,
        unless_registered=True,
        since=date(2017, 6, 26),
        sentence=sentence(
            "Cash of €10,000 or more for goods may not be taken before the house is registered with HMRC."
        ),
        source="gov.uk, high value dealer registration",
    ),
    CashRule(
        place="EU",
        limit=Money(1_000_000, "EUR"),
        over=True,
        forbids=True,
        since=date(2027, 7, 10),
        sentence=sentence("Cash above €10,000 may not be taken for goods in the European Union."),
        source="Regulation (EU) 2024/1624",
    ),
)


def check_cash(
    tender: Money,
    *,
    place: str,
    on: date,
    earlier: Money,
    rate: Decimal | None = None,
    registered: bool = False,
    rules: Sequence[CashRule] = CASH_RULES,
) -> tuple[str, ...]:
    """The duties that taking this cash makes, none as a rule.

    Args:
        tender: the cash offered.
        place: whose law: "UK", "US", "EU", or a state's own rules in `rules`.
        earlier: cash this payer gave in linked payments in the last twelve months.
        rate: units of the limit's currency for one of the tender's, where they differ.
        registered: the house is a registered high value dealer.

    Raises:
        CashRefused: the law forbids it, or without a rate it cannot be told whether it does.
    """
    duties = []
    for rule in rules:
        if rule.place != place or on < rule.since or (rule.until is not None and on > rule.until):
            continue
        counted = _in_currency(tender + earlier, rule, rate)
        if not (counted > rule.limit if rule.over else counted >= rule.limit):
            continue
        if rule.forbids and not (rule.unless_registered and registered):
            raise CashRefused(
                sentence("%(sentence)s Ask for a transfer.", sentence=rule.sentence), limit=rule.limit, total=counted
            )
        duties.append(rule.sentence)
    return tuple(duties)


def _in_currency(amount: Money, rule: CashRule, rate: Decimal | None) -> Money:
    if amount.currency == rule.limit.currency:
        return amount
    if rate is None:
        text = sentence(
            "Without a rate from %(currency)s to %(currency2)s the cash limit cannot be checked.",
            currency=amount.currency,
            currency2=rule.limit.currency,
        )
        raise CashRefused(text, limit=rule.limit, total=amount)
    return Money.of(amount.amount * rate, rule.limit.currency)
