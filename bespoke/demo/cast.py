"""The people of the demo house, all invented, and the house itself."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from bespoke.models.people import Person
from bespoke.services import house, people
from workflows.roles import Actor, Role

HOUSE = "Orrell & Finch"
PREFIX = "OF"
CURRENCY = "GBP"
VAT = Decimal("0.20")
PLAN = "30/40/30"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays whom; one person may be asked for in any role they have."""

    client: Person
    other_client: Person
    designer: Person
    caster: Person
    lead: Person
    maker: Person
    setter: Person
    polisher: Person
    checker: Person
    office: Person
    owner: Person

    def actor(self, who: str) -> Actor:
        """One of the cast in the role they play."""
        person: Person = getattr(self, who)
        return person.acting(ROLES[who])


ROLES = {
    "client": Role.CLIENT,
    "other_client": Role.CLIENT,
    "designer": Role.DESIGNER,
    "caster": Role.BENCH,
    "lead": Role.LEAD,
    "maker": Role.BENCH,
    "setter": Role.BENCH,
    "polisher": Role.BENCH,
    "checker": Role.BENCH,
    "office": Role.OFFICE,
    "owner": Role.OWNER,
}
NAMES = {
    "client": ("Maren Aldous", "maren.aldous@example.org", ""),
    "other_client": ("Gideon Aldermoor", "gideon.aldermoor@example.org", ""),
    "designer": ("Ines Halloran", "ines@orrellfinch.example", "designer"),
    "caster": ("Kofi Mensa", "kofi@orrellfinch.example", "caster"),
    "lead": ("Bertil Orrell", "bertil@orrellfinch.example", "workshop lead"),
    "maker": ("Tobias Wren", "tobias@orrellfinch.example", "goldsmith"),
    "setter": ("Petra Vance", "petra@orrellfinch.example", "setter"),
    "polisher": ("Lio Marsh", "lio@orrellfinch.example", "polisher"),
    "checker": ("Pilar Nakadai", "pilar@orrellfinch.example", "final check"),
    "office": ("Jonah Veldt", "jonah@orrellfinch.example", "office"),
    "owner": ("Dora Finch", "dora@orrellfinch.example", "owner"),
}


def gather(session: Session, at: datetime) -> Cast:
    """Everybody, taken in where the house does not know them yet."""
    found = {}
    for who, (name, email, trade) in NAMES.items():
        roles = () if ROLES[who] is Role.CLIENT else (ROLES[who],)
        found[who] = people.take_in(session, name=name, email=email, trade=trade, roles=roles, at=at)
    return Cast(**found)


def furnish(session: Session) -> None:
    """The demo house's address and bank, as they stand on its papers."""
    row = house.current(session)
    row.strapline = "Goldsmiths, Ravensbourne"
    row.address = "11 Tallow Court, Ravensbourne"
    row.telephone = "01632 960 144"
    row.email = "house@orrellfinch.example"
    row.public_address = "orrellfinch.example/v"
    row.tax_number = "GB 000 0000 00"
    row.bank_name = "Bank of Ravensbourne"
    row.bank_account = "00-00-00 00000000"
    row.card_provider = "fake"
