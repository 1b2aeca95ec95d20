"""/my/REF/documents and /payments: every paper there is, and every sum asked for and received."""

from flask import Blueprint, Response

from bespoke.models.file import File
from bespoke.models.ledger import Invoice, Payment
from bespoke.queries.commissions import NotFound
from bespoke.queries.portal import money_of
from bespoke.queries.portal_papers import papers_of
from bespoke.queries.quotes import accepted
from bespoke.services import payments as paying
from bespoke.web.database import db
from bespoke.web.portal import frame
from bespoke.web.sending import send
from workflows.sentences import sentence

bp = Blueprint("papers", __name__)


@bp.get("/<reference>/documents")
def documents(reference: str) -> str:
    """Quotes, reports, drawings, receipts and the dossier, as they come."""
    here = frame.visit(reference)
    return frame.page("portal/documents.html", here, papers=papers_of(here.loaded))


@bp.get("/<reference>/payments")
def payments(reference: str) -> str:
    """What was agreed, what is due and what has arrived."""
    here = frame.visit(reference)
    commission = here.loaded.commission
    return frame.page(
        "portal/payments.html",
        here,
        money=money_of(commission),
        quote=accepted(commission),
        payments=paying.of(commission),
        invoices=[one for one in papers_of(here.loaded) if one.kind == "invoice"],
    )


@bp.get("/<reference>/payments/<int:number>")
def receipt(reference: str, number: int) -> str:
    """One receipt, to print or keep."""
    here = frame.visit(reference)
    found = next((one for one in here.loaded.rows.of(Payment) if one.id == number), None)
    if found is None or found.cleared_at is None:
        raise NotFound(sentence("receipt"))
    quote = accepted(here.loaded.commission)
    return frame.page("portal/receipt.html", here, payment=found, quote=quote)


@bp.get("/<reference>/invoices/<int:number>")
def invoice(reference: str, number: int) -> Response:
    """An invoice or a credit note, as the paper it is."""
    here = frame.visit(reference)
    found = next((one for one in here.loaded.rows.of(Invoice) if one.id == number), None)
    if found is None or found.digest is None:
        raise NotFound(sentence("invoice"))
    return send(db.session.get_one(File, found.digest), f"{found.number}.pdf")


FORMS: dict[str, object] = {}
