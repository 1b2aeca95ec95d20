"""/my/settings/devices: where a client is signed in; each can be ended."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bespoke.services import signins
from bespoke.web import access
from bespoke.web.database import db, transaction

bp = Blueprint("devices", __name__, url_prefix="/my/settings/devices")


@bp.get("")
def page() -> str:
    """The devices, this one first."""
    who = access.signed_in()
    devices = signins.of(db.session(), who.person.id, at=access.the_house().clock())
    return render_template("auth/devices.html", devices=devices, who=who)


@bp.post("/<int:number>/end")
def end(number: int) -> Response:
    """Sign one device out, at once."""
    who = access.signed_in()
    with transaction() as session:
        signins.end(session, who.person.id, number, at=access.the_house().clock())
    return redirect(url_for(".page"), 303)


@bp.post("/end")
def end_others() -> Response:
    """Sign every other device out, at once."""
    who = access.signed_in()
    with transaction() as session:
        signins.end_all(session, who.person.id, but=who.number, at=access.the_house().clock())
    return redirect(url_for(".page"), 303)
