"""`python -m renders report FILE`: measure a CAD file in the limited child and tell a person, or as JSON."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from renders.examination import examine
from renders.report import LengthUnit, Report, StoneReport

_SHOWN_ALLOYS = ("AU750Y", "AU585Y", "PT950RU", "AG925")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of this command."""
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--unit", type=LengthUnit, choices=list(LengthUnit), help="the unit the designer confirmed")
    parser.add_argument("--size-mm", type=float, metavar="MM", help="the inner diameter ordered")
    parser.add_argument("--json", action="store_true", help="the whole report as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the report; a file with blocking findings still has one."""
    with tempfile.TemporaryDirectory(prefix="renders-") as folder:
        report = examine(
            arguments.file,
            Path(folder),
            name=arguments.file.name,
            unit=arguments.unit,
            size_mm=arguments.size_mm,
        )
    sys.stdout.write(report.to_json() if arguments.json else "\n".join(lines(report)) + "\n")
    return 0


def lines(report: Report) -> Iterator[str]:
    """The report for a person, a fact a line."""
    source, extents = report.source, report.extents_mm
    yield f"{source.name}: {source.format.upper()}, {source.bytes:,} bytes, SHA-256 {source.sha256[:16]}…"
    yield f"Unit: {report.unit.sentence}"
    kinds = [body.kind for body in report.bodies]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    yield f"Bodies: {counts}; {report.triangles:,} triangles; {' × '.join(f'{one:.2f}' for one in extents)} mm"
    if report.bore is None:
        yield f"Bore: none. {report.bore_reason}"
    else:
        sizes = ", ".join(size.label for size in report.bore.sizes if size.system in ("US", "UK", "ISO", "JP"))
        yield f"Bore: {report.bore.diameter_mm:.3f} mm, {report.bore.circumference_mm:.2f} mm round ({sizes})"
    if report.metal_volume_mm3 is None:
        yield f"Metal: {report.weights_reason}"
    else:
        weights = ", ".join(f"{alloy} {report.weight_g(alloy)} g" for alloy in _SHOWN_ALLOYS)
        yield f"Metal: {report.metal_volume_mm3:.2f} mm³ cast solid; {weights}"
    yield f"Stones: {report.stone_count}"
    for stone in report.stones:
        carats = _carats(stone)
        yield (
            f"  {stone.name}: {stone.species or 'stone'}, {stone.shape}, "
            f"{stone.length_mm:.2f} × {stone.width_mm:.2f} × {stone.depth_mm:.2f} mm, {carats}"
        )
    for finding in report.findings:
        yield f"{finding.level.value}: {finding.message}"


def _carats(stone: StoneReport) -> str:
    if stone.estimated_ct is not None:
        return f"about {stone.estimated_ct:.3f} ct"
    if stone.estimated_ct_if_diamond is not None:
        return f"about {stone.estimated_ct_if_diamond:.3f} ct if diamond"
    return "no weight: its surface is open"
