"""The history in sentences: one for every kind of event there is; those about money only for who may see it."""

from collections.abc import Mapping
from typing import Any

from workflows.money import Money

MONEY = frozenset(
    {
        "card_asked",
        "card_authorised",
        "cash_duty",
        "commission_cancelled",
        "estimate_given",
        "invoiced",
        "payment_cleared",
        "payment_failed",
        "payment_refunded",
        "payment_reversed",
        "quote_accepted",
        "quote_made",
        "transfer_announced",
        "value_declared",
    }
)
"""Kinds that name an amount."""

DIGESTS = frozenset({"digest", "sha256", "manifest_sha256", "report_sha256"})

SENTENCES: Mapping[str, str] = {
    # the steps
    "approval_superseded": "The yes to {milestone} no longer counts: what it was about has changed.",
    "approved": "Said yes to {milestone}, seal {digest}.",
    "block_overridden": "Answered the block “{code}”: {reason}",
    "cancelled": "Ended the piece: {reason}",
    "changes_asked": "Asked for something different at {milestone}: {note}",
    "content_changed": "Put a new {facet} in place.",
    "evidence_recorded": "Put down {evidence} at {milestone}.",
    "handed_in": "Put {milestone} before whoever decides, round {round}.",
    "milestone_done": "Finished {milestone}.",
    "milestone_reopened": "{milestone} is open again.",
    "milestone_skipped": "Left out {milestone}: {reason}",
    "milestone_started": "Began {milestone}.",
    "paused": "Let it rest: {reason}",
    "release_asked": "Asked a second person to release {milestone}.",
    "release_voided": "The release of {milestone} no longer counts: what it was about has changed.",
    "released": "Released {milestone} as the second person.",
    "resumed": "Took it up again.",
    "sent_back": "Sent the piece back from {milestone} to {to}: {cause}; {cost_bearer} bears the cost.",
    "withdrawn": "Took {milestone} back: {reason}",
    # the order and its papers
    "brief_written": "Wrote version {number} of the brief.",
    "commission_cancelled": "Ended the commission: {reason} {back_minor} goes back, {kept_minor} is kept.",
    "commission_opened": "Opened the commission “{title}”.",
    "dossier_bound": "The dossier, version {version}, was bound and signed: {sha256}.",
    "dossier_issued": "Issued version {version} of the dossier, code {code}.",
    "message_written": "Wrote a message.",
    "piece_added": "Added the piece “{title}”, made as a {template}.",
    "reader_added": "Let somebody read along.",
    "size_confirmed": "Confirmed the size {label}, {made_to_mm} mm inside.",
    "sketch_added": "Added sketch {number}.",
    "sketch_picked": "Picked sketch {number}.",
    # drawings
    "pin_answered": "Answered a remark on revision {revision}: {text}",
    "pin_insisted": "Asked for a remark on revision {revision} to be seen to: {text}",
    "pin_set": "Remarked on revision {revision}: {text}",
    "pin_settled": "Settled a remark on revision {revision}: {answer}",
    "revision_drawn": "Revision {revision} was drawn: {pictures} pictures.",
    "revision_handed_in": "Handed in revision {revision}, file {sha256}. {note}",
    "revision_measured": "Revision {revision} was measured: {blocks} blocks.",
    "revision_refused": "The file of revision {revision} cannot be used: {reason}",
    "unit_confirmed": "Said that revision {revision} is in {unit}.",
    # stones
    "stone_bought": "Bought stone {stone}.",
    "stone_chosen": "Chose stone {stone} as {role}.",
    "stone_held": "Held stone {stone} until {until}.",
    "stone_hold_extended": "Held stone {stone} longer, until {until}.",
    "stone_hold_lapsed": "The hold on stone {stone} ran out.",
    "stone_locked": "Stone {stone} was locked by cleared money.",
    "stone_moved": "Stone {stone} went on: {step}, now {whereabouts}. {reason}",
    "stone_not_locked": "Stone {stone} could not be locked: somebody else has it.",
    "stone_put_forward": "Put stone {stone} forward as {role}.",
    "stone_received": "Stone {stone} came in, weighed {weight_ct} ct.",
    "stone_released": "Let stone {stone} go: {reason}",
    "stone_replaced": "Put stone {by} in the place of {stone}: {cause}",
    "stone_withdrawn": "Took stone {stone} out of the comparison.",
    # what is in the house's care
    "custody_entered": "Entered a {what} in the book of custody, at the {place}.",
    "custody_moved": "Handed it on: now at the {place}, {holder} answers for it.",
    "custody_taken_in": "Took in a {what} of {weight_g} g over the counter, both sides signed.",
    "value_declared": "The client declared a value of {value_minor}.",
    # the bench
    "check_accepted": "Accepted the failed point {point} of round {round}: {reason}",
    "checked": "Checked {points} points in round {round}; failed: {failed}.",
    "photographed": "Took a photograph at {milestone}.",
    "weighed": "Weighed at {milestone}: {weighing} {weight_g} g.",
    "weight_corrected": "Corrected the {weighing} weight at {milestone} from {was_g} g to {weight_g} g: {reason}",
    # money
    "card_asked": "Asked for {amount_minor} by card, for the {instalment}.",
    "card_authorised": "The card was authorised: {reference}.",
    "cash_duty": "Cash: {sentence}",
    "estimate_given": "Gave an estimate from {from_minor} to {to_minor}.",
    "invoiced": "Invoiced {gross_minor}.",
    "promised": "Promised between {first} and {last}.",
    "promise_moved": "Moved the promised day from {was} to {last}: {reason}",
    "payment_cleared": "Received {amount_minor} for the {instalment} by {method}, {reference}.",
    "payment_failed": "Gave up waiting for {reference}: {reason}",
    "payment_refunded": "Paid back {amount_minor} of {reference}: {reason}",
    "payment_reversed": "Took {amount_minor} of {reference} back: {reason}",
    "quote_accepted": "Accepted price {number}: {gross_minor}.",
    "quote_made": "Made price {number}: {gross_minor}.",
    "quote_sent": "Sent price {number}, valid until {valid_until}.",
    "transfer_announced": "Said that {amount_minor} for the {instalment} is on its way, {reference}.",
}


class _Facts(dict[str, str]):
    """What an older event did not say is left as a dash, so that its line can still be read."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(kind: str, facts: Mapping[str, Any], *, currency: str, sees_money: bool) -> str | None:
    """What happened, in words; None for what names an amount and is not for this person."""
    if kind in MONEY and not sees_money:
        return None
    words = SENTENCES.get(kind)
    if words is None:
        return f"{kind.replace('_', ' ').capitalize()}."
    said = words.format_map(_Facts({name: _word(name, fact, currency) for name, fact in facts.items()}))
    return (said[:1].upper() + said[1:]).replace("..", ".").strip()


def _word(name: str, fact: Any, currency: str) -> str:
    if fact is None or fact == "":
        return "none" if name == "failed" else ""
    if name.endswith("_minor"):
        return str(Money(int(fact), currency))
    if name in DIGESTS:
        return f"{str(fact)[:4]} {str(fact)[4:8]}".upper()
    if name in ("until", "valid_until"):
        return str(fact)[:16].replace("T", " ") + " UTC"
    if name in ("milestone", "to", "evidence", "facet", "step", "whereabouts"):
        return str(fact).replace("_", " ")
    return str(fact)
