"""/house/people/N: how a client gets in: send them a link, see their devices, take every way in back."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bespoke.models.people import Person
from bespoke.queries.commissions import NotFound
from bespoke.services import links, signins
from bespoke.templating.catalogue import _
from bespoke.web import access
from bespoke.web.database import db, transaction
from bespoke.web.said import tell
from workflows.sentences import sentence

bp = Blueprint("people", __name__, url_prefix="/house/people")


@bp.get("/<int:number>/")
def page(number: int) -> str:
    """A client, and where they are signed in."""
    person = db.session.get(Person, number)
    if person is None or person.is_staff:
        raise NotFound(sentence("person"))
    devices = signins.of(db.session(), number, at=access.the_house().clock())
    return render_template("auth/person.html", person=person, devices=devices)


@bp.post("/<int:number>/link")
def send_link(number: int) -> Response:
    """An invitation: a link by mail, to their own address."""
    with transaction() as session:
        links.send(session, _client(session.get(Person, number)), access.current_actor(), at=access.the_house().clock())
    tell(_("The link is on its way."))
    return redirect(url_for(".page", number=number), 303)


@bp.post("/<int:number>/revoke")
def revoke(number: int) -> Response:
    """Every link and every device of theirs opens nothing any more."""
    with transaction() as session:
        person = _client(session.get(Person, number))
        links.revoke(session, person, access.current_actor(), at=access.the_house().clock())
    tell(_("Every way in is taken back."))
    return redirect(url_for(".page", number=number), 303)


def _client(person: Person | None) -> Person:
    if person is None or person.is_staff:
        raise NotFound(sentence("person"))
    return person
