"""/my/REF/look/N: one revision in the viewing room, what changed since another, the yes to it, a wish for a change."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as Answer
from wtforms import TextAreaField
from wtforms.validators import Length

from bespoke.queries import changes
from bespoke.queries import look as looking
from bespoke.queries.look import DESIGN, Room
from bespoke.queries.portal import described
from bespoke.queries.quotes import accepted
from bespoke.services import approvals, stepup
from bespoke.templating.catalogue import _
from bespoke.web import steppingup
from bespoke.web.access import current_actor, house_row, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import WORDS_MOST, ApprovalForm, CheckedForm
from bespoke.web.portal import answers, frame
from bespoke.web.portal.frame import Visit
from workflows.errors import Stale
from workflows.money import Money
from workflows.sentences import sentence

bp = Blueprint("look", __name__)


class ChangeForm(CheckedForm):
    """What should be different; may be empty where notes on the piece say it."""

    note = TextAreaField(
        validators=[Length(max=WORDS_MOST, message=f"Please keep it under {WORDS_MOST} characters.")],
    )


@bp.get("/<reference>/look/<int:number>")
def room(reference: str, number: int) -> str:
    """One revision in the viewing room."""
    return redraw_room(reference, number)


@bp.get("/<reference>/look/<int:number>/from/<int:other>")
def compare(reference: str, number: int, other: int) -> str:
    """What changed from another revision to this one."""
    here, seen = enter(reference, number)
    compared = changes.compare(seen, other, the_house().storage)
    return frame.page("portal/look_changes.html", here, room=seen, compared=compared)


@bp.get("/<reference>/look/<int:number>/approve")
def approval(reference: str, number: int) -> str:
    """The five facts read back, and the button; after it, what was approved and what comes next."""
    return redraw_approval(reference, number)


@bp.post("/<reference>/look/<int:number>/approve")
def approve(reference: str, number: int) -> Answer:
    """The client's yes to the design that was on the page."""
    form = ApprovalForm(request.form)
    form.checked()
    digest = form.digest.data or ""
    here, seen = enter(reference, number)
    act = _act(here, seen)
    if act is not None and here.decides and seen.verdict.digest == digest and seen.verdict.reason is None:
        steppingup.check(act, digest)
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        piece = looking.piece_with(commission, number, letter())
        answers.require_newest(piece, number)
        words = answers.five_facts(session, piece).text()
        approvals.approve(
            session,
            piece,
            DESIGN,
            digest,
            actor,
            at=the_house().clock(),
            circumstances=answers.circumstances(words),
        )
        if act is not None:
            steppingup.redeem(session, act, digest)
    return redirect(url_for(".approval", reference=reference, number=number, piece=letter()), 303)


@bp.post("/<reference>/look/<int:number>/code")
def send_code(reference: str, number: int) -> Answer:
    """Have the code mailed that a yes beyond the house's limit needs."""
    here, seen = enter(reference, number)
    answers.commission_of(db.session(), reference, here.actor)  # whoever reads along is told so
    answers.require_newest(seen.piece, number)
    act = _act(here, seen)
    if act is None or not seen.verdict.asked:
        raise Stale(sentence("There is nothing to approve now; look at what stands there."), current=None)
    steppingup.send(act, seen.verdict.digest)
    return redirect(url_for(".approval", reference=reference, number=number, piece=letter()) + "#code", 303)


@bp.get("/<reference>/look/<int:number>/changes")
def change(reference: str, number: int) -> str:
    """Say what should be different: the notes on the piece, and a few words more."""
    return redraw_change(reference, number)


@bp.post("/<reference>/look/<int:number>/changes")
def ask_changes(reference: str, number: int) -> Answer:
    """The client would like the design to be different; their open notes must be seen to."""
    form = ChangeForm(request.form)
    form.checked()
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        piece = looking.piece_with(commission, number, letter())
        answers.require_newest(piece, number)
        note = (form.note.data or "").strip()
        approvals.ask_changes(session, piece, DESIGN, note, actor, at=the_house().clock(), must_fix=True)
    return redirect(url_for(".change", reference=reference, number=number, piece=letter()), 303)


def redraw_room(
    reference: str, number: int, refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any
) -> str:
    """The viewing room, with what was refused and the words that were typed."""
    here, seen = enter(reference, number)
    turned = request.args.get("turn", "")
    shown = next((one for one in seen.frames if str(one.degrees) == turned), None)
    return frame.page(
        "portal/look.html",
        here,
        room=seen,
        shown=shown,
        described=described(seen.piece),
        refusal=refusal,
        kept=kept or {},
    )


def redraw_approval(
    reference: str, number: int, refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any
) -> str:
    """The page of the yes: asked, given, or overtaken."""
    here, seen = enter(reference, number)
    asked = seen.verdict.asked
    act = _act(here, seen) if asked and here.decides else None
    return frame.page(
        "portal/look_approve.html",
        here,
        room=seen,
        facts=answers.five_facts(db.session(), seen.piece) if asked else None,
        code_needed=act is not None,
        pending=None if act is None else steppingup.pending(act, seen.verdict.digest),
        given=() if seen.verdict.approved is None else _told(seen.verdict.approved.words),
        next_step=_next(seen),
        refusal=refusal,
        kept=kept or {},
    )


def redraw_change(
    reference: str, number: int, refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any
) -> str:
    """The page on which a change is asked for."""
    here, seen = enter(reference, number)
    return frame.page("portal/look_change.html", here, room=seen, refusal=refusal, kept=kept or {})


def enter(reference: str, number: int) -> tuple[Visit, Room]:
    """Who looks, and the revision they look at.

    Raises:
        NotFound: it is none of theirs, or has not been shown.
    """
    here = frame.visit(reference)
    house = the_house()
    return here, looking.room(here.loaded, here.actor, number, letter(), house.storage, at=here.at)


def letter() -> str | None:
    """Which piece is meant, where a commission has several."""
    return request.args.get("piece", "")[:1] or None


def _act(here: Visit, seen: Room) -> str | None:
    """The name of the act a mailed code is for; None where the house asks for none."""
    quote = accepted(here.loaded.commission)
    price = None if quote is None else Money(quote.gross_minor, quote.currency)
    return stepup.act(DESIGN, seen.piece.reference) if stepup.required(house_row(), price) else None


def _next(seen: Room) -> str:
    """The title of the step that follows the yes."""
    steps = list(seen.piece.template.milestones)
    after = next((place for place, one in enumerate(steps) if one.key == DESIGN), len(steps))
    return next((one.title for one in steps[after + 1 :] if one.mark is not None), "")


def _told(words: str) -> tuple[tuple[str, str], ...]:
    """The facts that were read back, each by its name, as they were kept with the yes."""
    facts = words.split("; ")
    names = (_("Size"), _("Metal"), _("Stone"), _("Price"), _("Ready"))
    return tuple(zip(names, facts, strict=True)) if len(facts) == len(names) else ((_("What was read back"), words),)


FORMS = {
    "portal.look.approve": redraw_approval,
    "portal.look.send_code": redraw_approval,
    "portal.look.ask_changes": redraw_change,
}
"""Where a refusal is answered with the page its form stood on."""
