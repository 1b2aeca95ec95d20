"""Examine a client's CAD file without touching its bytes here: the limited child reads, we read its report."""

from pathlib import Path

from renders import sandbox
from renders.errors import BrokenReport
from renders.formats import sniff_file
from renders.report import LengthUnit, Report
from workflows.sentences import sentence

REPORT_FILE = "report.json"
DESIGN_FILE = "design.npz"


def examine(
    source: Path,
    folder: Path,
    *,
    name: str | None = None,
    unit: LengthUnit | None = None,
    size_mm: float | None = None,
    limits: sandbox.Limits = sandbox.READ,
) -> Report:
    """The report on the CAD file `source`; `folder`, which has to exist, then holds it and `design.npz`.

    Args:
        name: how the report calls the file; its name on disk otherwise.
        unit: the unit the designer confirmed; otherwise found and said in the report.
        size_mm: the inner diameter ordered, against which the bore is checked.

    Raises:
        RenderError: the file is refused; the class says why (see `renders.errors`).
    """
    for left in (REPORT_FILE, DESIGN_FILE):
        (folder / left).unlink(missing_ok=True)
    sniff_file(source)
    arguments = ["read", str(source.resolve()), "--out", str(folder.resolve())]
    arguments += ["--name", name] if name is not None else []
    arguments += ["--unit", unit.value] if unit is not None else []
    arguments += ["--size-mm", repr(size_mm)] if size_mm is not None else []
    sandbox.run("renders", arguments, folder=folder, limits=limits)
    try:
        return Report.from_json((folder / REPORT_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BrokenReport(sentence("The examination left no report. Examine the file again.")) from error
