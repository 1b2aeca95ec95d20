"""What anybody may open: the door, the health of the house, the check of a dossier."""

from collections.abc import Mapping

from bespoke.web.errors import Redraw
from bespoke.web.public import enquiring
from bespoke.web.public.routes import bp

bp.register_blueprint(enquiring.bp)
FORMS: Mapping[str, Redraw] = {}

__all__ = ["FORMS", "bp"]
