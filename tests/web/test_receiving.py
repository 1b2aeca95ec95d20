"""Bodies read straight from the connection: whole, never past their end, and told when the sender goes away."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from gunicorn.http.body import Body, LengthReader  # type: ignore[import-untyped]
from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped]

from bespoke.web.receiving import INPUT, Straight, straight

Line = tuple[socket.socket, SocketUnreader]


@pytest.fixture
def line() -> Iterator[Line]:
    """Where a sender writes, and what gunicorn reads it with."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield theirs, SocketUnreader(ours)


def whole(body: Straight, length: int) -> bytes:
    target, at = memoryview(bytearray(length)), 0
    while came := body.readinto(target[at : at + 5]):
        at += came
    return bytes(target[:at])


def test_what_came_with_the_headers_goes_first_and_the_next_request_is_left_alone(line: Line):
    sender, unreader = line
    unreader.unread(b"what came ")
    sender.sendall(b"and the rest|GET /next")
    body = Straight(Body(LengthReader(unreader, len(b"what came and the rest"))))
    assert whole(body, 60) == b"what came and the rest"
    assert (body.read(1), unreader.read()) == (b"", b"|GET /next")


def test_a_next_request_that_came_with_the_headers_is_left_alone(line: Line):
    _, unreader = line
    unreader.unread(b"body|GET /next")
    assert whole(Straight(Body(LengthReader(unreader, 4))), 60) == b"body"
    assert unreader.read() == b"|GET /next"


def test_a_line_that_was_read_before_takes_nothing_away(line: Line):
    sender, unreader = line
    sender.sendall(b"first\nsecond")
    body = Straight(Body(LengthReader(unreader, 12)))
    assert body.readline() == b"first\n"
    assert whole(body, 60) == b"second"


def test_a_sender_who_goes_away_ends_the_body(line: Line):
    sender, unreader = line
    sender.sendall(b"half")
    sender.close()
    assert whole(Straight(Body(LengthReader(unreader, 8))), 60) == b"half"


def _never(*_: object) -> Any:
    raise AssertionError("nothing is answered here")


def test_only_bodies_of_known_length_that_gunicorn_reads_are_taken(line: Line):
    given: list[Any] = []

    def app(environ: dict[str, Any], _start: Any) -> list[bytes]:
        given.append(environ.get(INPUT))
        return []

    other = object()
    for body in (Body(LengthReader(line[1], 8)), other, None):
        straight(app)({INPUT: body}, _never)
    assert [type(one) for one in given] == [Straight, object, type(None)]
