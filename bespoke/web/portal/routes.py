"""/my: a client's commissions, each with where it stands and the one thing asked."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from bespoke.queries import files, portal
from bespoke.queries.commissions import NotFound
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import ApprovalForm
from bespoke.web.portal import answers, frame
from bespoke.web.sending import send
from workflows.sentences import sentence

bp = Blueprint("portal", __name__, url_prefix="/my")
ELSEWHERE = frozenset({"brief", "concept", "stone_sourcing", "quote", "render_approval", "pattern"})
"""What is answered on a page of its own."""


@bp.get("/")
def index() -> str | Answer:
    """The client's commissions; one alone is opened at once."""
    own = portal.own(db.session(), current_actor())
    if len(own) == 1:
        return redirect(url_for(".home", reference=own[0].reference), 303)
    return render_template("portal/index.html", commissions=own)


@bp.get("/<reference>/")
def home(reference: str) -> str:
    """Where one commission stands."""
    return redraw_home(reference)


def redraw_home(reference: str, refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any) -> str:
    """The page of one commission, with what was refused and the words that were typed, where there are any."""
    here = frame.visit(reference)
    page = portal.home(here.loaded, here.actor, at=here.at)
    shown = None if page.ask is None else answers.shown(db.session(), page.ask, here.loaded)
    return frame.page("portal/home.html", here, page=page, shown=shown, refusal=refusal, kept=kept or {})


@bp.post("/<reference>/<letter>/answer/<milestone>")
def answer(reference: str, letter: str, milestone: str) -> Answer:
    """The client's yes to what has no page of its own: an engraving, a recap.

    Raises:
        NotFound: it has one, which asks more; a large price and a design want the mailed code.
    """
    if milestone in ELSEWHERE:
        raise NotFound(sentence("answer"))
    form = ApprovalForm(request.form)
    form.checked()
    with transaction() as session:
        piece, actor = answers.piece_of(session, reference, letter, current_actor())
        answers.say_yes(
            session, piece, milestone, form.digest.data or "", actor, at=the_house().clock(), said=request.form
        )
    return redirect(url_for(".home", reference=reference), 303)


@bp.get("/<reference>/files/<digest>")
def file(reference: str, digest: str) -> Response:
    """A picture or a paper that was shown to this client."""
    actor = current_actor()
    return send(files.get(db.session(), reference, digest, actor), f"{reference}-{digest[:8]}")


FORMS = dict.fromkeys(("portal.answer",), redraw_home)
"""Where a refusal is answered with the page its form stood on."""
