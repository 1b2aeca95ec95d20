"""The demo house: founded and filled once, and a link for each role made anew at every start."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.config import Settings
from bespoke.demo import cast
from bespoke.demo.cast import NAMES, ROLES
from bespoke.demo.populate import populate
from bespoke.founding import found_house
from bespoke.house import House
from bespoke.models.commission import Commission
from bespoke.models.people import Person
from bespoke.services import links
from workflows.roles import Role

DOORS = ("client", "designer", "caster", "lead", "office", "owner")
SPOKEN = {"caster": "bench"}


@dataclass(frozen=True, slots=True)
class Door:
    """A way in for one role: who it is, and the address that opens once."""

    role: str
    name: str
    address: str


def open_demo(settings: Settings) -> House:
    """The demo house; what an earlier start has made is left as it is."""
    house = found_house(
        settings,
        name=cast.HOUSE,
        reference_prefix=cast.PREFIX,
        currency=cast.CURRENCY,
        vat_rate=cast.VAT,
        plan_key=cast.PLAN,
    ).house
    with house.database.transaction() as session:
        if session.scalar(select(Commission.id).limit(1)) is None:
            populate(session, house, at=house.clock())
    return house


def doors(house: House) -> tuple[Door, ...]:
    """One sign-in link for every role, fresh."""
    with house.database.transaction() as session:
        return tuple(_door(session, house, who) for who in DOORS)


def _door(session: Session, house: House, who: str) -> Door:
    name, email, _ = NAMES[who]
    person = session.scalars(select(Person).where(Person.email == email)).one()
    at, address = house.clock(), house.settings.address
    if ROLES[who] is Role.CLIENT:
        office = session.scalars(select(Person).where(Person.email == NAMES["office"][1])).one()
        secret = links.issue(session, person, office.acting(Role.OFFICE), at=at).secret
        return Door("client", name, f"{address}/enter/{secret}")
    secret = links.issue_for_staff(session, person, at=at).secret
    return Door(SPOKEN.get(who, who), name, f"{address}/enter/staff/{secret}")
