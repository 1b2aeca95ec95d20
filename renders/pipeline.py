"""From a CAD file to the design and the report on it, step by step."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

import numpy as np

from renders import checks, posing, scale, sorting, surface
from renders.bodies import Body, Bore, Design, Kind
from renders.bore import bore_beside, bore_of_bodies
from renders.errors import EmptyDesign, OpenMesh
from renders.formats import sniff_file
from renders.loading import load
from renders.report import (
    SCHEMA,
    BodyReport,
    BoreReport,
    Finding,
    LengthUnit,
    Level,
    PoseReport,
    Report,
    SizeLabel,
    Source,
    Tool,
    UnitFound,
)
from renders.stones import describe_stones
from renders.volume import metal_volume
from renders.weights import weights_of
from workflows.sentences import sentence
from workflows.sizes import System, nearest_label
from workflows.units import PI, round_to

TOOLS = ("numpy", "scipy", "trimesh", "manifold3d", "rhino3dm", "cascadio")


@dataclass(frozen=True, slots=True)
class Options:
    """What the one who hands the file in says about it."""

    name: str | None = None
    unit: LengthUnit | None = None
    size_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The design in millimetres, and what was measured on it."""

    design: Design
    report: Report


@dataclass(frozen=True, slots=True)
class Posed:
    """The design in millimetres as it stands, ready to be drawn, and what its loading showed."""

    source: Path
    options: Options
    design: Design
    unit: UnitFound
    bore: BoreReport | None
    bore_reason: str | None
    found: sorting.Sorted
    notes: tuple[Finding, ...]


def read(source: Path, options: Options) -> Reading:
    """Load, sort, scale, measure and check one CAD file.

    Raises:
        RenderError: the file is refused; see `renders.errors`.
    """
    posed = pose(source, options)
    return Reading(posed.design, measure(posed))


def pose(source: Path, options: Options) -> Posed:
    """Load, sort and scale one CAD file and find how it stands: all that its pictures need.

    Raises:
        RenderError: the file is refused; see `renders.errors`.
    """
    loaded = load(source)
    found = sorting.sort(loaded.parts)
    if not found.bodies:
        raise EmptyDesign(sentence("The surfaces of the file have no area. Export the design with its meshes."))
    raw_bore = bore_of_bodies(found.bodies)
    extent = scale.largest_extent(found.bodies)
    unit = scale.find_unit(raw_bore, extent, stated=loaded.stated, given=options.unit)

    bodies = tuple(scale.to_millimetres(body, unit.unit) for body in found.bodies)
    opening = None if raw_bore is None else scale.bore_in_millimetres(raw_bore, unit.unit)
    bore, bore_reason = _bore_report(opening)
    finger = opening if bore is not None else None
    design = Design(bodies, posing.pose(bodies, finger), finger)
    return Posed(source, options, design, unit, bore, bore_reason, found, tuple(loaded.notes))


def measure(posed: Posed) -> Report:
    """Measure and check what was posed; takes about as long again."""
    design, bodies, bore = posed.design, posed.design.bodies, posed.bore
    beside = None if design.bore is None else bore_beside(bodies, design.bore)
    metal, metal_reason = _metal(design, posed.notes)
    extents = _extents(bodies)

    findings = (
        *posed.notes,
        *checks.check_unit(posed.unit),
        *checks.check_closed(bodies),
        *checks.check_bore(bore, posed.options.size_mm),
        *checks.check_alone(bore, None if beside is None else beside.diameter),
        *checks.check_extents(extents),
        *checks.check_names(posed.found.doubtful),
        *checks.check_orientation(posed.found.turned),
    )
    return Report(
        schema=SCHEMA,
        source=_source(posed.source, posed.options.name),
        unit=posed.unit,
        triangles=sum(len(body.mesh.faces) for body in bodies),
        extents_mm=extents,
        pose=PoseReport(surface.triple(design.pose.axis, 6), surface.triple(design.pose.up, 6)),
        bodies=tuple(_body_report(body) for body in bodies),
        bore=bore,
        bore_reason=posed.bore_reason,
        metal_volume_mm3=None if metal is None else round(metal, 3),
        metal_volume_reason=metal_reason,
        weights=() if metal is None else weights_of(metal),
        weights_reason=None if metal is not None else f"No weight: {metal_reason}",
        stones=describe_stones(design.of(Kind.STONE)),
        findings=findings,
        tools=tuple(Tool(name, version(name)) for name in TOOLS),
    )


def _source(path: Path, name: str | None) -> Source:
    sniffed = sniff_file(path)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Source(path.name if name is None else name, sniffed.format.value, sniffed.bytes, digest)


def _bore_report(opening: Bore | None) -> tuple[BoreReport | None, str | None]:
    if opening is None:
        return None, sentence("No opening goes through the piece that metal surrounds.")
    diameter = round(opening.diameter, 4)
    smallest, largest = checks.FINGER_HOLE_MM
    if not smallest <= diameter <= largest:
        usual = f"a finger's is {smallest:.0f} to {largest:.0f} mm"
        return None, sentence(
            "The largest opening is %(diameter)s mm across; %(usual)s.", diameter=f"{diameter:.2f}", usual=usual
        )
    exact = Decimal(str(diameter))
    labels = (nearest_label(exact, system) for system in System)
    return (
        BoreReport(
            diameter_mm=diameter,
            circumference_mm=float(round_to(exact * PI, 3)),
            axis=surface.triple(opening.axis, 6),
            centre_mm=surface.triple(opening.centre, 4),
            sizes=tuple(SizeLabel(one.system.value, one.label, round(float(one.error_mm), 4)) for one in labels),
        ),
        None,
    )


def _metal(design: Design, notes: tuple[Finding, ...]) -> tuple[float | None, str | None]:
    """The metal's volume, or None with the reason it is withheld."""
    missing = next((note for note in notes if note.level is Level.BLOCK), None)
    if missing is not None:
        return None, missing.message
    try:
        return metal_volume(design.of(Kind.METAL)), None
    except OpenMesh as withheld:
        return None, withheld.message


def _body_report(body: Body) -> BodyReport:
    vertices, faces = np.asarray(body.mesh.vertices, np.float64), np.asarray(body.mesh.faces, np.int64)
    closed = surface.count_edges(faces).closed
    return BodyReport(
        name=body.name,
        layer=body.layer,
        material=body.material,
        kind=body.kind.value,
        faces=len(faces),
        closed=closed,
        volume_mm3=round(abs(surface.signed_volume(vertices, faces)), 4) if closed else None,
        extents_mm=surface.triple(np.ptp(vertices, axis=0), 4),
    )


def _extents(bodies: tuple[Body, ...]) -> tuple[float, float, float]:
    bounds = np.array([(body.mesh.vertices.min(axis=0), body.mesh.vertices.max(axis=0)) for body in bodies])
    return surface.triple(bounds[:, 1].max(axis=0) - bounds[:, 0].min(axis=0), 4)
