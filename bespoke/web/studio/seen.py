"""/studio/REF/as-client/: what the client sees, drawn by the client's own pages and marked; nothing can be done there.

The client's pages ask who is visiting; here they are told the client, for as long as the page is drawn. Addresses of
the client's pages are led back here, forms are inert, and their addresses take no posts, so a look changes nothing.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, current_app, g, make_response, render_template, request
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.routing import RequestRedirect

from bespoke.models.people import Person
from bespoke.queries import seen
from bespoke.queries.commissions import NotFound
from bespoke.web.access import Visitor, current_actor, visitor
from bespoke.web.database import db
from workflows.roles import Role
from workflows.sentences import sentence

bp = Blueprint("seen", __name__, url_prefix="/studio")
FORM = re.compile(r"<(form|footer)(?=[\s>])")
BODY = re.compile(r"<body[^>]*>\s*<a class=\"skip\"[^>]*>[^<]*</a>")


@bp.get("/<reference>/as-client/")
def home(reference: str) -> Response:
    """The client's first page of a commission."""
    return _drawn(reference, "")


@bp.get("/<reference>/as-client/<path:rest>")
def further(reference: str, rest: str) -> Response:
    """Another page of the client's, or a file on one."""
    return _drawn(reference, rest)


def _drawn(reference: str, rest: str) -> Response:
    commission = seen.get(db.session(), reference, current_actor())
    theirs, here = f"/my/{commission.reference}/", f"/studio/{commission.reference}/as-client/"
    try:
        endpoint, facts = current_app.url_map.bind_to_environ(request.environ).match(theirs + rest, method="GET")
    except (NoSuchPage, RequestRedirect):
        raise NotFound(sentence("page of the client")) from None
    if not endpoint.startswith("portal."):
        raise NotFound(sentence("page of the client"))
    client = commission.client
    with _as(client):
        answer = make_response(current_app.ensure_sync(current_app.view_functions[endpoint])(**facts))
        if answer.location is not None:
            answer.location = answer.location.replace(theirs, here)
        if answer.mimetype != "text/html" or answer.direct_passthrough:
            return answer
        page = answer.get_data(as_text=True)
    mark = render_template("studio/as_client.html", client=client, commission=commission)
    page = FORM.sub(r"<\1 inert", page.replace(f'"{theirs}', f'"{here}'))
    answer.set_data(BODY.sub(lambda body: body[0] + mark, page, count=1))
    return answer


@contextmanager
def _as(person: Person) -> Iterator[None]:
    """Let the pages see somebody else as the visitor while the block runs; reading only."""
    who = visitor()
    if who is None:
        raise NotFound(sentence("page of the client"))
    g.visitor = Visitor(person, Role.CLIENT, who.number, False, who.until, who.ends)
    try:
        yield
    finally:
        g.visitor = who
