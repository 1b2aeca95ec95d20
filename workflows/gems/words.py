"""The words of gemmology: shapes, grades, laboratories, origins; and the spellings suppliers use for them."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from workflows.errors import WorkflowError
from workflows.sentences import sentence

Word = TypeVar("Word", bound=StrEnum)


class UnknownWord(WorkflowError):
    """A supplier's word we do not map; `field` says of what, `text` is the word."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(sentence("“%(text)s” is not a %(field)s we know.", text=text[:40], field=field))
        self.field = field
        self.text = text


class Shape(StrEnum):
    """Outline and cutting of a stone."""

    ROUND = "round"
    OVAL = "oval"
    CUSHION = "cushion"
    PRINCESS = "princess"
    EMERALD = "emerald"
    ASSCHER = "asscher"
    RADIANT = "radiant"
    PEAR = "pear"
    MARQUISE = "marquise"
    HEART = "heart"
    TRILLION = "trillion"
    BAGUETTE = "baguette"
    TAPERED_BAGUETTE = "tapered_baguette"
    ROSE = "rose"
    OLD_MINE = "old_mine"
    OLD_EUROPEAN = "old_european"
    HALF_MOON = "half_moon"
    KITE = "kite"
    OTHER = "other"


class Colour(StrEnum):
    """GIA colour of a diamond without a fancy hue."""

    D = "D"
    E = "E"
    F = "F"
    G = "G"
    H = "H"
    I = "I"  # noqa: E741 - the grade's own name
    J = "J"
    K = "K"
    L = "L"
    M = "M"
    N = "N"
    O = "O"  # noqa: E741 - the grade's own name
    P = "P"
    Q = "Q"
    R = "R"
    S = "S"
    T = "T"
    U = "U"
    V = "V"
    W = "W"
    X = "X"
    Y = "Y"
    Z = "Z"

    @property
    def group(self) -> str:
        """What the grade is called among people: colourless, near colourless, faint, very light, light."""
        for last, words in (("F", "colourless"), ("J", "near colourless"), ("M", "faint"), ("R", "very light")):
            if self.value <= last:
                return words
        return "light"


class FancyIntensity(StrEnum):
    """GIA's words before the hue of a fancy colour, palest first."""

    FAINT = "Faint"
    VERY_LIGHT = "Very Light"
    LIGHT = "Light"
    FANCY_LIGHT = "Fancy Light"
    FANCY = "Fancy"
    FANCY_INTENSE = "Fancy Intense"
    FANCY_VIVID = "Fancy Vivid"
    FANCY_DEEP = "Fancy Deep"
    FANCY_DARK = "Fancy Dark"


class Clarity(StrEnum):
    """GIA clarity, best first; SI3 is a word of trade lists only."""

    FL = "FL"
    IF = "IF"
    VVS1 = "VVS1"
    VVS2 = "VVS2"
    VS1 = "VS1"
    VS2 = "VS2"
    SI1 = "SI1"
    SI2 = "SI2"
    SI3 = "SI3"
    I1 = "I1"
    I2 = "I2"
    I3 = "I3"


class Grade(StrEnum):
    """Cut, polish and symmetry, best first; Ideal is IGI's word above Excellent."""

    ID = "ID"
    EX = "EX"
    VG = "VG"
    G = "G"
    F = "F"
    P = "P"


class Fluorescence(StrEnum):
    """Strength under long-wave ultraviolet."""

    NON = "NON"
    FNT = "FNT"
    MED = "MED"
    STG = "STG"
    VST = "VST"


class Girdle(StrEnum):
    """Girdle thickness, thinnest first; a report gives a range of two."""

    ETN = "ETN"
    VTN = "VTN"
    THN = "THN"
    MED = "MED"
    STK = "STK"
    THK = "THK"
    VTK = "VTK"
    ETK = "ETK"


class Culet(StrEnum):
    """Culet size, smallest first."""

    NON = "NON"
    VSM = "VSM"
    SML = "SML"
    MED = "MED"
    SLG = "SLG"
    LGE = "LGE"
    VLG = "VLG"
    ELG = "ELG"


class Origin(StrEnum):
    """Where a stone comes from: the earth, a laboratory, or neither."""

    NATURAL = "natural"
    LAB_GROWN = "lab_grown"
    SIMULANT = "simulant"
    COMPOSITE = "composite"
    UNKNOWN = "unknown"


class Growth(StrEnum):
    """How a laboratory diamond was grown."""

    CVD = "CVD"
    HPHT = "HPHT"


class Lab(StrEnum):
    """Laboratories whose reports are recorded."""

    GIA = "GIA"
    IGI = "IGI"
    HRD = "HRD"
    GCAL = "GCAL"
    DF = "DF"
    GSI = "GSI"
    AGL = "AGL"
    GUBELIN = "Gübelin"
    SSEF = "SSEF"
    GRS = "GRS"
    LOTUS = "Lotus"


class Assessment(StrEnum):
    """GIA's two words for laboratory-grown diamonds since October 2025, in place of the four Cs."""

    PREMIUM = "PREMIUM"
    STANDARD = "STANDARD"


# whole spellings only: R is radiant and P is pear, so a first letter never decides
_SHAPE_ALIASES: Mapping[Shape, str] = {
    Shape.ROUND: "B BR RB RD RBC RND",
    Shape.PEAR: "P PS PSH PB PMB",
    Shape.EMERALD: "E EM EC",
    Shape.PRINCESS: "PRN PR PRIN PN PC MDSQB SMB",
    Shape.MARQUISE: "MQB M MQ",
    Shape.ASSCHER: "A CSS CSSC AC",
    Shape.CUSHION: "CB C CUX CU CMB CRC CSC CX CUSHION_RECT CUSHION_SQ",
    Shape.HEART: "H HS HT MHRC",
    Shape.OVAL: "O OV OMB",
    Shape.RADIANT: "R RAD RA RC RDN CRB RCRB",
}
SHAPE_WORDS: Mapping[str, Shape] = MappingProxyType(
    {shape.value.upper(): shape for shape in Shape}
    | {alias: shape for shape, aliases in _SHAPE_ALIASES.items() for alias in aliases.split()}
)
_FLUORESCENCE_WORDS: Mapping[str, Fluorescence] = {
    **{one.value: one for one in Fluorescence},
    **dict.fromkeys(("NONE", "NIL", "N"), Fluorescence.NON),
    **dict.fromkeys(("FAINT", "SLIGHT", "F", "SL"), Fluorescence.FNT),
    **dict.fromkeys(("MEDIUM", "M"), Fluorescence.MED),
    **dict.fromkeys(("STRONG", "S", "ST"), Fluorescence.STG),
    **dict.fromkeys(("VERY STRONG", "VERY-STRONG", "VS", "VSTG"), Fluorescence.VST),
}
_CLARITY_WORDS: Mapping[str, Clarity] = {
    **{one.value: one for one in Clarity},
    "LC": Clarity.IF,  # HRD's loupe clean: flawless or internally flawless, the lesser is kept
    "P1": Clarity.I1,
    "P2": Clarity.I2,
    "P3": Clarity.I3,
}


def shape_of(text: str) -> Shape:
    """The shape a supplier's spelling means.

    Raises:
        UnknownWord: not in the table; nothing is guessed.
    """
    return _looked_up(SHAPE_WORDS, "shape", text.strip().replace(" ", "_"))


def clarity_of(text: str) -> Clarity:
    """The clarity a supplier's or HRD's spelling means (LC is kept as IF, P1 as I1)."""
    return _looked_up(_CLARITY_WORDS, "clarity", text)


def fluorescence_of(text: str) -> Fluorescence:
    """The fluorescence a supplier's or HRD's spelling means."""
    return _looked_up(_FLUORESCENCE_WORDS, "fluorescence", text)


def girdle_of(text: str) -> tuple[Girdle, Girdle]:
    """Thinnest and thickest of a girdle written as “MED-STK” or “MED”."""
    words = {one.value: one for one in Girdle}
    thinnest, _, thickest = text.strip().upper().partition("-")
    return _looked_up(words, "girdle", thinnest), _looked_up(words, "girdle", thickest or thinnest)


def _looked_up(words: Mapping[str, Word], field: str, text: str) -> Word:
    found = words.get(text.strip().upper())
    if found is None:
        raise UnknownWord(field, text)
    return found
