"""/studio/: whose turn it is, what is late, and what comes next."""

from datetime import datetime

from flask import Blueprint, render_template, request

from bespoke.queries import studio
from bespoke.queries.commissions import NotFound
from bespoke.queries.studio import Filter, Group
from bespoke.web.access import current_actor, house_row, the_house
from bespoke.web.database import db
from bespoke.web.studio.asked import typed

bp = Blueprint("board", __name__, url_prefix="/studio")


@bp.get("/")
def page() -> str:
    """The commissions in hand, by whose turn it is; filters and the one looked at are in the address."""
    wanted, at = filter_of(), the_house().clock()
    found = studio.board(
        db.session(),
        house_row(),
        current_actor(),
        wanted,
        at=at,
        selected=request.args.get("look", ""),
        before=_moment(request.args.get("before", "")),
    )
    return render_template(
        "studio/board.html", board=found, wanted=wanted, groups=Group, headings=studio.HEADINGS, now=at
    )


def filter_of() -> Filter:
    """What the address asks for; an unknown group is none."""
    group = request.args.get("whose", "")
    return Filter(
        words=typed(request.args, "q", most=100),
        group=Group(group) if group in set(Group) else None,
        late=request.args.get("late") == "1",
    )


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NotFound("page of the board") from None
    if at.tzinfo is None:
        raise NotFound("page of the board")
    return at
