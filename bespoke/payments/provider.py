"""What a card provider does for the house, whichever it is: ask, hold, take, give back, and send word of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from workflows.money import Money
from workflows.sentences import sentence, when


class CardError(Exception):
    """What a provider refuses; its text is a plain sentence."""


class UnknownCharge(CardError):
    """The provider knows no charge of that reference."""


class WrongState(CardError):
    """The charge is not in a state for it; `state` says in which it is."""

    def __init__(self, message: str, *, state: "CardState") -> None:
        super().__init__(message)
        self.state = state


class AuthorisationExpired(CardError):
    """The money was held until `capture_before` and not taken; the card has to be asked again."""

    def __init__(self, capture_before: datetime) -> None:
        super().__init__(
            sentence(
                "The card was held until %(capture_before)s UTC; ask for it again.",
                capture_before=when(capture_before, "%d %B %Y, %H:%M"),
            )
        )
        self.capture_before = capture_before


class KeyReused(CardError):
    """An idempotency key that was used for something else."""


class ForgedNotice(CardError):
    """A notice whose signature is not the provider's."""


class CardState(StrEnum):
    """How far a charge is at the provider."""

    PENDING = "pending"  # the client has not yet said yes to their bank
    AUTHORISED = "authorised"  # held, not taken
    CAPTURED = "captured"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class NoticeKind(StrEnum):
    """What a provider sends word of."""

    AUTHORISED = "authorised"
    CAPTURED = "captured"
    FAILED = "failed"
    EXPIRED = "expired"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge as the provider has it; `capture_before` is its own word, never a guess of ours."""

    reference: str
    amount: Money
    state: CardState
    address: str  # where the client pays
    capture_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Word from the provider; it may come late, twice or before an earlier one."""

    id: str
    kind: NoticeKind
    reference: str
    amount: Money
    at: datetime
    capture_before: datetime | None = None


class CardProvider(Protocol):
    """A card provider with capture by hand; a repeated `key` gives the first answer again."""

    def begin(self, amount: Money, order: str, *, key: str, at: datetime) -> Charge:
        """A charge the client is to say yes to; `order` is printed on their statement."""
        ...

    def capture(self, reference: str, *, key: str, at: datetime) -> Charge:
        """Take what is held, all of it.

        Raises:
            AuthorisationExpired, WrongState, UnknownCharge, KeyReused.
        """
        ...

    def cancel(self, reference: str, *, key: str, at: datetime) -> Charge:
        """Let go of what is held, or of a charge nobody said yes to."""
        ...

    def refund(self, reference: str, amount: Money, *, key: str, at: datetime) -> None:
        """Give back part or all of what was taken.

        Raises:
            WrongState: nothing was taken, or less is left.
        """
        ...

    def read_notice(self, body: bytes, signature: str) -> Notice:
        """The notice in a request, once its signature is known to be the provider's.

        Raises:
            ForgedNotice: it is not.
        """
        ...
