"""`bespoke schema`: bring the database up to date, or say whether it is."""

import argparse

from bespoke import schema
from bespoke.config import Settings
from bespoke.database import Database

BEHIND = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Look or do."""
    parser.add_argument("what", choices=["upgrade", "drift"])


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """`upgrade` always ends with 0; `drift` with 1 when the tables are not what the program expects."""
    database = Database(settings.database)
    try:
        if arguments.what == "upgrade":
            copy = schema.upgrade(database, backups=settings.backups_folder)
            print(f"The schema is at {schema.current(database)}." + (f" Before: {copy}" if copy else ""))
            return 0
        drift = schema.drift(database)
        for difference in drift:
            print(difference)
        return BEHIND if drift else 0
    finally:
        database.close()
