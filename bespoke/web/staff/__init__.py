"""/house: what the people of the house see and do."""

from bespoke.web.staff import matching, routes
from bespoke.web.staff.routes import bp

bp.register_blueprint(matching.bp)
FORMS = {**routes.FORMS, **matching.FORMS}
"""Where a refusal is answered with the page its form stood on."""

__all__ = ["FORMS", "bp"]
