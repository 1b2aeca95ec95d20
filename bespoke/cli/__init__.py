"""The command line: `bespoke COMMAND`. Only the module of the command that is asked for is loaded.

A command is a module of this package with `add_arguments(parser)` and `run(arguments, settings) -> int`; `COMMANDS`
lists them. Refusals are told in one sentence on standard error and end with exit code 3, wrong settings with 2.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from bespoke.config import Misconfigured, read_settings

COMMANDS = {
    "init": "prepare an empty place: folders, keys, database, the house's name",
    "serve": "run web and worker until stopped",
    "demo": "a demo house: set up once, then served; prints its addresses",
    "rehearse": "play a whole commission with your own CAD file, from brief to signed dossier",
    "verify": "say whether a dossier or an exported archive is as the house issued it",
    "export": "a commission's whole archive as one file that proves itself",
    "doctor": "look whether everything the house remembers holds together",
    "staff": "take somebody onto the staff, or make them a sign-in link",
    "backup": "copy database, files and keys into one new folder",
    "restore": "bring a backup back into an empty place",
    "schema": "bring the database's schema up to date, or say whether it is",
    "sweep": "ring for what falls due, beside workers on a broker of their own",
}
REFUSED = 3
WRONG = 2


class CommandRefused(Exception):
    """A command that cannot do what was asked; the text says why and what to do."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and hand back its exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    given = list(sys.argv[1:] if words is None else words)
    chosen = next((word for word in given if not word.startswith("-")), None)
    parser = argparse.ArgumentParser(prog="bespoke", description="Commissions of one-of-a-kind jewellery.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    module = None
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name == chosen:
            module = import_module(f"bespoke.cli.{name}")
            module.add_arguments(command)
    arguments = parser.parse_args(given)
    assert module is not None  # argparse has refused any other word
    try:
        return int(module.run(arguments, read_settings(os.environ)))
    except Misconfigured as fault:
        sys.stderr.write(f"{fault}\n")
        return WRONG
    except Exception as fault:
        if not _is_ours(fault):
            raise
        sys.stderr.write(f"{fault}\n")
        return REFUSED


def _is_ours(fault: Exception) -> bool:
    """Whether it is a refusal of our own, which has a sentence for people."""
    return type(fault).__module__.partition(".")[0] in {"bespoke", "workflows", "renders"}
