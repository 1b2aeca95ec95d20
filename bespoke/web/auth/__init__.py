"""Signing in and out."""

from collections.abc import Mapping

from bespoke.web.auth.routes import bp
from bespoke.web.errors import Redraw

FORMS: Mapping[str, Redraw] = {}

__all__ = ["FORMS", "bp"]
