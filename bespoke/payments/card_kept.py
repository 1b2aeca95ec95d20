"""The fake card provider kept in a file, so that every process of the house speaks to one and the same."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bespoke.payments.card_fake import FakeCards, Word
from bespoke.payments.provider import Charge, Notice
from workflows.money import Money


class KeptCards:
    """A `FakeCards` in a file under a lock; for trying the house out, never for money."""

    def __init__(self, file: Path, secret: bytes, site: str) -> None:
        self._file = file
        self._secret = secret
        self._site = site

    def begin(self, amount: Money, order: str, *, key: str, at: datetime) -> Charge:
        """A charge the client is to say yes to."""
        with self._open() as cards:
            return cards.begin(amount, order, key=key, at=at)

    def capture(self, reference: str, *, key: str, at: datetime) -> Charge:
        """Take what is held."""
        with self._open() as cards:
            return cards.capture(reference, key=key, at=at)

    def cancel(self, reference: str, *, key: str, at: datetime) -> Charge:
        """Let go of it."""
        with self._open() as cards:
            return cards.cancel(reference, key=key, at=at)

    def refund(self, reference: str, amount: Money, *, key: str, at: datetime) -> None:
        """Give part or all of it back."""
        with self._open() as cards:
            cards.refund(reference, amount, key=key, at=at)

    def read_notice(self, body: bytes, signature: str) -> Notice:
        """The notice, once its signature is known to be ours."""
        return FakeCards(self._secret).read_notice(body, signature)

    def charge(self, reference: str) -> Charge:
        """A charge as it stands.

        Raises:
            UnknownCharge: there is none.
        """
        with self._open() as cards:
            return cards.charge(reference)

    def token(self, reference: str) -> str:
        """What the address of a charge ends in."""
        return FakeCards(self._secret).token(reference)

    def answer(self, reference: str, *, yes: bool, at: datetime) -> Word:
        """What the client's bank says, and the word the provider sends of it.

        Raises:
            WrongState: it was answered before.
        """
        with self._open() as cards:
            if yes:
                cards.pay(reference, at=at)
            else:
                cards.decline(reference, at=at)
            return cards.sent[-1]

    @contextmanager
    def _open(self) -> Iterator[FakeCards]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            cards = FakeCards(self._secret, site=self._site)
            if self._file.exists():
                cards.restored(self._file.read_text(encoding="utf-8"))
            try:
                yield cards
            finally:
                written = self._file.with_suffix(".new")
                written.write_text(cards.written(), encoding="utf-8")
                os.replace(written, self._file)
