"""`python -m renders read SOURCE --out DIR`: the child that reads a client's bytes; it loads no renderer."""

import argparse
from pathlib import Path

from renders import neutral
from renders.examination import DESIGN_FILE, REPORT_FILE
from renders.pipeline import Options, measure, pose
from renders.report import LengthUnit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of this command."""
    parser.add_argument("source", type=Path, metavar="SOURCE")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--name", help="how the report calls the file")
    parser.add_argument("--unit", type=LengthUnit, choices=list(LengthUnit), help="the unit the designer confirmed")
    parser.add_argument("--size-mm", type=float, metavar="MM", help="the inner diameter ordered")


def run(arguments: argparse.Namespace) -> int:
    """Leave design.npz in the folder as soon as it can be drawn, then report.json."""
    posed = pose(arguments.source, Options(arguments.name, arguments.unit, arguments.size_mm))
    neutral.save(posed.design, arguments.out / DESIGN_FILE)
    (arguments.out / REPORT_FILE).write_text(measure(posed).to_json(), encoding="utf-8")
    return 0
