"""/my: what clients see and say."""

from bespoke.web.portal import (
    brief,
    look,
    making,
    messages,
    notes,
    papers,
    pay,
    quote,
    routes,
    settings,
    sketches,
    stones,
)
from bespoke.web.portal.routes import bp

SUBJECTS = (look, notes, brief, sketches, stones, quote, pay, messages, papers, making, settings)

FORMS = dict(routes.FORMS)
for subject in SUBJECTS:
    bp.register_blueprint(subject.bp)
    FORMS.update(subject.FORMS)

__all__ = ["FORMS", "bp"]
