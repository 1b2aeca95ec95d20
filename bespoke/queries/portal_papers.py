"""The papers of a commission a client may open: documents, laboratory reports, prices, drawings, invoices, receipts."""

from dataclasses import dataclass
from datetime import datetime

from bespoke.models.design import RevisionPicture
from bespoke.models.document import Document
from bespoke.models.ledger import Invoice, Payment, PaymentState
from bespoke.models.stone import StoneOption
from bespoke.queries.whole import Whole
from bespoke.templating.catalogue import _, lazy
from workflows.naming import stone_name
from workflows.sentences import capital, word

ELEVATION = "elevation"
RECEIPTS = {
    "deposit": lazy("Deposit receipt"),
    "progress": lazy("Receipt of the second part"),
    "balance": lazy("Receipt of the last part"),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: a file by its digest, or a page of ours.

    Attributes:
        kind: document, report, quote, drawing, invoice or receipt; an icon goes with each.
        number: of the quote or payment, where the paper is a page, or of the invoice.
    """

    kind: str
    name: str
    on: datetime
    digest: str | None = None
    number: int | None = None


def papers_of(whole: Whole) -> tuple[Paper, ...]:
    """All of them, the newest first."""
    found = [*_documents(whole), *_reports(whole), *_quotes(whole), *_drawings(whole)]
    found += [*_invoices(whole), *_receipts(whole)]
    return tuple(sorted(found, key=lambda paper: paper.on, reverse=True))


def _documents(whole: Whole) -> list[Paper]:
    found = []
    for row in whole.rows.of(Document):
        if row.digest is not None and row.issued_at is not None:
            name = str(capital(word(row.kind)))
            name = _("%(paper)s, version %(n)s", paper=name, n=row.version) if row.version > 1 else name
            found.append(Paper("document", name, row.issued_at, digest=row.digest))
    return found


def _reports(whole: Whole) -> list[Paper]:
    """Those of the chosen stones; the others stay on the page of stones."""
    found = []
    for option in whole.rows.of(StoneOption):
        report = option.stone.governing
        if option.chosen and option.chosen_at is not None and report is not None and report.digest is not None:
            stone = stone_name(option.stone.named)
            name = _(
                "%(stone)s report, %(lab)s %(number)s",
                stone=capital(stone),
                lab=report.laboratory,
                number=report.number,
            )
            found.append(Paper("report", name, option.chosen_at, digest=report.digest))
    return found


def _quotes(whole: Whole) -> list[Paper]:
    found = []
    for quote in whole.commission.quotes:
        if quote.sent_at is not None:
            n = quote.number
            name = _("Firm price, version %(n)s", n=n) if quote.firm else _("Estimate, version %(n)s", n=n)
            found.append(Paper("quote", name, quote.sent_at, number=n))
    return found


def _drawings(whole: Whole) -> list[Paper]:
    published = {
        row.id: row for piece in whole.commission.pieces for row in piece.revisions if row.published_at is not None
    }
    found = []
    for picture in whole.rows.of(RevisionPicture):
        row = published.get(picture.revision_id)
        if picture.kind == ELEVATION and row is not None and row.published_at is not None:
            name = _("Drawing, revision %(n)s", n=row.number)
            found.append(Paper("drawing", name, row.published_at, digest=picture.digest))
    return found


def _invoices(whole: Whole) -> list[Paper]:
    """Invoices and credit notes that are laid out, a moment after they were made out; the newest first."""
    found = []
    for row in reversed(whole.rows.of(Invoice)):
        if row.digest is not None:
            name = _("Invoice %(number)s", number=row.number)
            if row.credits_id is not None:
                name = _("Credit note %(number)s", number=row.number)
            found.append(Paper("invoice", name, row.issued_at, number=row.id))
    return found


def _receipts(whole: Whole) -> list[Paper]:
    found = []
    for row in whole.rows.of(Payment):
        if row.cleared_at is not None and row.state in (PaymentState.CLEARED, PaymentState.REFUNDED):
            name = str(RECEIPTS.get(row.instalment.key) or _("Receipt, %(reference)s", reference=row.reference))
            found.append(Paper("receipt", name, row.cleared_at, number=row.id))
    return found
