"""/house/REF/care: originals of reports in the safe, and the two looks at a stone the client brought."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from bespoke.models.commission import Commission
from bespoke.models.custody import CustodyItem
from bespoke.models.identity import Occasion, StoneIdentity
from bespoke.models.people import Person
from bespoke.models.stone import StoneReport, StoneRow
from bespoke.queries import seen
from bespoke.queries.commissions import NotFound
from bespoke.services import chains, files, identities
from bespoke.services.errors import NotPossible
from bespoke.services.identities import Seen
from bespoke.templating.catalogue import _
from bespoke.web import pictures
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import plain, words_of
from bespoke.web.said import tell
from workflows.sentences import sentence

bp = Blueprint("care", __name__)


@dataclass(frozen=True, slots=True)
class Original:
    """A laboratory's report; `item` once its original is in the house's care."""

    stone: StoneRow
    report: StoneReport
    item: CustodyItem | None


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a stone, and who looked."""

    row: StoneIdentity
    by: str


@dataclass(frozen=True, slots=True)
class Own:
    """A stone the client brought, as it came in and as it is to go back.

    Attributes:
        differs: in what the two looks differ; empty where they agree, or one is missing.
    """

    stone: StoneRow
    intake: Look | None
    back: Look | None
    differs: tuple[str, ...]


@bp.get("/<reference>/care")
def page(reference: str) -> str:
    """What of this commission is in the house's care."""
    return redraw(reference)


def redraw(reference: str, refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any) -> str:
    """The page, with what was refused and what was typed."""
    session = db.session()
    commission = seen.get(session, reference, current_actor())
    return render_template(
        "staff/care.html",
        commission=commission,
        reference=commission.reference,
        originals=[one for stone in _stones(commission) for one in _originals(session, stone)],
        own=[_own(session, stone) for piece in commission.pieces for stone in identities.clients_own(piece)],
        refusal=refusal,
        kept=kept or {},
    )


@bp.post("/<reference>/care/reports/<int:number>")
def keep(reference: str, number: int) -> Answer:
    """The original of a report lies in the safe from now on."""
    actor = current_actor()
    with transaction() as session:
        commission = seen.get(session, reference, actor)
        report = session.get(StoneReport, number)
        if report is None or report.stone not in _stones(commission):
            raise NotFound(sentence("report"))
        chains.keep_original(session, report, actor, at=the_house().clock())
    tell(_("It is entered in the book of custody, in the safe."))
    return redirect(url_for(".page", reference=reference), 303)


@bp.post("/<reference>/care/stones/<int:number>")
def look(reference: str, number: int) -> Answer:
    """One look at a client's own stone: when it comes in, or before it goes back."""
    actor, at = current_actor(), the_house().clock()
    _stone_of(db.session(), reference, number)  # before a picture is taken in
    chosen = request.files.get("photograph")
    if chosen is None or not pictures.is_given(chosen):
        raise NotPossible(sentence("Photograph the stone under magnification, and choose the picture."))
    told = _told()
    taken = pictures.take(chosen)
    with transaction() as session:
        stone = _stone_of(session, reference, number)
        photograph = files.enter(session, taken.stored, taken.media_type, at=at)
        saw = Seen(photograph=photograph.digest, **told)
        if request.form.get("occasion") == Occasion.RETURN:
            same = request.form.get("same") == "yes"
            identities.note_return(session, stone, saw, actor, same_inclusions=same, at=at)
        else:
            identities.note_intake(session, stone, saw, actor, at=at)
    tell(_("What you saw is written down."))
    return redirect(url_for(".page", reference=reference), 303)


def _told() -> dict[str, Any]:
    """What was read and measured.

    Raises:
        NotPossible: a measure that is none.
    """
    weight = words_of(request.form, "weight_ct")
    return {
        "length_mm": _number("length_mm"),
        "width_mm": _number("width_mm"),
        "weight_ct": _number("weight_ct") if weight else None,
        **{name: plain(words_of(request.form, name)) for name in ("inclusions", "inscription", "unread")},
    }


def _number(name: str) -> Decimal:
    typed = words_of(request.form, name)
    try:
        found = Decimal(typed) if typed.isascii() and len(typed) <= 9 else Decimal("NaN")
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not 0 < found < 1000 or -int(found.as_tuple().exponent) > 3:
        raise NotPossible(sentence("Measures and weights are written in figures, like 6.48."))
    return found


def _stone_of(session: Session, reference: str, number: int) -> StoneRow:
    """A stone of the commission that its client brought.

    Raises:
        NotFound: there is none of that number.
    """
    commission = seen.get(session, reference, current_actor())
    for piece in commission.pieces:
        for stone in identities.clients_own(piece):
            if stone.id == number:
                return stone
    raise NotFound(sentence("stone"))


def _stones(commission: Commission) -> list[StoneRow]:
    chosen = [option.stone for piece in commission.pieces for option in piece.options if option.chosen]
    return list(dict.fromkeys(chosen))


def _originals(session: Session, stone: StoneRow) -> list[Original]:
    return [Original(stone, report, chains.original_of(session, report)) for report in stone.reports]


def _own(session: Session, stone: StoneRow) -> Own:
    intake, back = (identities.last(session, stone, one) for one in (Occasion.INTAKE, Occasion.RETURN))
    differs = identities.differences(intake, back) if intake is not None and back is not None else ()
    return Own(stone, _look(session, intake), _look(session, back), differs)


def _look(session: Session, row: StoneIdentity | None) -> Look | None:
    return None if row is None else Look(row, session.get_one(Person, row.by_id).name)


FORMS = dict.fromkeys(("staff.care.keep", "staff.care.look"), redraw)
"""Where a refusal is answered with the page its form stood on."""
