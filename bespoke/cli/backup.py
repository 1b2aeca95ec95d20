"""`bespoke backup`: database, files and keys in one new folder."""

import argparse
from contextlib import closing
from pathlib import Path

from bespoke.backup import backup
from bespoke.config import Settings
from bespoke.house import open_house

INCOMPLETE = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("folder", type=Path, help="the folder to make; it holds the keys, so keep it safe")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Exit code 0 when all is in it, 1 when files were missing or damaged, each named."""
    with closing(open_house(settings)) as house:
        made = backup(house, arguments.folder)
    size = sum(entry.size for entry in made.entries)
    files = sum(entry.path.startswith("files/") for entry in made.entries)
    print(f"{arguments.folder}: {made.rows} rows, {files} files, {size / 1e6:,.1f} MB. It holds the house's keys.")
    for digest in made.missing:
        print(f"BREACH  the file {digest} is gone or damaged and is not in the backup")
    return INCOMPLETE if made.missing else 0
