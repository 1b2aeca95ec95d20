"""What `stills`, `turntable` and `web` share: a file through both children, and the wanted files into a folder."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from renders.drawing import draw
from renders.examination import examine
from renders.report import LengthUnit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words these commands have in common."""
    parser.add_argument("source", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="this folder when left out")
    parser.add_argument("--metal", default="AU750Y", help="the alloy's code")
    parser.add_argument("--unit", type=LengthUnit, choices=list(LengthUnit), help="the unit you confirm")


def run(arguments: argparse.Namespace, part: str, *, frames: int | None = None) -> int:
    """Examine and draw `part` of the file in limited children; name each file that was written."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="renders-") as place:
        folder = Path(place)
        examine(arguments.source, folder, name=arguments.source.name, unit=arguments.unit)
        for one in draw(folder, metal=arguments.metal, frames=frames, only=(part,)):
            shutil.copyfile(folder / one.name, arguments.out / one.name)
            sys.stdout.write(f"{arguments.out / one.name}\n")
    return 0
