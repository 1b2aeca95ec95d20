"""Who is asking, and what each address is open to: one table, without an entry in which no route may exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from flask import Flask, current_app, g, request, session

from bespoke.house import House
from bespoke.models.house import HouseRow
from bespoke.models.people import Person
from bespoke.web.database import db
from workflows.errors import NotAllowed
from workflows.roles import STAFF, Actor, Role, spoken

HOUSE = "bespoke.house"
KILOBYTE, MEGABYTE = 1_000, 1_000_000
FORM_BYTES = 256 * KILOBYTE
DOSSIER_BYTES = 64 * MEGABYTE
LASTS = {"client": timedelta(days=7), "staff": timedelta(hours=12)}
FIRST_ROLES = (Role.OWNER, Role.LEAD, Role.OFFICE, Role.DESIGNER, Role.BENCH)


class Audience(StrEnum):
    """Whom an address is for."""

    PUBLIC = "public"
    CLIENT = "client"
    STAFF = "staff"


class Undeclared(Exception):
    """Addresses without a policy; the house does not open with one."""

    def __init__(self, endpoints: tuple[str, ...]) -> None:
        super().__init__(f"No policy is declared for {', '.join(endpoints)}; add them to bespoke.web.access.")
        self.endpoints = endpoints


class SignInNeeded(Exception):
    """The page is not public, and nobody, or somebody whose time is over, is asking."""

    def __init__(self) -> None:
        super().__init__("This page is not public. Open your sign-in link, then come back here.")


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may come, and how many bytes they may send."""

    audience: Audience
    roles: frozenset[Role] = STAFF
    body_bytes: int = FORM_BYTES


PUBLIC = Policy(Audience.PUBLIC)
CLIENT = Policy(Audience.CLIENT)
ANY_STAFF = Policy(Audience.STAFF)
DESIGNERS = frozenset({Role.DESIGNER, Role.OWNER})

BLUEPRINTS: Mapping[str, Policy] = {
    "auth": PUBLIC,
    "public": PUBLIC,
    "portal": CLIENT,
    "staff": ANY_STAFF,
}
ENDPOINTS: Mapping[str, Policy] = {
    "static": PUBLIC,
    "styles": PUBLIC,
    "public.check_file": Policy(Audience.PUBLIC, body_bytes=DOSSIER_BYTES),
    "staff.hand_in": Policy(Audience.STAFF, DESIGNERS, body_bytes=0),  # the house's limit for files
    "staff.publish": Policy(Audience.STAFF, DESIGNERS),
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in, in the role they came in."""

    person: Person = field(repr=False)
    role: Role

    @property
    def is_staff(self) -> bool:
        """Whether they came as one of the house."""
        return self.role in STAFF

    @property
    def actor(self) -> Actor:
        """As services and rules know them."""
        return Actor(str(self.person.id), self.role, self.person.name)


def the_house() -> House:
    """The house this app serves."""
    house: House = current_app.extensions[HOUSE]
    return house


def policy_of(endpoint: str) -> Policy | None:
    """What is declared for an endpoint, by itself or by its blueprint."""
    blueprint = endpoint.partition(".")[0] if "." in endpoint else ""
    return ENDPOINTS.get(endpoint) or BLUEPRINTS.get(blueprint)


def require_policies(app: Flask) -> None:
    """See that every route has a policy.

    Raises:
        Undeclared: names those that have none.
    """
    bare = {rule.endpoint for rule in app.url_map.iter_rules() if policy_of(rule.endpoint) is None}
    if bare:
        raise Undeclared(tuple(sorted(bare)))


def guard() -> None:
    """Let in who may, before anything of the request's body is read.

    Raises:
        SignInNeeded: nobody is signed in.
        NotAllowed: the page is for somebody else.
    """
    if request.endpoint is None:
        return  # no such page; the router says so
    policy = policy_of(request.endpoint)
    if policy is None:
        raise Undeclared((request.endpoint,))
    request.max_content_length = policy.body_bytes or the_house().settings.upload_limit_mb * MEGABYTE
    if policy.audience is Audience.PUBLIC:
        return
    who = visitor()
    if who is None:
        raise SignInNeeded
    if policy.audience is Audience.CLIENT and who.is_staff:
        raise NotAllowed("This page is a client's own. You find the commission in the house's list.")
    if policy.audience is Audience.STAFF and not who.is_staff:
        raise NotAllowed("This page is for the people of the house.")
    if policy.audience is Audience.STAFF and who.role not in policy.roles:
        raise NotAllowed(f"This is for {spoken(policy.roles)}.")


def visitor() -> Visitor | None:
    """Who is signed in, looked up once a request; nobody who is no longer let in, or has lost the role."""
    if "visitor" not in g:
        g.visitor = _look_up()
    found: Visitor | None = g.visitor
    return found


def house_row() -> HouseRow:
    """The house's own settings, read once a request."""
    if "house_row" not in g:
        g.house_row = db.session.get_one(HouseRow, 1)
    found: HouseRow = g.house_row
    return found


def current_actor() -> Actor:
    """The one who is signed in, where a guard has seen to it that somebody is.

    Raises:
        SignInNeeded: the guard was forgotten.
    """
    who = visitor()
    if who is None:
        raise SignInNeeded
    return who.actor


def sign_in(person: Person, role: Role, *, at: datetime) -> None:
    """Remember on this device who is here; whoever was before is forgotten."""
    session.clear()
    session.permanent = True
    lasts = LASTS["staff" if role in STAFF else "client"]
    session.update(person=person.id, role=role.value, until=(at + lasts).isoformat())
    g.visitor = Visitor(person, role)


def sign_out() -> None:
    """Forget who is here."""
    session.clear()
    g.visitor = None


def first_role(person: Person) -> Role:
    """The role one of the staff comes in: the one that may most."""
    return next(role for role in FIRST_ROLES if role.value in person.roles)


def _look_up() -> Visitor | None:
    number, role, until = session.get("person"), session.get("role"), session.get("until")
    if number is None or role is None or until is None:
        return None
    if the_house().clock() > datetime.fromisoformat(until):
        return None
    person = db.session.get(Person, number)
    if person is None or not person.active:
        return None
    if role == Role.CLIENT or role in person.roles:
        return Visitor(person, Role(role))
    return None
