"""An enquiry from somebody at the door: who they are, what they would like, and that we may write to them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.brief import BriefDraft
from bespoke.models.commission import Commission
from bespoke.models.job import Queue, enqueue
from bespoke.models.people import Person
from bespoke.services import attempts, clients, commissions, links, messages, people
from bespoke.services.attempts import Limit
from bespoke.services.errors import NotPossible
from workflows.roles import Actor, Role
from workflows.sentences import in_english, sentence

KINDS = {
    "ring": sentence("A ring"),
    "pair": sentence("A pair of earrings"),
    "pendant": sentence("A pendant"),
    "bracelet": sentence("A bracelet"),
}
OTHER = "ring"  # until the house knows better
BY_PLACE = Limit("enquiries from a place", 5, timedelta(hours=1))
BY_ADDRESS = Limit("enquiries of an address", 3, timedelta(days=1))
IN_ALL = Limit("enquiries in all", 60, timedelta(hours=1))
WORDS_MOST, NAME_MOST = 4000, 200
MAIL = "enquiry_of_closed"


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What somebody wrote at the door; `kind` is the kind of piece they think of."""

    name: str
    email: str
    telephone: str
    kind: str
    words: str
    consents: bool


def read(enquiry: Enquiry) -> Enquiry:
    """The enquiry as it is taken, without stray blanks and with the address as it is kept; nobody is looked up.

    Raises:
        NotPossible: a name, an address, words or the consent is missing.
    """
    name, words = " ".join(enquiry.name.split()), enquiry.words.strip()
    if not name or len(name) > NAME_MOST:
        raise NotPossible(sentence("Tell us your name, so that we know how to address you."))
    address = clients.address_of(enquiry.email)
    telephone = enquiry.telephone.strip()
    if telephone and not clients.TELEPHONE.fullmatch(telephone):
        raise NotPossible(
            sentence("A telephone number has figures and blanks, like 01632 960 144. It may be left out.")
        )
    if not words or len(words) > WORDS_MOST:
        raise NotPossible(
            sentence(
                "Say in a few words what you would like, in at most %(words_most)s characters.", words_most=WORDS_MOST
            )
        )
    if not enquiry.consents:
        raise NotPossible(sentence("Tick that we may write to you; otherwise we cannot answer."))
    return replace(enquiry, name=name, email=address, telephone=telephone, words=words)


def count_try(session: Session, enquiry: Enquiry, place: str, *, at: datetime) -> None:
    """Count an enquiry that was read before anybody is looked up, in a transaction of its own.

    Args:
        place: where it was sent from; only a hash of it is kept, for a day.

    Raises:
        TooMany: too many came from one place or for one address.
    """
    counted = ((BY_PLACE, place), (BY_ADDRESS, enquiry.email), (IN_ALL, ""))
    for limit, whose in counted:
        attempts.require_room(session, limit, whose, at=at)
    for limit, whose in counted:
        attempts.count(session, limit, whose, at=at)


def receive(session: Session, enquiry: Enquiry, *, at: datetime) -> Commission | None:
    """A commission in its first state, for the house to answer; the client is mailed a link to it.

    Nothing tells the sender whether the house knows the address; one who has a commission gets another.

    Returns:
        None where the address is of one of the staff or of an account that was closed: nothing is opened for those,
        and whoever sent it is answered as everybody is. The office is written to about the latter.
    """
    known = session.scalar(select(Person).where(Person.email == enquiry.email))
    if known is not None and known.is_staff:
        return None
    if known is not None and not known.active:
        said = {"name": enquiry.name, "telephone": enquiry.telephone, "words": enquiry.words}
        enqueue(session, MAIL, {"person": known.id, **said}, queue=Queue.MAIL, at=at)
        return None
    person = known or people.take_in(
        session, name=enquiry.name, email=enquiry.email, telephone=enquiry.telephone, at=at
    )
    return _open(session, person, enquiry, at)


def _open(session: Session, person: Person, enquiry: Enquiry, at: datetime) -> Commission:
    door = Actor(str(person.id), Role.SYSTEM, person.name)
    kind = enquiry.kind if enquiry.kind in KINDS else OTHER
    title = f"{in_english(KINDS[kind])} for {person.name}"[:200]
    commission = commissions.open_commission(session, person, title, door, at=at)
    commissions.add_piece(session, commission, kind, KINDS[kind], door, at=at)
    session.add(BriefDraft(commission_id=commission.id, answers={"wish": enquiry.words}, changed_at=at))
    messages.write(session, commission, enquiry.words, Actor(str(person.id), Role.CLIENT, person.name), at=at)
    commission.record("enquiry_received", door, at, how="the form on our page", consent=True)
    session.flush()
    links.mail(session, person, at=at)  # they opened it themselves, so no letter about it goes to them
    return commission
