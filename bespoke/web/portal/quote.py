"""/my/REF/quote: what the piece will cost, from the first range to the firm price, and the yes to it."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from bespoke.queries.portal_pay import refund_stages
from bespoke.queries.quotes import client_quote
from bespoke.services import quotes, stepup
from bespoke.web import steppingup
from bespoke.web.access import current_actor, house_row, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import ApprovalForm, NoteForm
from bespoke.web.portal import answers, frame
from bespoke.web.portal.frame import Visit
from workflows.errors import Stale
from workflows.money import Money
from workflows.sentences import sentence

bp = Blueprint("quote", __name__)
QUOTE = "quote"


@bp.get("/<reference>/quote")
def page(reference: str) -> str:
    """Every price the client was shown, the one that counts first."""
    return redraw(reference)


def redraw(reference: str, refusal: str = "", kept: Any = None, **_address: Any) -> str:
    """The prices, with what was refused and the words that were typed."""
    here = frame.visit(reference)
    shown = [quote for quote in here.loaded.commission.quotes if quote.sent_at is not None]
    questions = answers.questions(db.session(), here, QUOTE)
    act = _act(here) if questions else None
    return frame.page(
        "portal/quote.html",
        here,
        quotes=[client_quote(quote) for quote in reversed(shown)],
        refunds={quote.number: refund_stages(quote.terms_version) for quote in shown},
        question=questions[0] if questions else None,
        code_needed=act is not None,
        pending=None if act is None else steppingup.pending(act, questions[0].digest),
        refusal=refusal,
        kept=kept or {},
    )


@bp.post("/<reference>/quote/accept")
def accept(reference: str) -> Response:
    """The client's yes to the firm price that was on the page, with the mailed code where the house asks for one."""
    form = ApprovalForm(request.form)
    form.checked()
    digest = form.digest.data or ""
    here = frame.visit(reference)
    questions = answers.questions(db.session(), here, QUOTE)
    asked = bool(questions) and questions[0].digest == digest and here.decides
    act = _act(here) if asked else None
    if act is not None:
        steppingup.check(act, digest)
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        quote = quotes.current(commission)
        words = answers.circumstances(sentence("Firm price %(gross)s.", gross=client_quote(quote).gross))
        quotes.accept(session, quote, digest, actor, words, at=the_house().clock())
        if act is not None:
            steppingup.redeem(session, act, digest)
    return redirect(url_for("portal.pay.page", reference=reference, key="deposit"), 303)


@bp.post("/<reference>/quote/code")
def send_code(reference: str) -> Response:
    """Have the code mailed that a yes beyond the house's limit needs."""
    here = frame.visit(reference)
    answers.may_write(reference, here.actor)
    questions, act = answers.questions(db.session(), here, QUOTE), _act(here)
    if act is None or not questions:
        raise Stale(sentence("There is no price to accept now; look at what stands there."), current=None)
    steppingup.send(act, questions[0].digest)
    return redirect(url_for(".page", reference=reference, _anchor="code"), 303)


@bp.post("/<reference>/quote/changes")
def ask_changes(reference: str) -> Response:
    """Another price, please, and why; also where this one ran out."""
    form = NoteForm(request.form)
    form.checked()
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        note = (form.note.data or "").strip()
        quotes.ask_changes(session, quotes.current(commission), note, actor, at=the_house().clock())
    return redirect(url_for(".page", reference=reference), 303)


def _act(here: Visit) -> str | None:
    """The name of the act a mailed code is for; None where the house asks for none."""
    firm = [quote for quote in here.loaded.commission.quotes if quote.firm and quote.sent_at is not None]
    price = Money(firm[-1].gross_minor, firm[-1].currency) if firm else None
    reference = here.loaded.commission.reference
    return stepup.act(QUOTE, reference) if stepup.required(house_row(), price) else None


FORMS = dict.fromkeys(("portal.quote.accept", "portal.quote.send_code", "portal.quote.ask_changes"), redraw)
