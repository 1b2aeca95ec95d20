"""The sections of stones and materials: what it is made of, measured and marked."""

from datetime import date
from decimal import Decimal

from bespoke.documents.facts import (
    Hallmark,
    Material,
    Measured,
    Parcel,
    ParcelRow,
    Reading,
    Report,
    Row,
    Stone,
)
from bespoke.dossiers.design import drawing
from bespoke.dossiers.record import Record
from bespoke.dossiers.words import capital, counted, metal_of, name_of, plural, shape_of
from bespoke.models.stone import StoneReport, StoneRow
from bespoke.templating.catalogue import _, lazy
from workflows.naming import disclosure, origin_statement
from workflows.units import CARAT_G, round_carat

MARKS = (
    ("sponsor", "octagon", lazy("maker’s mark")),
    ("fineness", "barrel", lazy("fineness in thousandths")),
    ("office", "shield", lazy("assay office")),
    ("letter", "arch", lazy("date letter")),
)


def stones(record: Record) -> tuple[Stone, ...]:
    """Each single stone of the piece."""
    single = [option.stone for option in record.stones if option.stone.pieces == 1]
    return tuple(_stone(record, stone, number) for number, stone in enumerate(single))


def parcels(record: Record) -> tuple[Parcel, ...]:
    """Small stones bought and set together."""
    alike: dict[tuple[str, str], list[StoneRow]] = {}
    for option in record.stones:
        if option.stone.pieces > 1:
            key = (name_of(option.stone), disclosure(option.stone.named).words)
            alike.setdefault(key, []).append(option.stone)
    return tuple(_parcel(stones) for stones in alike.values())


def stones_note(record: Record) -> str:
    """How the reports can be checked."""
    reported = [option.stone for option in record.stones if option.stone.governing is not None]
    if not reported:
        return ""
    attached = any(report.digest for stone in reported for report in stone.reports if report.governing)
    bound = _("The laboratory’s report is bound in at the back. ") if attached else ""
    read = any(stone.inscription_read_at for stone in reported)
    inscription = _(" The inscription needs a loupe of ten times.") if read else ""
    return _(
        "%(bound)sA report’s number can be checked with its laboratory at any time.%(inscription)s",
        bound=bound,
        inscription=inscription,
    )


def materials(record: Record) -> tuple[Material, ...]:
    """Metal and stones with where they came from."""
    found = []
    if record.piece.alloy is not None:
        lot = record.shown("casting", "alloy_lot").get("lot")
        source = _("Alloy lot %(lot)s", lot=lot) if lot else _("Origin of the metal not recorded")
        found.append(
            Material(str(record.piece.template.title), metal_of(record.piece), source, metal_g=_metal_g(record))
        )
    for option in record.stones:
        stone = option.stone
        report = stone.governing
        shape = shape_of(stone)
        name = plural(name_of(stone), stone.pieces)
        found.append(
            Material(
                part=_part(stone),
                material=capital(name) if not shape else f"{capital(name)}, {shape}",
                origin=capital(origin_statement(stone.named)) + (f", {_report_name(report)}" if report else ""),
                stones_ct=round_carat(stone.weight_ct),
                pieces=stone.pieces if stone.pieces > 1 else None,
            )
        )
    return tuple(found)


def finished_g(record: Record) -> Decimal | None:
    """The finished piece on the scale, stones included."""
    final = record.weighed("final")
    return None if final is None else final.weight_g


def measured(record: Record) -> Measured | None:
    """What the final check read in millimetres beside what was drawn."""
    rows = [row for row in record.piece.readings if row.unit == "mm" and not row.superseded]
    if not rows:
        return None
    readings = tuple(Reading(_reading_name(row.point), _number(row.expected), _number(row.found)) for row in rows)
    last = rows[-1]
    return Measured(readings, last.by.name, record.day(last.at))


def hallmarks(record: Record) -> tuple[Hallmark, ...]:
    """The marks as the assay office struck them."""
    if "hallmark" not in record.piece.template:
        return ()
    marks = record.shown("hallmark", "marks")
    return tuple(Hallmark(str(marks[key]), outline, str(meaning)) for key, outline, meaning in MARKS if marks.get(key))


def hallmark_note(record: Record) -> str:
    """What the marks say, or why there are none."""
    marks = hallmarks(record)
    if marks:
        return _("Struck into the metal: %(meaning)s.", meaning=", ".join(mark.meaning for mark in marks))
    if "hallmark" in record.piece.template and record.piece.milestone("hallmark").status.value == "skipped":
        return _("Not hallmarked; its metal weighs less than the law asks for, or its market asks for none.")
    return ""


def _stone(record: Record, stone: StoneRow, number: int) -> Stone:
    treated = disclosure(stone.named)
    size = [f"{side:.2f}" for side in (stone.length_mm, stone.width_mm, stone.depth_mm) if side is not None]
    rows = [
        Row(_("Weight"), f"{round_carat(stone.weight_ct)} ct"),
        Row("Cut", capital(shape_of(stone) or _("own shape"))),
    ]
    rows.append(Row(_("Measures"), f"{' × '.join(size)} mm"))
    rows += [Row(name, value) for name, value in ((_("Colour"), stone.colour), (_("Clarity"), stone.clarity)) if value]
    if stone.cut:
        rows.append(Row(_("Cut grade"), stone.cut))
    rows.append(Row(_("Origin"), capital(origin_statement(stone.named))))
    rows.append(Row(_("Treatment"), capital(treated.words)))
    revision = record.approved
    photograph = stone.photograph
    return Stone(
        name=capital(name_of(stone)),
        rows=tuple(rows),
        reports=tuple(_report(record, report) for report in stone.reports if report.governing),
        # the drawings are numbered from the largest stone on, as the stones are here
        crown=drawing(record, revision, f"facets-{number:02}", _("Crown and pavilion, to scale")),
        picture=None if photograph is None else record.files.picture(photograph, f"The {name_of(stone)}"),
        note=" ".join(map(str, treated.care)),
    )


def _report(record: Record, report: StoneReport) -> Report:
    rows = [Row(_("Laboratory"), report.laboratory), Row(_("Number"), report.number)]
    if report.issued:
        rows.append(Row(_("Issued"), _day(report.issued)))
    if report.stone.inscription:
        rows.append(Row(_("Inscription"), _("%(inscription)s, girdle", inscription=report.stone.inscription)))
    if report.verified_at is not None:
        rows.append(Row(_("Checked with the laboratory"), record.day(report.verified_at).isoformat()))
    name = f"report-{report.laboratory}-{report.number}.pdf".replace("/", "-")
    attached = None if report.digest is None else record.files.attachment(report.digest, name)
    return Report(_("Report %(report_name)s", report_name=_report_name(report)), tuple(rows), attached)


def _day(written: str) -> str:
    """A day as it is printed; what is no day stays as the laboratory wrote it."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return written
    return f"{day.day} {day:%B} {day.year}"


def _parcel(stones: list[StoneRow]) -> Parcel:
    """Small stones of one name and treatment, a row for each size."""
    pieces = sum(stone.pieces for stone in stones)
    weight = sum((stone.weight_ct for stone in stones), Decimal(0))
    note = _("Treatment: %(words)s", words=disclosure(stones[0].named).words)
    title = f"{capital(counted(pieces))} {plural(name_of(stones[0]), pieces)}"
    rows = tuple(_parcel_row(stone) for stone in sorted(stones, key=lambda stone: -stone.length_mm))
    return Parcel(title, rows, round_carat(weight), note if note.endswith(".") else f"{note}.")


def _parcel_row(stone: StoneRow) -> ParcelRow:
    return ParcelRow(
        place=capital(shape_of(stone) or plural(name_of(stone), stone.pieces)),
        pieces=stone.pieces,
        diameter_mm=stone.length_mm,
        each_ct=(stone.weight_ct / stone.pieces).quantize(Decimal("0.0001")),
        colour=stone.colour or _("not determined"),
        clarity=stone.clarity or _("not determined"),
        origin=capital(origin_statement(stone.named)),
    )


def _metal_g(record: Record) -> Decimal | None:
    final = finished_g(record)
    if final is None:
        return None
    carats = sum((option.stone.weight_ct for option in record.stones), Decimal(0))
    return (final - carats * CARAT_G).quantize(Decimal("0.01"))


def _part(stone: StoneRow) -> str:
    return _("Small stones") if stone.pieces > 1 else _("Stone")


def _report_name(report: StoneReport) -> str:
    return f"{report.laboratory} {report.number}"


def _reading_name(point: str) -> str:
    return _("Inside diameter") if point == "size" else capital(point)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None
