"""Whom this browser was used by before: a signed cookie of its own, so that a device that is new can be told of."""

from flask import after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

LASTS_S = 400 * 24 * 3600  # as long as browsers keep any cookie
MOST = 20  # people on one shared tablet


def has(person_id: int) -> bool:
    """Whether the person was signed in on this device before."""
    return person_id in _people()


def remember(person_id: int) -> None:
    """The person is known on this device from this answer on."""
    people = [one for one in _people() if one != person_id][-(MOST - 1) :]
    value = _signed().dumps([*people, person_id])
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(_name(), value, max_age=LASTS_S, secure=secure, httponly=True, samesite="Lax")
        return response


def _people() -> list[int]:
    try:
        found = _signed().loads(request.cookies.get(_name(), ""))
    except BadSignature:
        return []
    return [one for one in found if isinstance(one, int)] if isinstance(found, list) else []


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-known"


def _signed() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="known device")
