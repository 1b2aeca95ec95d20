"""The way in for the people of the house: a password, then a second factor; or a link from the console."""

from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bespoke.models.people import Person
from bespoke.notifications.security import What
from bespoke.services import alerts, factors, links, passwords
from bespoke.services.errors import ServiceError
from bespoke.web import access
from bespoke.web.access import Audience
from bespoke.web.auth import ways
from bespoke.web.database import db, transaction
from workflows.sentences import sentence

bp = Blueprint("staff", __name__)

HALFWAY = "halfway"
HALFWAY_LASTS = timedelta(minutes=10)


class NotIn(ServiceError):
    """The password does not open; the same sentence whatever was wrong."""

    def __init__(self) -> None:
        super().__init__(sentence("That address and password do not go together."))


@bp.get("/enter/staff")
def ask() -> str | Response:
    """Address and password."""
    who = access.visitor()
    if who is not None and who.is_staff:
        return redirect(ways.wanted(who.role), 303)
    return draw_ask()


def draw_ask(refusal: str = "", kept: object = None, **_address: object) -> str:
    """The page, with what was refused."""
    email = request.form.get("email", "")[:254]
    return render_template("auth/staff.html", refusal=refusal, email=email, to=ways.asked(Audience.STAFF))


@bp.post("/enter/staff")
def show_password() -> tuple[str, int] | Response:
    """The first half: whoever has a second factor shows it next; whoever has none sets one up."""
    email, typed, at = request.form.get("email", "")[:254], request.form.get("password", ""), access.the_house().clock()
    with transaction() as writing:
        passwords.count_try(writing, email, request.remote_addr or "", at=at)
    person = passwords.whose(db.session(), email, typed)
    if person is None:
        return draw_ask(str(NotIn())), 422
    to = ways.asked(Audience.STAFF)
    if factors.is_set_up(db.session(), person):
        session[HALFWAY] = {"person": person.id, "until": (at + HALFWAY_LASTS).isoformat()}
        return redirect(url_for(".second", to=to or None), 303)
    with transaction() as writing:
        own = writing.get_one(Person, person.id)
        access.sign_in(writing, own, access.first_role(own), at=at, only_set_up=True)
    return redirect(url_for("auth.setting_up.page"), 303)


@bp.get("/enter/staff/second")
def second() -> str:
    """The second half: six digits of the app, a code from paper, or a passkey."""
    return draw_second()


def draw_second(refusal: str = "", kept: object = None, **_address: object) -> str:
    """The page, with what was refused."""
    person = halfway()
    return render_template("auth/second.html", refusal=refusal, person=person, to=ways.asked(Audience.STAFF))


@bp.post("/enter/staff/second")
def show_second() -> tuple[str, int] | Response:
    """Signed in until the end of the day, if the code fits."""
    person, house = halfway(), access.the_house()
    at = house.clock()
    with transaction() as writing:
        factors.count_try(writing, person.id, at=at)
    try:
        with transaction() as writing:
            before = factors.codes_left(writing, person)
            factors.show(writing, person, request.form.get("code", "")[:40], house.secret_key, at=at)
            left = factors.codes_left(writing, person)
            if left < before:
                alerts.owe(writing, person, What.CODE_USED, at=at, device=access.device(), left=left)
            let_in(writing, person.id, at=at)
    except factors.WrongFactor as refusal:
        return draw_second(str(refusal)), 422
    return redirect(ways.wanted(access.first_role(person)), 303)


@bp.get("/enter/staff/<secret>")
def enter(secret: str) -> str:
    """A button behind a link made at the console of the house."""
    person = links.look_as_staff(db.session(), secret, at=access.the_house().clock())
    return render_template("auth/enter_staff.html", person=person)


@bp.post("/enter/staff/<secret>")
def spend(secret: str) -> Response:
    """The link is used up; this device is signed in for a working day, or only to set up the way in."""
    at = access.the_house().clock()
    with transaction() as writing:
        person = links.spend_as_staff(writing, secret, at=at)
        only_set_up = links.is_for_set_up(writing, secret)
        access.sign_in(writing, person, access.first_role(person), at=at, only_set_up=only_set_up)
    first = ways.first_page(access.first_role(person))
    return redirect(url_for("auth.setting_up.page") if only_set_up else first, 303)


def halfway() -> Person:
    """Who has shown their password on this device a moment ago.

    Raises:
        TooSlow: nobody, or too long ago.
    """
    shown = session.get(HALFWAY) or {}
    until = shown.get("until")
    if until is None or access.the_house().clock() > datetime.fromisoformat(until):
        raise access.TooSlow
    person = db.session.get(Person, shown["person"])
    if person is None or not person.active or not person.is_staff:
        raise access.TooSlow
    return person


def let_in(writing: Session, person_id: int, *, at: datetime) -> None:
    """Sign in whoever has shown both."""
    own = writing.get_one(Person, person_id)
    passwords.forget_tries(writing, own)
    access.sign_in(writing, own, access.first_role(own), at=at)
