"""What a person should know about a design before anyone relies on it: findings with their level and place."""

from collections.abc import Sequence

import numpy as np

from renders import surface
from renders.bodies import Body, Kind
from renders.report import BoreReport, Finding, Level, UnitFound, UnitSource
from renders.volume import edges_said, open_bodies
from workflows.sentences import sentence

BORE_BLOCK_MM = 0.15
BORE_CARE_MM = 0.05
FINGER_HOLE_MM = (10.0, 30.0)
EXTENT_MM = (5.0, 80.0)
_MOST_NAMED = 10


def check_unit(unit: UnitFound) -> tuple[Finding, ...]:
    """A unit nobody confirmed and no file stated asks for a look."""
    if unit.source is UnitSource.SIZE:
        message = sentence(
            "Nobody has confirmed that the numbers are in %(unit)s; it was inferred from the size.",
            unit=unit.unit.value,
        )
        return (Finding("unit_unconfirmed", Level.CARE, message),)
    return ()


def check_closed(bodies: Sequence[Body]) -> tuple[Finding, ...]:
    """Metal that does not enclose a volume blocks, with its edges counted and one of them shown; stones ask a look."""
    found = []
    opened = open_bodies([body for body in bodies if body.kind is not Kind.HELPER])
    for body, edges in opened[:_MOST_NAMED]:
        metal = body.kind is Kind.METAL
        consequence = (
            sentence("It has no weight; close it in the CAD program.")
            if metal
            else sentence("Its weight is not estimated.")
        )
        found.append(
            Finding(
                "open_mesh" if metal else "open_stone",
                Level.BLOCK if metal else Level.CARE,
                f"“{body.name}” does not enclose a volume: {edges_said(edges)}. {consequence}",
                _fault(body),
            )
        )
    if len(opened) > _MOST_NAMED:
        level = Level.BLOCK if any(body.kind is Kind.METAL for body, _ in opened[_MOST_NAMED:]) else Level.CARE
        found.append(
            Finding(
                "open_mesh",
                level,
                sentence("%(opened)s more bodies do not enclose a volume.", opened=len(opened) - _MOST_NAMED),
            )
        )
    return tuple(found)


def check_bore(bore: BoreReport | None, size_mm: float | None) -> tuple[Finding, ...]:
    """The bore against the inner diameter ordered, where one was ordered."""
    if size_mm is None:
        return ()
    if bore is None:
        return (
            Finding(
                "bore_missing",
                Level.BLOCK,
                sentence("A size of %(size_mm)s mm is ordered and no bore was found.", size_mm=f"{size_mm:.2f}"),
            ),
        )
    off = bore.diameter_mm - size_mm
    if abs(off) <= BORE_CARE_MM:
        return ()
    level = Level.BLOCK if abs(off) > BORE_BLOCK_MM else Level.CARE
    side = "wider" if off > 0 else "narrower"
    message = sentence(
        "The bore is %(diameter_mm)s mm, %(off)s mm %(side)s than the %(size_mm)s mm "
        "ordered. If the file is scaled for shrinkage, say so; otherwise correct the size.",
        diameter_mm=f"{bore.diameter_mm:.3f}",
        off=f"{abs(off):.2f}",
        side=side,
        size_mm=f"{size_mm:.2f}",
    )
    return (Finding("bore_off", level, message, bore.centre_mm),)


def check_alone(bore: BoreReport | None, beside_mm: float | None) -> tuple[Finding, ...]:
    """A second opening as wide as a finger's: two pieces in one file, whose figures are not of one alone."""
    if bore is None or beside_mm is None or not FINGER_HOLE_MM[0] <= beside_mm <= FINGER_HOLE_MM[1]:
        return ()
    message = sentence(
        "The file holds more than one piece: beside the opening of %(diameter_mm)s mm there "
        "is one of %(beside_mm)s mm. Volume and weight are of all of them together; hand "
        "rings in one by one.",
        diameter_mm=f"{bore.diameter_mm:.2f}",
        beside_mm=f"{beside_mm:.2f}",
    )
    return (Finding("more_than_one", Level.CARE, message),)


def check_extents(extents_mm: tuple[float, float, float]) -> tuple[Finding, ...]:
    """A piece smaller or larger than jewellery usually is, most often a wrong unit."""
    longest = max(extents_mm)
    if EXTENT_MM[0] <= longest <= EXTENT_MM[1]:
        return ()
    message = sentence(
        "The piece is %(longest)s mm at its longest; between %(extent_mm)s and %(extent_mm2)s is usual.",
        longest=f"{longest:.1f}",
        extent_mm=f"{EXTENT_MM[0]:.0f}",
        extent_mm2=f"{EXTENT_MM[1]:.0f}",
    )
    return (Finding("unusual_size", Level.CARE, sentence("%(message)s Check the unit.", message=message)),)


def check_names(doubtful: Sequence[str]) -> tuple[Finding, ...]:
    """Bodies called metal that have the shape of a cut stone."""
    if not doubtful:
        return ()
    named = ", ".join(f"“{name}”" for name in doubtful[:_MOST_NAMED])
    message = sentence(
        "%(named)s: named as metal and shaped like a cut stone. Counted as metal; rename what is a stone.", named=named
    )
    return (Finding("metal_like_stone", Level.CARE, message),)


def check_orientation(turned: Sequence[str]) -> tuple[Finding, ...]:
    """Bodies whose triangles faced inwards: they were turned and measured, and it is said."""
    if not turned:
        return ()
    named = ", ".join(f"“{name}”" for name in turned[:_MOST_NAMED]) + (" and others" if turned[_MOST_NAMED:] else "")
    return (
        Finding(
            "turned",
            Level.NOTE,
            sentence("Triangles that faced inwards were turned in %(named)s. Unify the normals.", named=named),
        ),
    )


def _fault(body: Body) -> tuple[float, float, float]:
    """The middle of one edge that keeps the surface open, or of the body where only the winding is wrong."""
    faces = np.asarray(body.mesh.faces, np.int64)
    begin, end = faces.T.ravel(), faces[:, [1, 2, 0]].T.ravel()
    keys = np.minimum(begin, end) * len(body.mesh.vertices) + np.maximum(begin, end)
    _, first, uses = np.unique(keys, return_index=True, return_counts=True)
    wrong = first[uses != 2]
    place = (
        body.mesh.vertices[[begin[wrong[0]], end[wrong[0]]]].mean(axis=0)
        if len(wrong)
        else np.asarray(body.mesh.vertices).mean(axis=0)
    )
    return surface.triple(place, 3)
