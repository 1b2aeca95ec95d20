"""A card provider that takes no money and is as strict as a real one: for trying out and for tests.

Capture by hand within the window it states, idempotency keys bound to what they were used for, signed notices that
whoever uses it delivers when, as often and in which order they like.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bespoke.payments.provider import (
    AuthorisationExpired,
    CardState,
    Charge,
    ForgedNotice,
    KeyReused,
    Notice,
    NoticeKind,
    UnknownCharge,
    WrongState,
)
from workflows.money import Money
from workflows.sentences import sentence

WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Word:
    """A notice as it goes over the wire."""

    body: bytes
    signature: str


class FakeCards:
    """The provider, in memory.

    Attributes:
        sent: every notice so far, in the order things happened; nobody delivers them but you.
    """

    def __init__(
        self, secret: bytes = b"a fake provider", window: timedelta = WINDOW, site: str = "https://cards.invalid"
    ) -> None:
        self.sent: list[Word] = []
        self._secret = secret
        self._window = window
        self._site = site
        self._charges: dict[str, Charge] = {}
        self._refunded: dict[str, int] = {}
        self._answers: dict[str, tuple[str, Charge]] = {}

    def begin(self, amount: Money, order: str, *, key: str, at: datetime) -> Charge:
        """A charge the client is to say yes to."""
        asked = f"begin {amount.minor} {amount.currency} {order}"
        known = self._answer(key, asked)
        if known is not None:
            return known
        if amount.minor <= 0:
            raise WrongState(sentence("A card pays more than nothing."), state=CardState.FAILED)
        reference = f"fake_{len(self._charges) + 1:06d}"
        charge = Charge(reference, amount, CardState.PENDING, f"{self._site}/{reference}/{self.token(reference)}")
        return self._keep(key, asked, charge)

    def charge(self, reference: str) -> Charge:
        """A charge as it stands."""
        return self._in(reference, *CardState)

    def token(self, reference: str) -> str:
        """What the address of a charge ends in, so that nobody opens another's by counting."""
        return self._sign(b"open " + reference.encode())[:32]

    def written(self) -> str:
        """Everything it remembers, to be read again by `restored`."""
        return json.dumps(
            {
                "charges": [_charge_out(one) for one in self._charges.values()],
                "refunded": self._refunded,
                "answers": {key: [asked, _charge_out(one)] for key, (asked, one) in self._answers.items()},
                "sent": [[word.body.decode(), word.signature] for word in self.sent],
            }
        )

    def restored(self, text: str) -> "FakeCards":
        """This provider with what was written before."""
        said = json.loads(text)
        self._charges = {one["reference"]: _charge_in(one) for one in said["charges"]}
        self._refunded = dict(said["refunded"])
        self._answers = {key: (asked, _charge_in(one)) for key, (asked, one) in said["answers"].items()}
        self.sent = [Word(body.encode(), signature) for body, signature in said["sent"]]
        return self

    def pay(self, reference: str, *, at: datetime) -> Charge:
        """What the client does at the provider: they say yes, and the money is held."""
        charge = self._in(reference, CardState.PENDING)
        held = replace(charge, state=CardState.AUTHORISED, capture_before=at + self._window)
        self._charges[reference] = held
        self._send(NoticeKind.AUTHORISED, held, at)
        return held

    def decline(self, reference: str, *, at: datetime) -> Charge:
        """Their bank says no."""
        failed = replace(self._in(reference, CardState.PENDING), state=CardState.FAILED)
        self._charges[reference] = failed
        self._send(NoticeKind.FAILED, failed, at)
        return failed

    def capture(self, reference: str, *, key: str, at: datetime) -> Charge:
        """Take what is held."""
        known = self._answer(key, f"capture {reference}")
        if known is not None:
            return known
        charge = self._in(reference, CardState.AUTHORISED)
        if charge.capture_before is not None and at >= charge.capture_before:
            self._expire(charge, at)
            raise AuthorisationExpired(charge.capture_before)
        taken = replace(charge, state=CardState.CAPTURED)
        self._send(NoticeKind.CAPTURED, taken, at)
        return self._keep(key, f"capture {reference}", taken)

    def cancel(self, reference: str, *, key: str, at: datetime) -> Charge:
        """Let go of it."""
        known = self._answer(key, f"cancel {reference}")
        if known is not None:
            return known
        charge = self._in(reference, CardState.PENDING, CardState.AUTHORISED)
        return self._keep(key, f"cancel {reference}", replace(charge, state=CardState.CANCELLED))

    def refund(self, reference: str, amount: Money, *, key: str, at: datetime) -> None:
        """Give part or all of it back."""
        asked = f"refund {reference} {amount.minor} {amount.currency}"
        if self._answer(key, asked) is not None:
            return
        charge = self._in(reference, CardState.CAPTURED)
        back = self._refunded.get(reference, 0) + amount.minor
        if amount.currency != charge.amount.currency or amount.minor <= 0 or back > charge.amount.minor:
            raise WrongState(sentence("Less than that is left of the charge."), state=charge.state)
        self._refunded[reference] = back
        self._keep(key, asked, charge)

    def dispute(self, reference: str, *, at: datetime) -> None:
        """The client's bank takes the money back."""
        self._send(NoticeKind.DISPUTED, self._in(reference, CardState.CAPTURED), at)

    def expire_due(self, *, at: datetime) -> tuple[str, ...]:
        """What the provider's own clock does: let go of what was not taken in time."""
        due = [
            charge
            for charge in self._charges.values()
            if charge.state is CardState.AUTHORISED
            and charge.capture_before is not None
            and at >= charge.capture_before
        ]
        for charge in due:
            self._expire(charge, at)
        return tuple(charge.reference for charge in due)

    def read_notice(self, body: bytes, signature: str) -> Notice:
        """The notice, once its signature is known to be ours."""
        if not hmac.compare_digest(self._sign(body).encode(), signature.encode()):
            raise ForgedNotice(sentence("This notice does not come from the card provider."))
        said = json.loads(body)
        before = said["capture_before"]
        return Notice(
            id=said["id"],
            kind=NoticeKind(said["kind"]),
            reference=said["reference"],
            amount=Money(said["amount_minor"], said["currency"]),
            at=datetime.fromisoformat(said["at"]),
            capture_before=None if before is None else datetime.fromisoformat(before),
        )

    def _in(self, reference: str, *states: CardState) -> Charge:
        charge = self._charges.get(reference)
        if charge is None:
            raise UnknownCharge(sentence("There is no charge %(reference)s.", reference=reference))
        if charge.state not in states:
            raise WrongState(
                sentence("The charge %(reference)s is %(state)s.", reference=reference, state=charge.state.value),
                state=charge.state,
            )
        return charge

    def _answer(self, key: str, asked: str) -> Charge | None:
        known = self._answers.get(key)
        if known is None:
            return None
        if known[0] != asked:
            raise KeyReused(sentence("The key %(key)s was used for something else.", key=key))
        return known[1]

    def _keep(self, key: str, asked: str, charge: Charge) -> Charge:
        self._charges[charge.reference] = charge
        self._answers[key] = (asked, charge)
        return charge

    def _expire(self, charge: Charge, at: datetime) -> None:
        expired = replace(charge, state=CardState.EXPIRED)
        self._charges[charge.reference] = expired
        self._send(NoticeKind.EXPIRED, expired, at)

    def _send(self, kind: NoticeKind, charge: Charge, at: datetime) -> None:
        body = json.dumps(
            {
                "id": f"notice_{len(self.sent) + 1:06d}",
                "kind": kind.value,
                "reference": charge.reference,
                "amount_minor": charge.amount.minor,
                "currency": charge.amount.currency,
                "at": at.astimezone(UTC).isoformat(),
                "capture_before": None if charge.capture_before is None else charge.capture_before.isoformat(),
            },
            sort_keys=True,
        ).encode()
        self.sent.append(Word(body, self._sign(body)))

    def _sign(self, body: bytes) -> str:
        return hmac.new(self._secret, body, hashlib.sha256).hexdigest()


def _charge_out(charge: Charge) -> dict[str, str | int | None]:
    before = charge.capture_before
    return {
        "reference": charge.reference,
        "amount_minor": charge.amount.minor,
        "currency": charge.amount.currency,
        "state": charge.state.value,
        "address": charge.address,
        "capture_before": None if before is None else before.isoformat(),
    }


def _charge_in(said: dict[str, Any]) -> Charge:
    before = said["capture_before"]
    return Charge(
        said["reference"],
        Money(said["amount_minor"], said["currency"]),
        CardState(said["state"]),
        said["address"],
        None if before is None else datetime.fromisoformat(before),
    )
