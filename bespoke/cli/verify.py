"""`bespoke verify`: valid, altered or unknown; offline, without database and server."""

import argparse
from pathlib import Path

from bespoke.cli import CommandRefused
from bespoke.config import Settings
from bespoke.proof import keys
from bespoke.proof.verify import verify


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and whose it should be."""
    parser.add_argument("file", type=Path, help="a dossier (PDF) or an exported archive")
    parser.add_argument(
        "--house",
        type=Path,
        action="append",
        default=[],
        help="the certificate of the house, authority.pem; this house's own when left out",
    )


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Exit code 0 for valid, 1 for altered, 2 for unknown."""
    if not arguments.file.is_file():
        raise CommandRefused(f"There is no file {arguments.file}.")
    own = settings.keys_folder / "signing" / "authority.pem"
    given = arguments.house or ([own] if own.is_file() else [])
    verdict = verify(arguments.file, [keys.load_certificate(path) for path in given])
    print(verdict.text())
    return verdict.exit_code
