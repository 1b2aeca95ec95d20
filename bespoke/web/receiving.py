"""Bodies that come from the connection straight into memory which is there already, where the server is gunicorn.

Its own reader gathers what came in buffers and copies it several times over: for a drawing of hundreds of MB that takes
longer than hashing it. Any other server's body is left as it is.
"""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gunicorn.http.body import Body, LengthReader  # type: ignore[import-untyped]
from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped]

INPUT = "wsgi.input"


class Straight:
    """A body of known length; what is read past it by mistake is the next request, so nothing ever is."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.read, self.readline, self.readlines = body.read, body.readline, body.readlines

    def __iter__(self) -> Any:
        return iter(self._body)

    def readinto(self, target: bytearray | memoryview) -> int:
        """Read what there is, as much as fits in `target`; 0 at the end, or where the sender went away."""
        reader, view = self._body.reader, memoryview(target)
        wanted = min(len(view), reader.length)
        if not wanted or self._body.buf.tell():
            gathered: bytes = self._body.read(len(view))
            view[: len(gathered)] = gathered
            return len(gathered)
        early = reader.unreader.take_buffered()  # what came together with the headers
        if early:
            came = min(len(early), wanted)
            view[:came] = early[:came]
            reader.unreader.unread(early[came:])
        else:
            came = reader.unreader.sock.recv_into(view[:wanted])
        reader.length -= came
        return int(came)


def straight(app: WSGIApplication) -> WSGIApplication:
    """The same app, to which bodies come without a detour."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body: Any = environ.get(INPUT)
        plain = isinstance(body, Body) and isinstance(body.reader, LengthReader)
        if plain and isinstance(body.reader.unreader, SocketUnreader):
            environ[INPUT] = Straight(body)
        return app(environ, start_response)

    return answer
