"""`python -m renders picture DIR`: the child that draws what `read` left in a folder; no client byte reaches it."""

import argparse
import math
from pathlib import Path

from renders import pictures, turntable
from renders.camera import CAMERAS, Frame
from workflows.alloys import ALLOYS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of this command."""
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--metal", default="AU750Y", help="the alloy's code")
    parser.add_argument("--frames", type=int, default=turntable.FRAMES, help="of the turntable")
    parser.add_argument(
        "--like",
        action="append",
        default=[],
        type=_camera_place,
        metavar="CAMERA=MM,MM,MM",
        help="where that camera stood for an earlier drawing: away, across and along its picture",
    )
    parser.add_argument(
        "--swatch", action="append", default=[], choices=sorted(ALLOYS), help="an alloy to draw the piece in once more"
    )
    parser.add_argument("--wait", action="store_true", help="get ready, and begin when `read` has left the design")
    parser.add_argument("--only", action="append", choices=pictures.PARTS, help="all parts when left out")


def run(arguments: argparse.Namespace) -> int:
    """Leave stills, turntable, model, drawings and pictures.json in the folder."""
    if arguments.wait:
        pictures.get_ready(arguments.folder)
    pictures.draw(
        arguments.folder,
        metal=arguments.metal,
        frames=arguments.frames,
        only=arguments.only or pictures.PARTS,
        like=dict(arguments.like),
        swatches=arguments.swatch,
    )
    return 0


def _camera_place(words: str) -> tuple[str, Frame]:
    camera, _, place = words.partition("=")
    numbers = [float(number) for number in place.split(",")]
    if camera not in {one.name for one in CAMERAS} or len(numbers) != 3 or not all(map(math.isfinite, numbers)):
        raise ValueError(words)
    return camera, Frame(*numbers)
