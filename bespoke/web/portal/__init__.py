"""/my: what clients see and say."""

from bespoke.web.portal.routes import FORMS, bp

__all__ = ["FORMS", "bp"]
