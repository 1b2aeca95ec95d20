"""Telling: what happened becomes a job in its own transaction, and the job writes down who is to be told.

One place hears of every event: `Commission.record` leaves it in the session, and the hook below, called before the
commit, adds one job for those that are told to anybody. So a letter is owed if, and only if, the thing happened; a
worker that was away for days tells it late, less what was answered meanwhile. A history brought in is told to nobody.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bespoke.house import Clock, House
from bespoke.jobs.run import Run, Task
from bespoke.models.commission import Commission, Participant
from bespoke.models.event import RECORDED, Event
from bespoke.models.house import HouseRow
from bespoke.models.job import Queue, enqueue
from bespoke.models.notice import LetterRow, Notice
from bespoke.models.people import Person
from bespoke.notifications import facts, letters, rules
from bespoke.notifications.quiet import next_slot
from bespoke.notifications.rules import ROLES, Telling, Whom
from workflows.roles import Role

TELL, LETTER = "tell", "letter"
STALE = timedelta(days=2)  # nobody is told of what was longer ago when it was recorded: a history is brought in


def tell_what_happens(house: House) -> None:
    """From now on each transaction of this process owes the letters for what it recorded."""
    house.database.before_commit.append(partial(_owe, house.clock))


def tell(run: Run) -> None:
    """Write down who is to be told of some events of one commission, and have their letters written."""
    house = run.house
    with run.record() as session:
        events = session.scalars(
            select(Event)
            .where(
                Event.commission_id == int(run.payload["commission_id"]),
                Event.position.between(int(run.payload["first"]), int(run.payload["last"])),
            )
            .order_by(Event.position)
        ).all()
        at = house.clock()
        told = {person.id: person for event in events for person in note(session, event, at=at)}
        for person in told.values():
            have_written(session, person, at=at)


def note(session: Session, event: Event, *, at: datetime) -> list[Person]:
    """The notices of one event; who gets one now. Nobody is told the same twice."""
    told = []
    commission = session.get_one(Commission, event.commission_id)
    for line in rules.tellings(event.kind, event.facts, role=Role(event.role)):
        for person in _people(session, commission, line, event):
            about = f"{event.kind} {commission.id}/{event.position}"
            if str(person.id) != event.actor and add(
                session, person, commission, line.mail, about, facts.kept_of(event), at=at
            ):
                told.append(person)
    return told


def add(
    session: Session,
    person: Person,
    commission: Commission,
    kind: str,
    about: str,
    kept: dict[str, object],
    *,
    at: datetime,
) -> bool:
    """Whether a notice was added: the person wants such letters, and was not told of this before."""
    mail = letters.mail_for(kind, person)
    if mail is None or (mail.group and mail.group in person.unwanted_mails):
        return False
    if session.scalar(select(Notice.id).where(Notice.person_id == person.id, Notice.about == about)) is not None:
        return False
    session.add(Notice(person_id=person.id, commission_id=commission.id, kind=kind, about=about, facts=kept, at=at))
    session.flush()
    return True


def have_written(session: Session, person: Person, *, at: datetime) -> datetime:
    """Have the person's waiting news written to them, by day and once a day; when that will be."""
    zone = session.get_one(HouseRow, 1).time_zone
    due = next_slot(at, zone, last_letter(session, person))
    enqueue(session, LETTER, {"person": person.id}, queue=Queue.MAIL, key=f"letter:{person.id}", due_at=due, at=at)
    return due


def last_letter(session: Session, person: Person) -> datetime | None:
    """When the person last had a letter of news."""
    return session.scalar(select(func.max(LetterRow.sent_at)).where(LetterRow.person_id == person.id))


def _owe(clock: Clock, session: Session) -> None:
    recorded: list[Event] = session.info.pop(RECORDED, [])
    worth = [
        event
        for event in recorded
        if event in session
        and clock() - event.at <= STALE
        and rules.is_told(event.kind, event.facts, role=Role(event.role))
    ]
    worth.sort(key=attrgetter("commission_id", "position"))
    for commission_id, events in groupby(worth, attrgetter("commission_id")):
        positions = [event.position for event in events]
        payload = {"commission_id": commission_id, "first": positions[0], "last": positions[-1]}
        enqueue(session, TELL, payload, queue=Queue.MAIL, at=max(event.at for event in worth))


def _people(session: Session, commission: Commission, line: Telling, event: Event) -> Iterable[Person]:
    if line.whom is Whom.CLIENT:
        return [one.person for one in _participants(session, commission) if one.role is Role.CLIENT]
    if line.whom is Whom.READER:
        return [
            one.person
            for one in _participants(session, commission)
            if one.role is Role.READER and str(one.person_id) == str(event.facts.get("person"))
        ]
    return facts.people_of(session, ROLES[line.whom].value)


def _participants(session: Session, commission: Commission) -> list[Participant]:
    found = session.scalars(select(Participant).where(Participant.commission_id == commission.id))
    return [one for one in found if one.person.active]


TASK = Task(TELL, tell)
