"""`bespoke rehearse`: play a whole commission with your own CAD file."""

import argparse
from pathlib import Path

from bespoke.cli import CommandRefused
from bespoke.config import Settings
from bespoke.demo.rehearse import Play, in_a_house_of_its_own, play
from workflows.alloys import ALLOYS
from workflows.sizes import RingSize
from workflows.template import keys

UNWELL = 1
LEFT = ("house", "dossier.pdf")  # what a rehearsal leaves in its folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and what is to be made of it."""
    parser.add_argument("--cad", type=Path, action="append", required=True, help="a CAD file; twice: the next revision")
    parser.add_argument("--out", type=Path, required=True, help="an empty folder for the dossier and the house")
    parser.add_argument("--template", default="ring", choices=keys())
    parser.add_argument("--size", help="the ordered size, such as “UK M”; the file's own when left out")
    parser.add_argument("--alloy", default="AU750Y", choices=sorted(ALLOYS))
    parser.add_argument(
        "--override",
        action="append",
        default=[],
        metavar="CODE=REASON",
        help="answer a block of the CAD report, as the workshop lead would",
    )
    parser.add_argument("--worker-elsewhere", action="store_true", help="jobs are done by a worker that runs already")


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Exit code 0 when the story came to its end and `doctor` found nothing."""
    for cad in arguments.cad:
        if not cad.is_file():
            raise CommandRefused(f"There is no file {cad}.")
    if arguments.size is not None:
        RingSize.parse(arguments.size)  # refused now, and not when the brief is written
    _require_unused(arguments.out)
    overrides = []
    for given in arguments.override:
        code, sign, reason = given.partition("=")
        if not sign or not reason.strip():
            raise CommandRefused(f"--override is {given!r}; write CODE=REASON.")
        overrides.append((code, reason))
    wanted = Play(
        cads=tuple(arguments.cad),
        out=arguments.out,
        template=arguments.template,
        size=arguments.size,
        alloy=arguments.alloy,
        overrides=tuple(overrides),
        worker_elsewhere=arguments.worker_elsewhere,
    )
    return UNWELL if play(in_a_house_of_its_own(settings, arguments.out), wanted) else 0


def _require_unused(out: Path) -> None:
    """Refuse a folder of an earlier rehearsal: its commission would be the second of that house."""
    if out.exists() and not out.is_dir():
        raise CommandRefused(f"{out} is a file; --out is a folder that is not there yet, or is empty.")
    earlier = [name for name in LEFT if (out / name).exists()]
    if earlier:
        raise CommandRefused(f"{out} holds the {earlier[0]} of an earlier rehearsal; give --out an empty folder.")
