"""Kept files as answers: whole, by their digest, with nothing in them that could run."""

from flask import Response, request

from bespoke.models.file import File
from bespoke.storage.store import chunks_of
from bespoke.web.access import the_house
from bespoke.web.headers import NOTHING_RUNS

SHOWN = frozenset({"image/png", "image/jpeg", "image/webp", "image/svg+xml", "application/pdf"})
HOUR = 3600


def send(file: File, name: str) -> Response:
    """The file as an answer; a picture or a paper is shown, anything else is saved as `name`.

    Raises:
        MissingFile: the store has lost it.
    """
    if request.if_none_match.contains(file.digest):
        response = Response(status=304)
    else:
        content = the_house().storage.open(file.digest)
        response = Response(chunks_of(content), mimetype=file.media_type)
        response.call_on_close(content.close)
        response.content_length = file.size
        how = "inline" if file.media_type in SHOWN else "attachment"
        response.headers["Content-Disposition"] = f'{how}; filename="{name}"'
    response.set_etag(file.digest)
    response.headers["Content-Security-Policy"] = NOTHING_RUNS
    response.headers["Cache-Control"] = f"private, max-age={HOUR}"
    return response
