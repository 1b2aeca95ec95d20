"""Letting a commission rest, taking it up again, ending it: what comes back, what is kept, and the sentence for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.ledger import Account
from bespoke.queries.quotes import POLICIES, accepted
from bespoke.services import commissions, deposits, holds, invoices, ledger, messages, payments, refunds
from bespoke.services.errors import NotPossible
from bespoke.services.ledger import Side
from workflows.deposits import Incurred, Refund, refund
from workflows.errors import NotAllowed
from workflows.money import Money, total
from workflows.roles import Actor, Role
from workflows.sentences import sentence
from workflows.snapshot import Status

OFFICE = frozenset({Role.OFFICE, Role.OWNER})


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of the money and the stones of a commission that ended.

    Attributes:
        sentence: what the client was told.
        freed: references of the stones that others may have now.
    """

    back: Money
    kept: tuple[Incurred, ...]
    sentence: str
    freed: tuple[str, ...]


def pause(session: Session, commission: Commission, reason: str, actor: Actor, *, at: datetime) -> str:
    """Let all of it rest; the sentence the client is told. Stones without money are kept no longer for it."""
    _office(actor)
    commissions.pause(session, commission, reason, actor, at=at)
    said = f"Your commission rests: {reason.strip()} Nothing is made, and nothing is lost, until it is taken up again."
    messages.write(session, commission, said, actor, at=at)
    return said


def resume(session: Session, commission: Commission, actor: Actor, *, at: datetime) -> str:
    """Take it up again; the sentence the client is told."""
    _office(actor)
    commissions.resume(session, commission, actor, at=at)
    deposits.lock(session, commission, actor, at=at)  # money may have come while it rested
    said = "Your commission has been taken up again, where it was left."
    messages.write(session, commission, said, actor, at=at)
    return said


def settlement(session: Session, commission: Commission, incurred: Sequence[Incurred], *, today: date) -> Refund:
    """What would come back to the client if they stopped today, by the rules of the price they accepted.

    Args:
        incurred: what the house has spent, by head; only what the stage's rule names is kept.
    """
    received = payments.cleared(commission)
    quote = accepted(commission)
    moments = [one.cleared_at for one in payments.of(commission) if one.cleared_at is not None]
    if quote is None or not moments:
        return Refund(received, (), "Nothing was paid, so nothing is kept.")
    for one in incurred:
        if one.amount.currency != commission.currency or one.amount.minor <= 0:
            raise NotPossible(
                sentence("What was spent is more than nothing, in %(currency)s.", currency=commission.currency)
            )
    done = {row.key for piece in commission.pieces for row in piece.milestones if row.status is Status.DONE}
    return refund(
        POLICIES[quote.terms_version],
        done=frozenset(done),
        cleared=received,
        incurred=incurred,
        deposit_on=min(moments).date(),
        today=today,
    )


def cancel(
    session: Session,
    commission: Commission,
    reason: str,
    actor: Actor,
    *,
    incurred: Sequence[Incurred] = (),
    at: datetime,
) -> Ending:
    """End a commission: every piece, its holds, what is kept and what goes back, in one transaction.

    Raises:
        NotAllowed: only the office.
        OutOfOrder: a piece has been delivered, or it was cancelled already; no reason.
        NotPossible: costs in another currency, or of nothing.
    """
    _office(actor)
    settled = settlement(session, commission, incurred, today=at.date())
    commissions.cancel_pieces(session, commission, reason, actor, at=at)
    invoices.take_back_all(session, commission, f"Cancelled: {reason.strip()}", actor, at=at)
    _keep(session, commission, settled, actor, at)
    _pay_back(session, commission, settled.back, reason, actor, at)
    freed = []
    for held in holds.of(session, commission):
        if holds.end(session, held, "cancelled", actor, at=at):
            freed.append(held.stone.reference)
    for quote in commission.quotes:
        if quote.accepted_at is None and quote.superseded_at is None:
            quote.superseded_at = at
    for payment in payments.of(commission):
        if payment.state in payments.AWAITED:
            payments.give_up(session, payment, "the commission was cancelled", actor, at=at)
    commission.record(
        "commission_cancelled",
        actor,
        at,
        reason=reason.strip(),
        back_minor=settled.back.minor,
        kept_minor=total((one.amount for one in settled.kept), commission.currency).minor,
        kept=", ".join(f"{one.head.value} {one.amount.minor}" for one in settled.kept),
        sentence=settled.sentence,
    )
    said = _said(settled)
    messages.write(session, commission, said, actor, at=at)
    session.flush()
    return Ending(settled.back, settled.kept, said, tuple(freed))


def _keep(session: Session, commission: Commission, settled: Refund, actor: Actor, at: datetime) -> None:
    kept = total((one.amount for one in settled.kept), commission.currency)
    if kept:
        sides = (Side(Account.CLIENT, kept), Side(Account.FORFEIT, -kept))
        ledger.book(session, commission, "forfeited", sides, actor, at=at, reason=settled.sentence)


def _pay_back(session: Session, commission: Commission, back: Money, reason: str, actor: Actor, at: datetime) -> None:
    rest = back
    for payment in reversed(payments.of(commission)):
        share = min(rest, Money(payment.cleared_minor, payment.currency))
        if share.minor > 0:
            refunds.refund(session, payment, share, f"Cancelled: {reason.strip()}", actor, at=at)
            rest = rest - share


def _said(settled: Refund) -> str:
    if not settled.back and not settled.kept:
        return "Your commission has ended. Nothing was paid, so there is nothing to settle."
    kept = ", ".join(f"{one.amount} for {one.head.value.replace('_', ' ')}" for one in settled.kept)
    parts = ["Your commission has ended.", settled.sentence, f"{settled.back} goes back to you."]
    return " ".join([*parts, f"Kept: {kept}."] if kept else parts)


def _office(actor: Actor) -> None:
    if actor.role not in OFFICE:
        raise NotAllowed(sentence("Only the office pauses or ends a commission; write to it."))
