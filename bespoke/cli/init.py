"""`bespoke init`: prepare an empty place."""

import argparse
from decimal import Decimal, InvalidOperation

from bespoke.cli import CommandRefused
from bespoke.config import Settings
from bespoke.founding import found_house


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the house is called and counts in."""
    parser.add_argument("--name", required=True, help="the house's name as it stands on paper")
    parser.add_argument("--prefix", required=True, help="how references begin: OF gives OF-0001")
    parser.add_argument("--currency", default="GBP", help="three letters")
    parser.add_argument("--vat", default="0.20", help="0.20 for twenty in a hundred")
    parser.add_argument("--plan", default="30/40/30", help="how a price is paid: 30/40/30, 10/40/50 or 50/50")
    parser.add_argument("--sole-maker", action="store_true", help="the house is one person")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Folders, keys, schema and the house's row; what is there already is left alone."""
    try:
        vat = Decimal(arguments.vat)
    except InvalidOperation:
        raise CommandRefused(f"--vat is {arguments.vat!r}; write 0.20 for twenty in a hundred.") from None
    founded = found_house(
        settings,
        name=arguments.name,
        reference_prefix=arguments.prefix,
        currency=arguments.currency,
        vat_rate=vat,
        plan_key=arguments.plan,
        sole_maker=arguments.sole_maker,
    )
    founded.house.close()
    if founded.stood is not None:
        print(f"{founded.stood} stands in {settings.data_folder} already. Nothing was changed.")
        print("For another house, set BESPOKE_DATA_FOLDER to an empty folder.")
        return 0
    print(f"{arguments.name} is ready in {settings.data_folder}. Next: `bespoke staff`, then `bespoke serve`.")
    return 0
