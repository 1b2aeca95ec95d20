"""The ways money comes and goes, the account each is booked on, and who may book it."""

from bespoke.models.commission import Commission
from bespoke.models.ledger import Account
from bespoke.services.errors import NotPossible
from workflows.errors import NotAllowed
from workflows.money import Money
from workflows.roles import Actor, Role
from workflows.sentences import sentence

TRANSFER, CARD, CASH = "transfer", "card", "cash"
ACCOUNTS = {TRANSFER: Account.BANK, CARD: Account.CARD_CLEARING, CASH: Account.CASH}
CASHIERS = frozenset({Role.OFFICE, Role.OWNER, Role.SYSTEM})


def require_cashier(actor: Actor) -> None:
    """Let only the office, the owner and the house's own clock book money.

    Raises:
        NotAllowed: anybody else.
    """
    if actor.role not in CASHIERS:
        raise NotAllowed(sentence("Only the office records money."))


def check_amount(commission: Commission, amount: Money) -> None:
    """Let only a sum in the commission's currency be booked.

    Raises:
        NotPossible: another currency, nothing, or less.
    """
    if amount.currency != commission.currency:
        raise NotPossible(
            sentence(
                "%(reference)s is paid in %(currency)s, not in %(currency2)s.",
                reference=commission.reference,
                currency=commission.currency,
                currency2=amount.currency,
            )
        )
    if amount.minor <= 0:
        raise NotPossible(sentence("An amount of money is more than nothing."))
