"""/my/REF/quote: what the piece will cost, from the first range to the firm price, and the yes to it."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from bespoke.queries.portal_pay import refund_stages
from bespoke.queries.quotes import client_quote
from bespoke.services import quotes
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import ApprovalForm, NoteForm
from bespoke.web.portal import answers, frame

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
    return frame.page(
        "portal/quote.html",
        here,
        quotes=[client_quote(quote) for quote in reversed(shown)],
        refunds={quote.number: refund_stages(quote.terms_version) for quote in shown},
        question=questions[0] if questions else None,
        refusal=refusal,
        kept=kept or {},
    )


@bp.post("/<reference>/quote/accept")
def accept(reference: str) -> Response:
    """The client's yes to the firm price that was on the page."""
    form = ApprovalForm(request.form)
    form.checked()
    with transaction() as session:
        commission, actor = answers.commission_of(session, reference, current_actor())
        quote = quotes.current(commission)
        words = answers.circumstances(f"Firm price {client_quote(quote).gross}.")
        quotes.accept(session, quote, form.digest.data or "", actor, words, at=the_house().clock())
    return redirect(url_for("portal.pay.page", reference=reference, key="deposit"), 303)


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


FORMS = dict.fromkeys(("portal.quote.accept", "portal.quote.ask_changes"), redraw)
