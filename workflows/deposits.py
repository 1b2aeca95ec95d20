"""How a price is paid: plans of instalments, what of it is due, and what comes back when a client stops.

Deposits are kept only for what the house has really spent or done by then, and each stage says so in a sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from workflows.errors import WorkflowError
from workflows.faults import INSTALMENTS
from workflows.money import Money, total
from workflows.sentences import sentence


class BadPlan(WorkflowError):
    """A plan that does not divide a price: wrong names, wrong order, or not a hundred per cent."""


class Overpaid(WorkflowError):
    """A change makes the price less than what has cleared; `back` is what has to be paid back first."""

    def __init__(self, back: Money) -> None:
        super().__init__(
            sentence("%(back)s more than the new price has been received; refund it with the change.", back=back)
        )
        self.back = back


@dataclass(frozen=True, slots=True)
class PlanPart:
    """One instalment of a plan: deposit, progress or balance, and its part of the price in per cent."""

    key: str
    percent: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How a price is divided; it begins with a deposit and ends with a balance."""

    key: str
    parts: tuple[PlanPart, ...]

    def __post_init__(self) -> None:
        keys = [part.key for part in self.parts]
        if keys not in ([*INSTALMENTS], [INSTALMENTS[0], INSTALMENTS[-1]]):
            raise BadPlan(
                sentence("Plan %(key)s must be a deposit, perhaps a progress payment, and a balance.", key=self.key)
            )
        if any(part.percent <= 0 for part in self.parts) or sum(part.percent for part in self.parts) != 100:
            raise BadPlan(sentence("The parts of plan %(key)s must add up to 100 per cent.", key=self.key))


@dataclass(frozen=True, slots=True)
class Due:
    """One instalment of an actual price and what of it has cleared."""

    key: str
    amount: Money
    cleared: Money

    @property
    def missing(self) -> Money:
        """What is still to be received, never less than nothing."""
        return max(self.amount - self.cleared, Money.zero(self.amount.currency))


def _plan(percents: Sequence[int]) -> Plan:
    keys = INSTALMENTS if len(percents) == 3 else (INSTALMENTS[0], INSTALMENTS[-1])
    if len(keys) != len(percents):
        raise BadPlan(sentence("A plan has two or three instalments."))
    parts = tuple(PlanPart(key, percent) for key, percent in zip(keys, percents, strict=True))
    return Plan("/".join(str(percent) for percent in percents), parts)


PLANS: Mapping[str, Plan] = MappingProxyType(
    {plan.key: plan for plan in (_plan((30, 40, 30)), _plan((10, 40, 50)), _plan((50, 50)))}
)


def plan_of(key: str) -> Plan:
    """The plan written as its percentages, “30/40/30”; a house may write its own.

    Raises:
        BadPlan: it does not read as two or three percentages that add up to 100.
    """
    if key in PLANS:
        return PLANS[key]
    parts = key.split("/")
    if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
        raise BadPlan(sentence("“%(key)s” is not a payment plan; write it like 30/40/30.", key=key[:40]))
    return _plan([int(part) for part in parts])


def due_amounts(plan: Plan, gross: Money) -> tuple[Due, ...]:
    """The instalments of a price; they add up to it exactly, the last one is the remainder."""
    amounts = gross.split([part.percent for part in plan.parts])
    nothing = Money.zero(gross.currency)
    return tuple(Due(part.key, amount, nothing) for part, amount in zip(plan.parts, amounts, strict=True))


def allocated(dues: Sequence[Due], cleared: Money) -> tuple[Due, ...]:
    """The instalments with cleared money laid on them in order; what is beyond the last stays on it."""
    rest, result = cleared, []
    for position, due in enumerate(dues):
        last = position == len(dues) - 1
        share = rest if last else min(rest, due.amount)
        result.append(Due(due.key, due.amount, share))
        rest = rest - share
    return tuple(result)


def revised(dues: Sequence[Due], gross: Money) -> tuple[Due, ...]:
    """The instalments after a change order: what was asked before stays, the difference falls on the last.

    Where the price falls by more than the last instalment, the ones before it shrink, last first.

    Raises:
        Overpaid: more than the new price has cleared already.
    """
    currency = gross.currency
    received = total((due.cleared for due in dues), currency)
    if received > gross:
        raise Overpaid(received - gross)
    nothing, change, result = Money.zero(currency), gross - total((due.amount for due in dues), currency), []
    for due in reversed(dues):
        amount = max(due.amount + change, nothing)
        change = change - (amount - due.amount)
        result.append(Due(due.key, amount, due.cleared))
    return tuple(reversed(result))


def tax_within(amount: Money, *, gross: Money, tax: Money) -> Money:
    """The tax that is part of an instalment, in proportion; an advance payment is a tax point of its own."""
    return Money.zero(amount.currency) if not gross else amount.times(tax.amount / gross.amount)


class Kept(StrEnum):
    """What a house may keep of a deposit when the client stops: what it has spent or done, not a penalty."""

    DRAWING = "drawing"
    PATTERN = "pattern"
    STONE_RETURN = "stone_return"  # what the supplier charges to take a stone back
    METAL = "metal"  # metal bought and the loss in melting it again
    WORK = "work"  # hours done at the bench
    OUTSIDE = "outside"  # casting, hallmark, engraving by others
    PIECE = "piece"  # a finished piece made for this person


@dataclass(frozen=True, slots=True)
class Incurred:
    """What the house has spent on one head by the time the client stops."""

    head: Kept
    amount: Money


@dataclass(frozen=True, slots=True)
class RefundRule:
    """From the day a milestone is done: what may be kept, and the sentence the client has read beforehand."""

    after: str  # the milestone's key; "deposit" is the beginning
    keeps: frozenset[Kept]
    sentence: str


@dataclass(frozen=True, slots=True)
class RefundPolicy:
    """A dated version of the house's rules, earliest stage first; a commission keeps the one it began with."""

    version: str
    since: date
    free_days: int  # all of it back within so many days of the deposit, while nothing was made
    free_until: str  # the milestone that ends the free days
    free_sentence: str
    rules: tuple[RefundRule, ...]


@dataclass(frozen=True, slots=True)
class Refund:
    """What goes back and what is kept, head by head, with the sentence that says why."""

    back: Money
    kept: tuple[Incurred, ...]
    sentence: str


_DRAWN = frozenset({Kept.DRAWING, Kept.STONE_RETURN})
_PATTERNED = _DRAWN | {Kept.PATTERN}
_CAST = _PATTERNED | {Kept.METAL, Kept.WORK, Kept.OUTSIDE}

REFUNDS_2026 = RefundPolicy(
    version="2026-1",
    since=date(2026, 1, 1),
    free_days=14,
    free_until="casting",
    free_sentence=sentence("All of it back for 14 days, as long as the piece has not been cast."),
    rules=(
        RefundRule(
            "deposit", _DRAWN, sentence("All but the drawing and what a supplier asks for taking the stone back.")
        ),
        RefundRule("pattern", _PATTERNED, sentence("All but the drawing, the wax model and the return of the stone.")),
        RefundRule(
            "casting",
            _CAST,
            sentence("All but the work done, the metal's loss and what others have charged, item by item."),
        ),
        RefundRule(
            "qc",
            _CAST | {Kept.PIECE},
            sentence("The piece was made for you and is finished: it is yours on payment of the balance."),
        ),
    ),
)


def refund(
    policy: RefundPolicy,
    *,
    done: frozenset[str],
    cleared: Money,
    incurred: Sequence[Incurred],
    deposit_on: date,
    today: date,
) -> Refund:
    """What a client who stops gets back.

    Args:
        done: keys of the milestones that are done.
        cleared: all money received and cleared so far.
        incurred: what the house has spent, by head; heads the stage's rule does not name are not kept.
        deposit_on: the day the deposit cleared.
    """
    if (today - deposit_on).days <= policy.free_days and policy.free_until not in done:
        return Refund(cleared, (), policy.free_sentence)
    rule = refund_rule(policy, done)
    kept, rest = [], cleared
    for one in incurred:
        if one.head in rule.keeps and rest:
            share = min(one.amount, rest)
            kept.append(Incurred(one.head, share))
            rest = rest - share
    return Refund(rest, tuple(kept), rule.sentence)


def refund_rule(policy: RefundPolicy, done: frozenset[str]) -> RefundRule:
    """The rule of the furthest stage that is done; the first one applies from the deposit on."""
    reached = [rule for rule in policy.rules[1:] if rule.after in done]
    return reached[-1] if reached else policy.rules[0]
