"""/my/REF/look/N/notes: remarks on the surface of a revision: put down, answered, settled by whoever made them."""

import re

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from bespoke.models.design import Pin, Revision
from bespoke.queries import look as looking
from bespoke.queries.commissions import NotFound
from bespoke.services import pins
from bespoke.services.pins import Place
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import transaction
from bespoke.web.forms import NoteForm, Unreadable, words_of
from bespoke.web.portal import answers
from bespoke.web.portal.look import letter, redraw_room
from workflows.roles import Actor
from workflows.sentences import sentence

bp = Blueprint("notes", __name__)

COORDINATE = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,6})?", re.ASCII)


@bp.post("/<reference>/look/<int:number>/notes")
def place(reference: str, number: int) -> Answer:
    """A new remark, on the place of the surface that was touched, or on the piece as a whole."""
    form = NoteForm(request.form)
    form.checked()
    with transaction() as session:
        revision, actor = _revision(session, reference, number)
        row = pins.place(
            session,
            revision,
            form.note.data or "",
            actor,
            at=the_house().clock(),
            place_mm=_touched(),
            body=request.form.get("body", ""),
        )
        anchor = f"#note-{row.id}"
    return _back(reference, number, anchor)


@bp.post("/<reference>/look/<int:number>/notes/<int:note>/answer")
def answer(reference: str, number: int, note: int) -> Answer:
    """A few words below a remark."""
    form = NoteForm(request.form)
    form.checked()
    with transaction() as session:
        revision, actor = _revision(session, reference, number)
        row, on = _note(revision, note, actor)
        pins.answer(session, on, row, form.note.data or "", actor, at=the_house().clock())
    return _back(reference, number, f"#note-{note}")


@bp.post("/<reference>/look/<int:number>/notes/<int:note>/settle")
def settle(reference: str, number: int, note: int) -> Answer:
    """Whoever made a remark says that it is seen to."""
    with transaction() as session:
        revision, actor = _revision(session, reference, number)
        row, on = _note(revision, note, actor)
        pins.settle(session, on, row, words_of(request.form, "note"), actor, at=the_house().clock())
    return _back(reference, number, f"#note-{note}")


def _revision(session: Session, reference: str, number: int) -> tuple[Revision, Actor]:
    commission, actor = answers.commission_of(session, reference, current_actor())
    return looking.shown(looking.piece_with(commission, number, letter()), number), actor


def _note(revision: Revision, note: int, actor: Actor) -> tuple[Pin, Revision]:
    """A remark this client may read, on this revision or one before it."""
    outsiders = frozenset(one.person_id for one in revision.piece.commission.participants)
    for one in revision.piece.revisions:
        for row in one.pins:
            if row.id == note and one.number <= revision.number and row.is_read_by(actor, outsiders=outsiders):
                return row, one
    raise NotFound(sentence("note"))


def _touched() -> Place | None:
    """The point that was touched, in the drawing's millimetres; None where none was.

    Raises:
        Unreadable: it is no point.
    """
    typed = [request.form.get(name, "").strip() for name in ("x", "y", "z")]
    if not any(typed):
        return None
    if not all(COORDINATE.fullmatch(one) for one in typed):
        raise Unreadable(sentence("This point is nowhere on the piece; touch its surface again."))
    x, y, z = (float(one) for one in typed)
    return x, y, z


def _back(reference: str, number: int, anchor: str) -> Answer:
    return redirect(url_for("portal.look.room", reference=reference, number=number, piece=letter()) + anchor, 303)


FORMS = dict.fromkeys(("portal.notes.place", "portal.notes.answer", "portal.notes.settle"), redraw_room)
"""Where a refusal is answered with the page its form stood on."""
