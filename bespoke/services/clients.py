"""A client’s own settings: how they are reached, which mails they want, their data, the wish to be forgotten."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.approval import ApprovalRow
from bespoke.models.brief import Brief, BriefDraft
from bespoke.models.commission import Commission, Participant
from bespoke.models.ledger import InstalmentRow, Invoice, Payment
from bespoke.models.message import Message
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.models.quote import Quote
from bespoke.notifications.security import What
from bespoke.notifications.words import GROUPS
from bespoke.services import alerts
from bespoke.services.errors import NotPossible
from workflows.errors import NotAllowed
from workflows.roles import Role

NAME_MOST, TELEPHONE = 200, re.compile(r"\+?[0-9 ()./-]{5,40}", re.ASCII)
COPIED: Mapping[type[Any], str] = {
    Person: "id name email telephone address language unwanted_mails deletion_asked_at created_at",
    Commission: "id reference title state currency created_at needed_by promised_from promised_to promise_reason",
    Brief: "number occasion wish story lifestyle metals links budget_from_minor budget_to_minor needed_by is_surprise "
    "created_at",
    BriefDraft: "answers changed_at",
    Quote: "number firm currency net_minor tax_minor gross_minor gross_from_minor allowed_minor plan_key included "
    "terms_version valid_until change_reason date_delta_days sent_at accepted_at superseded_at",
    InstalmentRow: "key rank due_minor currency",
    Invoice: "number key gross_minor tax_minor advances_minor tax_name tax_rate reason currency issued_at credited_at "
    "digest",
    Payment: "method reference amount_minor refunded_minor currency state announced_at cleared_at",
    Message: "author_id text picture at",
    ApprovalRow: "milestone digest facets words person_id role at_counter at address device standing ended_at",
    Piece: "letter title quantity template_key course alloy size_mm size_label size_method size_confirmed_at "
    "fixed_size engraving",
}
"""What of each table a client's copy holds; a column that is not named here stays in the house."""


def address_of(text: str) -> str:
    """A mail address in lower case, once it can be written to.

    Raises:
        NotPossible: it is none, or mixes scripts so that it looks like another.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError as wrong:
        raise NotPossible("This is not a mail address we can write to; look at it again.") from wrong
    if not found.normalized.isascii():
        raise NotPossible("Write the address with plain letters, as your provider spells it.")
    return found.normalized.lower()


def change_contact(session: Session, person: Person, *, name: str, telephone: str, at: datetime) -> None:
    """Another name or number; the address is changed by the house, which asks back first.

    Raises:
        NotPossible: no name, or a number that is none.
    """
    called = " ".join(name.split())
    if not called or len(called) > NAME_MOST:
        raise NotPossible(f"A name has at least one letter, and at most {NAME_MOST}.")
    number = telephone.strip()
    if number and not TELEPHONE.fullmatch(number):
        raise NotPossible("A telephone number has figures and blanks, like 01632 960 144.")
    if (person.name, person.telephone) != (called, number):
        alerts.owe(session, person, What.CONTACT, at=at)
    person.name, person.telephone = called, number
    session.flush()


def choose_mails(session: Session, person: Person, wanted: Sequence[str]) -> None:
    """Which of the mails that may be left out the client still wants."""
    person.unwanted_mails = sorted(set(GROUPS) - set(wanted))
    session.flush()


def ask_deletion(session: Session, person: Person, *, at: datetime) -> None:
    """The client wishes to be forgotten; the house answers within a month, and says what the law makes it keep.

    Raises:
        NotAllowed: one of the staff.
    """
    if person.is_staff:
        raise NotAllowed("Only a client asks for this here.")
    if person.deletion_asked_at is None:
        person.deletion_asked_at = at
        session.flush()


def withdraw_deletion(session: Session, person: Person) -> None:
    """They have thought better of it."""
    person.deletion_asked_at = None
    session.flush()


def copy_of(session: Session, person: Person) -> dict[str, Any]:
    """Everything the house keeps about a client, as JSON: no cost, no supplier, nothing said among the staff."""
    theirs = select(Participant.commission_id).where(
        Participant.person_id == person.id, Participant.role == Role.CLIENT
    )
    rows = session.scalars(select(Commission).where(Commission.id.in_(theirs)).order_by(Commission.id)).all()
    return {
        "person": _row(person),
        "commissions": [
            {
                **_row(row),
                "briefs": [_row(one) for one in _of(session, Brief, row)],
                "brief_being_written": [_row(one) for one in _of(session, BriefDraft, row)],
                "quotes": [_row(one) for one in _of(session, Quote, row) if one.sent_at is not None],
                "instalments": [_row(one) for one in _of(session, InstalmentRow, row)],
                "invoices": [_row(one) for one in _of(session, Invoice, row)],
                "payments": [_row(one) for one in _of(session, Payment, row)],
                "messages": [_row(one) for one in _of(session, Message, row) if not one.internal],
                "approvals": [_row(yes) for piece in row.pieces for yes in piece.approvals],
                "pieces": [_row(piece) for piece in row.pieces],
            }
            for row in rows
        ],
    }


def _of(session: Session, model: Any, commission: Commission) -> Sequence[Any]:
    return session.scalars(select(model).where(model.commission_id == commission.id).order_by(model.id)).all()


def _row(row: Any) -> dict[str, Any]:
    said = {}
    for name in COPIED[type(row)].split():
        value = getattr(row, name)
        said[name] = value if isinstance(value, str | int | bool | list | dict | None) else str(value)
    return said
