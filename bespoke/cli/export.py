"""`bespoke export`: a commission's whole archive as one file that proves itself."""

import argparse
from contextlib import closing
from pathlib import Path

from bespoke.cli import CommandRefused
from bespoke.config import Settings
from bespoke.house import open_house
from bespoke.proof import keys
from bespoke.services import archives
from bespoke.services import house as houses


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which commission, and where to."""
    parser.add_argument("reference", help="the commission, such as OF-0412")
    parser.add_argument("--out", type=Path, required=True, help="the file to write; one that is there is not replaced")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Exit code 0 with the archive written whole; it is at its place only then."""
    target: Path = arguments.out
    if target.exists():
        raise CommandRefused(f"{target} exists already; name another file.")
    if not target.parent.is_dir():
        raise CommandRefused(f"There is no folder {target.parent}.")
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with closing(open_house(settings)) as house, house.database.reading() as session:
            made = archives.export(
                session,
                house.storage,
                archives.find(session, arguments.reference),
                unfinished,
                keys.load(house.signing_folder),
                house=houses.current(session).name,
                at=house.clock(),
            )
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    size = target.stat().st_size
    print(
        f"{target}: {made.files} files and {made.events} events, {size / 1e6:,.1f} MB, seal {made.digest[:8].upper()}."
    )
    print(f"Check it: bespoke verify {target}, or unpack it and run python verify.py in it.")
    return 0
