"""`bespoke staff`: take somebody onto the staff, and make them a sign-in link at this console."""

import argparse

from bespoke.config import Settings
from bespoke.house import open_house
from bespoke.services import links, people
from workflows.roles import STAFF, Role


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who, and as what."""
    parser.add_argument("email")
    parser.add_argument("--name", help="needed for somebody new")
    parser.add_argument(
        "--role", action="append", default=[], choices=sorted(role.value for role in STAFF), help="may be given twice"
    )
    parser.add_argument("--trade", default="", help="printed as a credit: setter, designer")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """The person is on the staff, and has a link to set up their password and second factor with."""
    house = open_house(settings)
    try:
        at = house.clock()
        with house.database.transaction() as session:
            person = people.take_in(
                session,
                name=arguments.name or arguments.email,
                email=arguments.email,
                at=at,
                roles=tuple(Role(role) for role in arguments.role),
                trade=arguments.trade,
            )
            secret = links.issue_for_staff(session, person, only_set_up=True, at=at).secret
    finally:
        house.close()
    print(f"{person.name}: {settings.address}/enter/staff/{secret}")
    return 0
