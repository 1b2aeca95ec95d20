"""/house: what the people of the house see and do."""

from bespoke.web.staff.routes import FORMS, bp

__all__ = ["FORMS", "bp"]
