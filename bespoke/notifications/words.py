"""A kind of letter: subject, heading, sentences and the one button, into which facts are put by name.

A sentence of which a fact is empty is left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bespoke.templating.catalogue import Lazy, lazy

HOLE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Mail:
    """One kind of letter.

    Attributes:
        group: what a person can ask not to be written about; "" for what they must know.
        path: the page the button opens; `{reference}` and facts stand in.
        asks: the milestone whose answer it asks for: once answered, the letter is not written.
        picture: whether the newest drawing stands above it.
    """

    subject: Lazy
    heading: Lazy
    sentences: tuple[Lazy, ...]
    button: Lazy
    path: str
    group: str = ""
    asks: str = ""
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One kind of letter with its facts in: plain sentences, ready to be laid out."""

    subject: str
    heading: str
    sentences: tuple[str, ...]
    button: str
    path: str
    picture: bool = False


NEWS, ASKED, MONEY, PHOTOGRAPHS = "news", "asked", "money", "photographs"
GROUPS: Mapping[str, Lazy] = {
    ASKED: lazy("When we ask you something"),
    NEWS: lazy("When something moves on"),
    PHOTOGRAPHS: lazy("When there is a photograph from the bench"),
    MONEY: lazy("Receipts and invoices"),
}
"""What a person may choose in their settings: `Person.unwanted_mails` holds those they do not want."""


def say(mail: Mail, facts: Mapping[str, str]) -> Said:
    """The letter with its facts in, in the language being spoken."""
    whole = _Facts(facts)
    sentences = tuple(line % whole for line in mail.sentences if _told(line, facts))
    return Said(
        subject=mail.subject % whole,
        heading=mail.heading % whole,
        sentences=sentences,
        button=mail.button % whole,
        path=mail.path.format_map(whole),
        picture=mail.picture,
    )


def _told(line: Lazy, facts: Mapping[str, str]) -> bool:
    return all(facts.get(name) for name in HOLE.findall(line.message))


class _Facts(dict[str, str]):
    """What a letter does not know is left out rather than a fault: an older event said less."""

    def __missing__(self, name: str) -> str:
        return ""
