"""Signing in and out, what one's devices are, and what one shows to come in."""

from collections.abc import Mapping

from bespoke.web.auth import account, devices, links, passkeys, people, setting_up, staff
from bespoke.web.auth.routes import bp
from bespoke.web.errors import Redraw

for subject in (links, staff, passkeys, setting_up, account, devices, people):
    bp.register_blueprint(subject.bp)

FORMS: Mapping[str, Redraw] = {}

__all__ = ["FORMS", "bp"]
