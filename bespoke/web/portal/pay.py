"""/my/REF/pay/KEY: one instalment, by transfer or by card; and the word that a transfer is on its way."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bespoke.documents.drawings import qr_svg
from bespoke.models.commission import Commission
from bespoke.payments.bank_transfer import epc_code
from bespoke.queries.commissions import NotFound
from bespoke.queries.portal_pay import Instalment, instalment
from bespoke.queries.quotes import accepted, inputs_of
from bespoke.services import cards, payments
from bespoke.services.errors import NotPossible
from bespoke.templating.catalogue import _
from bespoke.web import cards as provider
from bespoke.web.access import current_actor, house_row, the_house
from bespoke.web.database import transaction
from bespoke.web.portal import answers, frame
from workflows.naming import stone_name
from workflows.roles import Actor
from workflows.sentences import sentence

bp = Blueprint("pay", __name__)


@bp.get("/<reference>/pay/<key>")
def page(reference: str, key: str) -> str:
    """What is due, what it is for, and how to pay it."""
    return redraw(reference, key)


def redraw(reference: str, key: str, refusal: str = "", **_address: Any) -> str:
    """The page of one instalment, with what was refused."""
    here = frame.visit(reference)
    quote = accepted(here.loaded.commission)
    tax_name = "" if quote is None else next(iter(inputs_of(quote).values())).tax_name
    shown = instalment(here.loaded, key, tax_name=tax_name)
    by_card = request.args.get("by") == "card" and here.loaded.house.card_provider != ""
    return frame.page(
        "portal/pay.html",
        here,
        one=shown,
        by="card" if by_card else "transfer",
        code=_code(shown),
        called=stone_name,
        refusal=refusal,
        answer_open=answers.is_open(here),
    )


@bp.post("/<reference>/pay/<key>/sent")
def sent(reference: str, key: str) -> Response:
    """The client says that a transfer is on its way."""
    with transaction() as session:
        commission, actor = _agreed(session, reference, key)
        payments.announce(session, commission, key, actor, at=the_house().clock())
    return redirect(url_for(".page", reference=reference, key=key), 303)


@bp.post("/<reference>/pay/<key>/card")
def card(reference: str, key: str) -> Response:
    """On to the card provider, with what is missing."""
    answers.may_write(reference, current_actor())
    known = provider.provider()
    if known is None:
        raise NotPossible(_("This house takes no cards; use a transfer."))
    with transaction() as session:
        commission, actor = _agreed(session, reference, key)
        begun = cards.begin(session, known, commission, key, actor, at=the_house().clock())
    return redirect(provider.address_of(begun.address), 303)


def _agreed(session: Session, reference: str, key: str) -> tuple[Commission, Actor]:
    """A commission of theirs that has such an instalment.

    Raises:
        NotFound: it has none of that name, as the page of it says too.
    """
    commission, actor = answers.commission_of(session, reference, current_actor())
    if all(row.key != key for row in commission.instalments):
        raise NotFound(sentence("payment"))
    return commission, actor


def _code(one: Instalment) -> tuple[Markup, bool] | None:
    """A square code to scan, and whether a bank's app reads it; else it opens this page on a phone."""
    if one.missing.minor <= 0:
        return None
    row = house_row()
    bank = epc_code(row.name, row.bank_account, one.missing, one.reference)
    there = f"{the_house().settings.address}{request.path}"
    return Markup(qr_svg(bank or there).decode()), bank is not None


FORMS = dict.fromkeys(("portal.pay.sent", "portal.pay.card"), redraw)
