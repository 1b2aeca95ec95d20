"""The door, the health of the house, and the public check of a dossier."""

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from bespoke.proof.codes import read_code
from bespoke.queries import sealed
from bespoke.storage.store import StorageError
from bespoke.web.access import the_house, visitor
from bespoke.web.database import db
from bespoke.web.public import checking
from bespoke.web.sending import send
from renders import renderer

bp = Blueprint("public", __name__)
NOTHING = "0" * 64


@bp.get("/")
def door() -> str | Response:
    """Who are you? Whoever is known goes where they belong."""
    who = visitor()
    if who is None:
        return render_template("public/door.html")
    return redirect(url_for("staff.index" if who.is_staff else "portal.index"), 303)


@bp.get("/health")
def health() -> tuple[Response, int]:
    """Whether the house can answer: its database and its store, for a machine to read.

    `renderer` is what this computer has to draw with; without any, designs are measured and not drawn.
    """
    states = {"database": _database(), "store": _store(), "renderer": renderer.found() or "missing"}
    well = states["database"] == states["store"] == "ok"
    answer: Response = jsonify({"status": "ok" if well else "unwell", **states})
    return answer, 200 if well else 503


@bp.get("/v/")
def check() -> str | Response:
    """A code to look up, or a file to check."""
    typed = request.args.get("code", "").strip()
    if typed:
        return redirect(url_for(".sealed_facts", code=read_code(typed) or typed[:40]), 303)
    return render_template("public/check.html")


@bp.get("/v/<code>")
def sealed_facts(code: str) -> tuple[str, int]:
    """What was sealed under a code; nothing about who owns the piece or what it cost."""
    plain = read_code(code)
    found = None if plain is None else sealed.find(db.session(), plain)
    if found is None:
        return render_template("public/unknown.html", code=code[:40]), 404
    return render_template("public/sealed.html", sealed=found), 200


@bp.get("/v/<code>/picture")
def sealed_picture(code: str) -> Response:
    """The piece as it was drawn, beside what was sealed of it."""
    plain = read_code(code)
    found = None if plain is None else sealed.picture(db.session(), plain)
    if found is None:
        abort(404)
    return send(found, "piece.png")


@bp.post("/v/file")
def check_file() -> str:
    """Whether a file is as the house issued it: valid, altered or unknown."""
    verdict = checking.verdict_on(the_house(), request.files.get("file"))
    return render_template("public/verdict.html", verdict=verdict)


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "away"
    return "ok"


def _store() -> str:
    try:
        the_house().storage.exists(NOTHING)
    except (OSError, StorageError):
        return "away"
    return "ok"
