"""/my/REF/stones: the stones put forward, compared to one scale, and the choice of one."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bespoke.documents.cuts import plan
from bespoke.models.commission import Commission
from bespoke.models.stone import StoneOption, StoneRow
from bespoke.queries.commissions import NotFound
from bespoke.queries.portal_stones import compared
from bespoke.services import options
from bespoke.services.stones_asked import ask_to_hold
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import ApprovalForm
from bespoke.web.portal import answers, frame
from workflows.roles import Actor
from workflows.sentences import sentence

bp = Blueprint("stones", __name__)
SOURCING = "stone_sourcing"


@bp.get("/<reference>/stones")
def page(reference: str) -> str:
    """What the piece can be made with."""
    return redraw(reference)


def redraw(reference: str, refusal: str = "", option: int = 0, **_address: Any) -> str:
    """The comparison; after a refused choice with what comes closest to it."""
    here = frame.visit(reference)
    comparisons = compared(here.loaded, here.at)
    gone = next((one for one in comparisons if any(c.option.id == option for c in one.candidates)), None)
    return frame.page(
        "portal/stones.html",
        here,
        comparisons=comparisons,
        questions=answers.questions(db.session(), here, SOURCING),
        nearest=() if gone is None or not refusal else gone.nearest(option),
        refusal=refusal,
        drawing_of=drawing_of,
        open_at_all=answers.is_open(here),
    )


def drawing_of(stone: StoneRow) -> Any:
    """The crown of a stone in line; None where we have no drawing of its cut."""
    return plan(stone.shape, float(stone.length_mm), float(stone.width_mm))


@bp.post("/<reference>/stones/<int:option>/choose")
def choose(reference: str, option: int) -> Response:
    """This one."""
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        options.choose(session, _option(session, commission, option), actor, at=the_house().clock())
    return redirect(url_for(".page", reference=reference), 303)


@bp.post("/<reference>/stones/<int:option>/hold")
def hold(reference: str, option: int) -> Response:
    """Please keep this one for me while I think."""
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        ask_to_hold(session, _option(session, commission, option), actor, at=the_house().clock())
    return redirect(url_for(".page", reference=reference), 303)


@bp.post("/<reference>/<letter>/stones/approve")
def approve(reference: str, letter: str) -> Response:
    """The client's yes to the chosen stones."""
    form = ApprovalForm(request.form)
    form.checked()
    with transaction() as session:
        piece, actor = answers.piece_of(session, reference, letter, current_actor())
        _say_yes(session, piece, form.digest.data or "", actor, request.form)
    return redirect(url_for("portal.home", reference=reference), 303)


def _say_yes(session: Session, piece: Any, digest: str, actor: Actor, said: Mapping[str, str]) -> None:
    answers.say_yes(session, piece, SOURCING, digest, actor, at=the_house().clock(), said=said)


def _option(session: Session, commission: Commission, number: int) -> StoneOption:
    """A stone put forward for this commission.

    Raises:
        NotFound: there is none of that number here.
    """
    pieces = [piece.id for piece in commission.pieces]
    found = session.scalar(
        select(StoneOption).where(
            StoneOption.id == number, StoneOption.piece_id.in_(pieces), StoneOption.withdrawn_at.is_(None)
        )
    )
    if found is None:
        raise NotFound(sentence("stone"))
    return found


FORMS = {
    "portal.stones.choose": redraw,
    "portal.stones.hold": redraw,
    "portal.stones.approve": redraw,
}
