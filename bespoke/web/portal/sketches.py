"""/my/REF/sketches: the concept drawings side by side; one is picked, or another is asked for."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from bespoke.models.brief import Sketch
from bespoke.models.piece import Piece
from bespoke.queries.whole import Whole
from bespoke.services import sketches
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import ApprovalForm, NoteForm
from bespoke.web.portal import answers, frame

bp = Blueprint("sketches", __name__)
CONCEPT = "concept"


@bp.get("/<reference>/sketches")
def page(reference: str) -> str:
    """The sketches that were put before the client."""
    return redraw(reference)


def redraw(reference: str, refusal: str = "", kept: Any = None, **_address: Any) -> str:
    """The sketches, with what was refused and the words that were typed."""
    here = frame.visit(reference)
    return frame.page(
        "portal/sketches.html",
        here,
        sets=[(piece, drawn) for piece in here.loaded.commission.pieces if (drawn := _shown(here.loaded, piece))],
        questions={one.piece.id: one for one in answers.questions(db.session(), here, CONCEPT)},
        refusal=refusal,
        kept=kept or {},
    )


@bp.post("/<reference>/<letter>/sketches/pick")
def pick(reference: str, letter: str) -> Response:
    """I like this one."""
    form = ApprovalForm(request.form)
    form.checked()
    with transaction() as session:
        piece, actor = answers.piece_of(session, reference, letter, current_actor())
        at = the_house().clock()
        answers.say_yes(session, piece, CONCEPT, form.digest.data or "", actor, at=at, said=request.form)
    return redirect(url_for("portal.home", reference=reference), 303)


@bp.post("/<reference>/<letter>/sketches/another")
def another(reference: str, letter: str) -> Response:
    """None of these; another, please."""
    form = NoteForm(request.form)
    form.checked()
    with transaction() as session:
        piece, actor = answers.piece_of(session, reference, letter, current_actor())
        sketches.ask_another(session, piece, (form.note.data or "").strip(), actor, at=the_house().clock())
    return redirect(url_for(".page", reference=reference), 303)


def _shown(whole: Whole, piece: Piece) -> list[Sketch]:
    """Those of a piece, once they were put before the client."""
    if CONCEPT not in piece.template or piece.milestone(CONCEPT).rounds == 0:
        return []
    return [one for one in whole.rows.of(Sketch) if one.piece_id == piece.id]


FORMS = dict.fromkeys(("portal.sketches.pick", "portal.sketches.another"), redraw)
