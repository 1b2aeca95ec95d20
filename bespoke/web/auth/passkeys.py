"""Passkeys: the browser's questions as JSON and its answers; everything else works without this."""

from flask import Blueprint, Response, jsonify, redirect, request, session, url_for
from werkzeug.wrappers import Response as Answer

from bespoke.models.people import Person
from bespoke.notifications.security import What
from bespoke.services import alerts, factors, passkeys
from bespoke.services.errors import NotPossible
from bespoke.services.passkeys import Place, Question
from bespoke.web import access
from bespoke.web.auth import staff, ways
from bespoke.web.database import db, transaction
from workflows.sentences import sentence

bp = Blueprint("passkeys", __name__)

CHALLENGE = "challenge"


@bp.post("/enter/staff/passkey/ask")
def ask() -> Response:
    """The question for whoever has shown their password."""
    return _asking(passkeys.ask_known(db.session(), staff.halfway(), _place()))


@bp.post("/enter/staff/passkey")
def show() -> Response:
    """Signed in, if a key of theirs has signed; answers where to go."""
    person, at = staff.halfway(), access.the_house().clock()
    with transaction() as writing:
        factors.count_try(writing, person.id, at=at)
    with transaction() as writing:
        passkeys.show(writing, person, request.get_data(as_text=True), _challenge(), _place(), at=at)
        factors.forget_tries(writing, person.id)
        staff.let_in(writing, person.id, at=at)
    return jsonify(to=ways.wanted(access.first_role(person)))


@bp.post("/house/account/passkeys/ask")
def ask_new() -> Response:
    """The question with which the browser makes a key."""
    who = access.signed_in()
    return _asking(passkeys.ask_new(db.session(), who.person, _place(), access.house_row().name))


@bp.post("/house/account/passkeys")
def add() -> Response:
    """The key is known from now on."""
    who, at = access.signed_in(), access.the_house().clock()
    name = request.args.get("name", "")
    with transaction() as writing:
        person = writing.get_one(Person, who.person.id)
        if factors.is_set_up(writing, person):
            alerts.owe(writing, person, What.FACTOR_ADDED, at=at, device=access.device())
        passkeys.add(writing, person, request.get_data(as_text=True), _challenge(), _place(), name, at=at)
    return jsonify(to=url_for("auth.setting_up.page" if who.only_set_up else "auth.account.page"))


@bp.post("/house/account/passkeys/<int:number>/away")
def take_away(number: int) -> Answer:
    """The key opens nothing any more."""
    who = access.signed_in()
    with transaction() as writing:
        person = writing.get_one(Person, who.person.id)
        passkeys.take_away(writing, person, number)
        if not factors.is_set_up(writing, person):
            raise NotPossible(sentence("That is your only second factor. Set up another one first."))
        at = access.the_house().clock()
        alerts.owe(writing, person, What.FACTOR_AWAY, at=at, device=access.device())
    return redirect(url_for("auth.account.page"), 303)


def _asking(question: Question) -> Response:
    session[CHALLENGE] = question.challenge
    return Response(question.options, mimetype="application/json")


def _challenge() -> str:
    """The challenge that was asked; each is answered once."""
    found: str | None = session.pop(CHALLENGE, None)
    if found is None:
        raise NotPossible(sentence("The question to your passkey is over. Try once more."))
    return found


def _place() -> Place:
    # the host is one of those the house answers to, see TRUSTED_HOSTS
    return Place(request.host.rpartition(":")[0] or request.host, request.host_url.rstrip("/"))
