"""Whose turn it is, asked of the database: so that a filtered board is filled from all commissions, not from a page.

The milestone a piece waits at is the first that was handed in, else the first ahead. Whose that is, the templates say;
they are those of today. The lines themselves are reckoned from the template a piece began with, and left out again
where that one says otherwise.
"""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.orm import aliased

from bespoke.models.commission import Commission
from bespoke.models.piece import MilestoneRow, Piece
from bespoke.queries.board import AHEAD, turn_of
from bespoke.queries.studio_rows import Group, group_of
from workflows.roles import Actor, Role
from workflows.snapshot import Status
from workflows.template import keys, load

Waits = frozenset[tuple[str, bool]]


def has_group(group: Group, actor: Actor) -> ColumnElement[bool]:
    """Whether a piece of the commission stands in that group for this person."""
    own = Piece.commission_id == Commission.id
    waits = aliased(MilestoneRow)
    at = and_(waits.piece_id == Piece.id, waits.id == _first_ahead(), or_(*_waiting(waits, _turns(group, actor.role))))
    found = exists().where(own, at)
    if group is not Group.OTHERS:
        return found
    return or_(found, exists().where(own, _first_ahead().is_(None)))  # nothing is ahead: all of it is done


def _first_ahead() -> ColumnElement[int | None]:
    handed_in = case((MilestoneRow.status == Status.ASKED, 0), else_=1)
    statement = select(MilestoneRow.id).where(MilestoneRow.piece_id == Piece.id, MilestoneRow.status.in_(AHEAD))
    return statement.order_by(handed_in, MilestoneRow.id).limit(1).correlate(Piece).scalar_subquery()


def _waiting(waits: type[MilestoneRow], turns: Iterable[tuple[tuple[str, ...], Waits]]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Piece.template_key.not_in(keys())]  # one nobody knows any more
    for templates, wanted in turns:
        for asked in (True, False):
            names = sorted(key for key, of in wanted if of is asked)
            state = waits.status == Status.ASKED if asked else waits.status != Status.ASKED
            found.append(and_(Piece.template_key.in_(templates), state, waits.key.in_(names)))
    return found


@cache
def _turns(group: Group, role: Role) -> tuple[tuple[tuple[str, ...], Waits], ...]:
    """The templates that are alike, and at which milestones, handed in or not, it is this group's turn."""
    actor, alike = Actor("", role, ""), dict[Waits, list[str]]()
    for name in keys():
        template, waits = load(name), set[tuple[str, bool]]()
        for milestone in template.milestones:
            for status in (Status.ASKED, Status.OPEN):
                turn = turn_of(template, {milestone.key: status}, {milestone.key: (status, None)})
                if group_of(turn, actor) is group:
                    waits.add((milestone.key, status is Status.ASKED))
        alike.setdefault(frozenset(waits), []).append(name)
    return tuple((tuple(names), waits) for waits, names in alike.items())
