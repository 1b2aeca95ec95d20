"""`python -m renders COMMAND …`: a CAD file in, a report, pictures or a light model out."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from renders.errors import REFUSED, RenderError, write_refusal

WRONG_WORDS = 2
COMMANDS = {
    "read": "the limited child that reads SOURCE and leaves report.json and design.npz",
    "picture": "the limited child that draws what `read` left in a folder",
    "report": "measure a CAD file and tell what was found",
    "stills": "three pictures of a CAD file",
    "turntable": "36 pictures of a CAD file, all the way round",
    "web": "a light model of a CAD file for the browser",
}


def main(words: Sequence[str]) -> int:
    """Run one command and hand back its exit code: 0 done, 2 wrong words, 3 refused with the reason."""
    chosen = next((word for word in words if not word.startswith("-")), None)
    parser = argparse.ArgumentParser(prog="python -m renders", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    run = None
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name == chosen:  # only then is its module loaded: reading a file must not load VTK
            module = import_module(f"renders.commands.{name}")
            module.add_arguments(command)
            run = module.run
    arguments = parser.parse_args(words)
    assert run is not None  # argparse has refused any other word
    try:
        return int(run(arguments))
    except RenderError as refusal:
        sys.stderr.write(f"{refusal}\n")
        if arguments.command in ("read", "picture"):
            write_refusal(refusal, Path())
        return REFUSED
    except (FileNotFoundError, IsADirectoryError, PermissionError) as missing:
        sys.stderr.write(f"{missing.filename} cannot be read: {missing.strerror}.\n")
        return WRONG_WORDS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
