"""/studio/: whose turn it is, what is late, and what comes next."""

from flask import Blueprint, render_template, request

from bespoke.queries import studio
from bespoke.queries.studio import Cursor, Filter
from bespoke.queries.studio_rows import HEADINGS, Group
from bespoke.web.access import current_actor, house_row, the_house
from bespoke.web.database import db
from bespoke.web.studio.asked import typed

bp = Blueprint("board", __name__, url_prefix="/studio")


@bp.get("/")
def page() -> str:
    """The commissions in hand, by whose turn it is; filters and the one looked at are in the address."""
    wanted, at, before = filter_of(), the_house().clock(), request.args.get("before", "")
    found = studio.board(
        db.session(),
        house_row(),
        current_actor(),
        wanted,
        at=at,
        selected=request.args.get("look", ""),
        before=Cursor.read(before) if before else None,
    )
    return render_template("studio/board.html", board=found, wanted=wanted, groups=Group, headings=HEADINGS, now=at)


def filter_of() -> Filter:
    """What the address asks for; an unknown group is none."""
    group = request.args.get("whose", "")
    return Filter(
        words=typed(request.args, "q", most=100),
        group=Group(group) if group in set(Group) else None,
        late=request.args.get("late") == "1",
    )
