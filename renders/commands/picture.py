"""`python -m renders picture DIR`: the child that draws what `read` left in a folder; no client byte reaches it."""

import argparse
from pathlib import Path

from renders import pictures, turntable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of this command."""
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--metal", default="AU750Y", help="the alloy's code")
    parser.add_argument("--frames", type=int, default=turntable.FRAMES, help="of the turntable")
    parser.add_argument("--wait", action="store_true", help="get ready, and begin when `read` has left the design")
    parser.add_argument("--only", action="append", choices=pictures.PARTS, help="all parts when left out")


def run(arguments: argparse.Namespace) -> int:
    """Leave stills, turntable, model, drawings and pictures.json in the folder."""
    if arguments.wait:
        pictures.get_ready(arguments.folder)
    pictures.draw(
        arguments.folder, metal=arguments.metal, frames=arguments.frames, only=arguments.only or pictures.PARTS
    )
    return 0
