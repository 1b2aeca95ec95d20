"""Who is signed in where: one row a device, found by what its cookie carries, ended singly or all at once."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, contains_eager

from bespoke.models.access import SignIn
from bespoke.models.people import Person
from bespoke.services.errors import Missing
from bespoke.services.links import SECRET_BYTES, hash_of
from workflows.errors import NotAllowed
from workflows.roles import STAFF, Role
from workflows.sentences import sentence

LASTS = {True: timedelta(hours=12), False: timedelta(days=7)}  # staff, client
SEEN_EVERY = timedelta(minutes=15)
IDLE = timedelta(hours=2, minutes=15)  # of the staff, unused: two hours, and what is not noted each time
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Begun:
    """A device just signed in; `key` is told this once, for its cookie, and kept nowhere."""

    sign_in: SignIn
    key: str


def begin(
    session: Session,
    person: Person,
    role: Role,
    device: str,
    *,
    at: datetime,
    link_id: int | None = None,
    only_set_up: bool = False,
) -> Begun:
    """Sign a device in: a client for a week, one of the staff for twelve hours.

    Args:
        device: what the browser says of itself.
        only_set_up: nothing but the page where second factors are set up opens.
    """
    key = secrets.token_urlsafe(SECRET_BYTES)
    row = SignIn(
        person_id=person.id,
        key_hash=hash_of(key),
        role=role,
        device=device_words(device),
        link_id=link_id,
        only_set_up=only_set_up,
        begun_at=at,
        seen_at=at,
        until=at + LASTS[role in STAFF],
    )
    session.add(row)
    session.flush()
    return Begun(row, key)


def look(session: Session, key: str, *, at: datetime) -> SignIn | None:
    """Who is signed in with this key, person included, in one statement; None where it was ended or is over."""
    statement = (
        select(SignIn)
        .join(SignIn.person)
        .options(contains_eager(SignIn.person))
        .where(SignIn.key_hash == hash_of(key), SignIn.ended_at.is_(None), SignIn.until > at, Person.active)
    )
    found = session.scalar(statement)
    if found is None or ends(found) <= at:
        return None
    if found.role in STAFF and found.role.value not in found.person.roles:
        return None
    return found


def ends(sign_in: SignIn) -> datetime:
    """When it is over if nothing more is done: a client's after its week, one of the staff's sooner when unused."""
    return min(sign_in.until, sign_in.seen_at + IDLE) if sign_in.role in STAFF else sign_in.until


def seen(session: Session, sign_in_id: int, *, at: datetime) -> None:
    """Note that the device was here; nothing rests on it."""
    session.execute(
        update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=at).execution_options(synchronize_session=False)
    )


def of(session: Session, person_id: int, *, at: datetime) -> tuple[SignIn, ...]:
    """The devices somebody is signed in on, the one seen last first."""
    statement = (
        select(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.until > at)
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    )
    return tuple(one for one in session.scalars(statement) if ends(one) > at)


def end(session: Session, person_id: int, sign_in_id: int, *, at: datetime) -> None:
    """Sign one device of somebody out; its next page is the door.

    Raises:
        Missing: they are not signed in there, or no longer.
    """
    if end_all(session, person_id, only=sign_in_id, at=at) == 0:
        raise Missing(sentence("That device is not signed in any more."))


def end_all(session: Session, person_id: int, *, only: int | None = None, but: int | None = None, at: datetime) -> int:
    """Sign somebody out everywhere, on the device `only`, or on all `but` one; how many devices that were."""
    statement = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.until > at)
    if only is not None:
        statement = statement.where(SignIn.id == only)
    if but is not None:
        statement = statement.where(SignIn.id != but)
    ended = statement.values(ended_at=at).returning(SignIn.id).execution_options(synchronize_session="fetch")
    return len(session.scalars(ended).all())


def take_role(session: Session, sign_in_id: int, role: Role) -> None:
    """Go on in another of one's roles on this device.

    Raises:
        NotAllowed: the person does not have that role.
    """
    row = session.get_one(SignIn, sign_in_id)
    if role not in STAFF or role.value not in row.person.roles:
        raise NotAllowed(sentence("That is not one of your roles in this house."))
    row.role = role
    session.flush()


def open_fully(session: Session, sign_in_id: int) -> None:
    """Let everything open: the second factor is set up."""
    session.get_one(SignIn, sign_in_id).only_set_up = False
    session.flush()


def device_words(user_agent: str) -> str:
    """What a browser says of itself, in words: "Firefox on Windows"; "A browser" where it says nothing known."""
    browser = next((name for token, name in BROWSERS if re.search(rf"\b{token}/", user_agent)), "")
    system = next((name for token, name in SYSTEMS if token in user_agent), "")
    if browser and system:
        return sentence("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or sentence("A browser")
