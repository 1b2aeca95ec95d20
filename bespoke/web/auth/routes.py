"""Sign-in links: looked at freely, spent by a button, once; and signing out."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bespoke.services import links
from bespoke.web import access
from bespoke.web.database import db, transaction
from workflows.roles import Role

bp = Blueprint("auth", __name__)


@bp.get("/enter/<secret>")
def enter(secret: str) -> str:
    """A button behind the link a client was sent; opening the page changes nothing."""
    person = links.look(db.session(), secret, at=access.the_house().clock())
    return render_template("auth/enter.html", person=person, staff=False)


@bp.post("/enter/<secret>")
def spend(secret: str) -> Response:
    """The link is used up, and this device knows who is here for a week."""
    at = access.the_house().clock()
    with transaction() as session:
        person = links.spend(session, secret, at=at)
    access.sign_in(person, Role.CLIENT, at=at)
    return redirect(url_for("portal.index"), 303)


@bp.get("/enter/staff/<secret>")
def enter_staff(secret: str) -> str:
    """The same for somebody of the house, with a link made at its console."""
    person = links.look_as_staff(db.session(), secret, at=access.the_house().clock())
    return render_template("auth/enter.html", person=person, staff=True)


@bp.post("/enter/staff/<secret>")
def spend_staff(secret: str) -> Response:
    """The link is used up; this device is signed in for a working day."""
    at = access.the_house().clock()
    with transaction() as session:
        person = links.spend_as_staff(session, secret, at=at)
    access.sign_in(person, access.first_role(person), at=at)
    return redirect(url_for("staff.index"), 303)


@bp.post("/leave")
def leave() -> Response:
    """This device forgets who was here."""
    access.sign_out()
    return redirect(url_for("public.door"), 303)


@bp.get("/leave")
def leaving() -> str:
    """A button to sign out with, for whoever came by the address."""
    return render_template("auth/leave.html", path=request.path)
