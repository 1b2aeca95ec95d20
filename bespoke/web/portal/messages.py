"""/my/REF/messages: what the client and the house wrote to each other, with photographs."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from bespoke.models.message import Message
from bespoke.services import files, messages
from bespoke.web import pictures
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import transaction
from bespoke.web.forms import plain
from bespoke.web.portal import answers, frame

bp = Blueprint("messages", __name__)


@bp.get("/<reference>/messages")
def page(reference: str) -> str:
    """The whole conversation, the oldest first."""
    return redraw(reference)


def redraw(reference: str, refusal: str = "", kept: Any = None, **_address: Any) -> str:
    """The conversation, with what was refused and the words that were typed."""
    here = frame.visit(reference)
    said_before = {} if kept is None else {"text": plain(kept.get("text", ""))[: messages.LONGEST]}
    said = [one for one in here.loaded.rows.of(Message) if not one.internal]
    people = here.loaded.people
    trades = {number: person.trade for number, person in people.items()}
    return frame.page("portal/messages.html", here, said=said, trades=trades, refusal=refusal, kept=said_before)


@bp.post("/<reference>/messages")
def write(reference: str) -> Response:
    """A message to the house, with a photograph where one was chosen."""
    answers.may_write(reference, current_actor())
    upload, text = request.files.get("picture"), plain(request.form.get("text", "")).strip()
    taken = pictures.take(upload) if upload is not None and pictures.is_given(upload) else None
    at = the_house().clock()
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        picture = None if taken is None else files.enter(session, taken.stored, taken.media_type, at=at).digest
        words = text or ("A photograph." if picture else "")
        messages.write(session, commission, words, actor, picture=picture, at=at)
    return redirect(url_for(".page", reference=reference, _anchor="last"), 303)


FORMS = {"portal.messages.write": redraw}
