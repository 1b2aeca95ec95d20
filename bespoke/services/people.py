"""People: taking somebody in, as a client or as one of the staff."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.people import Person
from bespoke.services.errors import NotPossible
from workflows.roles import STAFF, Role
from workflows.sentences import sentence

ADDRESS_MOST = 300


def take_in(
    session: Session,
    *,
    name: str,
    email: str,
    at: datetime,
    roles: tuple[Role, ...] = (),
    trade: str = "",
    telephone: str = "",
) -> Person:
    """The person of that address; one whom the house knows already is not taken in twice.

    Raises:
        NotPossible: a name or an address is missing, a role is no staff role.
    """
    address = email.strip().lower()
    if not name.strip() or "@" not in address:
        raise NotPossible(sentence("A person has a name and an e-mail address."))
    if not set(roles) <= STAFF:
        raise NotPossible(sentence("Only staff have roles in the house; a client has one in each commission."))
    known = session.scalar(select(Person).where(Person.email == address))
    if known is not None:
        known.roles = sorted({*known.roles, *(role.value for role in roles)})
        return known
    person = Person(
        name=name.strip(),
        email=address,
        telephone=telephone,
        trade=trade,
        roles=sorted(role.value for role in roles),
        active=True,
        created_at=at,
    )
    session.add(person)
    session.flush()
    return person


def change_address(session: Session, person: Person, address: str) -> None:
    """Where the client lives, as it stands on invoices from now on; those that are out stay as they are.

    Raises:
        NotPossible: it is too long for a letter.
    """
    lines = [" ".join(line.split()) for line in address.splitlines()]
    kept = "\n".join(line for line in lines if line)
    if len(kept) > ADDRESS_MOST:
        raise NotPossible(sentence("An address has up to %(most)s letters.", most=ADDRESS_MOST))
    person.address = kept
    session.flush()
