"""Stones in stock: entered after a check of what is said of them, their reports, their arrival and purchase."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.stone import StoneReport, StoneRow
from bespoke.proof.seal import plain
from bespoke.services import chains, house, identities
from bespoke.services.errors import NotPossible
from workflows.errors import NotAllowed
from workflows.gems import Finding, Lab, Level, StoneFacts, check_stone, gem
from workflows.money import Money
from workflows.naming import NamedStone, disclosure
from workflows.roles import STAFF, Actor, Role
from workflows.sentences import sentence
from workflows.stones import Ownership, StoneStep, Whereabouts, moved
from workflows.units import round_to

SOURCES = ("lab_report", "measured", "estimated", "client_declared")
_PROPORTIONS = (
    "table_pct",
    "depth_pct",
    "crown_angle",
    "pavilion_angle",
    "star_pct",
    "lower_half_pct",
    "girdle_pct",
    "polish",
    "symmetry",
    "fluorescence",
)
MEASURED_WITHIN_CT = Decimal("0.02")  # of one stone, between the report and our own scale


class UnfitStone(NotPossible):
    """What is said of a stone cannot be so; `findings` are the rules' sentences, blocks and warnings."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(" ".join(finding.text for finding in findings if finding.level is Level.BLOCK))
        self.findings = findings


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStone:
    """A stone, or a parcel of small ones, as it is entered.

    Attributes:
        facts: what is known of it; the weight is that of all pieces together.
        colour: in words where the GIA's letters do not fit: "violetish blue, strong".
        cost: what the house pays; never leaves it.
        owner: the commission whose client brought it, for a client's own stone.
    """

    reference: str
    facts: StoneFacts
    pieces: int = 1
    weight_source: str = "lab_report"
    colour: str | None = None
    country: str | None = None
    inscription: str = ""
    ownership: Ownership = Ownership.HOUSE
    whereabouts: Whereabouts = Whereabouts.CANDIDATE
    memo_due_at: datetime | None = None
    supplier: str = ""
    cost: Money | None = None
    photograph: str | None = None
    owner: Commission | None = None


@dataclass(frozen=True, slots=True)
class NewReport:
    """A laboratory's report as it is entered.

    Attributes:
        digest: of its file.
        original: whether the house holds the original; it has a chain of custody then.
    """

    laboratory: str
    number: str
    issued: str = ""
    digest: str | None = None
    governing: bool = True
    original: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was seen when a stone came in: weighed in carats, measured in mm, its inscription read."""

    weight_ct: Decimal
    length_mm: Decimal
    width_mm: Decimal
    depth_mm: Decimal | None = None
    inscription: str = ""


def register(session: Session, new: NewStone, actor: Actor, *, at: datetime) -> StoneRow:
    """A stone of the stock, with what does not quite add up kept beside it.

    Raises:
        UnfitStone: the rules find something that cannot be.
        NotPossible: no such gem; a weight or measures missing; a reference that is used already.
    """
    _staff(actor)
    facts = new.facts
    gem(facts.gem)
    if facts.weight_ct is None or facts.length_mm is None or facts.width_mm is None:
        raise NotPossible(
            sentence("A stone has a weight in carats, a length and a width in mm; measure what is missing.")
        )
    if min(facts.weight_ct, facts.length_mm, facts.width_mm, facts.depth_mm or Decimal(1)) <= 0 or new.pieces < 1:
        raise NotPossible(sentence("Weights, measures and counts are more than nothing."))
    if new.weight_source not in SOURCES:
        raise NotPossible(sentence("A weight comes from one of: %(sources)s.", sources=", ".join(SOURCES)))
    if new.ownership is Ownership.MEMO and new.memo_due_at is None:
        raise NotPossible(sentence("A stone on memo has a day by which it is bought or goes back."))
    if (new.ownership is Ownership.CLIENT) is (new.owner is None):
        raise NotPossible(sentence("A client's own stone belongs to a commission, and only theirs does."))
    if session.scalar(select(StoneRow.id).where(StoneRow.reference == new.reference)) is not None:
        raise NotPossible(sentence("There is a stone %(reference)s already.", reference=new.reference))
    findings = check_stone(replace(facts, weight_ct=facts.weight_ct / new.pieces))
    if any(finding.level is Level.BLOCK for finding in findings):
        raise UnfitStone(findings)
    disclosure(NamedStone(facts.gem, facts.origin, facts.growth, facts.treatments))  # refuses unknown codes
    row = _row(session, new, facts.weight_ct, facts.length_mm, facts.width_mm, at)
    row.warnings = [finding.text for finding in findings]
    session.add(row)
    session.flush()
    return row


def add_report(session: Session, stone: StoneRow, new: NewReport, actor: Actor, *, at: datetime) -> StoneReport:
    """A laboratory's report of a stone; a governing one takes the place of the one before.

    Raises:
        NotPossible: a report of that laboratory and number is recorded already, here or on another stone.
    """
    _staff(actor)
    laboratory, number = new.laboratory.strip(), "".join(new.number.split()).upper()
    if laboratory not in {lab.value for lab in Lab} or not number:
        raise NotPossible(sentence("A report has a laboratory (%(lab)s) and a number.", lab=", ".join(Lab)))
    known = session.scalar(
        select(StoneReport).where(StoneReport.laboratory == laboratory, StoneReport.number == number)
    )
    if known is not None:
        raise NotPossible(
            sentence(
                "%(laboratory)s report %(number)s is recorded for stone %(reference)s; a report belongs to one stone.",
                laboratory=laboratory,
                number=number,
                reference=known.stone.reference,
            )
        )
    governing = new.governing or stone.governing is None
    if governing:
        for other in stone.reports:
            other.governing = False
        session.flush()  # one governs at a time, and the database knows it
    report = StoneReport(
        laboratory=laboratory, number=number, issued=new.issued, digest=new.digest, governing=governing
    )
    stone.reports.append(report)
    session.flush()
    if new.original:
        chains.keep_original(session, report, actor, at=at)
    return report


def verify_report(session: Session, report: StoneReport, actor: Actor, *, at: datetime) -> None:
    """Somebody looked the number up with the laboratory, by hand."""
    _staff(actor)
    report.verified_at, report.verified_by_id = at, int(actor.id)
    session.flush()


def receive(session: Session, stone: StoneRow, seen: Arrival, actor: Actor, *, at: datetime) -> tuple[str, ...]:
    """The stone has come in and was weighed and measured; what differs from its record, in sentences.

    Raises:
        NotPossible: it is another stone: the inscription reads differently, or it weighs something else.
        WrongStep: it is in the house already, set, broken or lost.
    """
    _staff(actor)
    arrived = moved(stone.status(stone.held), StoneStep.RECEIVE)
    if stone.inscription and seen.inscription and seen.inscription.strip() != stone.inscription:
        raise NotPossible(
            sentence(
                "The girdle reads “%(inscription)s”, the record says “%(inscription2)s”: not this stone.",
                inscription=seen.inscription.strip(),
                inscription2=stone.inscription,
            )
        )
    off_ct = abs(seen.weight_ct - stone.weight_ct)
    if off_ct > MEASURED_WITHIN_CT * stone.pieces:
        raise NotPossible(
            sentence(
                "It weighs %(weight_ct)s ct, the record says %(weight_ct2)s ct: not this stone.",
                weight_ct=seen.weight_ct,
                weight_ct2=stone.weight_ct,
            )
        )
    told = []
    for words, measured, recorded in (
        ("length", seen.length_mm, stone.length_mm),
        ("width", seen.width_mm, stone.width_mm),
        ("depth", seen.depth_mm, stone.depth_mm),
    ):
        if measured is not None and recorded is not None and abs(measured - recorded) > Decimal("0.05"):
            told.append(f"The {words} was measured as {measured} mm, the record says {recorded} mm.")
    stone.whereabouts = arrived
    if seen.inscription:
        stone.inscription, stone.inscription_read_at = seen.inscription.strip(), at
    stone.warnings = [*stone.warnings, *told]
    chains.receive(session, stone, seen.weight_ct, actor, at=at)
    held = stone.held
    if held is not None:
        held.commission.record(
            "stone_received", actor, at, stone=stone.reference, weight_ct=str(round_to(seen.weight_ct, 3))
        )
    session.flush()
    return tuple(told)


def step(
    session: Session, stone: StoneRow, what: StoneStep, actor: Actor, *, reason: str = "", at: datetime
) -> Whereabouts:
    """Take a stone one step on: into its bag, into the piece, back to the supplier; broken, lost or found.

    Raises:
        NotOurs: a supplier's stone that was not bought yet.
        AnotherStone: a client's own stone that is not the one that came in.
        WrongStep: not possible from where it is, or without its reason.
    """
    _staff(actor)
    after = moved(stone.status(stone.held), what, reason=reason)
    if after is Whereabouts.RETURNED and stone.ownership is Ownership.CLIENT:
        identities.compare(session, stone)
    stone.whereabouts = after
    chains.went(session, stone, actor, to_client=what is StoneStep.SHIP_TO_CLIENT, at=at)
    if stone.held is not None:
        facts = {"stone": stone.reference, "step": what.value, "whereabouts": stone.whereabouts.value}
        stone.held.commission.record("stone_moved", actor, at, **facts, reason=reason.strip())
    session.flush()
    return stone.whereabouts


def buy(session: Session, stone: StoneRow, cost: Money, actor: Actor, *, at: datetime) -> None:
    """A stone on memo becomes the house's own, so that it may be set."""
    if actor.role not in (Role.OFFICE, Role.OWNER):
        raise NotAllowed(sentence("Only the office buys stones."))
    if stone.ownership is not Ownership.MEMO:
        raise NotPossible(sentence("Stone %(reference)s is not on memo.", reference=stone.reference))
    stone.ownership, stone.memo_due_at = Ownership.HOUSE, None
    stone.cost_minor, stone.currency = cost.minor, cost.currency
    if stone.held is not None:
        stone.held.commission.record("stone_bought", actor, at, stone=stone.reference)
    session.flush()


def _staff(actor: Actor) -> None:
    if actor.role not in STAFF:
        raise NotAllowed(sentence("Stones are entered and received by the house."))


def _row(
    session: Session, new: NewStone, weight_ct: Decimal, length_mm: Decimal, width_mm: Decimal, at: datetime
) -> StoneRow:
    facts = new.facts
    details = {name: plain(getattr(facts, name)) for name in _PROPORTIONS if getattr(facts, name) is not None}
    return StoneRow(
        reference=new.reference,
        species=gem(facts.gem).name,
        origin=facts.origin.value,
        growth=None if facts.growth is None else facts.growth.value,
        shape=facts.shape.value,
        pieces=new.pieces,
        weight_ct=weight_ct,
        weight_source=new.weight_source,
        length_mm=length_mm,
        width_mm=width_mm,
        depth_mm=facts.depth_mm,
        colour=new.colour or (None if facts.colour is None else facts.colour.value),
        clarity=None if facts.clarity is None else facts.clarity.value,
        cut=None if facts.cut is None else facts.cut.value,
        assessment=None if facts.assessment is None else facts.assessment.value,
        treatments=list(facts.treatments or ()),
        country=new.country,
        details=details,
        inscription=new.inscription.strip(),
        ownership=new.ownership,
        owner_id=None if new.owner is None else new.owner.id,
        whereabouts=new.whereabouts,
        memo_due_at=new.memo_due_at,
        supplier=new.supplier,
        cost_minor=None if new.cost is None else new.cost.minor,
        currency=house.current(session).currency if new.cost is None else new.cost.currency,
        photograph=new.photograph,
        warnings=[],
        created_at=at,
    )
