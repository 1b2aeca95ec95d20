"""What each route is about, for the access matrix: the one table a new route has to be entered in.

`Policy` (bespoke.web.access) already says which people a route is for; what it cannot say is whose things stand in its
address. So a row names the objects, and the matrix tries the route on somebody's own and on somebody else's:

    OWN       the address names a commission (or what is in it): another client's is not found
    SELF      about whoever is signed in: their settings, devices, account
    SHARED    about what everybody of its audience may see: a board, a register
    SECRET    the address itself is the key: a link, a code on a dossier
    PUBLIC    about nobody: the door, the style sheet

`narrower` are roles the policy lets in and the service still refuses. Values for the parts of an address are in
`FILLED`; a new part needs one there.
"""

from dataclasses import dataclass
from enum import StrEnum


class Objects(StrEnum):
    """Whose things a route is about."""

    OWN = "own"
    SELF = "self"
    SHARED = "shared"
    SECRET = "secret"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    objects: Objects
    narrower: frozenset[str] = frozenset()


OWN, SELF, SHARED = Row(Objects.OWN), Row(Objects.SELF), Row(Objects.SHARED)
SECRET, PUBLIC = Row(Objects.SECRET), Row(Objects.PUBLIC)

GROUPS: dict[str, Row] = {  # whole blueprints, by the longest beginning that fits; an endpoint below wins
    "auth.account": SELF,
    "auth.devices": SELF,
    "auth.people": SHARED,
    "auth.setting_up": SELF,
    "auth.links": SECRET,
    "auth.staff": SECRET,
    "mails": SHARED,
    "portal.brief": OWN,
    "portal.look": OWN,
    "portal.making": OWN,
    "portal.messages": OWN,
    "portal.notes": OWN,
    "portal.papers": OWN,
    "portal.pay": OWN,
    "portal.quote": OWN,
    "portal.sketches": OWN,
    "portal.stones": OWN,
    "portal.settings": SELF,
    "staff.care": OWN,
    "staff.matching": OWN,
    "staff.owed": OWN,
    "studio.agreeing": OWN,
    "studio.quotes": OWN,
    "studio.revisions": OWN,
    "studio.seen": OWN,
    "studio.uploads": OWN,
    "studio.workspace": OWN,
    "cards": SECRET,
    "public.enquiring": PUBLIC,
}
ROUTES: dict[str, Row] = {
    "auth.leave": PUBLIC,
    "auth.leaving": PUBLIC,
    "auth.passkeys.ask": SECRET,
    "auth.passkeys.show": SECRET,
    "auth.passkeys.ask_new": SELF,
    "auth.passkeys.add": SELF,
    "auth.passkeys.take_away": SELF,
    "portal.index": SELF,
    "portal.home": OWN,
    "portal.answer": OWN,
    "portal.file": OWN,
    "public.check": PUBLIC,
    "public.check_file": PUBLIC,
    "public.door": PUBLIC,
    "public.health": PUBLIC,
    "public.sealed_facts": SECRET,
    "public.sealed_picture": SECRET,
    "staff.index": SHARED,
    "staff.act": Row(Objects.OWN, frozenset({"designer", "bench", "lead", "office", "owner"})),
    "staff.commission": OWN,
    "staff.file": OWN,
    "staff.hand_in": OWN,
    "staff.publish": OWN,
    "static": PUBLIC,
    "styles": PUBLIC,
    "studio.board.page": SHARED,
    "studio.find.page": SHARED,
    "studio.stones.add_report": SHARED,
    "studio.stones.enter": SHARED,
    "studio.stones.file": SHARED,
    "studio.stones.forward": OWN,
    "studio.stones.forward_from_stone": SHARED,
    "studio.stones.hand_in": OWN,
    "studio.stones.hold": OWN,
    "studio.stones.new": SHARED,
    "studio.stones.put_forward": OWN,
    "studio.stones.register": SHARED,
    "studio.stones.release": Row(Objects.OWN, frozenset({"designer"})),
    "studio.stones.stone": SHARED,
    "studio.stones.withdraw": OWN,
}

FILLED: dict[str, object] = {  # what stands in an address where nothing of a commission is named
    "number": 1,
    "other": 1,
    "version": 1,
    "note": 1,
    "pin": 1,
    "option": 1,
    "person": 1,
    "letter": "A",
    "key": "deposit",
    "milestone": "render_approval",
    "name": "nothing",
    "code": "none",
    "secret": "nothing",
    "token": "nothing",
    "identifier": "0" * 32,
    "rest": "look/1",
    "filename": "img/mark.svg",
    "digest": "0" * 64,
}


def row_of(endpoint: str) -> Row | None:
    """The line for a route: its own, or that of its blueprint."""
    found, name = ROUTES.get(endpoint), endpoint
    while found is None and "." in name:
        name = name.rpartition(".")[0]
        found = GROUPS.get(name)
    return found
