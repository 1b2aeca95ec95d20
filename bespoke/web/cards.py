"""The card provider of the house: which one it is, its word to us, and the stand-in that takes no money.

The stand-in is what a provider's own page would be: it shows the amount, lets the client's bank say yes or no, and
sends signed word of it. A house turns it on to try paying by card; no card number is asked for.
"""

import hmac
from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.exceptions import NotFound as NoPage
from werkzeug.wrappers import Response

from bespoke.models.ledger import Payment
from bespoke.payments.card_kept import KeptCards
from bespoke.payments.provider import CardState, Charge, ForgedNotice, UnknownCharge, WrongState
from bespoke.services import cards
from bespoke.web.access import house_row, the_house
from bespoke.web.database import db, transaction

bp = Blueprint("cards", __name__)
FORMS: dict[str, object] = {}
SIGNATURE = "X-Card-Signature"
LONGEST = 10_000  # bytes of a notice


def provider() -> KeptCards | None:
    """The card provider; None where the house takes no cards."""
    return the_house().cards if house_row().card_provider == "fake" else None


@bp.post("/hooks/cards")
def hook() -> tuple[str, int]:
    """Word from the provider; only what it signed is believed, and saying it twice changes nothing."""
    said = request.get_data(cache=False)[:LONGEST]
    return heard(said, request.headers.get(SIGNATURE, ""))


def heard(body: bytes, signature: str) -> tuple[str, int]:
    """Take a notice in; what the provider is answered."""
    known = provider()
    if known is None:
        return "No cards are taken here.\n", 404
    try:
        notice = known.read_notice(body, signature)
    except (ForgedNotice, ValueError, KeyError):
        return "This notice is not signed by our provider.\n", 400
    at = the_house().clock()
    with transaction() as session:
        cards.take_notice(session, notice, at=at)
    with transaction() as session:
        cards.collect(session, known, notice.reference, at=at)
    return "Heard.\n", 200


@bp.get("/cards/<reference>/<token>")
def stand_in(reference: str, token: str) -> str:
    """The page of the stand-in: the amount, and what the client's bank says."""
    charge = _charge(reference, token)
    return render_template("public/card.html", charge=charge, token=token, pending=charge.state is CardState.PENDING)


@bp.post("/cards/<reference>/<token>")
def answer(reference: str, token: str) -> Response:
    """The bank says yes or no, or the client goes away before it does."""
    charge = _charge(reference, token)
    known, said = provider(), request.form.get("bank", "")
    if known is not None and said in ("yes", "no") and charge.state is CardState.PENDING:
        try:
            word = known.answer(reference, yes=said == "yes", at=the_house().clock())
        except WrongState:
            return redirect(_back(reference), 303)  # answered in another window
        heard(word.body, word.signature)
    return redirect(_back(reference), 303)


def address_of(charge_address: str) -> str:
    """Where on this house the stand-in's page is, whatever name the browser knows us by."""
    return urlsplit(charge_address).path


def _charge(reference: str, token: str) -> Charge:
    known = provider()
    if known is None or not hmac.compare_digest(known.token(reference).encode(), token.encode()):
        raise NoPage
    try:
        return known.charge(reference)
    except UnknownCharge as unknown:
        raise NoPage from unknown


def _back(reference: str) -> str:
    payment = db.session.scalar(
        select(Payment).where(Payment.method == "card", Payment.provider_reference == reference)
    )
    if payment is None:
        return url_for("public.door")
    return url_for("portal.pay.page", reference=payment.commission.reference, key=payment.instalment.key, by="card")
