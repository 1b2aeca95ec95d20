"""What a quote says to the client, as it is hashed: a yes counts for exactly this."""

from bespoke.proof.seal import Sealable
from bespoke.queries.quotes import ClientQuote, sentences
from workflows.deposits import RefundPolicy


def content_of(said: ClientQuote) -> dict[str, Sealable]:
    """Everything the client reads on the quote, as it is hashed."""
    return {
        "number": said.number,
        "currency": said.gross.currency,
        "pieces": [
            {
                "letter": piece.letter,
                "title": piece.title,
                "lines": [{"label": line.label, "price_minor": line.price.minor} for line in piece.lines],
                "metal": piece.metal_statement,
            }
            for piece in said.pieces
        ],
        "net_minor": said.net.minor,
        "tax_name": said.tax_name,
        "tax_minor": said.tax.minor,
        "gross_minor": said.gross.minor,
        "instalments": [{"key": key, "due_minor": amount.minor} for key, amount in said.instalments],
        "valid_until": said.valid_until,
        "included": said.included,
        "change_reason": said.change_reason,
        "price_change_minor": None if said.price_change is None else said.price_change.minor,
        **({"allowed_minor": said.allowed.minor} if said.allowed else {}),
        "date_delta_days": said.date_delta_days,
    }


def terms_of(policy: RefundPolicy) -> dict[str, Sealable]:
    """The terms a yes to it is given under, as they are hashed."""
    return {"version": policy.version, "since": policy.since, "refunds": list(sentences(policy))}
