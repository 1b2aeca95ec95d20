"""/house: the list of commissions and one of them, for everybody who works here."""

from collections.abc import Mapping
from datetime import datetime
from os import SEEK_END
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from bespoke.queries import board, commissions, desk, files, whole
from bespoke.services import designs
from bespoke.storage.store import chunks_of
from bespoke.web.access import MEGABYTE, current_actor, house_row, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import words_of
from bespoke.web.sending import send
from bespoke.web.staff import doing
from renders.formats import HEAD_BYTES, MOST_BYTES, sniff
from workflows.sentences import sentence

bp = Blueprint("staff", __name__, url_prefix="/house")


@bp.get("/")
def index() -> str:
    """All commissions, with whose turn it is."""
    listed = board.board(db.session(), current_actor(), before=_moment(request.args.get("before")))
    return render_template("staff/index.html", board=listed)


@bp.get("/<reference>/")
def commission(reference: str) -> str:
    """One commission; its drawings look again by themselves while one is being examined."""
    return redraw_page(reference)


def redraw_page(reference: str, refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any) -> str:
    """The page of one commission with what was refused, where something was."""
    actor, at = current_actor(), the_house().clock()
    loaded = whole.load(db.session(), house_row(), reference, actor)
    page = desk.desk(db.session(), loaded, actor, at=at)
    return render_template(
        "staff/commission.html",
        page=page,
        loaded=loaded,
        actor=actor,
        refusal=refusal,
        kept=kept or {},
        now=at,
        doable=doing.DOABLE,
        units=doing.UNITS,
        house_limit_mb=min(the_house().settings.upload_limit_mb, MOST_BYTES // MEGABYTE),
    )


@bp.post("/<reference>/<letter>/revisions")
def hand_in(reference: str, letter: str) -> Answer:
    """The designer's next CAD file: kept, entered, and examined by the worker."""
    house, actor, at = the_house(), current_actor(), the_house().clock()
    upload = request.files.get("cad")
    if upload is None or not upload.filename:
        raise doing.NoFile
    doing.may_hand_in(db.session(), reference, letter, actor, at=at)
    content = cast(BinaryIO, upload.stream)
    head = content.read(HEAD_BYTES)
    sniff(head, content.seek(0, SEEK_END))  # refused before it is kept
    content.seek(0)
    stored = house.storage.put(chunks_of(content), limit_bytes=house.settings.upload_limit_mb * MEGABYTE)
    with transaction() as session:
        piece = doing.piece_of(session, reference, letter, actor)
        designs.hand_in(
            session,
            house.storage,
            piece,
            stored,
            doing.plain_name(upload.filename),
            actor,
            at=at,
            note=words_of(request.form, "note"),
            unit=doing.unit_of(request.form.get("unit", "")),
        )
    return redirect(url_for(".commission", reference=reference, _anchor="revisions"), 303)


@bp.post("/<reference>/<letter>/publish")
def publish(reference: str, letter: str) -> Answer:
    """The newest revision is put before the client."""
    actor = current_actor()
    with transaction() as session:
        piece = doing.piece_of(session, reference, letter, actor)
        designs.publish(session, piece, actor, at=the_house().clock(), note=words_of(request.form, "note"))
    return redirect(url_for(".commission", reference=reference, _anchor="revisions"), 303)


@bp.post("/<reference>/<letter>/do/<milestone>/<name>")
def act(reference: str, letter: str, milestone: str, name: str) -> Answer:
    """One of the plain steps that need no more than a button, or a reason."""
    actor = current_actor()
    if name not in doing.DOABLE:
        abort(404)
    with transaction() as session:
        piece = doing.piece_of(session, reference, letter, actor)
        doing.do(session, piece, milestone, name, words_of(request.form, "reason"), actor, at=the_house().clock())
    return redirect(url_for(".commission", reference=reference, _anchor=f"{letter}-{milestone}"), 303)


@bp.get("/<reference>/files/<digest>")
def file(reference: str, digest: str) -> Response:
    """A picture or a paper of a commission."""
    found = files.get(db.session(), reference, digest, current_actor())
    return send(found, f"{reference}-{digest[:8]}")


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise commissions.NotFound(sentence("page of the list")) from None
    if at.tzinfo is None:
        raise commissions.NotFound(sentence("page of the list"))
    return at


FORMS = dict.fromkeys(("staff.hand_in", "staff.publish", "staff.act"), redraw_page)
"""Where a refusal is answered with the page its form stood on."""
