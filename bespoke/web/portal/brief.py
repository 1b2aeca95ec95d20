"""/my/REF/brief: a few questions, one step a page, each answer saved as it is given; then all of them sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bespoke.models.piece import Piece
from bespoke.queries.commissions import NotFound
from bespoke.queries.portal import role_in
from bespoke.queries.portal_brief import Writing, writing
from bespoke.services import brief_drafts, briefs, files, sizes
from bespoke.services.brief_drafts import BANDS, STEPS, Draft, Unanswered
from bespoke.services.errors import NotPossible
from bespoke.services.sizes import LENGTHS
from bespoke.templating.catalogue import _, lazy
from bespoke.web import pictures
from bespoke.web.access import current_actor, house_row, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import ApprovalForm, NoteForm, plain
from bespoke.web.portal import answers, frame
from bespoke.web.said import tell
from workflows.alloys import ALLOYS
from workflows.errors import Stale
from workflows.money import Money
from workflows.roles import Actor, Role
from workflows.sentences import sentence

bp = Blueprint("brief", __name__)
NAMES = {
    "for": lazy("What it is for"),
    "moves": lazy("What moves you"),
    "budget": lazy("Budget"),
    "metal": lazy("Metal and wear"),
    "size": lazy("Size"),
    "day": lazy("The day"),
}
OFFERED = ("AU750Y", "AU750W_PD", "AU750R", "PT950RU", "AU585Y", "AG925")
SYSTEMS = (
    ("UK", lazy("British letters, like M")),
    ("US", lazy("American numbers, like 6 1/4")),
    ("ISO", lazy("European, the round in mm, like 53")),
    ("CH", lazy("Swiss or Italian, like 13")),
    ("JP", lazy("Japanese")),
    ("HK", lazy("Hong Kong")),
    ("MM", lazy("The inside across, in mm")),
)
METHODS = (
    ("finger_gauge", lazy("With a set of rings at a jeweller’s")),
    ("ring_on_stick", lazy("From a ring I have, on a ring stick")),
    ("ring_sent_in", lazy("I send you a ring that fits")),
    ("mandrel", lazy("On a mandrel")),
    ("guess", lazy("I am guessing; measure me")),
)
WIDTHS = (
    ("2.0", lazy("Narrow, about 2 mm")),
    ("3.0", lazy("About 3 mm")),
    ("4.5", lazy("Wide, about 4.5 mm")),
    ("6.0", lazy("Very wide, 6 mm and more")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: its name, whether it has an answer, and whether it is the one on the page."""

    key: str
    name: str
    answered: bool
    current: bool


@bp.get("/<reference>/brief")
def page(reference: str) -> Response:
    """On to the first step without an answer; once agreed, to what was written."""
    found = writing(db.session(), reference, current_actor())
    if found.agreed:
        return redirect(url_for("portal.brief.read", reference=reference), 303)
    draft = _draft(found)
    steps = _steps(found, draft, "")
    first = next((step.key for step in steps if not step.answered), steps[-1].key)
    return redirect(url_for("portal.brief.step", reference=reference, key=first), 303)


@bp.get("/<reference>/brief/<key>")
def step(reference: str, key: str) -> str:
    """The questions of one step."""
    return redraw(reference, key)


def redraw(reference: str, key: str, refusal: str = "", kept: Any = None, **_address: Any) -> str:
    """One step, with what was refused and what was typed."""
    actor = current_actor()
    found = writing(db.session(), reference, actor)
    draft = _draft(found)
    steps = _steps(found, draft, key)
    place = next((number for number, one in enumerate(steps) if one.current), None)
    if place is None:
        raise NotFound("step")
    typed = {question: kept.get(question, "") for question in STEPS[key] if question in kept} if kept else {}
    at = the_house().clock()
    return render_template(
        "portal/brief.html",
        reference=reference,
        commission=found.commission,
        hours=ZoneInfo(house_row().time_zone),
        now=at,
        decides=role_in(found.commission, actor) is Role.CLIENT,
        key=key,
        steps=steps,
        before=steps[place - 1] if place else None,
        after=steps[place + 1] if place + 1 < len(steps) else None,
        said={**draft.answers, **typed},
        draft=draft,
        found=found,
        refusal=refusal,
        bands=_bands(found.commission.currency),
        metals=[(code, ALLOYS[code].name) for code in OFFERED if code in ALLOYS],
        systems=SYSTEMS,
        methods=METHODS,
        widths=WIDTHS,
        by_length=any(piece.template_key in LENGTHS for piece in found.pieces),
        most_pictures=brief_drafts.MOST_PICTURES,
    )


@bp.post("/<reference>/brief/<key>")
def save(reference: str, key: str) -> Response | tuple[str, int]:
    """Keep the answers of one step; by its button on to the next, by itself while somebody types."""
    if key not in STEPS:
        raise NotFound("step")
    at, trouble = the_house().clock(), None
    with transaction() as session:  # kept first, right or wrong, and judged after
        commission, actor = answers.commission_of(session, reference, current_actor())
        row = brief_drafts.save(session, commission, _typed(key), actor, at=at)
        pieces = tuple(commission.pieces)
        trouble = brief_drafts.trouble_of(key, row.answers, pieces, commission.currency, at)
        keys = _keys(pieces)
    if request.headers.get("X-Autosave"):
        return "", 204
    if trouble is not None:
        raise trouble
    there = keys.index(key) + 1 if key in keys else len(keys)
    if there < len(keys):
        return redirect(url_for(".step", reference=reference, key=keys[there]), 303)
    return redirect(url_for(".review", reference=reference), 303)


@bp.post("/<reference>/brief/pictures")
def add_picture(reference: str) -> Response:
    """One more picture that shows what is meant."""
    answers.may_write(reference, current_actor())
    upload = request.files.get("picture")
    if upload is None or not pictures.is_given(upload):
        raise NotPossible(_("Choose a picture first."))
    taken, at = pictures.take(upload), the_house().clock()
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        file = files.enter(session, taken.stored, taken.media_type, at=at)
        caption = plain(request.form.get("caption", ""))
        brief_drafts.add_picture(session, commission, file, caption, actor, at=at)
    return redirect(url_for(".step", reference=reference, key="moves", _anchor="pictures"), 303)


@bp.post("/<reference>/brief/pictures/<int:number>/remove")
def remove_picture(reference: str, number: int) -> Response:
    """Take a picture away again."""
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        brief_drafts.remove_picture(session, commission, number, actor)
    return redirect(url_for(".step", reference=reference, key="moves", _anchor="pictures"), 303)


def redraw_pictures(reference: str, refusal: str = "", **_address: Any) -> str:
    """The step the pictures are on."""
    return redraw(reference, "moves", refusal)


@bp.get("/<reference>/brief/review")
def review(reference: str) -> str:
    """All answers on one page, and the button that sends them."""
    return redraw_review(reference)


def redraw_review(reference: str, refusal: str = "", **_address: Any) -> str:
    """The answers, with what is still to be put right."""
    actor = current_actor()
    found = writing(db.session(), reference, actor)
    draft, at = _draft(found), the_house().clock()
    return render_template(
        "portal/brief_review.html",
        reference=reference,
        commission=found.commission,
        hours=ZoneInfo(house_row().time_zone),
        now=at,
        decides=role_in(found.commission, actor) is Role.CLIENT,
        steps=_steps(found, draft, ""),
        said=draft.answers,
        draft=draft,
        found=found,
        refusal=refusal,
        trouble=_trouble(draft, found.commission.currency, at),
        bands=_bands(found.commission.currency),
        metals=[ALLOYS[code].name for code in brief_drafts.metals_of(draft.answers)],
        words={key: str(name) for key, name in (*SYSTEMS, *METHODS, *WIDTHS)},
    )


@bp.post("/<reference>/brief/send")
def send(reference: str) -> Response:
    """Send the brief."""
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        brief_drafts.send(session, commission, actor, at=the_house().clock())
    tell(_("Your brief is with us. We read it within a working day and write to you."))
    return redirect(url_for("portal.home", reference=reference), 303)


@bp.get("/<reference>/brief/read")
def read(reference: str) -> str:
    """The brief as it stands, and the yes to it where one is asked for."""
    return redraw_read(reference)


def redraw_read(reference: str, refusal: str = "", kept: Any = None, **_address: Any) -> str:
    """The brief, with what was refused and the words that were typed."""
    here = frame.visit(reference)
    commission = here.loaded.commission
    if not commission.briefs:
        raise NotFound("brief")
    questions = answers.questions(db.session(), here, "brief")
    brief = commission.briefs[-1]
    return frame.page(
        "portal/brief_read.html",
        here,
        brief=brief,
        metals=[ALLOYS[code].name for code in brief.metals if code in ALLOYS],
        low=None if brief.budget_from_minor is None else Money(brief.budget_from_minor, commission.currency),
        high=None if brief.budget_to_minor is None else Money(brief.budget_to_minor, commission.currency),
        question=questions[0] if questions else None,
        refusal=refusal,
        kept=kept or {},
    )


@bp.post("/<reference>/brief/approve")
def approve(reference: str) -> Response:
    """Yes, this is my wish."""
    form = ApprovalForm(request.form)
    form.checked()
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        words = answers.circumstances(sentence("The brief as written."))
        at = the_house().clock()
        briefs.approve(session, commission, form.digest.data or "", actor, words, at=at)
        for piece in commission.pieces:
            if f"size-{piece.letter}" in request.form:
                _confirm(session, piece, request.form[f"size-{piece.letter}"], actor, at)
    return redirect(url_for("portal.home", reference=reference), 303)


@bp.post("/<reference>/<letter>/size")
def confirm_size(reference: str, letter: str) -> Response:
    """Yes, this is my size: where it was measured anew after the brief was agreed."""
    with transaction() as session:
        piece, actor = answers.piece_of(session, reference, letter, current_actor())
        _confirm(session, piece, request.form.get("size", ""), actor, the_house().clock())
    return redirect(url_for("portal.home", reference=reference), 303)


@bp.post("/<reference>/brief/changes")
def ask_changes(reference: str) -> Response:
    """The brief should say something else."""
    form = NoteForm(request.form)
    form.checked()
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        briefs.ask_changes(session, commission, (form.note.data or "").strip(), actor, at=the_house().clock())
    return redirect(url_for("portal.home", reference=reference), 303)


def _confirm(session: Session, piece: Piece, shown: str, actor: Actor, at: datetime) -> None:
    """The client's word that the size is right which was on the page."""
    if shown != str(piece.size_mm):
        raise Stale(_("The size has been put down anew meanwhile; look at it again."), current=None)
    sizes.confirm(session, piece, actor, at=at)


def _typed(key: str) -> Mapping[str, str]:
    """What was typed in the fields of a step; what was not ticked is no answer."""
    found = {}
    for question in STEPS[key]:
        found[question] = ",".join(plain(one) for one in request.form.getlist(question)[:20])
    if key == "budget" and found["band"] == "own":
        found["band"] = ""
    return found


def _draft(found: Writing) -> Draft:
    return brief_drafts.of(found.commission, found.draft, found.pictures)


def _keys(pieces: Sequence[Piece]) -> list[str]:
    """The steps there are for these pieces: a size is asked of what is worn by size."""
    sized = any(piece.template.sized or piece.template_key in LENGTHS for piece in pieces)
    return [key for key in STEPS if key != "size" or sized]


def _steps(found: Writing, draft: Draft, current: str) -> list[Step]:
    return [
        Step(key, str(NAMES[key]), _answered(key, STEPS[key], draft), key == current) for key in _keys(found.pieces)
    ]


def _answered(key: str, questions: tuple[str, ...], draft: Draft) -> bool:
    if key == "moves":
        return bool(draft.answers.get("wish", "").strip())
    if key == "size":
        return bool(draft.answers.get("size") or draft.answers.get("length_mm"))
    return any(draft.answers.get(question, "").strip() for question in questions)


def _trouble(draft: Draft, currency: str, at: datetime) -> Unanswered | None:
    try:
        brief_drafts.wish_of(draft, currency, at)
    except Unanswered as unanswered:
        return unanswered
    return None


def _bands(currency: str) -> list[tuple[str, Money | None, Money | None]]:
    return [
        (
            str(number),
            Money.of(low, currency) if low else None,
            None if high is None else Money.of(high, currency),
        )
        for number, (low, high) in enumerate(BANDS)
    ]


FORMS = {
    "portal.brief.save": redraw,
    "portal.brief.add_picture": redraw_pictures,
    "portal.brief.remove_picture": redraw_pictures,
    "portal.brief.send": redraw_review,
    "portal.brief.approve": redraw_read,
    "portal.brief.confirm_size": redraw_read,
    "portal.brief.ask_changes": redraw_read,
}
