"""/house/REF/money: the office's page of one commission's money: invoices, what goes back, what nobody collects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from bespoke.models.commission import Commission
from bespoke.models.file import File
from bespoke.models.ledger import Invoice
from bespoke.models.piece import Piece
from bespoke.queries import seen, turns
from bespoke.queries.commissions import NotFound
from bespoke.queries.quotes import accepted, allowed_of
from bespoke.services import allowances, refunds, uncollected
from bespoke.services.errors import NotPossible
from bespoke.services.uncollected import Decision
from bespoke.templating.catalogue import _
from bespoke.web.access import current_actor, house_row, the_house
from bespoke.web.database import db, transaction
from bespoke.web.forms import amount_of, words_of
from bespoke.web.said import tell
from bespoke.web.sending import send
from bespoke.web.staff import doing
from workflows.money import Money
from workflows.sentences import sentence

bp = Blueprint("owed", __name__)


@dataclass(frozen=True, slots=True)
class Left:
    """A finished piece that waits to be collected.

    Attributes:
        weeks: of storage that may still be charged; none before the last reminder.
    """

    piece: Piece
    since: datetime
    used_up: bool
    weeks: int


@bp.get("/<reference>/money")
def page(reference: str) -> str:
    """Invoices and what can be done about money that is not as it was agreed."""
    return redraw(reference)


def redraw(
    reference: str, refusal: str = "", kept: Mapping[str, str] | None = None, letter: str = "", **_address: Any
) -> str:
    """The page, with what was refused and what was typed: back in the form it was typed into, and no other."""
    session, at = db.session(), the_house().clock()
    commission = seen.get(session, reference, current_actor())
    quote, currency = accepted(commission), commission.currency
    rows = select(Invoice).where(Invoice.commission_id == commission.id)
    return render_template(
        "staff/owed.html",
        commission=commission,
        reference=commission.reference,
        invoices=session.scalars(rows.order_by(Invoice.id.desc())).all(),
        excess=turns.excess(commission),
        allowed=Money.zero(currency) if quote is None else allowed_of(quote),
        priced=quote is not None,
        left=_left(session, commission, at),
        fee=Money(house_row().storage_fee_minor, house_row().currency),
        refusal=refusal,
        kept={f"{(request.endpoint or '').rpartition('.')[2]}{letter}": kept or {}},
    )


@bp.get("/<reference>/invoices/<int:number>")
def invoice(reference: str, number: int) -> Response:
    """An invoice or a credit note of the commission, as the paper it is."""
    commission = seen.get(db.session(), reference, current_actor())
    found = db.session.get(Invoice, number)
    if found is None or found.commission_id != commission.id or found.digest is None:
        raise NotFound(sentence("invoice"))
    return send(db.session.get_one(File, found.digest), f"{found.number}.pdf")


@bp.post("/<reference>/money/excess")
def pay_back(reference: str) -> Answer:
    """What came in beyond everything asked for goes back by the way it came."""
    actor = current_actor()
    with transaction() as session:
        commission = seen.get(session, reference, actor)
        amount = turns.excess(commission)
        _require_shown("amount_minor", amount)
        refunds.pay_back_excess(session, commission, words_of(request.form, "reason"), actor, at=the_house().clock())
    tell(_("%(amount)s is booked as paid back; transfers and cash are for you to send.", amount=amount))
    return _back(reference)


@bp.post("/<reference>/money/goodwill")
def allow(reference: str) -> Answer:
    """Part of the price is let go of."""
    actor = current_actor()
    with transaction() as session:
        commission = seen.get(session, reference, actor)
        quote = accepted(commission)
        _require_shown("allowed_minor", Money.zero(commission.currency) if quote is None else allowed_of(quote))
        amount = amount_of(request.form, "amount", commission.currency)
        over = allowances.allow(
            session, commission, amount, words_of(request.form, "reason"), actor, at=the_house().clock()
        )
    if over:
        tell(_("The price is lower by %(amount)s; %(over)s of what came in now goes back.", amount=amount, over=over))
    else:
        tell(_("The price is lower by %(amount)s.", amount=amount))
    return _back(reference)


@bp.post("/<reference>/<letter>/uncollected")
def decide(reference: str, letter: str) -> Answer:
    """The owner's word about a piece that nobody collects."""
    actor = current_actor()
    try:
        decision = Decision(request.form.get("decision", ""))
    except ValueError:
        raise NotPossible(sentence("Say what becomes of the piece.")) from None
    typed = words_of(request.form, "weeks") if decision is Decision.STORAGE else ""
    weeks = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
    reason = words_of(request.form, "reason")
    with transaction() as session:
        piece = doing.piece_of(session, reference, letter, actor)
        charged = uncollected.decide(session, piece, decision, reason, actor, weeks=weeks, at=the_house().clock())
    tell(_("%(amount)s is invoiced for storage.", amount=charged) if charged else _("Your decision is written down."))
    return _back(reference)


def _require_shown(name: str, now: Money) -> None:
    """The form was opened on the sum that stands now: sent twice, it is refused the second time."""
    if words_of(request.form, name) != str(now.minor):
        raise NotPossible(
            _("This sum has changed since you opened the page, or the form was sent twice. Look at it again.")
        )


def _left(session: Session, commission: Commission, at: datetime) -> list[Left]:
    found = []
    for piece in commission.pieces:
        since = uncollected.ready_since(session, piece)
        if since is not None and at - since >= uncollected.LADDER[0]:
            used_up = at - since >= uncollected.LADDER[-1]
            found.append(Left(piece, since, used_up, uncollected.weeks_open(session, piece, at=at)))
    return found


def _back(reference: str) -> Answer:
    return redirect(url_for(".page", reference=reference), 303)


FORMS = dict.fromkeys(("staff.owed.pay_back", "staff.owed.allow", "staff.owed.decide"), redraw)
"""Where a refusal is answered with the page its form stood on."""
