"""/studio: where a design is made: the board, one commission, uploads, revisions, stones, prices, and find-or-do."""

from collections.abc import Mapping

from flask import Blueprint

from bespoke.web.errors import Redraw
from bespoke.web.studio import agreeing, board, find, quotes, revisions, seen, stones, uploads, workspace

bp = Blueprint("studio", __name__)
for part in (board, find, stones, workspace, uploads, revisions, seen, quotes, agreeing):
    bp.register_blueprint(part.bp)

FORMS: Mapping[str, Redraw] = {
    **workspace.FORMS,
    **uploads.FORMS,
    **revisions.FORMS,
    **stones.FORMS,
    **quotes.FORMS,
    **agreeing.FORMS,
}
"""Where a refusal is answered with the page its form stood on."""

__all__ = ["FORMS", "bp"]
