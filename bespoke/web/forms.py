"""What people type, checked and typed, and how values are written on a page."""

import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp

from bespoke.services.errors import NotPossible
from bespoke.templating.catalogue import said
from workflows.money import Money
from workflows.sentences import within, word

WORDS_MOST = 2000
DIGEST = re.compile(r"[0-9a-f]{64}")
GROUPED = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")


UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """What was typed without signs nobody sees: control characters, and those that turn the direction of writing.

    Letters of any script stay, and so do line breaks.
    """
    return UNSEEN.sub("", text.replace("\r\n", "\n"))


class Unreadable(NotPossible):
    """A form that says too little or too much; the text says of which field."""


class CheckedForm(Form):
    """A form that is valid, or refused with a sentence."""

    def checked(self) -> "CheckedForm":
        """This form, once every field is as it should be.

        Raises:
            Unreadable: the first field that is not, and why.
        """
        for field in self:
            if isinstance(field.data, str):
                field.data = plain(field.data)
        if not self.validate():
            raise Unreadable(next(str(field.errors[0]) for field in self if field.errors))
        return self


class ApprovalForm(CheckedForm):
    """A yes to exactly what was on the page."""

    digest = StringField(validators=[InputRequired("Load the page again."), Regexp(DIGEST, message="Load it again.")])
    read = StringField(validators=[InputRequired("Tick that you have read the facts, then say yes.")])


class NoteForm(CheckedForm):
    """What should be different, in a few words."""

    note = TextAreaField(
        validators=[
            InputRequired("Write a few words: what should be different?"),
            Length(max=WORDS_MOST, message=f"Please keep it under {WORDS_MOST} characters."),
        ]
    )


class ReasonForm(CheckedForm):
    """Why a step is taken."""

    reason = TextAreaField(validators=[Length(max=WORDS_MOST, message="Please keep it shorter.")])


def words_of(form: MultiDict[str, str], name: str) -> str:
    """What was typed into one field, without the blanks around it, cut at the most we take."""
    return form.get(name, "").strip()[:WORDS_MOST]


def amount_of(form: MultiDict[str, str], name: str, currency: str) -> Money:
    """The amount of money typed into one field; commas only where they group thousands, as our pages write them.

    Raises:
        NotAnAmount: anything else, such as a comma before the decimals.
    """
    typed = words_of(form, name)
    return Money.parse(typed.replace(",", "") if GROUPED.fullmatch(typed) else typed, currency)


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[:1].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def _spoken(key: str) -> str:
    return str(word(key))


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


FILTERS: dict[str, Callable[..., Any]] = {
    "initials": _initials,
    "said": said,
    "spoken": _spoken,
    "within": within,
    "zone": _zone,
}
"""Filters only pages need."""
