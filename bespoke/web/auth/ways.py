"""Where somebody goes after they came in: the page they wanted, if it is one of ours and for them."""

from urllib.parse import urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from bespoke.web.access import Audience, policy_of
from workflows.roles import Role

WANTED = "to"


def wanted(role: Role) -> str:
    """The path asked for with `?to=`, where it is a page of this house for such people; else their first page."""
    path = request.values.get(WANTED, "")
    audience = Audience.CLIENT if role is Role.CLIENT else Audience.STAFF
    return path if _is_ours(path, audience) else first_page(role)


def first_page(role: Role) -> str:
    """Where somebody begins: a designer in the studio, the others of the house at its desk."""
    return url_for({Role.CLIENT: "portal.index", Role.DESIGNER: "studio.board.page"}.get(role, "staff.index"))


def asked(audience: Audience) -> str:
    """The same to hand on in an address, or "" where nothing in particular was asked for."""
    path = request.values.get(WANTED, "")
    return path if _is_ours(path, audience) else ""


def _is_ours(path: str, audience: Audience) -> bool:
    # a path of our own, read as a browser reads it: no host, no backslash, no control character
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable() or len(path) > 300:
        return False
    parts = urlsplit(path)
    if parts.scheme or parts.netloc:
        return False
    try:
        endpoint, _ = current_app.url_map.bind("localhost").match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    policy = policy_of(endpoint)
    return policy is not None and policy.audience is audience
