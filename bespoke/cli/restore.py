"""`bespoke restore`: bring a backup back into an empty place."""

import argparse
from pathlib import Path

from bespoke.backup import restore
from bespoke.config import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where from."""
    parser.add_argument("folder", type=Path, help="a folder made by `bespoke backup`")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Every byte is checked before anything is written."""
    brought = restore(settings, arguments.folder)
    print(
        f"{brought.rows} rows of {brought.made_at} are back in {settings.data_folder}. Next: `bespoke doctor --deep`."
    )
    return 0
