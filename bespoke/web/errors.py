"""Refusals as pages: one table, exception → status, and on each page what happened, why, and what to do next."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app, render_template, request
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from bespoke.database import Busy, Conflict
from bespoke.queries.commissions import NotFound
from bespoke.services.attempts import TooMany
from bespoke.services.errors import Missing, ServiceError, StoneTaken
from bespoke.services.links import LinkRefused
from bespoke.services.stepup import CodeRefused
from bespoke.storage.store import MissingFile, StorageError
from bespoke.web.access import SignInNeeded, visitor
from bespoke.web.database import db
from renders.errors import RenderError
from workflows.errors import (
    BrokenHistory,
    BrokenTemplate,
    GateClosed,
    NotAllowed,
    OutOfOrder,
    Stale,
    UnknownMilestone,
    WorkflowError,
)

AGAIN = "bespoke.again"
KEPT = ("note", "reason")  # words people typed, given back to them with the refusal
Redraw = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Told:
    """How one kind of refusal is answered."""

    status: int
    heading: str
    next: str


HERE = "Go back and look at what stands there now."
TABLE: dict[type[Exception], Told] = {
    SignInNeeded: Told(401, "Who are you?", "Open the sign-in link you were given. It works once, on this device."),
    NotAllowed: Told(403, "This is not yours to do", "Go back, or ask somebody who may."),
    NotFound: Told(404, "There is nothing here", "Look at the address again, or begin at the start."),
    UnknownMilestone: Told(404, "There is nothing here", "Look at the address again, or begin at the start."),
    MissingFile: Told(404, "This file is not here", "Tell the house; it can look where the file went."),
    Stale: Told(409, "Something newer stands there", HERE),
    OutOfOrder: Told(409, "Not now", HERE),
    GateClosed: Told(409, "Not yet", "See to what is named above, then try again."),
    StoneTaken: Told(409, "The stone is taken", "Choose another stone."),
    LinkRefused: Told(410, "This link does not open", "Ask the house for a new one; it takes them a moment."),
    CodeRefused: Told(422, "We need the right code", "Go back and type the code, or let us send a new one."),
    TooMany: Told(429, "Too many tries", "Wait a little. Nothing was changed."),
    Missing: Told(409, "Something is missing", HERE),
    ServiceError: Told(422, "This cannot be", "Change what you wrote, and send it again."),
    Conflict: Told(409, "Somebody was quicker", HERE),
    Busy: Told(503, "One moment", "Try again in a moment. Nothing was changed."),
    RenderError: Told(422, "We could not read this file", "Export it again, or in another format."),
    StorageError: Told(422, "The file did not arrive whole", "Send it again."),
    BrokenTemplate: Told(500, "That did not work, and it is our fault", "Nothing was changed. Tell the house."),
    BrokenHistory: Told(500, "That did not work, and it is our fault", "Nothing was changed. Tell the house."),
    WorkflowError: Told(409, "Not possible", HERE),
}
PROTOCOL: dict[int, Told] = {
    400: Told(400, "We did not understand that", "Go back and try it from the page itself."),
    404: Told(404, "There is nothing here", "Look at the address again, or begin at the start."),
    405: Told(405, "Not in this way", "Go back and use the button on the page."),
    413: Told(413, "This is too large", "Send a smaller file, or ask the house for another way."),
}
FAULT = Told(500, "That did not work, and it is our fault", "Nothing was changed. Try again, or ring the house.")
SENTENCES = {
    404: "No page has this address.",
    405: "This address does not take what was sent to it.",
    413: "What you sent is larger than this page takes.",
}


def told_of(fault: Exception) -> Told:
    """How an exception is answered: by its own class, or the nearest one above it."""
    for kind in type(fault).__mro__:
        if kind in TABLE:
            return TABLE[kind]
    return FAULT


def register(app: Flask) -> None:
    """Let every refusal become its page."""
    for kind in TABLE:
        app.register_error_handler(kind, _refused)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(SecurityError, _stranger)
    app.register_error_handler(HTTPException, _protocol)
    app.register_error_handler(Exception, _fault)
    app.extensions[AGAIN] = {}


def again_on(app: Flask, endpoint: str, redraw: Redraw) -> None:
    """Answer a refusal at `endpoint` with the page its form stood on, the newer state and the text kept."""
    app.extensions[AGAIN][endpoint] = redraw


def _refused(fault: Exception) -> tuple[str, int]:
    told = told_of(fault)
    redraw: Redraw | None = current_app.extensions[AGAIN].get(request.endpoint)
    if redraw is not None and told.status in (409, 422) and visitor() is not None:
        db.session.rollback()  # what was read before the refusal may be what was refused for
        try:
            return redraw(refusal=str(fault), kept=request.form, **(request.view_args or {})), told.status
        except (NotFound, NotAllowed):
            return _page(told, str(fault)), told.status
    return _page(told, str(fault)), told.status


def _forged(fault: CSRFError) -> tuple[str, int]:
    told = Told(400, "This form was open too long", "Go back, load the page again and send it once more.")
    return _page(told, "The form could not be told apart from one of another site, so nothing was done."), 400


def _stranger(_fault: SecurityError) -> Response:
    # no address of ours can be made for a host that is not ours, so there is no page
    return Response("This house does not answer to that name.\n", 400, mimetype="text/plain")


def _protocol(fault: HTTPException) -> tuple[str, int] | HTTPException:
    code = fault.code or 500
    if code < 400:
        return fault  # a redirect
    told = PROTOCOL.get(code, Told(code, "This did not work", "Go back and try again."))
    return _page(told, SENTENCES.get(code, "The request could not be answered.")), code


def _fault(fault: Exception) -> tuple[str, int]:
    current_app.logger.exception("%s %s", request.method, request.path, exc_info=fault)
    try:
        return _page(FAULT, "Something broke on our side while we answered you."), 500
    except Exception:  # the database may be what broke, and every page asks it for the house's name
        current_app.logger.exception("no page could be drawn for the fault above")
        return f"{FAULT.heading}. {FAULT.next}\n", 500


def _page(told: Told, sentence: str) -> str:
    kept = {}
    if told.status != 413:  # what is too large is not read
        kept = {name: text for name, text in request.form.items() if name in KEPT and text.strip()}
    return render_template("errors/refused.html", told=told, sentence=sentence, kept=kept)
