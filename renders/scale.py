"""Which unit a file's numbers are in: said by the designer, stated by the file, or inferred and said so."""

from collections.abc import Iterable

import numpy as np

from renders.bodies import Body, Bore, Mesh
from renders.report import MM_PER_UNIT, Confidence, LengthUnit, UnitFound, UnitSource
from workflows.sentences import sentence

FINGER_MM = (13.0, 24.0)  # from a child's first ring to US 15
PIECE_MM = (5.0, 80.0)
NAMES = {
    LengthUnit.MICROMETRE: "micrometres",
    LengthUnit.MILLIMETRE: "millimetres",
    LengthUnit.CENTIMETRE: "centimetres",
    LengthUnit.METRE: "metres",
    LengthUnit.INCH: "inches",
    LengthUnit.FOOT: "feet",
}
_GUESSED = (LengthUnit.MILLIMETRE, LengthUnit.METRE, LengthUnit.CENTIMETRE, LengthUnit.INCH)


def find_unit(bore: Bore | None, extent: float, *, stated: LengthUnit | None, given: LengthUnit | None) -> UnitFound:
    """The unit and the sentence that says how we know it.

    Args:
        bore: the finger hole in the file's numbers.
        extent: the piece's largest extent in the file's numbers.
        stated: what the file says, in a format where that can be believed.
        given: what the designer confirmed; it is taken as it is.
    """
    if given is not None:
        return UnitFound(given, UnitSource.GIVEN, Confidence.CERTAIN, _sentence(given, bore, extent, "confirmed"))
    if stated is not None:
        likely = _plausible(stated, bore, extent)
        told = _sentence(stated, bore, extent, "as the file states")
        if likely:
            return UnitFound(stated, UnitSource.FILE, Confidence.CERTAIN, told)
        return UnitFound(
            stated, UnitSource.FILE, Confidence.UNSURE, sentence("%(told)s Please confirm: that is unusual.", told=told)
        )
    return _inferred(bore, extent)


def to_millimetres(body: Body, unit: LengthUnit) -> Body:
    """The body with its mesh in millimetres."""
    factor = MM_PER_UNIT[unit]
    mesh = Mesh(body.mesh.vertices * factor, body.mesh.faces)
    return Body(body.name, body.layer, body.material, body.kind, mesh)


def bore_in_millimetres(bore: Bore, unit: LengthUnit) -> Bore:
    """The bore with its diameter and centre in millimetres."""
    factor = MM_PER_UNIT[unit]
    return Bore(bore.diameter * factor, bore.axis, bore.centre * factor)


def largest_extent(bodies: Iterable[Body]) -> float:
    """The largest extent of all bodies together, in the numbers they are in."""
    bounds = np.array([(body.mesh.vertices.min(axis=0), body.mesh.vertices.max(axis=0)) for body in bodies])
    return float((bounds[:, 1].max(axis=0) - bounds[:, 0].min(axis=0)).max())


def _inferred(bore: Bore | None, extent: float) -> UnitFound:
    fitting = [unit for unit in _GUESSED if bore is not None and _is_finger(bore.diameter * MM_PER_UNIT[unit])]
    if fitting:
        told = _sentence(fitting[0], bore, extent, "because the opening then fits a finger")
        return UnitFound(
            fitting[0], UnitSource.SIZE, Confidence.LIKELY, sentence("%(told)s Please confirm.", told=told)
        )
    sized = [unit for unit in _GUESSED if PIECE_MM[0] <= extent * MM_PER_UNIT[unit] <= PIECE_MM[1]]
    if sized:
        told = _sentence(sized[0], bore, extent, "because the piece then has the size of jewellery")
    else:
        sized = [LengthUnit.MILLIMETRE]
        told = _sentence(sized[0], bore, extent, "because no unit gives it the size of jewellery")
    return UnitFound(sized[0], UnitSource.SIZE, Confidence.UNSURE, sentence("%(told)s Please confirm.", told=told))


def _plausible(unit: LengthUnit, bore: Bore | None, extent: float) -> bool:
    factor = MM_PER_UNIT[unit]
    return PIECE_MM[0] <= extent * factor <= 3 * PIECE_MM[1] or (
        bore is not None and _is_finger(bore.diameter * factor)
    )


def _is_finger(diameter_mm: float) -> bool:
    return FINGER_MM[0] <= diameter_mm <= FINGER_MM[1]


def _sentence(unit: LengthUnit, bore: Bore | None, extent: float, why: str) -> str:
    factor = MM_PER_UNIT[unit]
    size = f"the piece is {extent * factor:.1f} mm at its longest"
    opening = f", its opening {bore.diameter * factor:.2f} mm" if bore is not None else ""
    return sentence(
        "Numbers taken as %(names)s, %(why)s: %(size)s%(opening)s.",
        names=NAMES[unit],
        why=why,
        size=size,
        opening=opening,
    )
