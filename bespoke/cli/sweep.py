"""`bespoke sweep`: ring for what falls due."""

import argparse

from bespoke import worker
from bespoke.config import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing but the settings."""


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Until SIGTERM or SIGINT."""
    worker.sweep(settings)
    return 0
