"""What a form of the studio says, typed and checked: words, numbers, days, pieces; each refused in one sentence."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from bespoke.models.piece import Piece
from bespoke.queries import seen
from bespoke.queries.commissions import NotFound
from bespoke.services.errors import NotPossible
from bespoke.templating.catalogue import _
from workflows.roles import Actor
from workflows.sentences import sentence

WORDS_MOST = 2000
PLAIN_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)
WHOLE_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
KEPT_CONTROLS = "\n\t"
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})


def clean(text: str) -> str:
    """Text without what cannot be seen: control and direction characters; line ends are plain."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in plain if one in KEPT_CONTROLS or unicodedata.category(one) not in UNSEEN).strip()


def typed(form: Mapping[str, str], name: str, *, most: int = WORDS_MOST, needed: str = "") -> str:
    """What was typed into one field.

    Args:
        needed: what to say where nothing was.

    Raises:
        NotPossible: nothing where something is needed, or too much.
    """
    text = clean(form.get(name, ""))
    if needed and not text:
        raise NotPossible(needed)
    if len(text) > most:
        raise NotPossible(
            _("Please keep it under %(most)s characters; it has %(length)s.", most=most, length=len(text))
        )
    return text


def number(
    form: Mapping[str, str], name: str, words: str, *, least: str = "0", most: str = "1000000", needed: bool = True
) -> Decimal | None:
    """A plain number: ASCII digits and a point; None where it may be left out and was.

    Raises:
        NotPossible: anything else, or out of bounds; `words` names the field in the sentence.
    """
    text = clean(form.get(name, "")).replace("\N{NO-BREAK SPACE}", "")
    if not text and not needed:
        return None
    if not PLAIN_NUMBER.fullmatch(text):
        raise NotPossible(
            _("%(field)s is a number in digits, such as 2.04; “%(text)s” is not.", field=words, text=text[:40])
        )
    value = Decimal(text)
    if not Decimal(least) <= value <= Decimal(most):
        raise NotPossible(_("%(field)s is between %(least)s and %(most)s.", field=words, least=least, most=most))
    return value


def required(form: Mapping[str, str], name: str, words: str, *, least: str = "0", most: str = "1000000") -> Decimal:
    """A number that cannot be left out; see `number`."""
    value = number(form, name, words, least=least, most=most)
    if value is None:  # for the type checker: `number` refuses it
        raise NotPossible(words)
    return value


def whole(form: Mapping[str, str], name: str, words: str, *, least: int, most: int) -> int:
    """A whole number within bounds.

    Raises:
        NotPossible: anything else.
    """
    text = clean(form.get(name, ""))
    if not WHOLE_NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise NotPossible(
            _("%(field)s is a whole number between %(least)s and %(most)s.", field=words, least=least, most=most)
        )
    return int(text)


def day(form: Mapping[str, str], name: str, words: str) -> date | None:
    """A day as a browser sends it; None where none was chosen.

    Raises:
        NotPossible: no day of any calendar.
    """
    text = clean(form.get(name, ""))
    if not text:
        return None
    try:
        if not DAY.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise NotPossible(_("%(field)s is a day such as 2026-12-18.", field=words)) from None


def one_of(form: Mapping[str, str], name: str, words: str, known: Mapping[str, object]) -> str:
    """One of a few known words.

    Raises:
        NotPossible: none of them.
    """
    text = form.get(name, "")
    if text not in known:
        raise NotPossible(_("Choose %(field)s from the list.", field=words))
    return text


def piece_of(session: Session, reference: str, letter: str, actor: Actor) -> Piece:
    """A piece by its commission and letter.

    Raises:
        NotFound: there is none.
    """
    commission = seen.get(session, reference, actor)
    for piece in commission.pieces:
        if piece.letter == letter.upper():
            return piece
    raise NotFound(sentence("piece"))
