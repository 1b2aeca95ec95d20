"""Founding a house: folders, secret, schema, signing keys and the house's own row, each made once."""

from decimal import Decimal

from bespoke import schema
from bespoke.config import Settings
from bespoke.house import House, open_house, prepare
from bespoke.models.house import HouseRow
from bespoke.proof import keys
from bespoke.services import house as houses


def found_house(
    settings: Settings,
    *,
    name: str,
    reference_prefix: str,
    currency: str,
    vat_rate: Decimal,
    plan_key: str = "30/40/30",
    sole_maker: bool = False,
) -> House:
    """The opened house; what is there already is left as it is."""
    prepare(settings)
    house = open_house(settings)
    schema.upgrade(house.database, backups=settings.backups_folder)
    if not house.signing_folder.exists():
        keys.create(house.signing_folder, name, at=house.clock())
    with house.database.transaction() as session:
        if session.get(HouseRow, 1) is None:
            houses.found(
                session,
                name=name,
                reference_prefix=reference_prefix,
                currency=currency,
                vat_rate=vat_rate,
                plan_key=plan_key,
                sole_maker=sole_maker,
            )
    return house
