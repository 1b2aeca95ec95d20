"""Signing out, on this device."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bespoke.web import access
from bespoke.web.database import transaction

bp = Blueprint("auth", __name__)


@bp.post("/leave")
def leave() -> Response:
    """This device forgets who was here, and its cookie opens nothing any more."""
    with transaction() as session:
        access.sign_out(session, at=access.the_house().clock())
    return redirect(url_for("public.door"), 303)


@bp.get("/leave")
def leaving() -> str:
    """A button to sign out with, for whoever came by the address."""
    return render_template("auth/leave.html")
