"""/my/settings: how a client is reached, which mails they want, a copy of their data, and the wish to be forgotten."""

import json
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from bespoke.models.people import Person
from bespoke.notifications.words import GROUPS
from bespoke.services import clients, people
from bespoke.templating.catalogue import _
from bespoke.web.access import current_actor, signed_in, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import plain
from bespoke.web.said import tell

bp = Blueprint("settings", __name__)


@bp.get("/settings")
def page() -> str:
    """What the house knows of a client, and what they may decide about it."""
    return redraw()


def redraw(refusal: str = "", kept: Any = None, **_address: Any) -> str:
    """The settings, with what was refused and what was typed."""
    who = signed_in()
    return render_template("portal/settings.html", person=who.person, mails=GROUPS, refusal=refusal, kept=kept or {})


@bp.post("/settings/contact")
def contact() -> Answer:
    """Another name, telephone number, or address for invoices."""
    name, telephone, address = (plain(request.form.get(field, "")) for field in ("name", "telephone", "address"))
    with transaction() as session:
        person = session.get_one(Person, int(current_actor().id))
        clients.change_contact(session, person, name=name, telephone=telephone, at=the_house().clock())
        people.change_address(session, person, address)
    tell(_("Saved."))
    return redirect(url_for(".page"), 303)


@bp.post("/settings/mails")
def mails() -> Answer:
    """Which mails are wanted."""
    with transaction() as session:
        person = session.get_one(Person, int(current_actor().id))
        clients.choose_mails(session, person, request.form.getlist("wanted"))
    tell(_("Saved."))
    return redirect(url_for(".page"), 303)


@bp.get("/settings/data")
def data() -> Response:
    """Everything kept about them, as a file."""
    person = db.session.get_one(Person, int(current_actor().id))
    said = json.dumps(clients.copy_of(db.session(), person), indent=2, ensure_ascii=False, sort_keys=True)
    answer = Response(said, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer


@bp.post("/settings/forget")
def forget() -> Answer:
    """Please forget me; or please do not after all."""
    at = the_house().clock()
    with transaction() as session:
        person = session.get_one(Person, int(current_actor().id))
        if request.form.get("wish") == "withdraw":
            clients.withdraw_deletion(session, person)
        else:
            clients.ask_deletion(session, person, at=at)
    return redirect(url_for(".page", _anchor="forget"), 303)


FORMS = dict.fromkeys(("portal.settings.contact", "portal.settings.mails", "portal.settings.forget"), redraw)
