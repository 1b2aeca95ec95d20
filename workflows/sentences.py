"""Sentences of the rules: English by themselves, and with their pattern and facts kept for whoever translates them.

    sentence("Stone %(reference)s is held for %(who)s already.", reference=stone.reference, who=commission)

A sentence is a text like any other: it compares, is stored and is put into JSON in English. Only `str()`, a
format or a page shows it in the language of whoever is listening, once the house lent its voice. A per cent sign is
written twice.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

Voice = Callable[["Sentence"], str]

_NOTHING: Mapping[str, object] = {}


class Sentence(str):
    """An English sentence that knows its pattern and what was put into it.

    Attributes:
        pattern: the English text with its holes, as the catalogues have it.
        facts: what fills the holes: numbers, money, days, other sentences.
        case: "lower" where it stands within another sentence, "capital" where it begins one.
    """

    __slots__ = ("case", "facts", "pattern")

    pattern: str
    facts: Mapping[str, object]
    case: str

    def __new__(cls, english: str, pattern: str = "", facts: Mapping[str, object] = _NOTHING) -> "Sentence":
        made = super().__new__(cls, english)
        made.pattern, made.facts, made.case = pattern or english.replace("%", "%%"), facts, ""
        return made

    def __str__(self) -> str:
        return _voices[-1](self)

    def lower(self) -> "Sentence":
        """The same within a sentence; a language that keeps its capitals may leave it as it is."""
        return self._in(super().lower(), "lower")

    def capitalize(self) -> "Sentence":
        """The same at the beginning of a sentence."""
        return self._in(super().capitalize(), "capital")

    def _in(self, english: str, case: str) -> "Sentence":
        made = Sentence(english, self.pattern, self.facts)
        made.case = case
        return made


class Moment(str):
    """A day or a moment as English writes it, with `at` for whoever writes it otherwise."""

    __slots__ = ("at",)

    at: date

    def __new__(cls, english: str, at: date = date.min) -> "Moment":
        made = super().__new__(cls, english)
        made.at = at
        return made


def when(at: date, form: str = "%d %B %Y") -> Moment:
    """A day, or with hours in its `form` a moment, as a fact of a sentence."""
    return Moment(format(at, form), at)


def sentence(pattern: str, /, **facts: object) -> Sentence:
    """A sentence from its pattern, `%(name)s` for every fact: what `make messages` finds in the code."""
    return Sentence(pattern % {name: in_english(fact) for name, fact in facts.items()}, pattern, facts)


def in_english(words: object) -> str:
    """Anything as it is written in English, whoever is listening."""
    return str.__str__(words) if isinstance(words, str) else str(words)


def capital(words: str) -> str:
    """Words as they begin a sentence or stand alone; what follows the first letter stays as it is."""
    raised = in_english(words[:1]).upper() + in_english(words)[1:]
    return words._in(raised, "capital") if isinstance(words, Sentence) else raised


def within(words: str) -> str:
    """Words that stood alone as they stand within a sentence; names keep their capitals further on."""
    lowered = in_english(words[:1]).lower() + in_english(words)[1:]
    return words._in(lowered, "lower") if isinstance(words, Sentence) else lowered


def together(parts: Sequence[str], between: str = " ") -> str:
    """Several sentences one after the other."""
    if not parts:
        return ""
    facts = {f"part{number}": part for number, part in enumerate(parts)}
    return Sentence(between.join(map(in_english, parts)), between.join(f"%({name})s" for name in facts), facts)


def listed(names: Sequence[str], link: str = "and") -> str:
    """Names as a list is said: "a, b and c", or with `link` "or"; with "and the": "a and the b and the c"."""
    if len(names) < 2:
        return names[0] if names else ""
    if link == "and the":
        return sentence("%(some)s and the %(last)s", some=listed(names[:-1], link), last=names[-1])
    some = together(names[:-1], ", ")
    if link == "or":
        return sentence("%(some)s or %(last)s", some=some, last=names[-1])
    return sentence("%(some)s and %(last)s", some=some, last=names[-1])


def word(key: str) -> Sentence:
    """A key of the record as the word it is: "in_house" is "in house"."""
    return Sentence(key.replace("_", " "))


def lend(voice: Voice) -> None:
    """Say every sentence from now on by this voice."""
    _voices[:] = [voice]


_voices: list[Voice] = [in_english]
