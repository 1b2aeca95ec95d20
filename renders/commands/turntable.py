"""`python -m renders turntable FILE --out DIR`: pictures of a CAD file all the way round."""

import argparse

from renders.commands import drawn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and how many pictures."""
    drawn.add_arguments(parser)
    parser.add_argument("--frames", type=int, default=36)


def run(arguments: argparse.Namespace) -> int:
    """Draw them."""
    return drawn.run(arguments, "turntable", frames=arguments.frames)
