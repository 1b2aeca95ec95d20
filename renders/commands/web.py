"""`python -m renders web FILE --out DIR`: a light model of a CAD file for the browser."""

import argparse

from renders.commands import drawn
from renders.commands.drawn import add_arguments

__all__ = ["add_arguments", "run"]


def run(arguments: argparse.Namespace) -> int:
    """Draw them."""
    return drawn.run(arguments, "web")
