"""/my/REF/wax and /making: the wax model before it is cast, and the photographs from the bench as they come."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from bespoke.models.production import Photograph
from bespoke.queries.portal import home
from bespoke.services import approvals
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import ApprovalForm, NoteForm
from bespoke.web.portal import answers, frame

bp = Blueprint("making", __name__)
PATTERN = "pattern"


@bp.get("/<reference>/wax")
def wax(reference: str) -> str:
    """The wax model: photographs, when it is due, and the yes to it."""
    return redraw_wax(reference)


def redraw_wax(reference: str, refusal: str = "", kept: Any = None, **_address: Any) -> str:
    """The wax model, with what was refused and the words that were typed."""
    here = frame.visit(reference)
    told = home(here.loaded, here.actor, at=here.at)
    return frame.page(
        "portal/wax.html",
        here,
        page=told,
        photographs=[one for one in told.photographs if one.milestone == PATTERN],
        questions=answers.questions(db.session(), here, PATTERN),
        refusal=refusal,
        kept=kept or {},
    )


@bp.post("/<reference>/<letter>/wax/approve")
def approve(reference: str, letter: str) -> Response:
    """The wax is right."""
    form = ApprovalForm(request.form)
    form.checked()
    with transaction() as session:
        piece, actor = answers.piece_of(session, reference, letter, current_actor())
        at = the_house().clock()
        answers.say_yes(session, piece, PATTERN, form.digest.data or "", actor, at=at, said=request.form)
    return redirect(url_for("portal.home", reference=reference), 303)


@bp.post("/<reference>/<letter>/wax/changes")
def ask_changes(reference: str, letter: str) -> Response:
    """Something at the wax should be different."""
    form = NoteForm(request.form)
    form.checked()
    with transaction() as session:
        piece, actor = answers.piece_of(session, reference, letter, current_actor())
        note = (form.note.data or "").strip()
        approvals.ask_changes(session, piece, PATTERN, note, actor, at=the_house().clock())
    return redirect(url_for(".wax", reference=reference), 303)


@bp.get("/<reference>/making")
def page(reference: str) -> str:
    """The photographs from the bench, the newest first."""
    here = frame.visit(reference)
    told = home(here.loaded, here.actor, at=here.at)
    shown = [one for one in reversed(here.loaded.rows.of(Photograph)) if one.client_visible]
    return frame.page("portal/making.html", here, page=told, photographs=shown)


FORMS = dict.fromkeys(("portal.making.approve", "portal.making.ask_changes"), redraw_wax)
