"""Letters: owed when the thing happens and only then, by day, one a day, once each, and silent about a surprise."""

import email
import email.policy
from datetime import timedelta
from email.message import EmailMessage
from typing import Any, cast

import pytest
from sqlalchemy import select

from bespoke.house import House
from bespoke.jobs import reminding, telling, writing
from bespoke.jobs.errors import CannotSucceed
from bespoke.jobs.outbox import claim_next
from bespoke.jobs.run import Run
from bespoke.jobs.runner import Runner
from bespoke.jobs.tasks import TASKS
from bespoke.mailing import Letter, Refused
from bespoke.models.access import ClientLink
from bespoke.models.commission import Commission
from bespoke.models.job import Job, Queue
from bespoke.models.notice import LetterRow, Notice
from bespoke.models.people import Person
from bespoke.services import briefs, enquiring, links, messages, steps, stepup
from bespoke.services.briefs import Wish
from bespoke.services.enquiring import Enquiry
from tests.factories import Cast, a_cast, a_commission, brought_to
from tests.jobs.conftest import Clock
from tests.making import published
from workflows.actions import Withdraw

SECRET_WORDS = ("ring", "stone", "jewel", "goldsmith", "quillfern", "mareel", "revision", "engage")


@pytest.fixture
def mail_house(job_house: House) -> House:
    """A house whose transactions owe letters."""
    telling.tell_what_happens(job_house)
    return job_house


@pytest.fixture
def cast_(mail_house: House) -> Cast:
    with mail_house.database.transaction() as session:
        return a_cast(session)


def opened(house: House, cast: Cast) -> int:
    with house.database.transaction() as session:
        return a_commission(session, cast).id


def say(house: House, number: int, words: str, actor: Any, **how: Any) -> None:
    with house.database.transaction() as session:
        messages.write(session, session.get_one(Commission, number), words, actor, at=house.clock(), **how)


def work(house: House) -> int:
    """Do whatever is due of the mails."""
    return Runner(TASKS, house).answer(Queue.MAIL)


def outbox(house: House, to: str = "") -> list[EmailMessage]:
    files = sorted(house.settings.outbox_folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
    return [cast(EmailMessage, one) for one in mails if to in one["To"]]


def words_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return part.get_content()


def jobs(house: House, kind: str) -> list[Job]:
    with house.database.reading() as session:
        return list(session.scalars(select(Job).where(Job.kind == kind)))


def say_and_fail(house: House, number: int, cast: Cast) -> None:
    with house.database.transaction() as session:
        messages.write(session, session.get_one(Commission, number), "Hello", cast.office, at=house.clock())
        raise RuntimeError("the power went")


def test_a_letter_is_owed_if_and_only_if_the_thing_happened(mail_house: House, cast_: Cast):
    number = opened(mail_house, cast_)
    before = len(jobs(mail_house, telling.TELL))
    with pytest.raises(RuntimeError, match="the power went"):
        say_and_fail(mail_house, number, cast_)
    assert len(jobs(mail_house, telling.TELL)) == before
    say(mail_house, number, "Hello", cast_.office, internal=True)  # nobody is written to about that
    assert len(jobs(mail_house, telling.TELL)) == before
    say(mail_house, number, "Hello", cast_.office)
    assert len(jobs(mail_house, telling.TELL)) == before + 1


def test_the_client_reads_what_is_new_and_comes_in_by_its_button(mail_house: House, cast_: Cast):
    opened(mail_house, cast_)
    work(mail_house)
    (letter,) = outbox(mail_house)
    assert letter["Subject"] == "Your commission is open"
    assert letter["To"] == "elowen.marsh@example.org"
    assert letter["Reply-To"] == "jonah.veldt@example.org"
    assert "Atelier Quillfern" in letter["From"]
    plain, dressed = words_of(letter), words_of(letter, "html")
    address = next(word for word in plain.split() if "/enter/" in word)
    assert address.endswith("?to=/my/OF-0001/")
    assert address in dressed
    secret = address.partition("/enter/")[2].partition("?")[0]
    with mail_house.database.transaction() as session:
        assert links.spend(session, secret, at=mail_house.clock()).name == "Elowen Marsh"
        row = session.scalars(select(LetterRow)).one()
        assert secret not in row.text + row.html


def test_one_letter_a_day_and_none_by_night(mail_house: House, cast_: Cast, clock: Clock):
    number = opened(mail_house, cast_)
    work(mail_house)
    for words in ("First.", "Second."):
        clock.turn(600)
        say(mail_house, number, words, cast_.designer)
        work(mail_house)
    assert len(outbox(mail_house, "elowen")) == 1
    clock.turn(9 * 3600)  # a quarter past nine in the evening
    work(mail_house)
    assert len(outbox(mail_house, "elowen")) == 1
    clock.turn(10 * 3600 + 41 * 60)  # eight in the morning
    work(mail_house)
    digest = outbox(mail_house, "elowen")[-1]
    assert digest["Subject"] == "Tobias Lindqvist wrote to you, and one thing more"
    assert "First." in words_of(digest)
    assert "Second." in words_of(digest, "html")


def test_a_message_goes_to_the_other_side(mail_house: House, cast_: Cast):
    number = opened(mail_house, cast_)
    say(mail_house, number, "Could it be lower?", cast_.client)
    work(mail_house)
    assert {one["To"].partition("@")[0] for one in outbox(mail_house)} == {
        "elowen.marsh",
        "jonah.veldt",
        "tobias.lindqvist",
    }
    (letter,) = outbox(mail_house, "tobias")
    assert letter["Subject"] == "OF-0001: Elowen Marsh wrote"
    assert "/studio/OF-0001/" in words_of(letter)
    assert "/enter/" not in words_of(letter)


def test_a_surprise_gives_nothing_away(mail_house: House, cast_: Cast, clock: Clock):
    number = opened(mail_house, cast_)
    with mail_house.database.transaction() as session:
        commission = session.get_one(Commission, number)
        briefs.write(session, commission, Wish(wish="She must not know.", is_surprise=True), cast_.client, at=clock())
    say(mail_house, number, "The ring and its stone are here.", cast_.designer)
    with mail_house.database.transaction() as session:
        links.send(session, session.get_one(Person, int(cast_.client.id)), cast_.office, at=clock())
        stepup.ask(session, int(cast_.client.id), "render_approval OF-0001-A", "a" * 64, at=clock())
    work(mail_house)
    letters = outbox(mail_house, "elowen")
    assert len(letters) == 3
    for letter in letters:
        shown = " ".join((letter["Subject"], letter["From"], words_of(letter), words_of(letter, "html"))).lower()
        shown = shown.replace("rendering", "")
        for word in SECRET_WORDS:
            assert word not in shown, word
        assert not list(letter.iter_attachments())


class Died(Exception):
    """The worker is gone."""


def test_who_died_after_sending_sends_the_same_letter_again(mail_house: House, cast_: Cast, clock: Clock):
    class Dying:
        def send(self, letter: Letter, *, at: Any) -> None:
            mail_house.mailer.send(letter, at=at)
            raise Died

    opened(mail_house, cast_)
    with pytest.raises(Died):
        writing.write_news(letter_in_hand(mail_house, Dying()))
    clock.turn(3600)  # the lease is over
    work(mail_house)
    first, second = outbox(mail_house)
    assert first["Message-ID"] == second["Message-ID"]
    with mail_house.database.reading() as session:
        assert session.scalars(select(LetterRow)).one().sent_at is not None
        assert len(session.scalars(select(Notice)).all()) == 1
        assert len(session.scalars(select(ClientLink)).all()) == 2  # each letter has a link that opens


def test_an_address_that_is_refused_is_not_tried_for_ever(mail_house: House, cast_: Cast):
    class Refusing:
        def send(self, letter: Letter, *, at: Any) -> None:
            raise Refused("The mail server said 550: no such person")

    opened(mail_house, cast_)
    with pytest.raises(CannotSucceed, match="no such person"):
        writing.write_news(letter_in_hand(mail_house, Refusing()))
    with mail_house.database.reading() as session:
        assert session.scalars(select(LetterRow)).one().failed_at is not None


def letter_in_hand(house: House, mailer: Any) -> Run:
    """The job of a letter, claimed by a worker that sends by another way."""
    assert Runner(TASKS, house).run_next(Queue.MAIL)  # the telling
    with house.database.transaction() as session:
        claim = claim_next(session, Queue.MAIL, "a:1:x", at=house.clock(), lease=timedelta(seconds=30))
    assert claim is not None
    assert claim.kind == telling.LETTER
    return Run(claim, cast(House, WithMailer(house, mailer)))


class WithMailer:
    """A house whose letters leave another way."""

    def __init__(self, house: House, mailer: Any) -> None:
        self._house, self.mailer = house, mailer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._house, name)


def test_a_drawing_is_told_with_its_number_until_it_is_answered(mail_house: House, cast_: Cast, clock: Clock):
    with mail_house.database.transaction() as session:
        commission = brought_to(session, a_commission(session, cast_), "cad", cast_)
        published(session, mail_house.storage, commission.pieces[0], cast_)
    work(mail_house)
    (letter,) = outbox(mail_house, "elowen")
    assert "Revision 1 is ready to look at" in words_of(letter)
    assert "Revision 1 is ready to look at" in words_of(letter, "html")
    clock.turn(86_400)
    with mail_house.database.transaction() as session:
        row = session.scalars(select(Notice).where(Notice.kind == "look")).one()
        row.letter_id = None  # as if it still waited
        piece = session.scalars(select(Commission)).one().pieces[0]
        steps.act(session, piece, Withdraw("render_approval", "A claw is missing"), cast_.designer, at=clock())
        telling.have_written(session, session.get_one(Person, row.person_id), at=clock())
    work(mail_house)
    assert len(outbox(mail_house, "elowen")) == 1
    assert notices(mail_house, "look")[0].dropped_at is not None


def test_a_person_is_not_written_about_what_they_do_not_want(mail_house: House, cast_: Cast):
    with mail_house.database.transaction() as session:
        session.get_one(Person, int(cast_.client.id)).unwanted_mails = ["news"]
    number = opened(mail_house, cast_)
    say(mail_house, number, "Hello", cast_.office)
    work(mail_house)
    (letter,) = outbox(mail_house, "elowen")
    assert letter["Subject"] == "Your commission is open"


def test_a_worker_that_was_away_for_days_tells_late(mail_house: House, cast_: Cast, clock: Clock):
    opened(mail_house, cast_)
    clock.turn(5 * 86_400)
    work(mail_house)
    (letter,) = outbox(mail_house, "elowen")
    assert letter["Subject"] == "Your commission is open"


def test_an_old_history_is_not_told(mail_house: House, cast_: Cast, clock: Clock):
    clock.turn(5 * 86_400)
    opened(mail_house, cast_)  # at noon, five days ago
    work(mail_house)
    assert outbox(mail_house) == []


def test_reminders_come_three_times_and_then_rest(mail_house: House, cast_: Cast, clock: Clock):
    with mail_house.database.transaction() as session:
        commission = brought_to(session, a_commission(session, cast_), "cad", cast_)
        published(session, mail_house.storage, commission.pieces[0], cast_)
    asked: list[str] = []
    for _ in range(60):
        clock.turn(12 * 3600)
        remind(mail_house)
        asked = sorted(one.about for one in notices(mail_house, "still_asked"))
    assert [one.rpartition(", ")[2] for one in asked] == ["time 1", "time 2", "time 3"]


def remind(house: House) -> None:
    with house.database.transaction() as session:
        for each in reminding.due(session, at=house.clock()):
            telling.add(
                session, each.commission.client, each.commission, each.kind, each.about, each.facts, at=house.clock()
            )


def notices(house: House, kind: str) -> list[Notice]:
    with house.database.reading() as session:
        return list(session.scalars(select(Notice).where(Notice.kind == kind)))


def test_a_code_is_mailed_at_once_even_by_night(mail_house: House, cast_: Cast, clock: Clock):
    clock.turn(11 * 3600)
    with mail_house.database.transaction() as session:
        stepup.ask(session, int(cast_.client.id), "act", "a" * 64, at=clock())
    work(mail_house)
    (letter,) = outbox(mail_house, "elowen")
    code = words_of(letter).splitlines()[0].replace(" ", "")
    with mail_house.database.transaction() as session:
        stepup.check(session, int(cast_.client.id), "act", "a" * 64, code, at=clock()).require()


def test_the_office_is_written_to_when_a_closed_account_sends_an_enquiry(mail_house: House, cast_: Cast):
    with mail_house.database.transaction() as session:
        person = session.get_one(Person, int(cast_.client.id))
        person.active = False
        enquiry = Enquiry("Nell Ash", person.email, "01632 960 007", "ring", "A ring for my sister.", consents=True)
        assert enquiring.receive(session, enquiry, at=mail_house.clock()) is None
    work(mail_house)
    (letter,) = outbox(mail_house)
    with mail_house.database.reading() as session:
        assert session.get_one(Person, int(cast_.office.id)).email in letter["To"]
    assert "A ring for my sister." in words_of(letter)
    assert "01632 960 007" in words_of(letter)
