"""`python -m renders stills FILE --out DIR`: the stills of a CAD file."""

import argparse

from renders.commands import drawn
from renders.commands.drawn import add_arguments

__all__ = ["add_arguments", "run"]


def run(arguments: argparse.Namespace) -> int:
    """Draw them."""
    return drawn.run(arguments, "stills")
