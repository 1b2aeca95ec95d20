"""/find: go to something or do something by a few letters; Ctrl K lays the same over any page."""

from flask import Blueprint, render_template, request, url_for

from bespoke.queries import finding
from bespoke.queries.finding import Found, Kind
from bespoke.web.access import current_actor
from bespoke.web.database import db
from bespoke.web.studio.asked import clean

bp = Blueprint("find", __name__)
DOES = {
    "publish": ("studio.workspace.page", "publish-note"),
    "upload": ("studio.workspace.page", "cad"),
    "message": ("studio.workspace.page", "message"),
    "stones": ("studio.stones.forward", None),
    "quote": ("studio.quotes.page", None),
    "seen": ("studio.seen.home", None),
    "history": ("studio.revisions.history", None),
}
ICONS = {Kind.COMMISSION: "diamond", Kind.PERSON: "user", Kind.STONE: "diamond", Kind.ACTION: "arrow-right"}


@bp.get("/find")
def page() -> str:
    """What fits `q`, with what can be done at the commission named by `at`."""
    text, at = clean(request.args.get("q", ""))[:100], clean(request.args.get("at", ""))[:20]
    answer = finding.find(db.session(), current_actor(), text, at=at)
    lines = [(one, _address(one), ICONS[one.kind]) for one in answer.lines]
    return render_template("studio/find.html", text=text, at=at, answer=answer, lines=lines)


def _address(one: Found) -> str:
    if one.kind is Kind.STONE:
        return url_for("studio.stones.stone", name=one.reference)
    endpoint, anchor = DOES.get(one.does, ("studio.workspace.page", None))
    return url_for(endpoint, reference=one.reference, _anchor=anchor)
