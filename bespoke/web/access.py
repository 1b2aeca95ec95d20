"""Who is asking, and what each address is open to: one table, without an entry in which no route may exist."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from flask import Flask, abort, current_app, g, request, session
from sqlalchemy.orm import Session

from bespoke.database import DatabaseError
from bespoke.house import House
from bespoke.models.access import SignIn
from bespoke.models.house import HouseRow
from bespoke.models.people import Person
from bespoke.notifications.security import What
from bespoke.services import alerts, signins
from bespoke.storage.uploads import PART_BYTES
from bespoke.web import known
from bespoke.web.database import db, transaction
from workflows.errors import NotAllowed
from workflows.roles import STAFF, Actor, Role, spoken
from workflows.sentences import sentence

HOUSE = "bespoke.house"
KILOBYTE, MEGABYTE = 1_000, 1_000_000
FORM_BYTES = 256 * KILOBYTE
DOSSIER_BYTES = 64 * MEGABYTE
PHOTOGRAPH_BYTES = 31 * MEGABYTE  # a photograph from a phone with the form around it
PICTURE_BYTES = 26 * MEGABYTE  # a picture or a report with the form around it
HOOK = "cards.hook"  # where a provider's computer speaks, and signs what it says
LEFT = "auth.account.left"  # a page asks by itself how long it still has; that is no use of it
KEY = "key"  # under which the cookie carries what finds the device's row
FIRST_ROLES = (Role.OWNER, Role.LEAD, Role.OFFICE, Role.DESIGNER, Role.BENCH)


class Audience(StrEnum):
    """Whom an address is for."""

    PUBLIC = "public"
    CLIENT = "client"
    STAFF = "staff"


class Undeclared(Exception):
    """Addresses without a policy; the house does not open with one."""

    def __init__(self, endpoints: tuple[str, ...]) -> None:
        super().__init__(
            sentence(
                "No policy is declared for %(endpoints)s; add them to bespoke.web.access.",
                endpoints=", ".join(endpoints),
            )
        )
        self.endpoints = endpoints


class SignInNeeded(Exception):
    """The page is not public, and nobody, or somebody whose time is over, is asking."""

    def __init__(self) -> None:
        super().__init__(sentence("This page is not public. Sign in, then come back here."))


class SetUpNeeded(Exception):
    """Signed in by a link of the console, with a second factor still to be set up."""

    def __init__(self) -> None:
        super().__init__(sentence("First set up your password and a second way to show that it is you."))


class TooSlow(Exception):
    """The password was shown too long ago for the second half of signing in."""

    def __init__(self) -> None:
        super().__init__(sentence("Between the password and the second factor are ten minutes at most."))


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may come, and how many bytes they may send."""

    audience: Audience
    roles: frozenset[Role] = STAFF
    body_bytes: int = FORM_BYTES
    while_setting_up: bool = False  # opens for one of the staff whose second factor is still missing


PUBLIC = Policy(Audience.PUBLIC)
CLIENT = Policy(Audience.CLIENT)
ANY_STAFF = Policy(Audience.STAFF)
DESIGNERS = frozenset({Role.DESIGNER, Role.OWNER})
STUDIO = frozenset({Role.DESIGNER, Role.LEAD, Role.OFFICE, Role.OWNER})  # the office reads, prices and puts forward
DRAWERS = Policy(Audience.STAFF, DESIGNERS)
ANSWERERS = Policy(Audience.STAFF, frozenset({Role.DESIGNER, Role.LEAD, Role.OWNER}))
FORWARDERS = frozenset({Role.DESIGNER, Role.OFFICE, Role.OWNER})
PRICERS = Policy(Audience.STAFF, frozenset({Role.OFFICE, Role.OWNER}))

SETTING_UP = Policy(Audience.STAFF, while_setting_up=True)

BLUEPRINTS: Mapping[str, Policy] = {
    "auth": PUBLIC,
    "auth.account": ANY_STAFF,
    "auth.devices": CLIENT,
    "auth.people": Policy(Audience.STAFF, frozenset({Role.DESIGNER, Role.OFFICE, Role.OWNER})),
    "auth.setting_up": SETTING_UP,
    "public": PUBLIC,
    "cards": PUBLIC,
    "mails": Policy(Audience.STAFF, frozenset({Role.OFFICE, Role.OWNER})),  # letters hold clients' links
    "portal": CLIENT,
    "staff": ANY_STAFF,
    "staff.care": Policy(Audience.STAFF, frozenset({Role.LEAD, Role.OFFICE, Role.OWNER})),
    "staff.matching": PRICERS,
    "staff.owed": PRICERS,
    "studio": Policy(Audience.STAFF, STUDIO),
    "studio.agreeing": Policy(Audience.STAFF, FORWARDERS),
}
ENDPOINTS: Mapping[str, Policy] = {
    "static": PUBLIC,
    "styles": PUBLIC,
    "auth.passkeys.ask_new": SETTING_UP,
    "auth.passkeys.add": SETTING_UP,
    "auth.passkeys.take_away": ANY_STAFF,
    "portal.messages.write": Policy(Audience.CLIENT, body_bytes=PHOTOGRAPH_BYTES),
    "portal.brief.add_picture": Policy(Audience.CLIENT, body_bytes=PHOTOGRAPH_BYTES),
    "public.check_file": Policy(Audience.PUBLIC, body_bytes=DOSSIER_BYTES),
    "staff.hand_in": Policy(Audience.STAFF, DESIGNERS, body_bytes=0),  # the house's limit for files
    "staff.care.look": Policy(
        Audience.STAFF, frozenset({Role.LEAD, Role.OFFICE, Role.OWNER}), body_bytes=PHOTOGRAPH_BYTES
    ),
    "staff.owed.decide": Policy(Audience.STAFF, frozenset({Role.OWNER})),
    "staff.publish": Policy(Audience.STAFF, DESIGNERS),
    "studio.workspace.publish": DRAWERS,
    "studio.workspace.take_back": DRAWERS,
    "studio.workspace.confirm_unit": DRAWERS,
    "studio.workspace.answer_block": Policy(Audience.STAFF, frozenset({Role.LEAD, Role.OWNER})),
    "studio.workspace.remark": ANSWERERS,
    "studio.workspace.answer_remark": ANSWERERS,
    "studio.uploads.begin": DRAWERS,
    "studio.uploads.state": DRAWERS,
    # a little more than a part, since one byte more is asked for to see that it ends
    "studio.uploads.part": Policy(Audience.STAFF, DESIGNERS, body_bytes=PART_BYTES + KILOBYTE),
    "studio.uploads.finish": DRAWERS,
    "studio.uploads.whole_file": Policy(Audience.STAFF, DESIGNERS, body_bytes=0),
    "studio.revisions.add_sketch": Policy(Audience.STAFF, DESIGNERS, body_bytes=PICTURE_BYTES),
    "studio.revisions.put_forward": DRAWERS,
    "studio.stones.enter": Policy(Audience.STAFF, STUDIO, body_bytes=2 * PICTURE_BYTES),
    "studio.stones.add_report": Policy(Audience.STAFF, STUDIO, body_bytes=PICTURE_BYTES),
    "studio.stones.forward_from_stone": Policy(Audience.STAFF, FORWARDERS),
    "studio.stones.put_forward": Policy(Audience.STAFF, FORWARDERS),
    "studio.stones.hand_in": Policy(Audience.STAFF, FORWARDERS),
    "studio.stones.hold": Policy(Audience.STAFF, FORWARDERS),
    "studio.stones.release": Policy(Audience.STAFF, FORWARDERS),
    "studio.stones.withdraw": Policy(Audience.STAFF, FORWARDERS),
    "studio.agreeing.promise": PRICERS,
    "studio.quotes.make": PRICERS,
    "studio.quotes.send": PRICERS,
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in, in the role they are here in.

    Attributes:
        number: of their device.
        until: when it is over at the latest.
        ends: when it is over if nothing more is done.
    """

    person: Person = field(repr=False)
    role: Role
    number: int
    only_set_up: bool
    until: datetime
    ends: datetime

    @property
    def is_staff(self) -> bool:
        """Whether they came as one of the house."""
        return self.role in STAFF

    @property
    def actor(self) -> Actor:
        """As services and rules know them."""
        return Actor(str(self.person.id), self.role, self.person.name)

    @property
    def other_roles(self) -> tuple[Role, ...]:
        """What else they are in this house, for the switch."""
        return tuple(role for role in FIRST_ROLES if role.value in self.person.roles and role is not self.role)


def the_house() -> House:
    """The house this app serves."""
    house: House = current_app.extensions[HOUSE]
    return house


def policy_of(endpoint: str) -> Policy | None:
    """What is declared for an endpoint, by itself or by the nearest of the blueprints it stands in."""
    found, blueprint = ENDPOINTS.get(endpoint), endpoint
    while found is None and "." in blueprint:
        blueprint = blueprint.rpartition(".")[0]
        found = BLUEPRINTS.get(blueprint)
    return found


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
    if "\0" in request.path:
        abort(404)  # nothing of ours is called so, and a database may refuse to look for it
    _require_ours(request.endpoint)
    if policy.audience is not Audience.PUBLIC:
        _require_let_in(policy)
    # only now: the page of a refusal looks for typed words in the body, and a stranger's may not be a large one
    request.max_content_length = policy.body_bytes or the_house().settings.upload_limit_mb * MEGABYTE


def _require_let_in(policy: Policy) -> None:
    """Refuse whom the page is not for.

    Raises:
        SignInNeeded: nobody is signed in.
        NotAllowed: the page is for somebody else.
    """
    who = visitor()
    if who is None:
        raise SignInNeeded
    if policy.audience is Audience.CLIENT and who.is_staff:
        raise NotAllowed(sentence("This page is a client's own. You find the commission in the house's list."))
    if policy.audience is Audience.STAFF and not who.is_staff:
        raise NotAllowed(sentence("This page is for the people of the house."))
    if policy.audience is Audience.STAFF and who.role not in policy.roles:
        raise NotAllowed(sentence("This is for %(people)s.", people=spoken(policy.roles)))
    if who.only_set_up and not policy.while_setting_up:
        raise SetUpNeeded


def _require_ours(endpoint: str) -> None:
    """Refuse a form a browser says another site sent, besides the secret every form carries.

    Raises:
        NotAllowed: it says so.
    """
    looks = request.method in ("GET", "HEAD", "OPTIONS") or endpoint == HOOK
    if not looks and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed(sentence("This was sent from a page of another site. Open ours and do it there."))


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


def signed_in() -> Visitor:
    """Who is signed in, where a guard has seen to it that somebody is.

    Raises:
        SignInNeeded: the guard was forgotten.
    """
    who = visitor()
    if who is None:
        raise SignInNeeded
    return who


def current_actor() -> Actor:
    """The same as services and rules know them.

    Raises:
        SignInNeeded: the guard was forgotten.
    """
    return signed_in().actor


def sign_in(
    writing: Session,
    person: Person,
    role: Role,
    *,
    at: datetime,
    link_id: int | None = None,
    only_set_up: bool = False,
) -> None:
    """Remember on this device who is here; whoever was before is signed out."""
    before = visitor()
    if before is not None:
        signins.end_all(writing, before.person.id, only=before.number, at=at)
    said = request.headers.get("User-Agent", "")
    begun = signins.begin(writing, person, role, said, at=at, link_id=link_id, only_set_up=only_set_up)
    if not known.has(person.id) and alerts.was_here_before(writing, person, but=begun.sign_in.id):
        alerts.owe(writing, person, What.DEVICE, at=at, device=begun.sign_in.device)
    known.remember(person.id)
    session.clear()
    session.permanent = True
    session[KEY] = begun.key
    g.visitor = _visitor_of(begun.sign_in)


def device() -> str:
    """What this browser says of itself, in words."""
    return signins.device_words(request.headers.get("User-Agent", ""))


def sign_out(writing: Session, *, at: datetime) -> None:
    """Forget who is here; the cookie opens nothing any more, wherever it was copied to."""
    who = visitor()
    if who is not None:
        signins.end_all(writing, who.person.id, only=who.number, at=at)
    session.clear()
    g.visitor = None


def first_role(person: Person) -> Role:
    """The role one of the staff comes in: the one that may most."""
    return next(role for role in FIRST_ROLES if role.value in person.roles)


def _look_up() -> Visitor | None:
    key = session.get(KEY)
    if not isinstance(key, str):
        return None
    at = the_house().clock()
    found = signins.look(db.session(), key, at=at)
    if found is None:
        return None
    if at - found.seen_at > signins.SEEN_EVERY and request.endpoint != LEFT:
        _note_seen(found, at)
    return _visitor_of(found)


def _visitor_of(found: SignIn) -> Visitor:
    return Visitor(found.person, found.role, found.id, found.only_set_up, found.until, signins.ends(found))


def _note_seen(found: SignIn, at: datetime) -> None:
    try:
        with transaction() as writing:
            signins.seen(writing, found.id, at=at)
    except DatabaseError:
        current_app.logger.info("when device %s was seen could not be noted", found.id)
