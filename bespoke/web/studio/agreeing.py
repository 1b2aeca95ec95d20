"""/studio/REF: what a commission begins with: enquiry answered, brief put forward, metal, size and days put down."""

from collections.abc import Mapping

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from bespoke.queries import seen
from bespoke.services import briefs, enquiries, metals, promises, sizes
from bespoke.services.errors import NotPossible
from bespoke.services.sizes import METHODS, Measured
from bespoke.templating.catalogue import _
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import transaction
from bespoke.web.errors import Redraw
from bespoke.web.studio import quotes
from bespoke.web.studio.asked import one_of, piece_of, required, typed
from bespoke.web.studio.revisions import redraw_brief
from workflows.sizes import RingSize, UnreadableSize

bp = Blueprint("agreeing", __name__, url_prefix="/studio")


@bp.post("/<reference>/enquiry")
def take(reference: str) -> Answer:
    """The enquiry is answered: how they got in touch, and the words in which they agreed to be written to."""
    actor, at = current_actor(), the_house().clock()
    how, words = typed(request.form, "how", most=300), typed(request.form, "words", most=500)
    with transaction() as session:
        commission = seen.get(session, reference, actor)
        enquiries.take(session, commission, actor, contact=how, consent=words, at=at)
    return _back(reference)


@bp.post("/<reference>/brief/forward")
def put_forward(reference: str) -> Answer:
    """The brief as it stands is put before the client for a yes."""
    actor = current_actor()
    with transaction() as session:
        briefs.hand_in(session, seen.get(session, reference, actor), actor, at=the_house().clock())
    return _back(reference)


@bp.post("/<reference>/<letter>/alloy")
def choose_alloy(reference: str, letter: str) -> Answer:
    """The alloy a piece is made of; a yes to it in another one no longer counts."""
    actor = current_actor()
    with transaction() as session:
        piece = piece_of(session, reference, letter, actor)
        metals.choose(session, piece, request.form.get("alloy", "")[:20], actor, at=the_house().clock())
    return _back(reference, letter)


@bp.post("/<reference>/<letter>/size")
def put_size_down(reference: str, letter: str) -> Answer:
    """A finger size as it was measured; the client is asked whether it is right."""
    actor = current_actor()
    method = one_of(request.form, "method", _("how it was taken"), dict.fromkeys(METHODS))
    width = required(request.form, "band_width_mm", _("The width of the band"), least="0.5", most="30")
    try:
        size = RingSize.parse(typed(request.form, "size", most=40, needed=_("Write the size, like UK M or US 6 1/4.")))
    except UnreadableSize as unread:
        raise NotPossible(str(unread)) from unread
    with transaction() as session:
        piece = piece_of(session, reference, letter, actor)
        sizes.put_down(session, piece, Measured(size, method, width), actor, at=the_house().clock())
    return _back(reference, letter)


@bp.post("/<reference>/promise")
def promise(reference: str) -> Answer:
    """The days that follow from what is left to do are promised to the client."""
    actor = current_actor()
    with transaction() as session:
        promises.give(session, seen.get(session, reference, actor), actor, at=the_house().clock())
    return redirect(url_for("studio.quotes.page", reference=reference), 303)


def _back(reference: str, letter: str = "A") -> Answer:
    piece = None if letter.upper() == "A" else letter.upper()
    return redirect(url_for("studio.revisions.brief", reference=reference, piece=piece), 303)


FORMS: Mapping[str, Redraw] = {
    **dict.fromkeys(
        (
            "studio.agreeing.take",
            "studio.agreeing.put_forward",
            "studio.agreeing.choose_alloy",
            "studio.agreeing.put_size_down",
        ),
        redraw_brief,
    ),
    "studio.agreeing.promise": quotes.redraw,
}
"""Where a refusal is answered with the page its form stood on."""
