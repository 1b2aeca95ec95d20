"""A drawing against what was ordered: rows that pass, ask for care or fail, and what it weighs in each alloy."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bespoke.models.design import Revision
from bespoke.models.house import HouseRow
from bespoke.models.piece import Piece
from bespoke.models.quote import Assumption
from bespoke.templating.catalogue import _, ngettext
from renders.report import Confidence, Finding, Level, Report
from workflows.alloys import ALLOYS, weight_chain

ASKED_ABOUT = ("AU750Y", "AU750W_PD", "AU750R", "PT950RU")
UNIT_CODES = frozenset({"unit_unconfirmed", "unusual_size"})
BORE_CODES = frozenset({"bore_off", "bore_missing"})
BODY_CODES = frozenset({"open_mesh", "more_than_one"})
STONE_CODES = frozenset({"open_stone", "metal_like_stone"})
TOLD = UNIT_CODES | BORE_CODES | BODY_CODES | STONE_CODES


class Verdict(StrEnum):
    """How one row stands; a fail keeps the client from being asked."""

    PASS = "pass"
    CARE = "care"
    FAIL = "fail"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Check:
    """One row: what was looked at, its value, and how it stands.

    Attributes:
        code: of the finding that blocks, for whoever answers it by name; empty where none does.
        answered: who answered the block, and why; empty where nobody did.
    """

    words: str
    value: str
    verdict: Verdict
    detail: str = ""
    code: str = ""
    answered: str = ""

    @property
    def blocks(self) -> bool:
        """Whether it keeps the drawing from being published."""
        return self.verdict is Verdict.FAIL and not self.answered


@dataclass(frozen=True, slots=True)
class Weight:
    """What the drawing weighs in one alloy: as drawn, what must be cast for it, and how far off the price it is."""

    alloy: str
    drawn_g: Decimal
    cast_g: Decimal
    off_g: Decimal | None
    within: bool
    ordered: bool


def checks_of(revision: Revision, piece: Piece, answered: Mapping[str, str]) -> tuple[Check, ...]:
    """The report of a revision as rows, those about what was ordered first.

    Args:
        answered: by the code of a block, who answered it and why.
    """
    report = revision.report
    if report is None:
        return ()
    rows = [
        _unit(report, revision, answered),
        _bore(report, piece, answered),
        _bodies(report, answered),
        _stones(report, piece, answered),
    ]
    others = [_other(finding, answered) for finding in report.findings if finding.code not in TOLD]
    return tuple(row for row in (*rows, *others) if row is not None)


def unit_doubtful(revision: Revision) -> bool:
    """Whether the unit of the file was only inferred, and no designer has confirmed it."""
    report = revision.report
    return report is not None and revision.unit is None and report.unit.confidence is not Confidence.CERTAIN


def weights_of(revision: Revision, piece: Piece, house: HouseRow, assumed: Assumption | None) -> tuple[Weight, ...]:
    """The ordered alloy first, then the few others clients ask about."""
    report = revision.report
    if report is None:
        return ()
    wanted = dict.fromkeys((*((piece.alloy,) if piece.alloy else ()), *ASKED_ABOUT))
    return tuple(
        _weight(code, Decimal(f"{drawn:.3f}"), piece, house, assumed)
        for code in wanted
        for drawn in (report.weight_g(code),)
        if drawn is not None
    )


def _weight(code: str, drawn_g: Decimal, piece: Piece, house: HouseRow, assumed: Assumption | None) -> Weight:
    chain = weight_chain(drawn_g, finishing_loss=house.finishing_loss, melt_loss=house.melt_loss)
    ordered = code == piece.alloy
    off_g = drawn_g - assumed.weight_g if ordered and assumed is not None else None
    within = off_g is None or assumed is None or abs(off_g) <= assumed.allowance_g
    return Weight(ALLOYS[code].name, drawn_g, chain.cast_g, off_g, within, ordered)


def _unit(report: Report, revision: Revision, answered: Mapping[str, str]) -> Check:
    found = _of(report, UNIT_CODES)
    if unit_doubtful(revision):
        detail = _("Publishing waits until somebody confirms the unit.")
        return Check(_("Unit of the file"), report.unit.unit.value, Verdict.FAIL, f"{report.unit.sentence} {detail}")
    verdict, code, who = _standing(found, answered)
    detail = " ".join(one.message for one in found) or report.unit.sentence
    return Check(_("Unit of the file"), report.unit.unit.value, verdict, detail, code, who)


def _bore(report: Report, piece: Piece, answered: Mapping[str, str]) -> Check | None:
    found = _of(report, BORE_CODES)
    ordered = "" if piece.size_mm is None else f"{piece.size_mm:.2f} mm"
    if report.bore is None and not found:
        if not piece.template.sized:
            return None
        return Check(_("Finger size"), "", Verdict.NOTE, report.bore_reason or "")
    value = "" if report.bore is None else f"{report.bore.diameter_mm:.2f} mm"
    if piece.size_mm is None:
        return Check(_("Finger size, none ordered yet"), value, Verdict.CARE)
    verdict, code, who = _standing(found, answered)
    words = _("Finger size %(label)s, %(mm)s inside", label=piece.size_label, mm=ordered)
    return Check(words, value, verdict, " ".join(one.message for one in found), code, who)


def _bodies(report: Report, answered: Mapping[str, str]) -> Check:
    found = _of(report, BODY_CODES)
    closed = sum(body.closed for body in report.bodies)
    verdict, code, who = _standing(found, answered)
    words = _("Bodies, %(closed)s of %(count)s closed", closed=closed, count=len(report.bodies))
    detail = " ".join(one.message for one in found)
    triangles = ngettext("%(n)s triangle", "%(n)s triangles", report.triangles, n=f"{report.triangles:,}")
    return Check(words, triangles, verdict, detail, code, who)


def _stones(report: Report, piece: Piece, answered: Mapping[str, str]) -> Check | None:
    found = _of(report, STONE_CODES)
    chosen = sum(option.stone.pieces for option in piece.options if option.chosen)
    if not chosen and not report.stone_count and not found:
        return None
    verdict, code, who = _standing(found, answered)
    detail = " ".join(one.message for one in found)
    if report.stone_count != chosen and verdict is Verdict.PASS:
        verdict = Verdict.CARE
        detail = _("The drawing shows another number of stones than were chosen.")
    words = ngettext("Stones, %(num)s chosen", "Stones, %(num)s chosen", chosen)
    return Check(words, _("%(n)s drawn", n=report.stone_count), verdict, detail, code, who)


def _other(finding: Finding, answered: Mapping[str, str]) -> Check:
    verdict, code, who = _standing((finding,), answered)
    if verdict is Verdict.NOTE:
        return Check(_("Seen, and dealt with"), "", verdict, finding.message)
    return Check(finding.message, "", verdict, "", code, who)


def _of(report: Report, codes: frozenset[str]) -> tuple[Finding, ...]:
    return tuple(finding for finding in report.findings if finding.code in codes)


def _standing(found: tuple[Finding, ...], answered: Mapping[str, str]) -> tuple[Verdict, str, str]:
    """The worst of some findings, the code that blocks, and who answered it."""
    levels = {finding.level for finding in found}
    if Level.BLOCK in levels:
        code = next(finding.code for finding in found if finding.level is Level.BLOCK)
        return Verdict.FAIL, code, answered.get(code, "")
    if Level.CARE in levels:
        return Verdict.CARE, "", ""
    return (Verdict.NOTE if Level.NOTE in levels else Verdict.PASS), "", ""
