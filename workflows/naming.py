"""What a stone may be called: names made from origin and treatment, never typed, and texts that may not mislead.

After 16 CFR 23 (FTC), CIBJO and a UK ruling on environmental words. In our names a bare “diamond” is mined.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from workflows.errors import WorkflowError
from workflows.gems import GEMS, SIMULANTS, Growth, Origin
from workflows.sentences import Sentence, listed, sentence
from workflows.units import round_carat


class MisleadingName(WorkflowError):
    """A text that calls a stone what it is not; `word` is the word, `rule` the rule it breaks."""

    def __init__(self, message: str, *, word: str, rule: str) -> None:
        super().__init__(message)
        self.word = word
        self.rule = rule


@dataclass(frozen=True, slots=True)
class NamedStone:
    """What a name is made from; `treatments` are codes, None or empty where nothing was determined."""

    gem: str
    origin: Origin
    growth: Growth | None = None
    treatments: tuple[str, ...] | None = None
    reported: bool = False  # a laboratory report governs
    report_words: tuple[str, ...] = ()  # trade names printed on that report
    made_by: str | None = None  # the grower, for “Acme-created”
    geographic_origin: str | None = None
    geographic_lab: str | None = None  # whose opinion it is


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment by its code: what it is called, and what it asks of the wearer."""

    code: str
    words: str
    care: str = ""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What must be printed of a stone's treatment on quote, invoice and dossier."""

    codes: tuple[str, ...]
    words: str
    care: tuple[str, ...]


LAB_GROWN = sentence("laboratory-grown")
_QUALIFIERS = ("laboratory-grown", "laboratory-created")
NOT_DETERMINED = sentence("treatment not determined")
_GENTLE = sentence("No ultrasonic, no steam, no heat.")
TREATMENTS: Mapping[str, Treatment] = MappingProxyType(
    {
        code: Treatment(code, words, care)
        for code, words, care in (
            ("N", sentence("no indication of treatment"), ""),
            ("E", sentence("routinely enhanced"), ""),
            ("B", sentence("bleached"), ""),
            ("C", sentence("coated"), sentence("%(gentle)s The coating can be scratched.", gentle=_GENTLE)),
            ("D", sentence("dyed"), sentence("%(gentle)s Keep from solvents.", gentle=_GENTLE)),
            ("F", sentence("fissures filled"), _GENTLE),
            ("H", sentence("heated"), ""),
            ("HP", sentence("heated under pressure"), ""),
            ("I", sentence("impregnated"), _GENTLE),
            ("L", sentence("laser drilled"), ""),
            (
                "O",
                sentence("clarity enhanced with oil or resin"),
                sentence("%(gentle)s Lukewarm water and a soft brush.", gentle=_GENTLE),
            ),
            ("R", sentence("irradiated"), sentence("Keep from strong heat.")),
            ("U", sentence("colour diffused into the surface"), sentence("Repolishing can remove the colour.")),
            ("W", sentence("waxed"), _GENTLE),
            ("ASBL", sentence("assembled of several parts"), _GENTLE),
            ("SYN", sentence("made in a laboratory"), ""),
            ("IMIT", sentence("an imitation"), ""),
        )
    }
)
TRADE_NAMES = (
    "pigeon's blood",
    "pigeon’s blood",
    "royal blue",
    "cornflower blue",
    "paraíba",
    "paraiba",
    "padparadscha",
)
EVIDENCE_WORDS = (
    "eco",
    "eco-friendly",
    "sustainable",
    "ethical",
    "conflict free",
    "conflict-free",
    "carbon neutral",
)
_FALSE_FOR_GROWN = ("natural", "real", "genuine", "mined", "earth-mined", "precious")


def stone_name(stone: NamedStone) -> str:
    """The name of a stone, in lower case: “diamond”, “laboratory-grown diamond”, “imitation ruby”.

    Free text never overrides it; a missing origin is said.
    """
    match stone.origin:
        case Origin.NATURAL:
            return Sentence(stone.gem)
        case Origin.LAB_GROWN:
            return sentence("%(qualifier)s %(gem)s", qualifier=qualifier(stone), gem=Sentence(stone.gem))
        case Origin.SIMULANT:
            gem = Sentence(stone.gem)
            return gem if stone.gem in SIMULANTS else sentence("imitation %(gem)s", gem=gem)
        case Origin.COMPOSITE:
            return sentence("%(gem)s-glass composite", gem=Sentence(stone.gem))
        case Origin.UNKNOWN:
            return sentence("%(gem)s of undetermined origin", gem=Sentence(stone.gem))


def qualifier(stone: NamedStone) -> str:
    """What stands immediately before a laboratory stone's name."""
    return sentence("%(maker)s-created", maker=stone.made_by) if stone.made_by else LAB_GROWN


def piece_title(piece: str, stones: Sequence[NamedStone]) -> str:
    """The title of a piece by its stones: “Laboratory-grown diamond ring”, “Ring” for a piece without."""
    names = list(dict.fromkeys(stone_name(stone) for stone in stones))
    joined = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    title = f"{joined} {piece}" if joined else piece
    return title[0].upper() + title[1:]


def disclosure(stone: NamedStone) -> Disclosure:
    """What must be said of a stone's treatment; what nobody determined is said to be that, never “none”.

    Ruby, sapphire, tanzanite and aquamarine without a report are taken as heated.
    """
    codes = tuple(stone.treatments or ())
    if not codes:
        known = GEMS.get(stone.gem)
        if known is not None and known.usually_heated and not stone.reported and stone.origin is Origin.NATURAL:
            return Disclosure(("H",), sentence("heated (assumed, no report)"), ())
        return Disclosure((), NOT_DETERMINED, ())
    unknown = [code for code in codes if code not in TREATMENTS]
    if unknown:
        raise MisleadingName(
            sentence("%(unknown)s is not a treatment code.", unknown=unknown[0]), word=unknown[0], rule="R-43"
        )
    if "N" in codes and len(codes) > 1:
        raise MisleadingName(sentence("A stone is either treated or not; N stands alone."), word="N", rule="R-43")
    words = listed([TREATMENTS[code].words for code in codes])
    care = tuple(dict.fromkeys(TREATMENTS[code].care for code in codes if TREATMENTS[code].care))
    return Disclosure(codes, words, care)


def growth_statement(stone: NamedStone) -> str | None:
    """How a laboratory stone came to be; None for any other."""
    if stone.origin is not Origin.LAB_GROWN:
        return None
    return (
        sentence("Grown in a laboratory by %(growth)s.", growth=stone.growth)
        if stone.growth
        else sentence("Grown in a laboratory, method not determined.")
    )


def origin_statement(stone: NamedStone) -> str:
    """Where it comes from, as the opinion it is: “Colombia, in the opinion of AGL”."""
    if stone.origin is not Origin.NATURAL:
        return growth_statement(stone) or sentence("origin not determined")
    if not stone.geographic_origin:
        return sentence("geographic origin not determined")
    if not stone.geographic_lab:
        return sentence("%(place)s, as declared by the supplier", place=stone.geographic_origin)
    return sentence("%(place)s, in the opinion of %(lab)s", place=stone.geographic_origin, lab=stone.geographic_lab)


def weight_statement(weight_ct: Decimal, *, pieces: int = 1, estimated: bool = False) -> str:
    """How a weight is printed: “1.01 ct”, “0.19 ct total weight, 24 stones”, “about 0.90 ct, estimated”."""
    stated = f"{round_carat(weight_ct)} ct"
    if pieces > 1:
        stated = sentence("%(weight)s total weight, %(n)s stones", weight=stated, n=pieces)
    return sentence("about %(weight)s, estimated", weight=stated) if estimated else stated


def check_text(text: str, stones: Sequence[NamedStone], *, evidence: Iterable[str] = ()) -> None:
    """Nothing, for a title, label or subject that says no more than is so.

    Args:
        text: what is going to be shown.
        stones: all stones of the piece it speaks of.
        evidence: words of praise the house holds stored evidence for, “sustainable” for instance.

    Raises:
        MisleadingName: a laboratory stone without its qualifier, a composite called treated, a trade name no
            report bears, a word that needs evidence, points without the decimal weight.
    """
    plain = " ".join(text.lower().split())
    _refuse_words(plain, stones, frozenset(word.lower() for word in evidence))
    for name in {stone.gem for stone in stones}:
        _check_gem(plain, name, [stone for stone in stones if stone.gem == name])


def _refuse_words(plain: str, stones: Sequence[NamedStone], evidence: frozenset[str]) -> None:
    for word in EVIDENCE_WORDS:
        if word not in evidence and _says(plain, word):
            text = sentence("“%(word)s” may be said only with evidence on file.", word=word)
            raise MisleadingName(text, word=word, rule="R-44")
    on_reports = {word.lower() for stone in stones for word in stone.report_words}
    for word in TRADE_NAMES:
        if _says(plain, word) and word not in on_reports:
            text = sentence("“%(word)s” may be said only where the laboratory report says it.", word=word)
            raise MisleadingName(text, word=word, rule="3.4")
    if _says(plain, "faux"):
        raise MisleadingName(
            sentence("“faux” does not disclose what a stone is; use its name."), word="faux", rule="R-40"
        )
    if re.search(r"\b[0-9]+[ -]?(points?|pt)\b", plain) and not re.search(r"[0-9]\.[0-9]+ ?ct\b", plain):
        raise MisleadingName(
            sentence("Points are said only with the decimal weight in ct beside."), word="point", rule="R-42"
        )


def _check_gem(plain: str, name: str, stones: Sequence[NamedStone]) -> None:
    origins = {stone.origin for stone in stones}
    if Origin.COMPOSITE in origins and re.search(rf"\btreated {re.escape(name)}", plain):
        text = sentence("A glass-filled %(name)s is a composite and may not be called treated %(name)s.", name=name)
        raise MisleadingName(text, word=f"treated {name}", rule="R-41")
    bare_is_true = Origin.NATURAL in origins
    if bare_is_true or name in SIMULANTS:
        return
    allowed = {stone_name(stone) for stone in stones}
    allowed |= {f"{word} {name}" for word in _QUALIFIERS if Origin.LAB_GROWN in origins}
    plural = f"{re.escape(name[:-1])}(?:y|ies)" if name.endswith("y") else f"{re.escape(name)}s?"
    for found in re.finditer(rf"\b{plural}\b(?![ -]cut)", plain):
        if not any(_reads(plain, found, one.lower(), name) for one in allowed):
            right = listed(sorted(allowed), "or")
            text = sentence(
                "“%(name)s” alone would mean a mined one; this is %(right)s. Write that.", name=name, right=right
            )
            raise MisleadingName(text, word=name, rule="R-40")
    if Origin.LAB_GROWN in origins:
        for word in _FALSE_FOR_GROWN:
            if _says(plain.replace("precious metal", ""), word):
                text = sentence("“%(word)s” may not be said of a laboratory-grown stone.", word=word)
                raise MisleadingName(text, word=word, rule="R-40")


def _reads(plain: str, found: re.Match[str], phrase: str, name: str) -> bool:
    """Whether the gem's name at `found` is part of the allowed phrase, standing where it should."""
    before, _, after = phrase.partition(name)
    return plain[: found.start()].endswith(before) and plain[found.start() + len(name) :].startswith(after)


def _says(plain: str, word: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", plain) is not None
