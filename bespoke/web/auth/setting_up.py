"""Setting up the way in: a password, an app or a passkey, and ten codes for paper."""

from typing import Any

import segno
from flask import Blueprint, redirect, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from bespoke.models.people import Person
from bespoke.notifications.security import What
from bespoke.services import alerts, factors, passwords, signins
from bespoke.services.errors import NotPossible
from bespoke.web import access
from bespoke.web.auth import ways
from bespoke.web.database import db, transaction
from workflows.sentences import sentence

bp = Blueprint("setting_up", __name__, url_prefix="/house/account")

SECRET = "authenticator"


@bp.get("/set-up")
def page() -> str:
    """What is set up already, and the next thing to set up."""
    return draw()


def draw(refusal: str = "", kept: object = None, **_address: Any) -> str:
    """The page, with what was refused."""
    who = access.signed_in()
    sealed, house = session.get(SECRET), access.the_house()
    code, secret = "", ""
    if sealed:
        secret = factors.plain_secret(sealed, house.secret_key)
        address = factors.address_of(sealed, house.secret_key, who.person, access.house_row().name)
        code = Markup(
            segno.make(address, error="m").svg_inline(scale=5, border=4, light="white", svgclass=None, lineclass=None)
        )
    person = db.session.get_one(Person, who.person.id)
    return render_template(
        "auth/set_up.html",
        refusal=refusal,
        person=person,
        has_app=factors.has_app(db.session(), person),
        is_set_up=factors.is_set_up(db.session(), person),
        codes_left=factors.codes_left(db.session(), person),
        code=code,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        limited=who.only_set_up,
    )


@bp.post("/password")
def put_password() -> Response:
    """A password from now on; whoever has one types it too, unless they came by the console."""
    who, typed = access.signed_in(), request.form.get("password", "")
    if typed != request.form.get("again", ""):
        raise NotPossible(sentence("The two are not alike. Type the same password twice."))
    with transaction() as writing:
        person = writing.get_one(Person, who.person.id)
        kept = person.password_hash
        if kept and not who.only_set_up and not passwords.matches(kept, request.form.get("before", "")):
            raise NotPossible(sentence("Your present password is another one."))
        passwords.put(writing, person, typed)
        at = access.the_house().clock()
        signins.end_all(writing, person.id, but=who.number, at=at)
        if kept:
            alerts.owe(writing, person, What.PASSWORD, at=at, device=access.device())
    return redirect(url_for(".page"), 303)


@bp.post("/app")
def begin_app() -> Response:
    """A new secret for an app, to be scanned; it opens nothing until a code of it was typed."""
    session[SECRET] = factors.new_secret(access.the_house().secret_key)
    return redirect(url_for(".page"), 303)


@bp.post("/app/code")
def confirm_app() -> str:
    """The app is taken into use; ten codes for paper are shown, this once."""
    who, house, sealed = access.signed_in(), access.the_house(), session.get(SECRET)
    if not sealed:
        raise NotPossible(sentence("Begin again: the code to scan is no longer there."))
    at = house.clock()
    with transaction() as writing:
        factors.count_try(writing, who.person.id, at=at)
    with transaction() as writing:
        person = writing.get_one(Person, who.person.id)
        typed = "".join(request.form.get("code", "")[:20].split())
        if factors.is_set_up(writing, person):
            alerts.owe(writing, person, What.FACTOR_ADDED, at=at, device=access.device())
        factors.confirm(writing, person, sealed, typed, house.secret_key, at=at)
        codes = factors.new_codes(writing, person, at=at)
    session.pop(SECRET)
    return render_template("auth/codes.html", codes=codes, limited=who.only_set_up)


@bp.post("/codes")
def new_codes() -> str:
    """Ten new codes for paper; the old ones no longer count."""
    who = access.signed_in()
    with transaction() as writing:
        person, at = writing.get_one(Person, who.person.id), access.the_house().clock()
        codes = factors.new_codes(writing, person, at=at)
        alerts.owe(writing, person, What.CODES_MADE, at=at, device=access.device())
    return render_template("auth/codes.html", codes=codes, limited=who.only_set_up)


@bp.post("/done")
def finish() -> Response:
    """Everything opens on this device, now that both are there."""
    who = access.signed_in()
    with transaction() as writing:
        if not factors.is_set_up(writing, writing.get_one(Person, who.person.id)):
            raise NotPossible(sentence("A password and a second factor are needed first."))
        signins.open_fully(writing, who.number)
    return redirect(ways.first_page(who.role), 303)
