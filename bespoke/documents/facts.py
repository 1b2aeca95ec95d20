"""Everything a dossier says, as values: no template holds a fact of its own, and nothing here is a price.

Names, texts and wording arrive ready (a laboratory-grown stone is named so by the rules of the trade before it
comes here). Lengths are millimetres, metal grams, stones carats. Pictures are names of files handed over beside
the facts; drawings are SVG of lines and figures.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class House:
    """Who made the piece and answers for it."""

    name: str
    trade: str  # "Goldsmiths, Ravensbourne", beside the name on the cover
    address: str
    telephone: str
    site: str  # host of the public check, "orrellfinch.example"
    authority: str  # fingerprint of the house's certificate: what a reader pins
    contact: str  # "Ask for Ines, or whoever answers."


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph or render, already decoded and written again by us."""

    file: str
    alt: str
    focus: str = "50% 50%"  # the point that stays in view when it is cropped


@dataclass(frozen=True, slots=True)
class Drawing:
    """A line drawing; true to scale when it says how many of its units are a millimetre."""

    svg: str
    alt: str
    units_per_mm: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: what, and its value as it is to be read."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the client, with where they come from."""

    text: str
    source: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Sketch:
    """A drawing by hand, before there was a design."""

    picture: Picture
    caption: str
    day: date


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of the design as the client saw it."""

    number: int
    day: date
    text: str
    picture: Picture | None = None
    drawing: Drawing | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    digest: str | None = None  # of the manifest that was approved


@dataclass(frozen=True, slots=True)
class Report:
    """A laboratory's report on a stone; `attachment` is the file bound in, when the house has it."""

    title: str  # "Report CGL 40718"
    rows: tuple[Row, ...]
    attachment: str | None = None


@dataclass(frozen=True, slots=True)
class Stone:
    """One stone with a page of its own."""

    name: str  # by the rules of naming: "Sapphire", "Laboratory-grown diamond"
    rows: tuple[Row, ...]
    reports: tuple[Report, ...] = ()
    crown: Drawing | None = None
    pavilion: Drawing | None = None
    picture: Picture | None = None
    note: str = ""  # treatment and what it asks of the wearer


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """Small stones of one size."""

    place: str
    pieces: int
    diameter_mm: Decimal
    each_ct: Decimal
    colour: str
    clarity: str
    origin: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """Small stones bought and set together."""

    title: str  # "Eight diamonds on the shoulders"
    rows: tuple[ParcelRow, ...]
    total_ct: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """A part of the piece: its material, where that came from, how much there is of it."""

    part: str
    material: str
    origin: str
    metal_g: Decimal | None = None
    stones_ct: Decimal | None = None
    pieces: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A measurement of the finished piece beside what was drawn; None where it was not drawn or measured."""

    name: str
    drawn_mm: Decimal | None
    made_mm: Decimal | None


@dataclass(frozen=True, slots=True)
class Measured:
    """Readings with who took them and when."""

    readings: tuple[Reading, ...]
    by: str
    day: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Hallmark:
    """One mark struck into the piece."""

    letters: str
    outline: str  # a punch of templating.icons.PUNCHES
    meaning: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the making, with its photograph if the client may see one."""

    title: str
    day: date
    people: str
    text: str
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """One struck mark of the piece's course."""

    mark: str
    name: str
    day: date


@dataclass(frozen=True, slots=True)
class Approval:
    """A yes: to what, by whom, when, and the digest of exactly that."""

    at: datetime
    what: str
    by: str
    digest: str


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who stands behind the dossier."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class CareItem:
    """A piece of advice that follows from the gems and metals of this piece."""

    icon: str  # of the vendored light icons
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Service:
    """A line of the service book: promised (no `by`) or done."""

    due: date
    what: str
    by: str = ""
    weight_g: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier or present issue of this dossier and what changed in it."""

    number: int
    day: date
    changes: str


@dataclass(frozen=True, slots=True)
class DossierFacts:
    """The whole dossier of one piece."""

    locale: str  # "en_GB"
    zone: str  # "Europe/London", for the moments of approvals
    house: House
    reference: str
    code: str  # random, at least 50 bits, grouped; opens the public check
    title: str  # "The Mareel ring"
    kind: str  # "ring", as the piece is called in a sentence
    client: str
    finished: date
    cover: Picture | None
    voice: str  # a line of the house's own voice, in italics on the cover; may be empty
    lead: str  # one sentence that describes the piece
    story: tuple[str, ...]  # paragraphs
    portrait: Picture | None  # across the page of the piece
    elevation: Drawing | None
    details: tuple[Row, ...]  # finger size, metal, engraving, hallmark …
    engraving: str
    quote: Quote | None
    sketches: tuple[Sketch, ...]
    revisions: tuple[Revision, ...]
    stones: tuple[Stone, ...]
    parcels: tuple[Parcel, ...]
    stones_note: str
    materials: tuple[Material, ...]
    finished_g: Decimal | None  # on the scale, stones included
    measured: Measured | None
    hallmarks: tuple[Hallmark, ...]
    hallmark_note: str  # where they stand and what they mean, or why there are none
    steps: tuple[Step, ...]
    milestones: tuple[Milestone, ...]
    making_note: str  # weeks, bench hours, who did what
    approvals: tuple[Approval, ...]
    signatories: tuple[Signatory, ...]
    care_lead: str
    care: tuple[CareItem, ...]
    services: tuple[Service, ...]
    version: int = 1
    versions: tuple[Version, ...] = ()
    manifest_digest: str = ""  # known once everything else is sealed


def pictures_of(facts: DossierFacts) -> tuple[str, ...]:
    """The files of every picture the facts name, each once, in the order of the pages."""
    named = [
        facts.cover,
        facts.portrait,
        *(sketch.picture for sketch in facts.sketches),
        *(revision.picture for revision in facts.revisions),
        *(stone.picture for stone in facts.stones),
        *(step.picture for step in facts.steps),
    ]
    return tuple(dict.fromkeys(picture.file for picture in named if picture is not None))


def reports_of(facts: DossierFacts) -> tuple[str, ...]:
    """The files of every laboratory report that is to be attached, each once."""
    files = (report.attachment for stone in facts.stones for report in stone.reports)
    return tuple(dict.fromkeys(file for file in files if file is not None))
