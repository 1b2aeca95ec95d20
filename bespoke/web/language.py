"""Which language a page is answered in: the person's own, or the one their browser asks for."""

from flask import request

from bespoke.templating import catalogue
from bespoke.web.access import visitor


def listen() -> None:
    """Speak the visitor's language for the rest of this request."""
    if request.endpoint in ("static", "styles"):
        return
    who = visitor()
    if who is not None and who.person.language != catalogue.SOURCE:
        catalogue.speak(who.person.language)
    else:
        catalogue.speak(request.accept_languages.best_match(catalogue.known(), catalogue.SOURCE))
