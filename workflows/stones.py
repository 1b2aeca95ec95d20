"""Stones and the commissions that hold them: a hold frees itself, only cleared money makes it firm.

That two commissions never hold one stone is the database's to guarantee; these rules say why and until when.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, TypeVar

from workflows.errors import WorkflowError
from workflows.money import Money
from workflows.sentences import sentence, when, word


class Ownership(StrEnum):
    """Whose the stone is."""

    HOUSE = "house"
    MEMO = "memo"  # a supplier's, on approval
    CLIENT = "client"


class Whereabouts(StrEnum):
    """How far the stone is on its way into a piece."""

    CANDIDATE = "candidate"
    REQUESTED = "requested"
    IN_HOUSE = "in_house"
    IN_BAG = "in_bag"
    SET = "set"
    RETURNED = "returned"
    BROKEN = "broken"
    LOST = "lost"


class StoneStep(StrEnum):
    """What can happen to a stone."""

    REQUEST = "request"
    RECEIVE = "receive"
    BAG = "bag"
    UNBAG = "unbag"
    SET = "set"
    UNSET = "unset"
    RECUT = "recut"
    SHIP_TO_CLIENT = "ship_to_client"
    RETURN = "return"
    BREAK = "break"
    LOSE = "lose"
    FIND = "find"


class StoneTaken(WorkflowError):
    """Another commission holds the stone; `until` says how long, None for good."""

    def __init__(self, reference: str, until: datetime | None) -> None:
        lasts = sentence("until %(moment)s UTC", moment=when(until, "%d %B, %H:%M")) if until else sentence("for good")
        super().__init__(
            sentence("Stone %(reference)s is held by another commission %(when)s.", reference=reference, when=lasts)
        )
        self.reference = reference
        self.until = until


class NotHoldable(WorkflowError):
    """The stone cannot be held: gone, broken, lost, set, or a client's own."""


class BadHold(WorkflowError):
    """A hold that is too long, extended twice, lapsed or not there."""


class NotCleared(WorkflowError):
    """Money that has not cleared cannot lock a stone; `missing` is what is still to come."""

    def __init__(self, missing: Money) -> None:
        super().__init__(
            sentence(
                "%(missing)s of the deposit has not cleared; the stone stays on hold until it has.", missing=missing
            )
        )
        self.missing = missing


class NotOurs(WorkflowError):
    """A supplier's stone may not be changed or leave for the client before it is bought."""


class WrongStep(WorkflowError):
    """Not possible from where the stone is; `whereabouts` says where."""

    def __init__(self, message: str, *, whereabouts: Whereabouts) -> None:
        super().__init__(message)
        self.whereabouts = whereabouts


@dataclass(frozen=True, slots=True)
class HoldRules:
    """How long the house holds a stone without money, and in all, extension included."""

    lifetime: timedelta = timedelta(days=7)
    extension: timedelta = timedelta(days=4)
    longest: timedelta = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class HeldFor:
    """A hold of one stone for one commission; `until` is None once it is locked."""

    commission: str
    placed_at: datetime
    until: datetime | None
    extended: bool = False
    locked_at: datetime | None = None

    @property
    def locked(self) -> bool:
        """Whether cleared money made it firm."""
        return self.locked_at is not None


@dataclass(frozen=True, slots=True)
class StoneStatus:
    """A stone as these rules read it."""

    reference: str
    whereabouts: Whereabouts
    ownership: Ownership = Ownership.HOUSE
    hold: HeldFor | None = None
    owner: str | None = None  # the commission whose client owns it
    memo_due: date | None = None


HOLD_RULES = HoldRules()
_GONE = frozenset({Whereabouts.SET, Whereabouts.RETURNED, Whereabouts.BROKEN, Whereabouts.LOST})
MEMO_ALARM_DAYS = 2


def check_hold(
    stone: StoneStatus, *, commission: str, at: datetime, until: datetime, rules: HoldRules = HOLD_RULES
) -> HeldFor:
    """The hold that reserving `stone` for a commission makes; a lapsed hold of another is no hindrance.

    Raises:
        StoneTaken: another commission's live hold; `.until` says how long.
        NotHoldable: the stone is set, returned, broken or lost, or another client's own.
        BadHold: already held by this commission, no time at all, or longer than the house holds.
    """
    if stone.whereabouts in _GONE:
        raise NotHoldable(
            sentence(
                "Stone %(reference)s is %(whereabouts)s; choose another one.",
                reference=stone.reference,
                whereabouts=word(stone.whereabouts),
            )
        )
    if stone.ownership is Ownership.CLIENT and stone.owner != commission:
        raise NotHoldable(sentence("Stone %(reference)s belongs to another client.", reference=stone.reference))
    current = stone.hold
    if current is not None and not has_lapsed(current, at):
        if current.commission != commission:
            raise StoneTaken(stone.reference, current.until)
        raise BadHold(
            sentence(
                "Stone %(reference)s is held for %(commission)s already.",
                reference=stone.reference,
                commission=commission,
            )
        )
    if until <= at:
        raise BadHold(sentence("A hold must end after it begins."))
    if until - at > rules.lifetime:
        raise BadHold(
            sentence("The house holds a stone for %(days)s days without money, no longer.", days=rules.lifetime.days)
        )
    return HeldFor(commission, at, until)


def has_lapsed(hold: HeldFor, at: datetime) -> bool:
    """Whether the hold has freed the stone by itself; a locked one never does."""
    return not hold.locked and hold.until is not None and at >= hold.until


def extended(hold: HeldFor, *, announced_at: datetime, rules: HoldRules = HOLD_RULES) -> HeldFor:
    """The hold after the client said that a transfer is on its way: longer, once, up to the house's limit.

    Raises:
        BadHold: it is locked, has lapsed, or was extended before.
    """
    if hold.locked or hold.until is None:
        raise BadHold(sentence("The stone is locked; there is nothing to extend."))
    if has_lapsed(hold, announced_at):
        raise BadHold(sentence("The hold has lapsed; ask for the stone anew."))
    if hold.extended:
        raise BadHold(sentence("The hold was extended once; it ends when it says, unless the money clears before."))
    wanted = max(hold.until, announced_at + rules.extension)
    return replace(hold, until=max(hold.until, min(wanted, hold.placed_at + rules.longest)), extended=True)


def locked(hold: HeldFor, *, cleared: Money, deposit: Money, at: datetime) -> HeldFor:
    """The hold made firm by cleared money.

    Raises:
        NotCleared: less than the deposit has cleared; what was promised or authorised does not count.
        BadHold: it lapsed before the money came, or is locked already.
    """
    if hold.locked:
        raise BadHold(sentence("The stone is locked already."))
    if has_lapsed(hold, at):
        raise BadHold(sentence("The hold lapsed before the money cleared; hold the stone anew, if it is free."))
    if cleared < deposit:
        raise NotCleared(deposit - cleared)
    return replace(hold, until=None, locked_at=at)


_FROM: Mapping[StoneStep, tuple[frozenset[Whereabouts], Whereabouts]] = MappingProxyType(
    {
        StoneStep.REQUEST: (frozenset({Whereabouts.CANDIDATE}), Whereabouts.REQUESTED),
        StoneStep.RECEIVE: (frozenset({Whereabouts.CANDIDATE, Whereabouts.REQUESTED}), Whereabouts.IN_HOUSE),
        StoneStep.BAG: (frozenset({Whereabouts.IN_HOUSE}), Whereabouts.IN_BAG),
        StoneStep.UNBAG: (frozenset({Whereabouts.IN_BAG}), Whereabouts.IN_HOUSE),
        StoneStep.SET: (frozenset({Whereabouts.IN_BAG}), Whereabouts.SET),
        StoneStep.UNSET: (frozenset({Whereabouts.SET}), Whereabouts.IN_BAG),
        StoneStep.RECUT: (frozenset({Whereabouts.IN_HOUSE, Whereabouts.IN_BAG}), Whereabouts.IN_HOUSE),
        StoneStep.SHIP_TO_CLIENT: (frozenset({Whereabouts.IN_HOUSE}), Whereabouts.RETURNED),
        StoneStep.RETURN: (
            frozenset({Whereabouts.REQUESTED, Whereabouts.IN_HOUSE, Whereabouts.IN_BAG}),
            Whereabouts.RETURNED,
        ),
        StoneStep.BREAK: (
            frozenset({Whereabouts.IN_HOUSE, Whereabouts.IN_BAG, Whereabouts.SET}),
            Whereabouts.BROKEN,
        ),
        StoneStep.LOSE: (
            frozenset({Whereabouts.REQUESTED, Whereabouts.IN_HOUSE, Whereabouts.IN_BAG, Whereabouts.SET}),
            Whereabouts.LOST,
        ),
        StoneStep.FIND: (frozenset({Whereabouts.LOST}), Whereabouts.IN_HOUSE),
    }
)
_BOUGHT_FIRST: Mapping[StoneStep, str] = MappingProxyType(
    {
        StoneStep.SET: sentence("it is set"),
        StoneStep.RECUT: sentence("it is recut"),
        StoneStep.SHIP_TO_CLIENT: sentence("it goes to the client"),
    }
)
_NEED_REASON = frozenset({StoneStep.BREAK, StoneStep.LOSE, StoneStep.FIND, StoneStep.UNSET, StoneStep.RECUT})


def moved(stone: StoneStatus, step: StoneStep, *, reason: str = "") -> Whereabouts:
    """Where the stone is after a step.

    Raises:
        NotOurs: a memo stone may not be set, recut or sent to the client before it is bought.
        WrongStep: not possible from where it is, or a locked stone would leave; or the reason is missing.
    """
    if stone.ownership is Ownership.MEMO and step in _BOUGHT_FIRST:
        text = sentence(
            "Stone %(reference)s is on memo and must return as it came; buy it before %(bought_first)s.",
            reference=stone.reference,
            bought_first=_BOUGHT_FIRST[step],
        )
        raise NotOurs(text)
    allowed, after = _FROM[step]
    if stone.whereabouts not in allowed:
        text = sentence(
            "Stone %(reference)s is %(words)s; %(words2)s is not possible from there.",
            reference=stone.reference,
            words=_words(stone.whereabouts),
            words2=_words(step),
        )
        raise WrongStep(text, whereabouts=stone.whereabouts)
    if step in (StoneStep.RETURN, StoneStep.SHIP_TO_CLIENT) and stone.hold is not None and stone.hold.locked:
        text = sentence(
            "Stone %(reference)s is locked for %(commission)s; end that first.",
            reference=stone.reference,
            commission=stone.hold.commission,
        )
        raise WrongStep(text, whereabouts=stone.whereabouts)
    if step in _NEED_REASON and not reason.strip():
        raise WrongStep(sentence("Say how it came to “%(words)s”.", words=_words(step)), whereabouts=stone.whereabouts)
    return after


def usable(stone: StoneStatus) -> bool:
    """Whether the stone can still go into a piece: a broken or lost one ends its hold and asks for another."""
    return stone.whereabouts not in _GONE


def memo_alarm(stone: StoneStatus, today: date, days: int = MEMO_ALARM_DAYS) -> str | None:
    """What to say of a memo stone that is due back soon or overdue; None for any other."""
    if stone.ownership is not Ownership.MEMO or stone.memo_due is None or not usable(stone):
        return None
    left = (stone.memo_due - today).days
    if left > days:
        return None
    due = (
        sentence("was due back %(days)s days ago", days=-left)
        if left < 0
        else sentence("is due back in %(days)s days", days=left)
    )
    return sentence(
        "Stone %(reference)s %(when)s: buy it, return it or ask the supplier for longer.",
        reference=stone.reference,
        when=due,
    )


class Report(Protocol):
    """A laboratory report, wherever it is kept."""

    @property
    def governing(self) -> bool:
        """Whether it is the one that counts."""


AnyReport = TypeVar("AnyReport", bound=Report)


def governing_report(reports: Sequence[AnyReport]) -> AnyReport | None:
    """The one report that counts; None for a stone without reports.

    Raises:
        WorkflowError: there are reports, but none or several of them govern.
    """
    if not reports:
        return None
    found = [report for report in reports if report.governing]
    if len(found) != 1:
        raise WorkflowError(
            sentence(
                "Of %(reports)s reports %(found)s govern; exactly one must.", reports=len(reports), found=len(found)
            )
        )
    return found[0]


def _words(key: StrEnum) -> str:
    return word(key.value)
