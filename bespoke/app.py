"""The pages of the house as one WSGI app: `gunicorn 'bespoke.app:create_app()'`."""

import os
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect  # type: ignore[import-untyped]
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from bespoke.config import Settings, read_settings
from bespoke.house import House, open_house
from bespoke.jobs.bell import ring_after_commit
from bespoke.jobs.telling import tell_what_happens
from bespoke.templating import TEMPLATES, environment, follow_listener
from bespoke.web import (
    access,
    addresses,
    auth,
    cards,
    errors,
    forms,
    headers,
    language,
    mails,
    portal,
    public,
    receiving,
    staff,
    studio,
    styles,
)
from bespoke.web import database as web_database
from bespoke.web.assets import asset, endpoint_known
from bespoke.web.said import just_said

AUDIENCES = (auth, portal, public, cards, mails, staff, studio)


def create_app(settings: Settings | None = None, house: House | None = None) -> Flask:
    """The app of the house these settings describe, or of one that is open already.

    Raises:
        Undeclared: a route has no policy; the house does not open with one.
        NotPrepared: the house has no secret key yet.
    """
    if house is None:
        house = open_house(settings or read_settings(os.environ))
    app = Flask(__name__, template_folder=str(TEMPLATES))
    _configure(app, house)
    addresses.register(app)
    app.extensions[access.HOUSE] = house
    web_database.bind(app, house.database)
    tell_what_happens(house)
    ring_after_commit(house)
    app.before_request(language.listen)  # refusals are worded too
    app.before_request(access.guard)  # before the next line, which reads the body
    CSRFProtect(app).exempt(cards.hook)  # a provider signs what it says instead
    errors.register(app)
    for audience in AUDIENCES:
        app.register_blueprint(audience.bp)
        for endpoint, redraw in audience.FORMS.items():
            errors.again_on(app, endpoint, redraw)
    styles.register(app)
    headers.register(app)
    _furnish(app)
    access.require_policies(app)
    app.wsgi_app = receiving.straight(app.wsgi_app)  # type: ignore[assignment, method-assign]
    if house.settings.proxies:
        count = house.settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, house: House) -> None:
    settings = house.settings
    app.config.update(
        SECRET_KEY=house.secret_key,
        SESSION_COOKIE_NAME="__Host-bespoke" if settings.secure else "bespoke",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=7),
        TRUSTED_HOSTS=list(settings.hosts),
        MAX_CONTENT_LENGTH=access.FORM_BYTES,
        MAX_FORM_PARTS=200,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page left open overnight still works
        TEMPLATES_AUTO_RELOAD=False,
    )


def _furnish(app: Flask) -> None:
    """Give the templates what documents and mails have too: strict names, units, icons."""
    own = environment()
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    for name in own.filters.keys() - app.jinja_env.filters.keys():
        app.jinja_env.filters[name] = own.filters[name]
    for name in ("icon", "struck_mark", "printed_mark", "punch"):
        app.jinja_env.globals[name] = own.globals[name]
    follow_listener(app.jinja_env)
    app.jinja_env.filters.update(forms.FILTERS)
    app.jinja_env.globals.update(asset=asset, endpoint_known=endpoint_known, styles=styles.address)
    app.context_processor(_for_every_page)


def _for_every_page() -> dict[str, Any]:
    return {
        "visitor": access.visitor,
        "house_row": access.house_row,
        "just_said": just_said,
    }
