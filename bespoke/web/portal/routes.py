"""/my: a client's commissions, each with where it stands and the one thing asked."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from bespoke.queries import files, portal, whole
from bespoke.services import approvals, payments
from bespoke.web.access import current_actor, house_row, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import ApprovalForm, NoteForm
from bespoke.web.portal import answers
from bespoke.web.sending import send

bp = Blueprint("portal", __name__, url_prefix="/my")


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
    actor, at = current_actor(), the_house().clock()
    loaded = whole.load(db.session(), house_row(), reference, actor)
    page = portal.home(loaded, actor, at=at)
    shown = None if page.ask is None else answers.shown(db.session(), page.ask, loaded)
    return render_template(
        "portal/home.html", page=page, loaded=loaded, shown=shown, refusal=refusal, kept=kept or {}, now=at
    )


@bp.post("/<reference>/look/<int:number>/approve")
def approve(reference: str, number: int) -> Answer:
    """The client's yes to the design that was on the page."""
    form = ApprovalForm(request.form)
    form.checked()
    with transaction() as session:
        piece, actor = answers.piece_with_revision(session, reference, number, current_actor())
        answers.require_newest(piece, number)
        approvals.approve(
            session,
            piece,
            "render_approval",
            form.digest.data or "",
            actor,
            at=the_house().clock(),
            circumstances=answers.circumstances(answers.five_facts(session, piece).text()),
        )
    return redirect(url_for(".home", reference=reference), 303)


@bp.post("/<reference>/look/<int:number>/changes")
def ask_changes(reference: str, number: int) -> Answer:
    """The client would like the design to be different, and says how."""
    form = NoteForm(request.form)
    form.checked()
    with transaction() as session:
        piece, actor = answers.piece_with_revision(session, reference, number, current_actor())
        note = (form.note.data or "").strip()
        approvals.ask_changes(session, piece, "render_approval", note, actor, at=the_house().clock(), must_fix=True)
    return redirect(url_for(".home", reference=reference), 303)


@bp.post("/<reference>/<letter>/answer/<milestone>")
def answer(reference: str, letter: str, milestone: str) -> Answer:
    """The client's yes to anything else: a brief, a sketch, stones, a price, a wax model."""
    form = ApprovalForm(request.form)
    form.checked()
    with transaction() as session:
        piece, actor = answers.piece_of(session, reference, letter, current_actor())
        answers.say_yes(
            session, piece, milestone, form.digest.data or "", actor, at=the_house().clock(), said=request.form
        )
    return redirect(url_for(".home", reference=reference), 303)


@bp.post("/<reference>/sent/<key>")
def sent(reference: str, key: str) -> Answer:
    """The client says that a transfer is on its way."""
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        payments.announce(session, commission, key, actor, at=the_house().clock())
    return redirect(url_for(".home", reference=reference), 303)


@bp.get("/<reference>/files/<digest>")
def file(reference: str, digest: str) -> Response:
    """A picture or a paper that was shown to this client."""
    actor = current_actor()
    return send(files.get(db.session(), reference, digest, actor), f"{reference}-{digest[:8]}")


FORMS = dict.fromkeys(("portal.approve", "portal.ask_changes", "portal.answer"), redraw_home)
"""Where a refusal is answered with the page its form stood on."""
