"""Founding a house: folders, secret, schema, signing keys and the house's own row, each made once."""

from dataclasses import dataclass
from decimal import Decimal

from bespoke import schema
from bespoke.config import Settings
from bespoke.house import House, open_house, prepare
from bespoke.models.house import HouseRow
from bespoke.proof import keys
from bespoke.services import house as houses


@dataclass(frozen=True, slots=True)
class Founded:
    """The opened house; `stood` is its name where it had been founded before, and nothing was changed."""

    house: House
    stood: str | None


def found_house(
    settings: Settings,
    *,
    name: str,
    reference_prefix: str,
    currency: str,
    vat_rate: Decimal,
    plan_key: str = "30/40/30",
    sole_maker: bool = False,
) -> Founded:
    """The opened house; what is there already is left as it is."""
    prepare(settings)
    house = open_house(settings)
    schema.upgrade(house.database, backups=settings.backups_folder)
    if not house.signing_folder.exists():
        keys.create(house.signing_folder, name, at=house.clock())
    with house.database.transaction() as session:
        standing = session.get(HouseRow, 1)
        stood = None if standing is None else standing.name
        if standing is None:
            houses.found(
                session,
                name=name,
                reference_prefix=reference_prefix,
                currency=currency,
                vat_rate=vat_rate,
                plan_key=plan_key,
                sole_maker=sole_maker,
            )
    return Founded(house, stood)
