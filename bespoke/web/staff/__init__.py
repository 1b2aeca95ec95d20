"""/house: what the people of the house see and do."""

from bespoke.web.staff import care, matching, owed, routes
from bespoke.web.staff.routes import bp

for part in (care, matching, owed):
    bp.register_blueprint(part.bp)
FORMS = {**routes.FORMS, **care.FORMS, **matching.FORMS, **owed.FORMS}
"""Where a refusal is answered with the page its form stood on."""

__all__ = ["FORMS", "bp"]
