"""/house/REF/payments: what stands on the bank's page, matched to the part of the price it was sent for."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from bespoke.models.ledger import InstalmentRow, PaymentState
from bespoke.queries import seen, turns
from bespoke.queries.commissions import NotFound
from bespoke.services import payments, tills
from bespoke.services.errors import NotPossible
from bespoke.templating.catalogue import _
from bespoke.web.access import current_actor, the_house
from bespoke.web.database import transaction
from bespoke.web.forms import amount_of, words_of
from bespoke.web.said import tell
from bespoke.web.staff.routes import redraw_page
from workflows.money import Money

bp = Blueprint("matching", __name__)
REFERENCE_MOST = 80


@bp.post("/<reference>/payments/<key>")
def match(reference: str, key: str) -> Answer:
    """A transfer that came, by what the bank calls it; another amount than is missing only where it is ticked."""
    actor, at = current_actor(), the_house().clock()
    bank = words_of(request.form, "bank_reference")
    if not bank or len(bank) > REFERENCE_MOST:
        raise NotPossible(_("Write down what the bank calls this transfer, so that it is counted once."))
    with transaction() as session:
        commission = seen.get(session, reference, actor)
        row = next((one for one in commission.instalments if one.key == key), None)
        if row is None:
            raise NotFound("payment")
        amount = amount_of(request.form, "amount", commission.currency)
        if request.form.get("differs") != "yes":
            _require_missing(row, amount)
        said = next(
            (one for one in row.payments if one.state is PaymentState.ANNOUNCED and one.method == "transfer"), None
        )
        if said is not None:
            done = payments.clear(session, said, amount, bank, actor, at=at)
        else:
            done = payments.receive(session, commission, key, tills.TRANSFER, amount, bank, actor, at=at)
        counted, left = done.counted, turns.missing(row)
    if not counted:
        tell(_("This transfer was counted before; nothing was changed."))
    elif left:
        tell(_("%(amount)s counted; %(left)s is still missing.", amount=amount, left=left))
    else:
        tell(_("%(amount)s counted; this part is paid.", amount=amount))
    return redirect(url_for("staff.commission", reference=reference, _anchor="money"), 303)


def _require_missing(row: InstalmentRow, amount: Money) -> None:
    """Another amount than is missing is asked about once: most often a digit slipped."""
    missing = turns.missing(row)
    if missing and amount != missing:
        raise NotPossible(
            _(
                "%(missing)s is missing of this part, and you wrote %(amount)s. Look at the bank’s page again; "
                "if that is what came, tick it, and it is counted as it is.",
                missing=missing,
                amount=amount,
            )
        )


FORMS = {"staff.matching.match": redraw_page}
"""Where a refusal is answered with the page its form stood on."""
