"""/my/REF/messages: what the client and the house wrote to each other, with photographs."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from bespoke.models.message import Message
from bespoke.queries.portal_unread import unread
from bespoke.services import files, messages
from bespoke.web import pictures
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import transaction
from bespoke.web.forms import plain
from bespoke.web.portal import answers, frame

bp = Blueprint("messages", __name__)
ENDPOINT = "portal.messages.page"


@bp.get("/<reference>/messages")
def page(reference: str) -> str:
    """The whole conversation, the oldest first; from then on none of it is new to this reader."""
    here = frame.visit(reference)
    new = unread(here.loaded, here.actor)
    drawn = _drawn(here, unread=0)
    if new and request.endpoint == ENDPOINT:  # and not where the house looks at it as the client does
        with transaction() as session:
            messages.note_read(session, here.loaded.commission.id, int(here.actor.id), max(one.id for one in new))
    return drawn


def redraw(reference: str, refusal: str = "", kept: Any = None, **_address: Any) -> str:
    """The conversation, with what was refused and the words that were typed."""
    said_before = {} if kept is None else {"text": plain(kept.get("text", ""))[: messages.LONGEST]}
    return _drawn(frame.visit(reference), refusal=refusal, kept=said_before)


def _drawn(here: frame.Visit, **facts: Any) -> str:
    said = [one for one in here.loaded.rows.of(Message) if not one.internal]
    people = here.loaded.people
    trades = {number: person.trade for number, person in people.items()}
    return frame.page("portal/messages.html", here, said=said, trades=trades, **{"refusal": "", "kept": {}, **facts})


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
