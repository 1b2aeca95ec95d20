"""A language nobody speaks, for tests: every marked text comes out accented, longer and in brackets.

A page read in it shows at a glance what was not marked, and what has no room for a longer language.
"""

import re
from collections.abc import Container
from gettext import NullTranslations

LANGUAGE = "qps-ploc"  # the tag kept for such a language
ACCENTED = str.maketrans(
    "aceinosuyzACEINOSUYZ",
    "áçéíñóšúýžÁÇÉÍÑÓŠÚÝŽ",
)
KEPT = re.compile(r"(%\(\w+\)[sdrif]|%%|%[sdrif]|<[^>]*>|&\w+;|&#\d+;)")  # placeholders and mark-up stay as they are
LONGER = 0.3


def pseudo(text: str) -> str:
    """A text as the pseudo-language has it; what is put into it later keeps its place."""
    if not text.strip():
        return text
    parts = KEPT.split(text)
    accented = "".join(part if number % 2 else part.translate(ACCENTED) for number, part in enumerate(parts))
    more = "·" * round(len(text) * LONGER)
    return f"⟦{accented}{more}⟧"


class PseudoTranslations(NullTranslations):
    """A catalogue in which everything it knows is translated, and shows it; the rest comes out as it is."""

    def __init__(self, known: Container[str] | None = None) -> None:
        super().__init__()
        self._known = known

    def gettext(self, message: str) -> str:
        """The text, dressed up."""
        return self._said(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The text for that many, dressed up."""
        return self._said(msgid1, msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        """The text, dressed up."""
        return self._said(f"{context}\x04{message}", message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        """The text for that many, dressed up."""
        return self._said(f"{context}\x04{msgid1}", msgid1 if n == 1 else msgid2)

    def _said(self, known_as: str, text: str | None = None) -> str:
        text = known_as if text is None else text
        return pseudo(text) if self._known is None or known_as in self._known else text
