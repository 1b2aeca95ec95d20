"""One piece as a line of the studio's board says it: whose turn it is, what comes next, how it stands with its days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bespoke.models.commission import Commission
from bespoke.models.design import Examination
from bespoke.models.piece import Piece
from bespoke.queries.board import BENCH, Turn, turn_of
from bespoke.queries.marks import pips_of
from bespoke.templating.catalogue import _, lazy, ngettext
from workflows.alloys import ALLOYS
from workflows.roles import Actor, Role, may
from workflows.sentences import together
from workflows.snapshot import Status
from workflows.template import parse

NEW_FOR = timedelta(days=3)


class Group(StrEnum):
    """Whose turn it is, seen by one person."""

    YOURS = "yours"
    CLIENT = "client"
    BENCH = "bench"
    OTHERS = "others"


HEADINGS = {
    Group.YOURS: lazy("Yours to do"),
    Group.CLIENT: lazy("With the client"),
    Group.BENCH: lazy("At the bench"),
    Group.OTHERS: lazy("With others of the house"),
}


class Tone(StrEnum):
    """How a tag is coloured; its words say the same."""

    YOU = "you"
    CARE = "warn"
    GOOD = "ok"
    NEWS = "info"
    PLAIN = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The newest drawing of a piece, as far as a list needs it."""

    id: int
    number: int
    examination: Examination
    published: bool
    picture: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One piece on the board.

    Attributes:
        letter: of the piece where the commission has several, else empty.
        due: the day it is needed or promised by, whichever is the earlier.
    """

    reference: str
    letter: str
    title: str
    client: str
    described: str
    picture: str | None
    pips: tuple[str, ...]
    next: str
    whose: str
    due: date | None
    tag: str
    tone: Tone
    late: bool
    group: Group
    notes: int
    drawn: Drawn | None
    needed_by: date | None
    promised: tuple[date, date] | None
    size: str
    piece_id: int
    commission_id: int

    @property
    def key(self) -> str:
        """What tells it from the others on the page, for addresses."""
        return f"{self.reference}-{self.letter}" if self.letter else self.reference


def row_of(
    commission: Commission,
    client: str,
    piece: Piece,
    alone: bool,
    standing: Mapping[str, tuple[Status, datetime | None]],
    drawn: Drawn | None,
    pins: int,
    actor: Actor,
    at: datetime,
    today: date,
) -> Row:
    """The line of one piece for one person.

    Args:
        alone: whether it is the commission's only piece.
        standing: its milestones by key, each with the moment it opened.
        pins: how many notes on its drawings are open.
        today: the day of the house.
    """
    template = parse(piece.template_text)
    states = {key: status for key, (status, _since) in standing.items()}
    turn = turn_of(template, states, dict(standing))
    group = group_of(turn, actor)
    days = [day for day in (commission.needed_by, commission.promised_to) if day is not None]
    due = min(days) if days else None
    late = due is not None and due < today
    at_risk = None not in (commission.needed_by, commission.promised_to) and max(days) != commission.needed_by
    tag, tone = _tag(commission, group, turn, pins, at, late=late, at_risk=at_risk)
    alloy = ALLOYS.get(piece.alloy or "")
    return Row(
        reference=commission.reference,
        letter="" if alone else piece.letter,
        title=commission.title if alone else piece.title,
        client=client,
        described=client if alloy is None else together([client, alloy.name], ", "),
        picture=None if drawn is None else drawn.picture,
        pips=pips_of(template, states),
        next=_next(turn, drawn, pins, group),
        whose=_("nobody") if turn is None else turn.whose,
        due=due,
        tag=tag,
        tone=tone,
        late=late or at_risk,
        group=group,
        notes=pins,
        drawn=drawn,
        needed_by=commission.needed_by,
        promised=_promise(commission),
        size=piece.size_label,
        piece_id=piece.id,
        commission_id=commission.id,
    )


def _promise(commission: Commission) -> tuple[date, date] | None:
    last = commission.promised_to
    return None if last is None else (commission.promised_from or last, last)


def group_of(turn: Turn | None, actor: Actor) -> Group:
    """Whose turn it is, seen by one person; where nothing comes next, nobody's in particular."""
    if turn is None:
        return Group.OTHERS
    if may(actor, turn.roles) and not (actor.role is Role.OWNER and turn.roles & BENCH):
        return Group.YOURS
    if Role.CLIENT in turn.roles:
        return Group.CLIENT
    return Group.BENCH if turn.roles & BENCH else Group.OTHERS


def _next(turn: Turn | None, drawn: Drawn | None, pins: int, group: Group) -> str:
    if turn is None:
        return _("All of it is done")
    if group is Group.YOURS and drawn is not None and not drawn.published:
        if drawn.examination is Examination.REFUSED:
            return _("Revision %(n)s cannot be read, hand in another", n=drawn.number)
        if drawn.examination is not Examination.DONE:
            return _("Revision %(n)s is being examined", n=drawn.number)
        if pins:
            return ngettext("Answer %(num)s note, then publish", "Answer %(num)s notes, then publish", pins)
        return _("Publish revision %(n)s", n=drawn.number)
    if group is Group.YOURS and pins and drawn is not None:
        return ngettext(
            "Answer %(num)s note on revision %(n)s", "Answer %(num)s notes on revision %(n)s", pins, n=drawn.number
        )
    return turn.words


def _tag(
    commission: Commission,
    group: Group,
    turn: Turn | None,
    pins: int,
    at: datetime,
    *,
    late: bool,
    at_risk: bool,
) -> tuple[str, Tone]:
    if late:
        return _("late"), Tone.YOU
    if at_risk:
        return _("at risk"), Tone.CARE
    if group is Group.YOURS and pins:
        return ngettext("%(num)s note", "%(num)s notes", pins), Tone.YOU
    if at - commission.created_at < NEW_FOR:
        return _("new"), Tone.NEWS
    if group is Group.CLIENT and turn is not None and turn.since is not None:
        days = max(0, (at - turn.since).days)
        return (ngettext("%(num)s day", "%(num)s days", days), Tone.PLAIN) if days else ("", Tone.PLAIN)
    if group is Group.BENCH and commission.promised_to is not None:
        return _("on time"), Tone.GOOD
    return "", Tone.PLAIN
