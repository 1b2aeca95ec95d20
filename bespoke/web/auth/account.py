"""/house/account: what one of the staff signs in with, in which role they are here, and on which devices."""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bespoke.models.people import Person
from bespoke.services import factors, passkeys, signins
from bespoke.services.errors import NotPossible
from bespoke.web import access
from bespoke.web.auth import ways
from bespoke.web.database import db, transaction
from workflows.roles import Role
from workflows.sentences import sentence

bp = Blueprint("account", __name__, url_prefix="/house/account")


@bp.get("/")
def page() -> str:
    """Factors, roles and devices."""
    who, session = access.signed_in(), db.session()
    person = session.get_one(Person, who.person.id)
    return render_template(
        "auth/account.html",
        person=person,
        who=who,
        has_app=factors.has_app(session, person),
        codes_left=factors.codes_left(session, person),
        passkeys=passkeys.of(session, person),
        devices=signins.of(session, person.id, at=access.the_house().clock()),
    )


@bp.post("/role")
def take_role() -> Response:
    """Go on in another of one's roles on this device."""
    who, wanted = access.signed_in(), request.form.get("role", "")
    if wanted not in {role.value for role in Role}:
        raise NotPossible(sentence("There is no such role."))
    with transaction() as session:
        signins.take_role(session, who.number, Role(wanted))
    return redirect(ways.first_page(Role(wanted)), 303)


@bp.get("/left")
def left() -> Response:
    """How long this device stays signed in if nothing more is done, in seconds; asking is no use of it."""
    who, at = access.signed_in(), access.the_house().clock()
    return jsonify(seconds=round((who.ends - at).total_seconds()), day=who.ends == who.until)


@bp.post("/stay")
def stay() -> Response:
    """Somebody is still here; the working day is not longer for that."""
    who, at = access.signed_in(), access.the_house().clock()
    with transaction() as session:
        signins.seen(session, who.number, at=at)
    return jsonify(seconds=round((min(who.until, at + signins.IDLE) - at).total_seconds()))


@bp.post("/devices/<int:number>/end")
def end_device(number: int) -> Response:
    """Sign one device out, at once."""
    who = access.signed_in()
    with transaction() as session:
        signins.end(session, who.person.id, number, at=access.the_house().clock())
    return redirect(url_for(".page"), 303)


@bp.post("/devices/end")
def end_devices() -> Response:
    """Sign every other device out, at once."""
    who = access.signed_in()
    with transaction() as session:
        signins.end_all(session, who.person.id, but=who.number, at=access.the_house().clock())
    return redirect(url_for(".page"), 303)
