"""The studio's rows of the access matrix: path → status for nobody, the client, another client, designer, bench, lead,
office, owner; the bodies are such that whoever may do it is refused for another reason, so nothing changes."""

ROOM = (401, 403, 403, 200, 403, 200, 200, 200)
NONE_OF_OURS = (401, 403, 403, 404, 403, 404, 404, 404)


def draws(status: int) -> tuple[int, ...]:
    """The designer and the owner get that status, everybody else is not allowed."""
    return (401, 403, 403, status, 403, 403, 403, status)


def answers(status: int) -> tuple[int, ...]:
    """The designer, the lead and the owner."""
    return (401, 403, 403, status, 403, status, 403, status)


def puts_forward(status: int) -> tuple[int, ...]:
    """The designer, the office and the owner."""
    return (401, 403, 403, status, 403, 403, status, status)


def works_here(status: int) -> tuple[int, ...]:
    """Everybody the studio is for."""
    return (401, 403, 403, status, 403, status, status, status)


UPLOAD = "AAAAAAAAAAAAAAAAAAAAAA"
GETS = {
    "/find": ROOM,
    "/studio/": ROOM,
    "/studio/stones/": ROOM,
    "/studio/stones/new": ROOM,
    "/studio/stones/T-001/": ROOM,
    "/studio/stones/T-001/files/{zeros}": NONE_OF_OURS,
    "/studio/OF-9999/": NONE_OF_OURS,
    "/studio/{own}/": ROOM,
    "/studio/{own}/rev/1/": ROOM,
    "/studio/{own}/rev/9/": NONE_OF_OURS,
    "/studio/{own}/brief": ROOM,
    "/studio/{own}/sketches": ROOM,
    "/studio/{own}/stones": ROOM,
    "/studio/{own}/quote": ROOM,
    "/studio/{own}/history": ROOM,
    "/studio/{own}/as-client/": ROOM,
    "/studio/{own}/as-client/files/{photograph}": ROOM,
    "/studio/{own}/files/{photograph}": ROOM,
    "/studio/{own}/files/{zeros}": NONE_OF_OURS,
    f"/studio/{{own}}/A/uploads/{UPLOAD}": draws(404),
}
POSTS: dict[str, tuple[dict[str, str], tuple[int, ...]]] = {
    "/studio/{own}/A/publish": ({}, draws(409)),
    "/studio/{own}/Z/publish": ({}, draws(404)),
    "/studio/{own}/A/publish/back": ({}, draws(422)),
    "/studio/{own}/A/unit": ({}, draws(422)),
    "/studio/{own}/A/blocks/bore_off": ({}, (401, 403, 403, 403, 403, 422, 403, 422)),
    "/studio/{own}/A/rev/9/notes": ({"note": "Lower."}, answers(404)),
    "/studio/{own}/A/rev/1/notes/999": ({"note": "Lower."}, answers(409)),
    "/studio/{own}/messages": ({}, works_here(422)),
    "/studio/{own}/A/uploads": ({}, draws(422)),
    f"/studio/{{own}}/A/uploads/{UPLOAD}/finish": ({}, draws(404)),
    "/studio/{own}/A/revisions": ({}, draws(422)),
    "/studio/{own}/A/sketches": ({}, draws(422)),
    "/studio/{own}/A/sketches/forward": ({}, draws(409)),
    "/studio/stones/": ({}, works_here(422)),
    "/studio/stones/T-001/reports": ({}, works_here(422)),
    "/studio/stones/T-001/forward": ({}, puts_forward(422)),
    "/studio/{own}/A/stones": ({}, puts_forward(422)),
    "/studio/{own}/A/stones/hand-in": ({}, puts_forward(409)),
    "/studio/{own}/A/stones/999/hold": ({}, puts_forward(404)),
    "/studio/{own}/A/stones/999/release": ({}, puts_forward(404)),
    "/studio/{own}/A/stones/999/withdraw": ({}, puts_forward(404)),
    "/studio/{own}/quote": ({}, (401, 403, 403, 403, 403, 403, 422, 422)),
    "/studio/{own}/quote/9/send": ({}, (401, 403, 403, 403, 403, 403, 404, 404)),
}
PUTS = {f"/studio/{{own}}/A/uploads/{UPLOAD}/1": draws(404)}
