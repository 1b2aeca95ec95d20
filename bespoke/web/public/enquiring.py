"""/enquire: the form at the door, for somebody we do not know yet."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bespoke.services import enquiring
from bespoke.services.attempts import TooMany
from bespoke.services.enquiring import Enquiry
from bespoke.services.errors import ServiceError
from bespoke.web.access import the_house
from bespoke.web.database import transaction
from bespoke.web.errors import told_of
from bespoke.web.forms import plain

bp = Blueprint("enquiring", __name__)
TICKED = frozenset({"yes", "on", "true", "1"})  # however a browser or a program says it
FIELDS = ("name", "email", "telephone", "kind", "words")


@bp.get("/enquire")
def page() -> str:
    """Who are you, and what would you like?"""
    return render_template("public/enquire.html", kinds=enquiring.KINDS, kept={}, refusal="")


@bp.post("/enquire")
def send() -> Response | tuple[str, int]:
    """An enquiry; a refused one comes back with everything that was typed."""
    said = {name: plain(request.form.get(name, "")) for name in FIELDS}
    enquiry = Enquiry(**said, consents=request.form.get("consent", "").strip().lower() in TICKED)
    try:
        enquiry, at = enquiring.read(enquiry), the_house().clock()
        with transaction() as session:
            enquiring.count_try(session, enquiry, request.remote_addr or "", at=at)
        with transaction() as session:
            enquiring.receive(session, enquiry, at=at)
    except ServiceError as refusal:  # whoever is refused here is not signed in, so no page of theirs is drawn again
        kept: dict[str, Any] = {**said, "consent": enquiry.consents}
        status = 429 if isinstance(refusal, TooMany) else told_of(refusal).status
        return render_template("public/enquire.html", kinds=enquiring.KINDS, kept=kept, refusal=str(refusal)), status
    return redirect(url_for(".thanks"), 303)


@bp.get("/enquire/thanks")
def thanks() -> str:
    """We have it."""
    return render_template("public/enquired.html")
