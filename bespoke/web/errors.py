"""Refusals as pages: one table, exception → status, and on each page what happened, why, and what to do next."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from bespoke.database import Busy, Conflict
from bespoke.queries.commissions import NotFound
from bespoke.services.attempts import TooMany
from bespoke.services.errors import Missing, ServiceError, StoneTaken
from bespoke.services.links import LinkRefused
from bespoke.services.stepup import CodeRefused
from bespoke.storage.store import MissingFile, NoRoom, StorageError, TooLarge
from bespoke.storage.uploads import UnknownUpload
from bespoke.templating.catalogue import Lazy, lazy
from bespoke.web.access import SetUpNeeded, SignInNeeded, TooSlow, visitor
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
SECRET_FIELDS = frozenset({"csrf_token", "password", "again", "before", "code", "digest", "email"})
Redraw = Callable[..., str]
Page = str | Response


@dataclass(frozen=True, slots=True)
class Told:
    """How one kind of refusal is answered."""

    status: int
    heading: Lazy
    next: Lazy


HERE = lazy("Go back and look at what stands there now.")
NOTHING_HERE = Told(
    404,
    lazy("There is nothing here"),
    lazy("Look at the address again, or begin at the start. If a mail led you here, tell us."),
)
FAULT = Told(
    500,
    lazy("That did not work, and it is our fault"),
    lazy("What you wrote is below, if you wrote anything. Try again, or ring the house."),
)
TABLE: dict[type[Exception], Told] = {
    SignInNeeded: Told(
        401,
        lazy("Please sign in first"),
        lazy("If we are making something for you, let us send you a link. There is no password."),
    ),
    NotAllowed: Told(403, lazy("This is not yours to do"), lazy("Go back, or ask somebody who may.")),
    NotFound: NOTHING_HERE,
    UnknownMilestone: NOTHING_HERE,
    MissingFile: Told(404, lazy("This file is not here"), lazy("Tell the house; it can look where the file went.")),
    Stale: Told(409, lazy("Something newer stands there"), HERE),
    OutOfOrder: Told(409, lazy("Not now"), HERE),
    GateClosed: Told(409, lazy("Not yet"), lazy("See to what is named above, then try again.")),
    StoneTaken: Told(409, lazy("The stone is taken"), lazy("Choose another one; those that are free are marked.")),
    LinkRefused: Told(410, lazy("This link does not open"), lazy("Let us send you a new one; it takes a minute.")),
    CodeRefused: Told(
        422, lazy("We need the right code"), lazy("Go back and type the code, or let us send a new one.")
    ),
    TooMany: Told(429, lazy("Too many tries"), lazy("Nothing was changed, and nothing is lost. Wait a little.")),
    TooSlow: Told(401, lazy("It was a while ago"), lazy("Type your address and password once more.")),
    Missing: Told(409, lazy("Something is missing"), HERE),
    ServiceError: Told(422, lazy("This cannot be"), lazy("Change what you wrote, and send it again.")),
    Conflict: Told(409, lazy("Somebody was quicker"), HERE),
    Busy: Told(503, lazy("One moment"), lazy("Nothing was changed. Try again in a moment.")),
    RenderError: Told(422, lazy("We could not read this file"), lazy("Export it again, or in another format.")),
    TooLarge: Told(413, lazy("This is too large"), lazy("Send a smaller file, or ask the house for another way.")),
    UnknownUpload: Told(404, lazy("This upload is not known"), lazy("Send the file again from the beginning.")),
    NoRoom: Told(507, lazy("There is no room"), lazy("Nothing was lost. Tell the house; somebody has to make room.")),
    StorageError: Told(422, lazy("The file did not arrive whole"), lazy("Send it again; what arrived is not kept.")),
    BrokenTemplate: FAULT,
    BrokenHistory: FAULT,
    WorkflowError: Told(409, lazy("Not possible"), HERE),
}
PROTOCOL: dict[int, Told] = {
    400: Told(400, lazy("We did not understand that"), lazy("Go back and try it from the page itself.")),
    404: NOTHING_HERE,
    405: Told(405, lazy("Not in this way"), lazy("Go back and use the button on the page.")),
    413: Told(413, lazy("This is too large"), lazy("Send a smaller file, or ask the house for another way.")),
}
OTHERWISE = (lazy("This did not work"), lazy("Go back and try again."))
SENTENCES = {
    404: lazy("No page has this address."),
    405: lazy("This address does not take what was sent to it."),
    413: lazy("What you sent is larger than this page takes."),
}
UNANSWERED = lazy("The request could not be answered.")
FORGED = Told(400, lazy("This form cannot be taken"), lazy("Go back, load the page again and send it once more."))
NOT_OURS = lazy(
    "It was open too long, or it does not come from a page of ours; we cannot tell which, so nothing was done."
)
BROKEN = lazy("Something broke on our side while we answered you.")


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
    app.register_error_handler(SetUpNeeded, _set_up_first)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(SecurityError, _stranger)
    app.register_error_handler(HTTPException, _protocol)
    app.register_error_handler(Exception, _fault)
    app.extensions[AGAIN] = {}


def again_on(app: Flask, endpoint: str, redraw: Redraw) -> None:
    """Answer a refusal at `endpoint` with the page its form stood on, the newer state and the text kept."""
    app.extensions[AGAIN][endpoint] = redraw


def _refused(fault: Exception) -> tuple[Page, int]:
    told = told_of(fault)
    redraw: Redraw | None = current_app.extensions[AGAIN].get(request.endpoint)
    if redraw is not None and told.status in (409, 422) and visitor() is not None:
        db.session.rollback()  # what was read before the refusal may be what was refused for
        try:
            return redraw(refusal=str(fault), kept=request.form, **(request.view_args or {})), told.status
        except (NotFound, NotAllowed):
            return _page(told, str(fault)), told.status
    return _page(told, str(fault)), told.status


def _set_up_first(_fault: SetUpNeeded) -> Response:
    return redirect(url_for("auth.setting_up.page"), 303)


def _forged(_fault: CSRFError) -> tuple[Page, int]:
    return _page(FORGED, str(NOT_OURS)), 400


def _stranger(_fault: SecurityError) -> Response:
    # no address of ours can be made for a host that is not ours, so there is no page
    return Response("This house does not answer to that name.\n", 400, mimetype="text/plain")


def _protocol(fault: HTTPException) -> tuple[Page, int] | HTTPException:
    code = fault.code or 500
    if code < 400:
        return fault  # a redirect
    told = PROTOCOL.get(code, Told(code, *OTHERWISE))
    return _page(told, str(SENTENCES.get(code, UNANSWERED))), code


def _fault(fault: Exception) -> tuple[Page, int]:
    reference = secrets.token_hex(2).upper()
    current_app.logger.exception("%s %s, reference %s", request.method, request.path, reference, exc_info=fault)
    try:
        return _page(FAULT, str(BROKEN), reference), 500
    except Exception:  # the database may be what broke, and every page asks it for the house's name
        current_app.logger.exception("no page could be drawn for the fault above")
        return f"{FAULT.heading}. {FAULT.next} {reference}\n", 500


def _page(told: Told, sentence: str, reference: str = "") -> Page:
    if _by_a_script():
        said = {"told": sentence, "next": str(told.next), "reference": reference}
        return Response(json.dumps(said), mimetype="application/json")
    return render_template(
        "errors/refused.html",
        told=told,
        sentence=sentence,
        reference=reference,
        kept=_kept() if told.status != 413 else {},  # what is too large is not read
        back=_back(),
        here=request.full_path.rstrip("?") if request.method == "GET" else "",
        for_client=request.path.startswith("/my"),
    )


def _by_a_script() -> bool:
    """Whether a script of ours asks, which reads the sentence out of JSON and shows it where the person is."""
    wanted = request.accept_mimetypes
    return wanted["application/json"] > wanted["text/html"]


def _kept() -> dict[str, str]:
    """The sentences somebody typed, to be given back with the refusal; never a password or a code."""
    try:
        typed = request.form
    except HTTPException:  # it was refused before its body was looked at, and the body is no form that can be read
        return {}
    return {
        name: text.strip()
        for name, text in typed.items()
        if name not in SECRET_FIELDS and " " in text.strip() and len(text) <= 20_000
    }


def _back() -> str:
    """The page of ours the refused request came from, or ""."""
    came_from = urlsplit(request.referrer or "")
    if not came_from.path or came_from.netloc != request.host or came_from.path == request.path:
        return ""
    path = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    return path if path.startswith("/") and not path.startswith("//") else ""
