"""/outbox: the letters of a house without a mail server, as they look, and those that still wait for their hour."""

from collections.abc import Mapping

from bespoke.web.errors import Redraw
from bespoke.web.mails.routes import bp

FORMS: Mapping[str, Redraw] = {}

__all__ = ["FORMS", "bp"]
