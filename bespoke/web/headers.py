"""What goes with every answer: what a browser may load and tell, what may be kept, and whether it changed."""

import hashlib

from flask import Flask, Response, g, request, session

from bespoke.web.access import Audience, policy_of

CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # a drawing or a paper opened by itself
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
YEAR = 31_536_000
KEPT = ("static", "styles")  # files with their mark in the address


def register(app: Flask) -> None:
    """Let every answer of the app go out with them."""
    app.after_request(_dress)


def _dress(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = PERMISSIONS
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint in KEPT:
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = YEAR if "v" in request.args else 3600
        return response
    if request.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    if "Cache-Control" not in headers:
        policy = policy_of(request.endpoint or "")
        private = policy is None or policy.audience is not Audience.PUBLIC or "/enter/" in request.path
        headers["Cache-Control"] = "no-store, private" if private else "no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    if request.method in ("GET", "HEAD") and response.status_code == 200 and response.mimetype == "text/html":
        _mark(response)
    return response


def _mark(response: Response) -> None:
    """Give the page a mark of what it says, so that one that did not change is not sent again.

    The form's secret is signed anew for every page, so it is left out; the one in the page a browser kept is as
    good, as long as it is of the same visitor.
    """
    said = response.get_data()
    token: str | None = g.get("csrf_token")
    if token:
        said = said.replace(token.encode(), b"")
    whose = f"{session.get('csrf_token', '')} {session.get('key', '')}".encode()
    response.set_etag(hashlib.sha256(said + whose).hexdigest()[:32])
    response.make_conditional(request)
