"""The letters themselves: news gathered for one person, and what has to arrive at once, a link or a code.

A letter is first written down, then handed to the mail server, then marked as sent. A worker that dies in between
hands it over again under the same Message-ID, so that nothing owed is lost and a mail program shows it once. A link
and a code are made at that moment and kept nowhere; dying then makes a new one, and the newest is the one that counts.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.house import House
from bespoke.jobs import telling
from bespoke.jobs.errors import CannotSucceed
from bespoke.jobs.run import Run, Task
from bespoke.jobs.workplace import folder_for
from bespoke.mailing import Letter, Refused
from bespoke.models.factor import StepUp
from bespoke.models.house import HouseRow
from bespoke.models.notice import LetterRow, Notice
from bespoke.models.people import Person
from bespoke.notifications import letters, security
from bespoke.notifications.quiet import next_slot
from bespoke.services import alerts, enquiring, links, stepup
from bespoke.storage.store import StorageError
from renders import sandbox
from renders.errors import RenderError
from workflows.roles import Role

PICTURE_PIXELS = 900
PICTURE_BYTES = 120_000
REENCODE = "bespoke.documents.images"
LIMITS = sandbox.Limits(memory_mb=2048, cpu_seconds=30, wall_seconds=60, file_mb=64)
JPEG = b"\xff\xd8"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """A letter that is written down, to be handed over."""

    row_id: int
    letter: Letter
    picture: str | None  # the digest of what stands above it


def write_news(run: Run) -> None:
    """One letter with all that waits for a person; before the day begins, or after today's letter, it waits on."""
    house, person_id = run.house, int(run.payload["person"])
    at = house.clock()
    with run.partly() as session:
        person = session.get_one(Person, person_id, with_for_update=True)
        zone = session.get_one(HouseRow, 1).time_zone
        unsent = _unsent(session, person)
        early = unsent is None and next_slot(at, zone, telling.last_letter(session, person)) > at
        ready = None if early else _written(session, house, person, unsent, at=at)
    if ready is not None:
        picture = _picture(house, ready.picture)
        _hand_over(run, replace(ready.letter, picture=picture), row_id=ready.row_id)
    with run.record() as session:
        person = session.get_one(Person, person_id)
        if ready is not None:
            session.get_one(LetterRow, ready.row_id).sent_at = at
            session.flush()
        if early or _waiting(session, person):
            telling.have_written(session, person, at=at)


def send_link(run: Run) -> None:
    """A link for a client, to their own address, at once; nobody is told when there is nobody."""
    house = run.house
    with run.partly() as session:
        person = session.get(Person, int(run.payload["person"]))
        issued = None if person is None else links.issue_by_mail(session, person, at=house.clock())
        letter = None
        if person is not None and issued is not None:
            row = session.get_one(HouseRow, 1)
            address = f"{house.settings.address}/enter/{issued.secret}"
            written = security.link(session, person, row, address)
            letter = _letter(f"link:{issued.link_id}", person, written)
    if letter is not None:
        _hand_over(run, letter)


def send_code(run: Run) -> None:
    """A code for one act, at once; none where it is no longer wanted."""
    number = int(run.payload["step_up"])
    letter = None
    with run.partly() as session:
        code = stepup.fresh_code(session, number)
        if code is not None:
            asked = session.get_one(StepUp, number)
            person = session.get_one(Person, asked.person_id)
            written = security.code(session, person, session.get_one(HouseRow, 1), code, asked.expires_at)
            letter = _letter(f"step-up:{number}:{run.claim.attempt}", person, written)
    if letter is not None:
        _hand_over(run, letter)


def send_enquiry(run: Run) -> None:
    """To everybody of the office: somebody whose account was closed has written at the door."""
    house = run.house
    with run.partly() as session:
        who = session.get_one(Person, int(run.payload["person"]))
        row = session.get_one(HouseRow, 1)
        said = security.Enquired(*(str(run.payload[name]) for name in ("name", "telephone", "words")))
        address = f"{house.settings.address}/house/people/{run.payload['person']}/"
        made = []
        for reader in _office(session):
            written = security.came_back(session, reader, row, who, said, address)
            made.append(_letter(f"enquiry:{run.claim.job_id}:{reader.id}", reader, written))
    for letter in made:
        _hand_over(run, letter)


def _office(session: Session) -> list[Person]:
    """Who answers letters: the office, else the owner."""
    people = [one for one in session.scalars(select(Person).where(Person.active)) if one.is_staff]
    for role in (Role.OFFICE, Role.OWNER):
        found = [one for one in people if role.value in one.roles]
        if found:
            return found
    return []


def send_alert(run: Run) -> None:
    """Word of what was done with somebody's way in, to the address they had then."""
    told = run.payload
    with run.partly() as session:
        person = session.get(Person, int(told["person"]))
        letter = None
        if person is not None:
            written = security.alert(
                session,
                person,
                session.get_one(HouseRow, 1),
                security.What(told["what"]),
                at=datetime.fromisoformat(told["at"]),
                device=str(told["device"]),
                left=int(told["left"]),
            )
            letter = replace(_letter(f"alert:{run.claim.job_id}", person, written), to=str(told["to"]))
    if letter is not None:
        _hand_over(run, letter)


def _unsent(session: Session, person: Person) -> LetterRow | None:
    """A letter written by a worker that died before it was sent."""
    statement = select(LetterRow).where(
        LetterRow.person_id == person.id, LetterRow.sent_at.is_(None), LetterRow.failed_at.is_(None)
    )
    return session.scalar(statement.order_by(LetterRow.id).limit(1))


def _waiting(session: Session, person: Person) -> list[Notice]:
    statement = select(Notice).where(
        Notice.person_id == person.id, Notice.letter_id.is_(None), Notice.dropped_at.is_(None)
    )
    return list(session.scalars(statement.order_by(Notice.id)))


def _written(session: Session, house: House, person: Person, unsent: LetterRow | None, *, at: datetime) -> Ready | None:
    row, settings = session.get_one(HouseRow, 1), house.settings
    notices = (
        _waiting(session, person)
        if unsent is None
        else list(session.scalars(select(Notice).where(Notice.letter_id == unsent.id).order_by(Notice.id)))
    )
    news, moot = letters.sort_out(session, person, row, notices)
    if unsent is None:
        for notice in moot:
            notice.dropped_at = at
    if not news or not person.active:
        if unsent is not None:
            unsent.failed_at = at  # what it told of is over, so it is not sent late
        return None
    written = letters.write(session, person, row, news, settings.address)
    if unsent is None:
        unsent = LetterRow(
            person_id=person.id,
            kind=written.kind,
            subject=written.subject,
            text=written.text,
            html=written.html,
            discreet=written.discreet,
            written_at=at,
        )
        session.add(unsent)
        session.flush()
        for one in news:
            one.notice.letter_id = unsent.id
    letter = _letter(f"letter:{unsent.id}", person, written)
    if not person.is_staff:
        issued = links.issue_by_mail(session, person, at=at)
        if issued is not None:
            letter = _with_link(letter, f"{settings.address}/enter/{issued.secret}")
    session.flush()
    return Ready(unsent.id, letter, written.picture)


def _letter(key: str, person: Person, written: letters.Written) -> Letter:
    return Letter(
        key=key,
        to=person.email,
        subject=written.subject,
        text=written.text,
        html=written.html,
        sender=written.sender,
        reply_to=written.reply_to,
    )


def _with_link(letter: Letter, address: str) -> Letter:
    text, html = (part.replace(letters.LINK, address) for part in (letter.text, letter.html))
    return replace(letter, text=text, html=html)


def _picture(house: House, digest: str | None) -> bytes:
    """The picture small enough for a letter, or nothing where it cannot be had; the words say everything."""
    if digest is None:
        return b""
    try:
        with house.storage.local_path(digest) as source, folder_for(house.settings, "letter") as folder:
            target = folder / "picture"
            what = [str(source.resolve()), str(target.resolve()), str(PICTURE_PIXELS)]
            sandbox.run(REENCODE, what, folder=folder.resolve(), limits=LIMITS)
            made = target.read_bytes()
    except (StorageError, RenderError) as fault:
        logger.warning("a letter goes without its picture: %s", fault)
        return b""
    return made if made.startswith(JPEG) and len(made) <= PICTURE_BYTES else b""


def _hand_over(run: Run, letter: Letter, *, row_id: int | None = None) -> None:
    at = run.house.clock()
    try:
        run.house.mailer.send(letter, at=at)
    except Refused as refusal:
        if row_id is not None:
            with run.partly() as session:
                session.get_one(LetterRow, row_id).failed_at = at
        raise CannotSucceed(str(refusal)) from refusal


NEWS = Task(telling.LETTER, write_news)
LINK = Task(links.MAIL, send_link)
CODE = Task(stepup.MAIL, send_code)
ALERT = Task(alerts.MAIL, send_alert)
ENQUIRY = Task(enquiring.MAIL, send_enquiry)
