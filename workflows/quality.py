"""Quality: the points of the final check with their limits, readings against them, and the balance of a bag.

Limits are the house's, general trade knowledge unless a source is named; the maker never checks his own work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from workflows.errors import WorkflowError
from workflows.sentences import sentence, together
from workflows.sizes import TOLERANCE_MM
from workflows.units import round_to


class MakerMayNotCheck(WorkflowError):
    """Whoever made it does not pass it; `person` is who tried."""

    def __init__(self, person: str) -> None:
        super().__init__(sentence("Whoever made the piece may not check it; let another person do it."))
        self.person = person


class MissingReading(WorkflowError):
    """A point nobody looked at; `points` are their keys."""

    def __init__(self, points: tuple[str, ...]) -> None:
        super().__init__(sentence("Still to be checked: %(points)s.", points=together(points, ", ")))
        self.points = points


class WrongReading(WorkflowError):
    """A reading that does not belong to its point, or an acceptance without a reason."""


class Verdict(StrEnum):
    """What a reading comes to."""

    PASS = "pass"
    FAIL = "fail"
    ACCEPTED = "accepted"  # outside the limit, let through by name with a reason


class Judged(StrEnum):
    """How a point is judged."""

    NEAR = "near"  # within so much of the target, either way
    PART = "part"  # within such a part of the target, either way
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    EYE = "eye"  # a person says yes or no


class Concerns(StrEnum):
    """Which pieces a point is for."""

    EVERY = "every"
    SIZED = "sized"
    WITH_STONES = "with_stones"
    CENTRED = "centred"  # a centre stone
    WITH_CLAWS = "with_claws"
    INSCRIBED = "inscribed"  # a centre stone with a laser inscription
    ENGRAVED = "engraved"
    HALLMARKED = "hallmarked"
    PLATED = "plated"
    JOINTED = "jointed"  # clasps, hinges, chains


@dataclass(frozen=True, slots=True)
class CheckPoint:
    """One point of the final check; `limit` is in `unit`, or a part of the target for `PART`."""

    key: str
    question: str
    judged: Judged
    concerns: Concerns = Concerns.EVERY
    unit: str = ""
    limit: Decimal | None = None
    tool: str = ""
    acceptable: bool = True  # whether it may be let through with a reason at all


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found at a point: a value in its unit, or for the eye a yes or no; with which tool, by whom."""

    point: str
    by: str
    value: Decimal | None = None
    good: bool | None = None
    target: Decimal | None = None
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A failed point let through: by whom, and why in words the dossier may carry."""

    point: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on one point and what it rests on."""

    point: CheckPoint
    reading: Reading
    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """A whole final check."""

    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing stands failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[str, ...]:
        """Keys of the points that failed and were not accepted."""
        return tuple(result.point.key for result in self.results if result.verdict is Verdict.FAIL)


WEIGHT_TOLERANCE = Decimal("0.10")
CHECK_POINTS: tuple[CheckPoint, ...] = (
    CheckPoint(
        "size",
        sentence("Inside diameter on the mandrel"),
        Judged.NEAR,
        Concerns.SIZED,
        "mm",
        TOLERANCE_MM,
        "mandrel or gauge",
    ),
    CheckPoint(
        "weight",
        sentence("Finished weight against the drawing"),
        Judged.PART,
        Concerns.EVERY,
        "g",
        WEIGHT_TOLERANCE,
        "scale",
    ),
    CheckPoint(
        "fineness",
        sentence("Fineness as ordered, by mark or assay"),
        Judged.EYE,
        tool="mark or assay",
        acceptable=False,
    ),
    CheckPoint("surface", sentence("Surface without pits, scratches or solder"), Judged.EYE, tool="10× loupe"),
    CheckPoint("edges", sentence("No edge that catches silk or skin"), Judged.EYE, tool="silk cloth"),
    CheckPoint(
        "stones",
        sentence("Every stone there, whole and as ordered"),
        Judged.EYE,
        Concerns.WITH_STONES,
        tool="10× loupe",
    ),
    CheckPoint(
        "tight",
        sentence("No stone moves under the pick"),
        Judged.EYE,
        Concerns.WITH_STONES,
        tool="pick",
        acceptable=False,
    ),
    CheckPoint("level", sentence("Centre stone off level"), Judged.AT_MOST, Concerns.CENTRED, "°", Decimal(2), "gauge"),
    CheckPoint(
        "claws",
        sentence("Claw width at the girdle"),
        Judged.AT_LEAST,
        Concerns.WITH_CLAWS,
        "mm",
        Decimal("0.60"),
        "calliper",
    ),
    CheckPoint(
        "claw_contact",
        sentence("Claw's cover of girdle to table"),
        Judged.AT_LEAST,
        Concerns.WITH_CLAWS,
        "%",
        Decimal(30),
        "10× loupe",
    ),
    CheckPoint(
        "claw_seat",
        sentence("Claw cut away at the seat"),
        Judged.AT_MOST,
        Concerns.WITH_CLAWS,
        "%",
        Decimal(40),
        "10× loupe",
    ),
    CheckPoint("light", sentence("No light between stone and claw"), Judged.EYE, Concerns.WITH_CLAWS, tool="10× loupe"),
    CheckPoint(
        "inscription",
        sentence("Inscription reads as on the report"),
        Judged.EYE,
        Concerns.INSCRIBED,
        tool="microscope",
        acceptable=False,
    ),
    CheckPoint("engraving", sentence("Engraving reads as approved"), Judged.EYE, Concerns.ENGRAVED, acceptable=False),
    CheckPoint("hallmark", sentence("Marks complete and clear"), Judged.EYE, Concerns.HALLMARKED, acceptable=False),
    CheckPoint("plating", sentence("Plating even, nothing bare"), Judged.EYE, Concerns.PLATED),
    CheckPoint("joints", sentence("Clasps and joints work and lock"), Judged.EYE, Concerns.JOINTED, acceptable=False),
)


def points_for(concerns: frozenset[Concerns], points: Sequence[CheckPoint] = CHECK_POINTS) -> tuple[CheckPoint, ...]:
    """The points of a piece that is all of `concerns`; those for every piece are always among them."""
    return tuple(point for point in points if point.concerns is Concerns.EVERY or point.concerns in concerns)


def judge(point: CheckPoint, reading: Reading) -> Result:
    """What one reading comes to.

    Raises:
        WrongReading: another point's reading, no value where one is measured, no yes or no where the eye judges.
    """
    if reading.point != point.key:
        raise WrongReading(
            sentence("A reading of %(point)s says nothing of %(point2)s.", point=reading.point, point2=point.key)
        )
    if point.judged is Judged.EYE:
        if reading.good is None:
            raise WrongReading(sentence("%(question)s: say yes or no.", question=point.question))
        said = sentence("yes") if reading.good else sentence("no")
        told = sentence("%(question)s: %(said)s.", question=point.question, said=said)
        return Result(point, reading, Verdict.PASS if reading.good else Verdict.FAIL, told)
    if reading.value is None or point.limit is None:
        raise WrongReading(
            sentence("%(question)s: give the reading in %(unit)s.", question=point.question, unit=point.unit)
        )
    if point.judged is Judged.AT_LEAST:
        good, asked = reading.value >= point.limit, sentence("at least %(limit)s", limit=f"{point.limit} {point.unit}")
    elif point.judged is Judged.AT_MOST:
        good, asked = reading.value <= point.limit, sentence("at most %(limit)s", limit=f"{point.limit} {point.unit}")
    else:
        if reading.target is None:
            raise WrongReading(sentence("%(question)s: nobody has said what it should be.", question=point.question))
        room = point.limit if point.judged is Judged.NEAR else round_to(reading.target * point.limit, 3)
        good = abs(reading.value - reading.target) <= room
        asked = sentence("%(target)s %(unit)s ± %(room)s", target=reading.target, unit=point.unit, room=room)
    told = sentence(
        "%(question)s: %(reading)s %(unit)s, asked %(asked)s.",
        question=point.question,
        reading=reading.value,
        unit=point.unit,
        asked=asked,
    )
    return Result(point, reading, Verdict.PASS if good else Verdict.FAIL, told)


def inspect(
    points: Sequence[CheckPoint],
    readings: Sequence[Reading],
    *,
    makers: frozenset[str],
    acceptances: Sequence[Acceptance] = (),
    sole_maker: bool = False,
) -> Inspection:
    """The whole check: every point read once, by somebody who did not make the piece.

    Args:
        makers: who worked on the piece, by the same names as in the readings.
        acceptances: failed points let through with a reason, by somebody who did not read them.
        sole_maker: a house of one, whose papers say that no second person looked.

    Raises:
        MakerMayNotCheck: a reading or an acceptance by one of the makers.
        MissingReading: a point without one.
        WrongReading: a point read twice or not asked for, or an acceptance that may not be.
    """
    keys = [reading.point for reading in readings]
    asked = [point.key for point in points]
    if len(set(keys)) != len(keys) or set(keys) - set(asked):
        raise WrongReading(sentence("Each point of this piece is read once, and no other point is."))
    for person in (*(one.by for one in readings), *(one.by for one in acceptances)):
        if person in makers and not sole_maker:
            raise MakerMayNotCheck(person)
    missing = tuple(key for key in asked if key not in keys)
    if missing:
        raise MissingReading(missing)
    by_key = {reading.point: reading for reading in readings}
    results = [judge(point, by_key[point.key]) for point in points]
    return Inspection(tuple(_accepted(results, acceptances, sole_maker=sole_maker)))


def _accepted(results: Sequence[Result], acceptances: Sequence[Acceptance], *, sole_maker: bool) -> list[Result]:
    after = {result.point.key: result for result in results}
    for one in acceptances:
        result = after.get(one.point)
        if result is None or result.verdict is not Verdict.FAIL:
            raise WrongReading(sentence("%(point)s has not failed; there is nothing to accept.", point=one.point))
        if not result.point.acceptable:
            raise WrongReading(
                sentence("%(question)s: this is mended, never accepted.", question=result.point.question)
            )
        if not one.reason.strip():
            raise WrongReading(sentence("Say why it is accepted; the reason stays with the piece."))
        if one.by == result.reading.by and not sole_maker:
            raise WrongReading(sentence("Whoever read the point does not accept it; another person does."))
        told = sentence("%(verdict)s Accepted: %(reason)s", verdict=result.sentence, reason=one.reason.strip())
        after[one.point] = Result(result.point, result.reading, Verdict.ACCEPTED, told)
    return list(after.values())


@dataclass(frozen=True, slots=True)
class BagFlow:
    """What went into a step and what came out of it: metal in grams, stones by count."""

    metal_in_g: Decimal
    metal_out_g: Decimal
    scrap_g: Decimal
    stones_in: int = 0
    stones_out: int = 0
    stones_broken: int = 0  # pieces kept and counted
    stones_lost: int = 0  # written down as lost, with a reason


@dataclass(frozen=True, slots=True)
class Balance:
    """What a step lost; `stops` are the sentences that hold the bag, empty when it may go on."""

    loss_g: Decimal
    loss_percent: Decimal | None
    stops: tuple[str, ...]


SCALE_G = Decimal("0.02")  # two readings of a scale differ by so much
HAND_LOSS = Decimal("0.08")  # hand work loses 5 to 8 %
CASTING_LOSS = Decimal("0.02")  # casting 1 to 2 %


def reconcile(flow: BagFlow, *, allowed_loss: Decimal = HAND_LOSS, scale_g: Decimal = SCALE_G) -> Balance:
    """The balance of a step: metal in less out less scrap is loss; every stone is in, out, broken or lost.

    Args:
        allowed_loss: part of the metal that may vanish as dust, 0.08 is 8 %.
        scale_g: what the scale itself may be off, in grams.
    """
    loss = flow.metal_in_g - flow.metal_out_g - flow.scrap_g
    stops = []
    if loss > flow.metal_in_g * allowed_loss + scale_g:
        stops.append(
            sentence(
                "%(loss)s g are missing, more than %(allowed_loss)s %% and the scale.",
                loss=round_to(loss, 3),
                allowed_loss=round_to(allowed_loss * 100, 1),
            )
        )
    if loss < -scale_g:
        stops.append(sentence("%(loss)s g more came out than went in; weigh again.", loss=round_to(-loss, 3)))
    astray = flow.stones_in - flow.stones_out - flow.stones_broken - flow.stones_lost
    if astray:
        one = abs(astray) == 1
        missing = f"{astray} {'stone is' if one else 'stones are'} missing"
        stops.append(
            sentence(
                "%(missing)s; count again.",
                missing=missing if astray > 0 else sentence("Too many stones came out, by %(astray)s", astray=-astray),
            )
        )
    percent = round_to(loss / flow.metal_in_g * 100, 1) if flow.metal_in_g else None
    return Balance(loss, percent, tuple(stops))


def expected_cast_range(
    cad_g: Decimal, *, losses: tuple[Decimal, Decimal] = (Decimal("0.05"), Decimal("0.17"))
) -> tuple[Decimal, Decimal]:
    """Lightest and heaviest a raw casting of this drawing should weigh, in grams, before it is finished."""
    return round_to(cad_g / (1 - losses[0]), 3), round_to(cad_g / (1 - losses[1]), 3)


def expected_finished_range(cad_g: Decimal, tolerance: Decimal = WEIGHT_TOLERANCE) -> tuple[Decimal, Decimal]:
    """Lightest and heaviest the finished metal should weigh, in grams."""
    return round_to(cad_g * (1 - tolerance), 3), round_to(cad_g * (1 + tolerance), 3)
