"""The enquiry: how somebody got in touch, that they may be answered, and that it became a commission."""

from datetime import datetime

from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.services import steps, together
from bespoke.services.errors import NotPossible
from workflows.roles import Actor
from workflows.sentences import sentence

ENQUIRY = "enquiry"


def note_contact(session: Session, commission: Commission, how: str, actor: Actor, *, at: datetime) -> None:
    """Put down how the client got in touch: a letter, a call, a visit.

    Raises:
        NotPossible: nothing is said.
    """
    if not how.strip():
        raise NotPossible(sentence("Say how they got in touch: by letter, by telephone, in the shop."))
    for piece in together.ahead(commission, ENQUIRY):
        steps.show_evidence(session, piece, ENQUIRY, "contact", actor, {"how": how.strip()}, at=at)


def note_consent(session: Session, commission: Commission, words: str, actor: Actor, *, at: datetime) -> None:
    """Put down that the client agreed to be written to, in the words they agreed to.

    Raises:
        NotPossible: without the words a consent proves nothing.
    """
    if not words.strip():
        raise NotPossible(sentence("Write down the words the client agreed to; without them a consent proves nothing."))
    client = str(commission.client.id)
    for piece in together.ahead(commission, ENQUIRY):
        facts = {"words": words.strip(), "client": client}
        steps.show_evidence(session, piece, ENQUIRY, "consent_to_contact", actor, facts, at=at)


def complete(session: Session, commission: Commission, actor: Actor, *, at: datetime) -> None:
    """The enquiry has become a commission; the brief comes next."""
    together.complete(session, commission, ENQUIRY, actor, at=at)


def take(session: Session, commission: Commission, actor: Actor, *, contact: str, consent: str, at: datetime) -> None:
    """Contact and consent put down and the enquiry done, in one step."""
    note_contact(session, commission, contact, actor, at=at)
    note_consent(session, commission, consent, actor, at=at)
    complete(session, commission, actor, at=at)
