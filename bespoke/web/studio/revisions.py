"""/studio/REF/rev/N/ and what a drawing answers: the brief, the sketches, and everything that happened."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from bespoke.models.event import Event
from bespoke.queries import workspace
from bespoke.services import files as kept_files
from bespoke.services import sketches as drawn
from bespoke.services.sizes import METHODS
from bespoke.templating.catalogue import _
from bespoke.web.access import FORWARDERS, current_actor, the_house
from bespoke.web.database import db, transaction
from bespoke.web.studio.asked import piece_of, typed
from bespoke.web.studio.pictures import taken_in
from bespoke.web.studio.workspace import furniture, loaded
from workflows.alloys import ALLOYS

bp = Blueprint("revisions", __name__, url_prefix="/studio")


@bp.get("/<reference>/rev/<int:number>/")
def revision(reference: str, number: int) -> str:
    """One revision as it was handed in, beside another where `against` names one."""
    page = loaded(reference, number=number)
    against = request.args.get("against", "")
    other = None
    if against.isascii() and against.isdecimal() and len(against) < 7:
        other = loaded(reference, page.piece.letter, number=int(against)).revision
    return render_template("studio/revision.html", **furniture(page), other=other)


@bp.get("/<reference>/brief")
def brief(reference: str) -> str:
    """What the client wishes for, in all its versions, and what the house does with it."""
    return redraw_brief(reference)


def redraw_brief(
    reference: str, letter: str = "", refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any
) -> str:
    """The same with what was refused."""
    page = loaded(reference, letter)
    return render_template(
        "studio/brief.html",
        **furniture(page),
        briefs=tuple(reversed(page.whole.commission.briefs)),
        pictures=workspace.pictures_of(db.session(), page.whole),
        agrees=current_actor().role in FORWARDERS,
        from_door=any(one.kind == "enquiry_received" for one in page.whole.rows.of(Event)),
        alloys=ALLOYS,
        methods=METHODS,
        refusal=refusal,
        kept=kept or {},
    )


@bp.get("/<reference>/history")
def history(reference: str) -> str:
    """Everything that happened, in sentences."""
    page = loaded(reference)
    lines = workspace.lines_of(page.whole, current_actor())
    return render_template("studio/history.html", **furniture(page), lines=lines)


@bp.get("/<reference>/sketches")
def sketches(reference: str) -> str:
    """The concept drawings of a piece."""
    return redraw_sketches(reference)


def redraw_sketches(
    reference: str, letter: str = "", refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any
) -> str:
    """The same with what was refused."""
    page = loaded(reference, letter)
    return render_template("studio/sketches.html", **furniture(page), refusal=refusal, kept=kept or {})


@bp.post("/<reference>/<letter>/sketches")
def add_sketch(reference: str, letter: str) -> Answer:
    """One more sketch, written again without what a camera leaves in it."""
    house, actor, note = the_house(), current_actor(), typed(request.form, "note")
    picture = taken_in(request.files.get("sketch"), _("Choose a picture of the sketch first."))
    with transaction() as session:
        piece = piece_of(session, reference, letter, actor)
        file = kept_files.enter(session, picture.stored, picture.media_type, at=house.clock())
        drawn.add(session, piece, file, actor, note=note, at=house.clock())
    return _back(reference, letter)


@bp.post("/<reference>/<letter>/sketches/forward")
def put_forward(reference: str, letter: str) -> Answer:
    """The sketches are put before the client, who picks one."""
    actor = current_actor()
    with transaction() as session:
        drawn.hand_in(session, piece_of(session, reference, letter, actor), actor, at=the_house().clock())
    return _back(reference, letter)


def _back(reference: str, letter: str) -> Answer:
    piece = None if letter.upper() == "A" else letter.upper()
    return redirect(url_for("studio.revisions.sketches", reference=reference, piece=piece), 303)


FORMS = dict.fromkeys(("studio.revisions.add_sketch", "studio.revisions.put_forward"), redraw_sketches)
"""Where a refusal is answered with the page its form stood on."""
