"""/studio/REF/: one commission: its drawing against the brief, notes answered, and publishing to the client."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from bespoke.models.design import Revision
from bespoke.queries import files, seen, whole, workspace
from bespoke.queries.commissions import NotFound
from bespoke.queries.workspace import Workspace
from bespoke.services import designs, messages, pins, steps
from bespoke.services.errors import NotPossible
from bespoke.templating.catalogue import _
from bespoke.web.access import DESIGNERS, MEGABYTE, current_actor, house_row, the_house
from bespoke.web.database import db, transaction
from bespoke.web.sending import send
from bespoke.web.staff.doing import UNITS
from bespoke.web.studio.asked import clean, piece_of, typed
from renders.formats import MOST_BYTES
from workflows.actions import Withdraw
from workflows.money import Money
from workflows.roles import Actor, Role

bp = Blueprint("workspace", __name__, url_prefix="/studio")
DECIDERS = frozenset({Role.LEAD, Role.OWNER})


@bp.get("/<reference>/")
def page(reference: str) -> str:
    """The newest revision of one piece, with all that belongs to it."""
    return redraw(reference)


def redraw(
    reference: str, letter: str = "", refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any
) -> str:
    """The page with what was refused and the words that were typed, where there are any."""
    found = loaded(reference, letter)
    return render_template("studio/workspace.html", **furniture(found), refusal=refusal, kept=kept or {})


def loaded(reference: str, letter: str = "", number: int | None = None) -> Workspace:
    """The piece that is asked for, by its letter or by `piece` in the address.

    Raises:
        NotFound: there is none.
    """
    actor, at = current_actor(), the_house().clock()
    everything = whole.load(db.session(), house_row(), reference, actor)
    return workspace.workspace(
        db.session(), everything, letter or request.args.get("piece", ""), actor, at=at, number=number
    )


def furniture(found: Workspace) -> dict[str, Any]:
    """What every page about one piece is drawn from."""
    actor = current_actor()
    return {
        "page": found,
        "piece": found.piece,
        "commission": found.whole.commission,
        "reference": found.whole.commission.reference,
        "name_of": found.whole.name_of,
        "money_of": lambda minor: Money(minor, found.whole.commission.currency),
        "draws": actor.role in DESIGNERS,
        "decides": actor.role in DECIDERS,
        "units": {key: words for key, words in UNITS.items() if key},
        "limit_mb": min(the_house().settings.upload_limit_mb, MOST_BYTES // MEGABYTE),
    }


@bp.post("/<reference>/<letter>/publish")
def publish(reference: str, letter: str) -> Answer:
    """The newest revision is put before the client with a note."""
    actor, note = current_actor(), typed(request.form, "note")
    with transaction() as session:
        piece = piece_of(session, reference, letter, actor)
        _require_shown(piece.revision, request.form.get("revision", ""))
        designs.publish(session, piece, actor, at=the_house().clock(), note=note)
    return _back(reference, letter)


@bp.post("/<reference>/<letter>/publish/back")
def take_back(reference: str, letter: str) -> Answer:
    """The revision before the client is taken back with a reason; nothing is asked of them until one is published."""
    actor = current_actor()
    reason = typed(request.form, "why", needed=_("Say why it is taken back; the client may ask."))
    with transaction() as session:
        piece = piece_of(session, reference, letter, actor)
        _require_shown(piece.revision, request.form.get("revision", ""))
        steps.act(session, piece, Withdraw(workspace.SHOWING, reason), actor, at=the_house().clock())
    return _back(reference, letter, "publish")


@bp.post("/<reference>/<letter>/unit")
def confirm_unit(reference: str, letter: str) -> Answer:
    """The designer says which unit the file is in; it is examined again."""
    actor = current_actor()
    with transaction() as session:
        piece = piece_of(session, reference, letter, actor)
        if piece.revision is None:
            raise NotFound("revision")
        designs.confirm_unit(session, piece.revision, request.form.get("unit", ""), actor, at=the_house().clock())
    return _back(reference, letter)


@bp.post("/<reference>/<letter>/blocks/<code>")
def answer_block(reference: str, letter: str, code: str) -> Answer:
    """A named person answers a block of the report, with a reason."""
    actor = current_actor()
    reason = typed(request.form, "reason", needed=_("Say why the drawing may go on in spite of this."))
    with transaction() as session:
        piece = piece_of(session, reference, letter, actor)
        designs.override(session, piece, code, reason, actor, at=the_house().clock())
    return _back(reference, letter)


@bp.post("/<reference>/<letter>/rev/<int:number>/notes")
def remark(reference: str, letter: str, number: int) -> Answer:
    """A remark of the house on a revision; the client reads it where that is ticked."""
    actor, text = current_actor(), typed(request.form, "note")
    with transaction() as session:
        revision = revision_of(session, reference, letter, number, actor)
        shown = request.form.get("for_client") == "yes"
        pins.place(session, revision, text, actor, at=the_house().clock(), for_client=shown)
    return _back(reference, letter, "notes")


@bp.post("/<reference>/<letter>/rev/<int:number>/notes/<int:pin>")
def answer_remark(reference: str, letter: str, number: int, pin: int) -> Answer:
    """A remark is answered; it stays open, or is settled with these words."""
    actor, text, at = current_actor(), typed(request.form, "note"), the_house().clock()
    with transaction() as session:
        revision = revision_of(session, reference, letter, number, actor)
        row = pins.of_revision(revision, pin)
        if request.form.get("settle") == "yes":
            pins.settle(session, revision, row, text, actor, at=at)
        else:
            pins.answer(session, revision, row, text, actor, at=at)
    return _back(reference, letter, "notes")


@bp.post("/<reference>/messages")
def write(reference: str) -> Answer:
    """A message to the client, or among the people of the house."""
    actor, text = current_actor(), typed(request.form, "note", most=messages.LONGEST)
    with transaction() as session:
        commission = seen.get(session, reference, actor)
        internal = request.form.get("internal") == "yes"
        messages.write(session, commission, text, actor, internal=internal, at=the_house().clock())
    return redirect(url_for("studio.workspace.page", reference=reference, _anchor="messages"), 303)


@bp.get("/<reference>/files/<digest>")
def file(reference: str, digest: str) -> Response:
    """A picture or a paper of a commission."""
    return send(files.get(db.session(), reference, digest, current_actor()), f"{clean(reference)}-{digest[:8]}")


def revision_of(session: Session, reference: str, letter: str, number: int, actor: Actor) -> Revision:
    """One revision of a piece.

    Raises:
        NotFound: there is none of that number.
    """
    for revision in piece_of(session, reference, letter, actor).revisions:
        if revision.number == number:
            return revision
    raise NotFound("revision")


def _require_shown(newest: Revision | None, shown: str) -> None:
    """What is published is what was on the page."""
    if newest is not None and shown and shown != str(newest.number):
        raise NotPossible(
            _("Revision %(new)s has been handed in meanwhile; look at it, then publish that.", new=newest.number)
        )


def _back(reference: str, letter: str, anchor: str | None = None) -> Answer:
    piece = None if letter.upper() == "A" else letter.upper()
    return redirect(url_for("studio.workspace.page", reference=reference, piece=piece, _anchor=anchor), 303)


FORMS = dict.fromkeys(
    (
        "studio.workspace.publish",
        "studio.workspace.take_back",
        "studio.workspace.confirm_unit",
        "studio.workspace.answer_block",
        "studio.workspace.remark",
        "studio.workspace.answer_remark",
        "studio.workspace.write",
    ),
    redraw,
)
"""Where a refusal is answered with the page its form stood on."""
