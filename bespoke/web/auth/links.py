"""A client's way in: a link by mail, looked at freely, spent by a button, once, and sent again in one tap."""

import re
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bespoke.services import attempts, links
from bespoke.services.attempts import Limit
from bespoke.services.links import LinkRefused
from bespoke.templating.catalogue import _
from bespoke.web import access
from bespoke.web.access import Audience
from bespoke.web.auth import ways
from bespoke.web.database import db, transaction
from bespoke.web.forms import plain
from workflows.roles import Role

bp = Blueprint("links", __name__)

MOST = 254
LIKE_AN_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
FROM_ONE_ADDRESS = Limit("links asked for from an address", 30, links.ASKING.within)


@bp.get("/enter")
def ask() -> str | Response:
    """A field for the mail address; whoever is signed in goes where they belong."""
    who = access.visitor()
    if who is not None and not who.is_staff:
        return redirect(ways.wanted(Role.CLIENT), 303)
    return render_template("auth/ask_link.html", refusal="", kept="")


@bp.post("/enter")
def send() -> Response | tuple[str, int]:
    """A link is on its way, if there is somebody of that address; the answer is the same if not."""
    at, address = access.the_house().clock(), plain(request.form.get("email", "")).strip()
    if len(address) > MOST or not LIKE_AN_ADDRESS.fullmatch(address):
        refusal = _("This is not a mail address; look at it again.") if address else _("Write your mail address first.")
        return render_template("auth/ask_link.html", refusal=refusal, kept=address[:MOST]), 422
    with transaction() as session:
        _count(session, at)
        links.ask_anew(session, address, at=at)
    return redirect(url_for(".sent"), 303)


@bp.get("/enter/sent")
def sent() -> str:
    """What happens next."""
    return render_template("auth/link_sent.html", outbox=not access.the_house().settings.smtp_url)


@bp.get("/enter/<secret>")
def enter(secret: str) -> str | Response | tuple[str, int]:
    """A button behind the link a client was sent; opening the page changes nothing."""
    who = access.visitor()
    try:
        person = links.look(db.session(), secret, at=access.the_house().clock())
    except LinkRefused as refusal:
        if who is not None and not who.is_staff and refusal.person_id == who.person.id:
            return redirect(ways.wanted(Role.CLIENT), 303)  # it was used here, and they are still signed in
        return render_template("auth/link_over.html", refusal=refusal, secret=secret), 410
    if who is not None and not who.is_staff and who.person.id == person.id:
        return redirect(ways.wanted(Role.CLIENT), 303)
    return render_template("auth/enter.html", person=person, to=ways.asked(Audience.CLIENT))


@bp.post("/enter/<secret>")
def spend(secret: str) -> Response:
    """The link is used up, and this device knows who is here for a week."""
    at = access.the_house().clock()
    with transaction() as session:
        person = links.spend(session, secret, at=at)
        access.sign_in(session, person, Role.CLIENT, at=at, link_id=links.id_of(session, secret))
    return redirect(ways.wanted(Role.CLIENT), 303)


@bp.post("/enter/<secret>/again")
def again(secret: str) -> Response:
    """A new link to whom the old one was sent, in one tap; nobody learns here who that is."""
    at = access.the_house().clock()
    with transaction() as session:
        _count(session, at)
        links.ask_in_place_of(session, secret, at=at)
    return redirect(url_for(".sent"), 303)


def _count(session: Session, at: datetime) -> None:
    address = request.remote_addr or ""
    attempts.require_room(session, FROM_ONE_ADDRESS, address, at=at)
    attempts.count(session, FROM_ONE_ADDRESS, address, at=at)
