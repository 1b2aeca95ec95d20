"""Every sentence a person reads, in their language: English is the text in the code, catalogues hold the others.

The edge says who is listening: a request by the person's own language or the browser's, a job by the recipient's.
    _("Approve revision %(n)s", n=3)                              said now
    ngettext("%(num)s piece", "%(num)s pieces", count)            said now, counted
    lazy("Not yet")                                               said when it is shown: for tables and form fields
A per cent sign is written twice. Placeholders have names, so that a translation may move them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from jinja2 import Environment

from bespoke.templating import filters, pseudo
from workflows import sentences
from workflows.money import Money
from workflows.sentences import Moment, Sentence

TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
SOURCE = "en"
REGIONS = {
    SOURCE: "en_GB",
    pseudo.LANGUAGE: "en_GB",
}  # how numbers and days are written where the language leaves it open

TELLING = 12  # letters a text must have of its own to be found again by them
LONGEST = 600  # letters of a text that is looked for: the longest has under 200 of its own, a reason put into it 300
HOLE = re.compile(r"%\((\w+)\)s")
HOLES = re.compile(r"%\(\w+\)s|%%")
CAPITALS = frozenset({"de"})  # languages whose nouns keep their capitals within a sentence

_spoken: ContextVar[str] = ContextVar("language", default=SOURCE)


@dataclass(frozen=True, slots=True)
class Lazy:
    """A sentence that is put into a language when somebody reads it."""

    message: str
    facts: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return _(self.message, **dict(self.facts))

    def __mod__(self, facts: object) -> str:
        return _catalogue(language()).gettext(self.message) % facts


def _(message: str, /, **facts: object) -> str:
    """A sentence in the language of whoever is listening, with its facts put in by name."""
    return _catalogue(language()).gettext(message) % facts


def ngettext(one: str, many: str, count: int, /, **facts: object) -> str:
    """The sentence for that many; `%(num)s` is the count itself."""
    return _catalogue(language()).ngettext(one, many, count) % {"num": count, **facts}


def pgettext(context: str, message: str, /, **facts: object) -> str:
    """A sentence whose English words mean two things, told apart by `context`."""
    return _catalogue(language()).pgettext(context, message) % facts


def said(words: str) -> str:
    """A text of the record, kept in English, in the language of whoever is listening where the catalogue knows it."""
    return str(recalled(words))


def recalled(words: str) -> str:
    """A text of the record as the sentence it was, to be said later or put into another one."""
    if language() == SOURCE or isinstance(words, Sentence) or len(words) > LONGEST:
        return words
    return _recalled(words) or words


@lru_cache(maxsize=4096)
def _recalled(words: str) -> Sentence | None:
    """The sentence a text was made from, with its facts read back; None for what somebody typed."""
    if words in _texts():
        return Sentence(words)
    raised = words[:1].lower() + words[1:]
    if raised in _texts():
        return Sentence(words, raised).capitalize()
    for holed in _holed():
        facts = holed.read(words)
        if facts is not None:
            return Sentence(words, holed.message, {name: _recalled(fact) or fact for name, fact in facts.items()})
    return None


@cache
def _texts() -> frozenset[str]:
    """Every text there is, as the code has it: what the English catalogue holds."""
    held = getattr(_catalogue(SOURCE), "_catalog", {})
    return frozenset(text if isinstance(text, str) else text[0] for text in held)


@dataclass(frozen=True, slots=True)
class Holed:
    """A text with holes, by which what was put into them is found again without ever trying twice."""

    message: str
    names: tuple[str, ...]
    pieces: tuple[str, ...]  # one more than names: what stands before, between and after the holes
    longest: str

    @classmethod
    def of(cls, message: str) -> "Holed":
        """The text taken apart at its holes."""
        parts = HOLE.split(message)
        pieces = tuple(part.replace("%%", "%") for part in parts[::2])
        return cls(message, tuple(parts[1::2]), pieces, max(pieces, key=len))

    def read(self, words: str) -> Mapping[str, str] | None:
        """The facts in a text made from this one, each as long as can be from the left; None if it was not.

        From the end each piece is taken where it stands last, which leaves the most to those before it: if any
        placing fits, this one does, so none is tried again and a text is gone through once. A name that comes twice
        must then stand for the same words.
        """
        first, last = self.pieces[0], self.pieces[-1]
        if not (words.startswith(first) and words.endswith(last) and self.longest in words):
            return None
        facts: dict[str, str] = {}
        end = len(words) - len(last)
        for name, piece in zip(self.names[:0:-1], self.pieces[-2:0:-1], strict=True):
            at = words.rfind(piece, len(first) + 1, max(end - 1, 0))
            if at < 0 or not _filled(facts, name, words[at + len(piece) : end]):
                return None
            end = at
        return facts if _filled(facts, self.names[0], words[len(first) : end]) else None


def _filled(facts: dict[str, str], name: str, fact: str) -> bool:
    """Whether this can be what stood in a hole: some words on one line, the same wherever the name comes again."""
    return bool(fact) and "\n" not in fact and facts.setdefault(name, fact) == fact


@cache
def _holed() -> Sequence[Holed]:
    """The texts with holes, those with most words of their own first."""
    own = {text: len(HOLES.sub("", text)) for text in _texts() if HOLE.search(text)}
    return tuple(Holed.of(text) for text in sorted(own, key=lambda text: (-own[text], text)) if own[text] >= TELLING)


def _voice(words: Sentence) -> str:
    """A sentence of the rules, in the language of whoever is listening; in English it is what it is."""
    spoken = language()
    if spoken == SOURCE:
        return sentences.in_english(words)
    pattern = words.pattern if HOLES.sub("", words.pattern).strip(" ,;.:") else None
    found = words.pattern if pattern is None else _catalogue(spoken).gettext(pattern)
    whole = found % {name: _written(fact) for name, fact in words.facts.items()}
    if words.case == "capital":
        return whole[:1].upper() + whole[1:]
    return whole[:1].lower() + whole[1:] if words.case == "lower" and spoken not in CAPITALS else whole


def _written(fact: object) -> str:
    """A fact of a sentence as the language writes it."""
    if isinstance(fact, Money):
        return filters.money(fact, locale=locale(), minor=True)
    if isinstance(fact, Decimal) or (isinstance(fact, int) and not isinstance(fact, bool)):
        return filters.number(fact, locale=locale())
    if isinstance(fact, Moment):
        if isinstance(fact.at, datetime) and ":" in fact:
            return filters.moment(fact.at, UTC, locale=locale())
        return filters.day(fact.at, locale=locale())
    return str(fact)


def lazy(message: str, /, **facts: object) -> Lazy:
    """A sentence for a table or a form field, said when it is shown."""
    return Lazy(message, tuple(facts.items()))


def language() -> str:
    """The language being spoken now, as `lang` has it in a page: `en`."""
    return _spoken.get()


def locale() -> Locale:
    """How numbers and days are written in the language being spoken."""
    return locale_of(language())


def speak(wanted: str | None) -> None:
    """From here on, speak this language, or English where we do not know it."""
    _spoken.set(nearest(wanted))


@contextmanager
def speaking(wanted: str | None) -> Iterator[None]:
    """Speak this language inside the block: for a mail, that of its recipient."""
    before = _spoken.set(nearest(wanted))
    try:
        yield
    finally:
        _spoken.reset(before)


@cache
def known() -> Sequence[str]:
    """The languages there are: English first, then the catalogues, last the pseudo-language for tests."""
    found = sorted(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))
    return (SOURCE, *(name for name in found if name != SOURCE), pseudo.LANGUAGE)


def install(environment: Environment, fixed: str | None = None) -> None:
    """Let templates say `_(…)` and `{% trans %}`: in the language being spoken, or always in a `fixed` one."""
    environment.policies["ext.i18n.trimmed"] = True
    environment.add_extension("jinja2.ext.i18n")

    def of(kind: str) -> Callable[..., str]:
        def said(*words: object) -> str:
            found: str = getattr(_catalogue(fixed or language()), kind)(*words)
            return found

        return said

    environment.install_gettext_callables(  # type: ignore[attr-defined]
        of("gettext"), of("ngettext"), newstyle=True, pgettext=of("pgettext"), npgettext=of("npgettext")
    )
    environment.globals["language"] = (lambda: fixed) if fixed else language


def nearest(name: str | None) -> str:
    """The catalogue nearest to a language or locale: `de` for `de_CH` where there is one, else English."""
    tag = (name or SOURCE).replace("_", "-")
    return next((one for one in (tag, tag.partition("-")[0]) if one in known()), SOURCE)


@cache
def locale_of(name: str) -> Locale:
    """How a language, or a locale such as `en_US`, writes numbers and days."""
    try:
        return Locale.parse(REGIONS.get(name, name), sep="-" if "-" in name else "_")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(REGIONS[SOURCE])


@cache
def _catalogue(name: str) -> NullTranslations:
    if name == pseudo.LANGUAGE:
        return pseudo.PseudoTranslations(_texts())
    file = TRANSLATIONS / name / "LC_MESSAGES" / "messages.po"
    if not file.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as text:
        write_mo(compiled, read_po(text, locale=name))
    compiled.seek(0)
    return Translations(compiled)


sentences.lend(_voice)
