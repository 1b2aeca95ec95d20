"""What happens → whom it is told → in which letter. Every kind of event stands here; most are told to nobody by mail.

A key is the kind of an event, or the kind and its milestone: `handed_in render_approval` wins over `handed_in`.
Whoever did a thing is not told of it. A letter is news, gathered to one a day; what has to arrive at once (a link, a
code) is no event of a commission and has its own jobs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflows.roles import Role

Fact = str | int | float | bool | None


class Whom(StrEnum):
    """Who is told."""

    CLIENT = "client"
    READER = "reader"  # the one the event names
    DESIGNERS = "designers"
    LEADS = "leads"
    OFFICE = "office"


OUTSIDERS = frozenset({Role.CLIENT, Role.READER})
BETWEEN_US = frozenset({"message", "note", "answered", "changes"})  # the staff have the board for each other's doings
ROLES: Mapping[Whom, Role] = {Whom.DESIGNERS: Role.DESIGNER, Whom.LEADS: Role.LEAD, Whom.OFFICE: Role.OFFICE}


@dataclass(frozen=True, slots=True)
class Telling:
    """One line of the table: this letter goes to these people.

    Attributes:
        mail: a key of `notifications.words.MAILS`.
        unless: a fact that, being true, keeps it back: an internal message.
        only_if: a fact that must be true: a photograph the client may see.
    """

    whom: Whom
    mail: str
    unless: str = ""
    only_if: str = ""


NONE: tuple[Telling, ...] = ()


def _to_client(mail: str, *, unless: str = "", only_if: str = "") -> tuple[Telling, ...]:
    return (Telling(Whom.CLIENT, mail, unless, only_if),)


def _to(mail: str, *whom: Whom) -> tuple[Telling, ...]:
    return tuple(Telling(one, mail) for one in whom)


DESIGNERS, LEADS, OFFICE = Whom.DESIGNERS, Whom.LEADS, Whom.OFFICE

RULES: Mapping[str, tuple[Telling, ...]] = {
    # the steps
    "handed_in": _to_client("asked"),
    "handed_in brief": NONE,  # the client sends it
    "handed_in concept": _to_client("sketches"),
    "handed_in stone_sourcing": _to_client("stones"),
    "handed_in quote": NONE,  # `quote_sent` tells it
    "handed_in estimate": NONE,  # `estimate_given` tells it
    "handed_in render_approval": _to_client("look"),
    "handed_in pattern": _to_client("wax"),
    "handed_in pre_ship_confirmation": _to_client("ready"),
    "approved": _to("answered", DESIGNERS),
    "approved quote": _to("answered", OFFICE),
    "approved render_approval": _to("answered", DESIGNERS, LEADS),
    "changes_asked": _to("changes", DESIGNERS),
    "changes_asked quote": _to("changes", OFFICE),
    "approval_superseded": _to_client("voided"),
    "release_asked": _to("release", LEADS),
    "released": NONE,
    "release_voided": NONE,
    "withdrawn": NONE,
    "milestone_started": NONE,
    "milestone_done": NONE,
    "milestone_skipped": NONE,
    "milestone_reopened": NONE,
    "evidence_recorded": NONE,
    "content_changed": NONE,
    "block_overridden": NONE,
    "sent_back": NONE,  # a new date, if it costs one, is told by `promise_moved`
    "paused": NONE,
    "resumed": NONE,
    "cancelled": NONE,
    # the order and its papers
    "commission_opened": _to_client("opened"),
    "commission_cancelled": _to_client("ended"),
    "enquiry_received": NONE,  # its words are told by `message_written`
    "piece_added": NONE,
    "reader_added": _to("reading", Whom.READER),
    "brief_written": _to("brief", DESIGNERS),
    "size_confirmed": NONE,
    "sketch_added": NONE,  # told together by `handed_in concept`
    "sketch_picked": NONE,  # told by `approved`
    "message_written": (
        Telling(Whom.CLIENT, "message", unless="internal"),
        Telling(OFFICE, "message", unless="internal"),
        Telling(DESIGNERS, "message", unless="internal"),
    ),
    "dossier_issued": NONE,
    "dossier_bound": _to_client("dossier"),
    # drawings
    "revision_handed_in": NONE,
    "revision_measured": NONE,
    "revision_drawn": NONE,
    "revision_refused": _to("refused", DESIGNERS),
    "unit_confirmed": NONE,
    "pin_set": _to("note", DESIGNERS),
    "pin_answered": (Telling(Whom.CLIENT, "note", unless="internal"), Telling(DESIGNERS, "note")),
    "pin_insisted": _to("note", DESIGNERS),
    "pin_settled": NONE,
    # stones
    "stone_put_forward": NONE,  # told together by `handed_in stone_sourcing`
    "stone_withdrawn": NONE,
    "stone_chosen": _to("chosen", OFFICE),
    "stone_held": NONE,
    "stone_hold_extended": NONE,
    "stone_released": NONE,
    "stone_locked": NONE,
    "stone_not_locked": (Telling(Whom.CLIENT, "stone_gone"), Telling(OFFICE, "stone_gone")),
    "memo_due": NONE,  # the office sees it in the history and at its desk
    "stone_hold_lapsed": (Telling(Whom.CLIENT, "hold_over"), Telling(OFFICE, "hold_over")),
    "stone_replaced": NONE,  # the yes it voids is told by `approval_superseded`
    "stone_bought": NONE,
    "stone_received": NONE,
    "stone_moved": NONE,
    "stone_identified": NONE,
    # what is in the house's care
    "custody_taken_in": NONE,  # the client signs and takes a copy home
    "custody_entered": NONE,
    "custody_moved": NONE,
    "value_declared": NONE,
    # what nobody collects
    "collection_overdue": _to("left", OFFICE),
    "storage_decided": NONE,  # the owner tells the client in their own words
    # the bench
    "photographed": _to_client("photograph", only_if="client_visible"),
    "photograph_shown": _to_client("photograph"),
    "photograph_hidden": NONE,
    "weighed": NONE,
    "weight_corrected": NONE,
    "checked": NONE,
    "check_accepted": NONE,
    # money
    "estimate_given": _to_client("estimate"),
    "quote_made": NONE,
    "quote_sent": _to_client("quote"),
    "quote_accepted": NONE,  # told by `approved quote`
    "transfer_announced": _to("transfer", OFFICE),
    "card_asked": NONE,
    "card_authorised": NONE,
    "card_released": NONE,
    "card_refunded": NONE,  # `payment_refunded` tells it
    "card_stuck": _to("stuck", OFFICE),
    "cash_duty": NONE,
    "paid_beyond": _to("beyond", OFFICE),
    "payment_left": NONE,  # `payment_cleared` of the other way tells it
    "payment_cleared": _to_client("received"),
    "payment_failed": _to_client("not_received"),
    "payment_refunded": _to_client("refunded"),
    "payment_reversed": _to("reversed", OFFICE),
    "invoiced": _to_client("invoice"),
    "invoice_credited": NONE,
    "price_allowed": NONE,  # the office tells it in its own words; the new invoice is told
    "promised": _to_client("promised"),
    "promise_moved": _to_client("new_date"),
}


def tellings(kind: str, facts: Mapping[str, Fact], *, role: Role) -> tuple[Telling, ...]:
    """Who is told of an event, and in which letter.

    Args:
        role: whose doing it was; a letter between the two sides goes to the other one.

    Raises:
        KeyError: the table has no line for this kind of event; every kind needs one.
    """
    milestone = facts.get("milestone")
    lines = RULES.get(f"{kind} {milestone}")
    if lines is None:
        lines = RULES[kind]
    return tuple(line for line in lines if _applies(line, facts, role))


def is_told(kind: str, facts: Mapping[str, Fact], *, role: Role) -> bool:
    """Whether anybody is told of it, so that a job is worth its row; an unknown kind is told to nobody."""
    try:
        return bool(tellings(kind, facts, role=role))
    except KeyError:
        return False


def _applies(line: Telling, facts: Mapping[str, Fact], role: Role) -> bool:
    if (line.unless and facts.get(line.unless)) or (line.only_if and not facts.get(line.only_if)):
        return False
    theirs = role in OUTSIDERS
    if line.whom is Whom.CLIENT:
        return not theirs
    return theirs or line.mail not in BETWEEN_US
