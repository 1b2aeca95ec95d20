"""`bespoke serve`: web and worker from one command."""

import argparse

from bespoke import schema
from bespoke.cli.listening import require_free
from bespoke.config import Settings
from bespoke.house import open_house
from bespoke.jobs import supervisor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing but the settings."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Bring the schema up to date, then serve until SIGTERM or SIGINT."""
    require_free(settings)
    house = open_house(settings)
    schema.upgrade(house.database, backups=settings.backups_folder)
    house.close()
    print(f"The house is at {settings.address}", flush=True)
    supervisor.become()
