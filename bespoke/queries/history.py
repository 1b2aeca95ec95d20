"""The history in sentences: one for every kind of event there is; those about money only for who may see it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from bespoke.queries.words import FACETS, PLACES, STONES, WEIGHINGS, evidence, milestone
from bespoke.templating.catalogue import Lazy, _, lazy, locale, ngettext
from bespoke.templating.filters import day_short
from workflows.money import Money
from workflows.sentences import word

MONEY = frozenset(
    {
        "card_asked",
        "card_authorised",
        "card_refunded",
        "card_released",
        "card_stuck",
        "cash_duty",
        "commission_cancelled",
        "estimate_given",
        "invoice_credited",
        "invoiced",
        "paid_beyond",
        "payment_cleared",
        "payment_failed",
        "payment_left",
        "payment_refunded",
        "payment_reversed",
        "price_allowed",
        "quote_accepted",
        "quote_made",
        "storage_decided",
        "transfer_announced",
        "value_declared",
    }
)
"""Kinds that name an amount."""

DIGESTS = frozenset({"digest", "sha256", "manifest_sha256", "report_sha256"})
DAYS = frozenset({"until", "valid_until", "first", "last", "was", "capture_before"})

SENTENCES: Mapping[str, Lazy] = {
    # the steps
    "approval_superseded": lazy("The yes to %(milestone)s no longer counts: what it was about has changed."),
    "approved": lazy("%(who)s said yes to %(milestone)s, seal %(digest)s."),
    "block_overridden": lazy("%(who)s answered the block “%(code)s”: %(reason)s"),
    "cancelled": lazy("%(who)s ended the work on the piece: %(reason)s"),
    "changes_asked": lazy("%(who)s asked for something different about %(milestone)s: %(note)s"),
    "content_changed": lazy("%(who)s changed %(facet)s."),
    "evidence_recorded": lazy("%(who)s recorded %(evidence)s for %(milestone)s."),
    "handed_in": lazy("%(who)s put %(milestone)s forward for a yes%(again)s."),
    "milestone_done": lazy("%(who)s finished %(milestone)s."),
    "milestone_reopened": lazy("%(milestone)s has to be done again."),
    "milestone_skipped": lazy("%(who)s left out %(milestone)s: %(reason)s"),
    "milestone_started": lazy("%(who)s began %(milestone)s."),
    "paused": lazy("%(who)s let the piece rest: %(reason)s"),
    "release_asked": lazy("%(who)s asked a second person to release %(milestone)s."),
    "release_voided": lazy("The release of %(milestone)s no longer counts: what it was about has changed."),
    "released": lazy("%(who)s released %(milestone)s as the second person."),
    "resumed": lazy("%(who)s took the piece up again."),
    "sent_back": lazy(
        "%(who)s sent the piece back from %(milestone)s to %(to)s: %(cause)s. Paid for by: %(cost_bearer)s."
    ),
    "withdrawn": lazy("%(who)s took %(milestone)s back: %(reason)s"),
    # the order and its papers
    "brief_written": lazy("%(who)s wrote version %(number)s of the brief."),
    "commission_cancelled": lazy(
        "%(who)s ended the commission: %(reason)s %(back_minor)s goes back, %(kept_minor)s is kept."
    ),
    "commission_opened": lazy("%(who)s opened the commission “%(title)s”."),
    "dossier_bound": lazy("Version %(version)s of the dossier was bound and signed, seal %(sha256)s."),
    "dossier_issued": lazy("%(who)s issued version %(version)s of the dossier, code %(code)s."),
    "enquiry_received": lazy("An enquiry came by %(how)s."),
    "message_written": lazy("%(who)s wrote a message."),
    "piece_added": lazy("%(who)s added the piece “%(title)s”, made as a %(template)s."),
    "reader_added": lazy("%(who)s let somebody read along."),
    "size_confirmed": lazy("%(who)s confirmed the size %(label)s, %(made_to_mm)s mm inside."),
    "sketch_added": lazy("%(who)s added sketch %(number)s."),
    "sketch_picked": lazy("%(who)s picked sketch %(number)s."),
    # drawings
    "pin_answered": lazy("%(who)s answered a remark on revision %(revision)s: %(text)s"),
    "pin_insisted": lazy("%(who)s insisted on a remark on revision %(revision)s: %(text)s"),
    "pin_set": lazy("%(who)s remarked on revision %(revision)s: %(text)s"),
    "pin_settled": lazy("%(who)s settled a remark on revision %(revision)s: %(answer)s"),
    "revision_drawn": lazy("Revision %(revision)s has been drawn: %(pictures)s."),
    "revision_handed_in": lazy("%(who)s handed in revision %(revision)s (%(file)s). %(note)s"),
    "revision_measured": lazy("Revision %(revision)s has been measured: %(blocks)s."),
    "revision_refused": lazy("The file of revision %(revision)s cannot be used: %(reason)s"),
    "unit_confirmed": lazy("%(who)s said that revision %(revision)s is in %(unit)s."),
    # stones
    "stone_bought": lazy("%(who)s bought stone %(stone)s."),
    "stone_chosen": lazy("%(who)s chose stone %(stone)s, %(role)s."),
    "stone_held": lazy("%(who)s held stone %(stone)s until %(until)s."),
    "stone_identified": lazy("%(who)s wrote down what stone %(stone)s is recognised by, at its %(occasion)s."),
    "stone_hold_extended": lazy("Stone %(stone)s is held longer, until %(until)s."),
    "stone_hold_lapsed": lazy("The hold on stone %(stone)s ran out."),
    "stone_locked": lazy("Stone %(stone)s belongs to this commission: the money has cleared."),
    "memo_due": lazy("%(sentence)s"),
    "stone_moved": lazy("Stone %(stone)s is now %(whereabouts)s. %(reason)s"),
    "stone_not_locked": lazy("Stone %(stone)s could not be locked: somebody else has it."),
    "stone_put_forward": lazy("%(who)s put stone %(stone)s forward, %(role)s."),
    "stone_received": lazy("Stone %(stone)s came in and weighed %(weight_ct)s ct."),
    "stone_released": lazy("%(who)s let stone %(stone)s go: %(reason)s"),
    "stone_replaced": lazy("%(who)s put stone %(by)s in the place of %(stone)s: %(cause)s"),
    "stone_withdrawn": lazy("%(who)s took stone %(stone)s out of the comparison."),
    # what is in the house's care
    "custody_entered": lazy("%(who)s entered a %(what)s in the book of custody: it is %(place)s."),
    "custody_moved": lazy("%(who)s handed a valuable on: it is %(place)s, and %(holder)s answers for it."),
    "custody_taken_in": lazy("%(who)s took in a %(what)s of %(weight_g)s g over the counter; both sides signed."),
    "value_declared": lazy("%(who)s declared a value of %(value_minor)s."),
    # what nobody collects
    "collection_overdue": lazy(
        "The piece has waited since %(first)s to be collected, and the reminders are used up: storage may be charged "
        "by the house's terms, where they name a fee."
    ),
    "storage_decided": lazy(
        "%(who)s decided about the uncollected piece: %(decision)s, %(weeks)s weeks, %(amount_minor)s. %(reason)s"
    ),
    # the bench
    "check_accepted": lazy("%(who)s accepted the failed point “%(point)s” of check %(round)s: %(reason)s"),
    "checked": lazy("%(who)s made the final check, %(points)s; failed: %(failed)s."),
    "photograph_shown": lazy("%(who)s showed the client a photograph of %(milestone)s."),
    "photograph_hidden": lazy("%(who)s took a photograph of %(milestone)s out of the client's sight again."),
    "photographed": lazy("%(who)s took a photograph of %(milestone)s."),
    "weighed": lazy("%(who)s weighed %(weight_g)s g %(weighing)s at %(milestone)s."),
    "weight_corrected": lazy(
        "%(who)s corrected the weight %(weighing)s at %(milestone)s from %(was_g)s g to %(weight_g)s g: %(reason)s"
    ),
    # money
    "card_asked": lazy("%(who)s asked for %(amount_minor)s by card for the %(instalment)s."),
    "card_authorised": lazy("The card is good for payment %(reference)s; it is held until %(capture_before)s."),
    "card_refunded": lazy("The card provider gave %(amount_minor)s of %(reference)s back."),
    "card_released": lazy("The card provider let go of what it held for %(reference)s."),
    "card_stuck": lazy("The card provider would not act on %(reference)s: %(reason)s"),
    "cash_duty": lazy("A duty that comes with cash: %(sentence)s"),
    "estimate_given": lazy("%(who)s gave an estimate from %(from_minor)s to %(to_minor)s."),
    "invoice_credited": lazy("Credit note %(number)s takes invoice %(credits)s of %(gross_minor)s back: %(reason)s"),
    "invoiced": lazy("The %(instalment)s was invoiced: %(number)s, %(gross_minor)s."),
    "promised": lazy("%(who)s promised the piece between %(first)s and %(last)s."),
    "promise_moved": lazy("%(who)s moved the promised day from %(was)s to %(last)s: %(reason)s"),
    "paid_beyond": lazy("%(amount_minor)s more than is due for the %(instalment)s came in with %(reference)s."),
    "payment_left": lazy("%(reference)s is no longer waited for: %(reason)s"),
    "payment_cleared": lazy("%(amount_minor)s for the %(instalment)s came in by %(method)s, %(reference)s."),
    "payment_failed": lazy("%(who)s gave up waiting for %(reference)s: %(reason)s"),
    "payment_refunded": lazy("%(who)s paid %(amount_minor)s of %(reference)s back: %(reason)s"),
    "payment_reversed": lazy("%(who)s took the booking of %(amount_minor)s, %(reference)s, back: %(reason)s"),
    "price_allowed": lazy("%(who)s let go of %(amount_minor)s of the price: %(reason)s"),
    "quote_accepted": lazy("%(who)s accepted price %(number)s: %(gross_minor)s."),
    "quote_made": lazy("%(who)s made price %(number)s: %(gross_minor)s."),
    "quote_sent": lazy("%(who)s sent price %(number)s, valid until %(valid_until)s."),
    "transfer_announced": lazy(
        "%(who)s said that %(amount_minor)s for the %(instalment)s is on its way, %(reference)s."
    ),
}


class _Facts(dict[str, str]):
    """What an older event did not say is left as a dash, so that its line can still be read."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(
    kind: str,
    facts: Mapping[str, Any],
    *,
    currency: str,
    sees_money: bool,
    who: str = "",
    zone: tzinfo = UTC,
) -> str | None:
    """What happened, in words; None for what names an amount and is not for this person.

    Args:
        who: by whom, as the sentence begins; left out, it begins with what was done.
        zone: the house's own, for the days that are told.
    """
    if kind in MONEY and not sees_money:
        return None
    words = SENTENCES.get(kind)
    if words is None:
        return f"{kind.replace('_', ' ').capitalize()}."
    told = {name: _word(name, fact, currency, zone) for name, fact in facts.items()}
    if kind == "handed_in":
        again = int(facts.get("round") or 1)
        told["again"] = _(", round %(number)s", number=again) if again > 1 else ""
    said = " ".join((words % _Facts({**told, "who": who})).split())
    return (said[:1].upper() + said[1:]).replace("..", ".").replace(": .", ".").replace(" (–)", "").removesuffix(" –")


def _word(name: str, fact: Any, currency: str, zone: tzinfo) -> str:
    if fact is None or fact == "":
        return _("none") if name == "failed" else ""
    if name.endswith("_minor"):
        return str(Money(int(fact), currency))
    if name in DIGESTS:
        return f"{str(fact)[:4]} {str(fact)[4:8]}".upper()
    if name in DAYS:
        return _day(str(fact), zone)
    if name in ("milestone", "to"):
        return milestone(str(fact))
    if name == "evidence":
        return evidence(str(fact))
    if name in COUNTED:
        return _counted(name, int(fact))
    table = {"facet": FACETS, "place": PLACES, "whereabouts": STONES, "weighing": WEIGHINGS}.get(name, {})
    return str(table.get(str(fact), word(str(fact)) if name in TOLD_PLAINLY else fact))


COUNTED = frozenset({"blocks", "pictures", "points"})
TOLD_PLAINLY = frozenset(
    {"facet", "place", "whereabouts", "weighing", "template", "how", "role", "what", "instalment", "method"}
)


def _counted(name: str, count: int) -> str:
    if name == "blocks":
        if count == 0:
            return _("nothing stands in its way")
        return ngettext("%(num)s finding blocks it", "%(num)s findings block it", count)
    if name == "pictures":
        return ngettext("%(num)s picture", "%(num)s pictures", count)
    return ngettext("%(num)s point", "%(num)s points", count)


def _day(said: str, zone: tzinfo) -> str:
    """`22 Nov`, on the house's own clock; what is no moment is told as it stands."""
    try:
        told = date.fromisoformat(said) if len(said) == len("2026-11-22") else _local(said, zone)
    except ValueError:
        return said
    return day_short(told, locale=locale())


def _local(said: str, zone: tzinfo) -> date:
    moment = datetime.fromisoformat(said)
    return (moment if moment.tzinfo is None else moment.astimezone(zone)).date()
