"""The stones put forward for a piece, side by side: facts, the price of the finished piece, and who can have them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bespoke.models.piece import Piece
from bespoke.models.stone import StoneOption, StoneReport, StoneRow
from bespoke.queries.whole import Whole
from bespoke.templating.catalogue import _, lazy
from workflows.deposits import plan_of
from workflows.gems import Origin, Shape
from workflows.money import Money
from workflows.naming import disclosure, origin_statement, stone_name, weight_statement
from workflows.sentences import capital, word
from workflows.stones import NotHoldable, StoneTaken, Whereabouts, check_hold, has_lapsed

CENTRE = "centre"
NEAREST = 2
FACTS = 9
MOMENT = timedelta(minutes=1)
GRADES = {
    "ID": lazy("Ideal"),
    "EX": lazy("Excellent"),
    "VG": lazy("Very good"),
    "G": lazy("Good"),
    "F": lazy("Fair"),
    "P": lazy("Poor"),
}
CLARITIES = {"eye_clean": lazy("Eye-clean"), "loupe_clean": lazy("Loupe-clean")}
GONE = frozenset({Whereabouts.RETURNED, Whereabouts.BROKEN, Whereabouts.LOST})


@dataclass(frozen=True, slots=True)
class Candidate:
    """One stone in the comparison.

    Attributes:
        price: of the finished piece with it, tax included; None while it is being reckoned.
        difference: to the price with the stone compared against.
        state: yours, locked, held, free, dealer or gone.
        until: how long it is held for the client.
        facts: the nine, each with its name.
    """

    option: StoneOption
    title: str
    price: Money | None
    difference: Money | None
    deposit: Money | None
    state: str
    until: datetime | None
    facts: tuple[tuple[str, str], ...]
    report: StoneReport | None

    @property
    def stone(self) -> StoneRow:
        """The stone itself."""
        return self.option.stone

    @property
    def to_be_had(self) -> bool:
        """Whether it may still be chosen."""
        return self.state in ("held", "free", "dealer")


@dataclass(frozen=True, slots=True)
class Comparison:
    """The centre stones of one piece, the one that leads first, and what goes with them.

    Attributes:
        against: the stone the differences are told to.
        locked: money has made the choice firm; the office exchanges it.
    """

    piece: Piece
    candidates: tuple[Candidate, ...]
    beside: tuple[Candidate, ...]
    locked: bool

    @property
    def chosen(self) -> Candidate | None:
        """The stone of the piece."""
        return next((one for one in self.candidates if one.option.chosen), None)

    @property
    def against(self) -> Candidate | None:
        """The stone the differences are told to: the chosen one, else the first."""
        return self.chosen or (self.candidates[0] if self.candidates else None)

    @property
    def gem(self) -> str:
        """What all of them are, where that is one kind that grew in the earth; a grown stone is never called bare."""
        kinds = {(one.stone.species, one.stone.origin) for one in self.candidates}
        (gem, origin), *others = kinds or {("", "")}
        return gem if not others and origin == Origin.NATURAL.value else ""

    @property
    def ungraded(self) -> frozenset[int]:
        """The facts that are known of none of them, by their place."""
        none, told = _("Not graded"), [one.facts for one in self.candidates]
        return frozenset(place for place in range(FACTS) if told and all(facts[place][1] == none for facts in told))

    def nearest(self, gone: int) -> tuple[Candidate, ...]:
        """The two still to be had that come closest to one that is gone: in price, else in weight."""
        lost = next((one for one in self.candidates if one.option.id == gone), None)
        if lost is None:
            return ()
        left = [one for one in self.candidates if one is not lost and one.to_be_had]
        return tuple(sorted(left, key=lambda one: _distance(lost, one))[:NEAREST])


def compared(whole: Whole, at: datetime) -> tuple[Comparison, ...]:
    """What each piece of a commission can be made with."""
    return tuple(_comparison(whole, piece, at) for piece in whole.commission.pieces)


def spoken_shape(shape: str) -> str:
    """A cut as a client reads it: “Emerald cut”."""
    words = "" if shape == Shape.OTHER.value else str(word(shape).capitalize())
    return _("%(shape)s cut", shape=words) if shape in ("emerald", "asscher") else words


def _comparison(whole: Whole, piece: Piece, at: datetime) -> Comparison:
    shown = [one for one in piece.options if one.withdrawn_at is None and one.replaced_at is None]
    centre = [one for one in shown if one.role == CENTRE]
    against = next((one for one in centre if one.chosen), centre[0] if centre else None)
    candidates = tuple(_candidate(whole, one, against, at) for one in centre)
    beside = tuple(_candidate(whole, one, None, at) for one in shown if one.role != CENTRE)
    locked = any(one.state == "locked" for one in (*candidates, *beside))
    return Comparison(piece, candidates, beside, locked)


def _candidate(whole: Whole, option: StoneOption, against: StoneOption | None, at: datetime) -> Candidate:
    currency = whole.commission.currency
    price = None if option.piece_price_minor is None else Money(option.piece_price_minor, currency)
    difference = None
    if price is not None and against is not None and against is not option and against.piece_price_minor is not None:
        difference = Money(price.minor - against.piece_price_minor, currency)
    state, until = _standing(option, at)
    stone = option.stone
    weight = _weight(stone)
    title = ", ".join(filter(None, (spoken_shape(stone.shape), weight)))
    deposit = None
    if price is not None:
        first = plan_of(whole.house.plan_key).parts[0].percent
        deposit = price.split([first, 100 - first])[0] if first < 100 else price
    return Candidate(option, title, price, difference, deposit, state, until, _facts(stone, weight), stone.governing)


def _standing(option: StoneOption, at: datetime) -> tuple[str, datetime | None]:
    stone, held, ours = option.stone, option.stone.held, str(option.piece.commission_id)
    if stone.whereabouts in GONE:
        return "gone", None
    if held is not None and str(held.commission_id) == ours and not has_lapsed(held.fact(), at):
        if option.chosen:
            return ("locked" if held.locked_at is not None else "yours"), held.until
        return "held", held.until
    try:
        check_hold(stone.status(held), commission=ours, at=at, until=at + MOMENT)
    except (StoneTaken, NotHoldable):
        return "gone", None
    return ("free" if stone.whereabouts is Whereabouts.IN_HOUSE else "dealer"), None


def _facts(stone: StoneRow, weight: str) -> tuple[tuple[str, str], ...]:
    named, report = stone.named, stone.governing
    sizes = [stone.length_mm, stone.width_mm, *([stone.depth_mm] if stone.depth_mm is not None else [])]
    none = _("Not graded")
    return (
        (_("Stone"), _upper(stone_name(named))),
        (_("Cut"), str(GRADES.get(stone.cut or "", stone.cut or none))),
        (_("Colour"), _upper(stone.colour or none)),
        (_("Clarity"), str(CLARITIES.get(stone.clarity or "", stone.clarity or none))),
        (_("Weight"), weight),
        (_("Measures"), " × ".join(f"{_plain(one)}" for one in sizes) + "\N{NO-BREAK SPACE}mm"),
        (_("Origin"), _upper(origin_statement(named))),
        (_("Treatment"), _upper(disclosure(named).words)),
        (_("Report"), _("None yet") if report is None else f"{report.laboratory} {report.number}"),
    )


def _weight(stone: StoneRow) -> str:
    estimated = stone.weight_source == "estimated"
    told = weight_statement(stone.weight_ct, pieces=stone.pieces, estimated=estimated)
    return str(told).replace(" ct", "\N{NO-BREAK SPACE}ct")


def _plain(value: Decimal) -> str:
    return f"{value:.2f}"


def _upper(words: str) -> str:
    return str(capital(words))


def _distance(lost: Candidate, one: Candidate) -> tuple[Decimal, Decimal]:
    price = Decimal(0)
    if lost.price is not None and one.price is not None:
        price = abs(Decimal(lost.price.minor - one.price.minor))
    return price, abs(lost.stone.weight_ct - one.stone.weight_ct)
