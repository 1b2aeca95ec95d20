"""The mailed code before a large yes: one act, one digest, five tries, ten minutes, once."""

import threading

import pytest
from sqlalchemy import select

from bespoke.database import Database
from bespoke.models.factor import StepUp
from bespoke.models.job import Job
from bespoke.services import stepup
from bespoke.services.attempts import TooMany
from bespoke.services.stepup import Code, CodeNeeded, CodeRefused
from tests.factories import NOON, a_cast, a_house, after
from workflows.money import Money

ACT, SHOWN, OTHER = stepup.act("render_approval", "OF-0001-A"), "a" * 64, "b" * 64


def asked(session, person: int, *, at=NOON) -> str:
    """A code as the mail job makes it."""
    code = stepup.fresh_code(session, stepup.ask(session, person, ACT, SHOWN, at=at).id)
    assert code is not None
    return code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_right_code_opens_its_act_once(database: Database):
    with database.transaction() as session:
        person = int(a_cast(session).client.id)
        code = asked(session, person)
        assert len(code) == 6
        assert code.isdigit()
        with pytest.raises(CodeNeeded):
            stepup.redeem(session, person, ACT, SHOWN, at=NOON)
        stepup.check(session, person, ACT, SHOWN, f"{code[:3]} {code[3:]}", at=after(minutes=9)).require()
        stepup.redeem(session, person, ACT, SHOWN, at=after(minutes=9))
        with pytest.raises(CodeNeeded):
            stepup.redeem(session, person, ACT, SHOWN, at=after(minutes=9))
        assert stepup.check(session, person, ACT, SHOWN, code, at=after(minutes=9)).code is Code.NONE


def test_a_code_is_for_one_act_one_digest_and_one_person(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        person, stranger = int(cast.client.id), int(cast.stranger.id)
        code = asked(session, person)
        assert stepup.check(session, person, ACT, OTHER, code, at=NOON).code is Code.NONE
        assert stepup.check(session, person, "quote OF-0001", SHOWN, code, at=NOON).code is Code.NONE
        assert stepup.check(session, stranger, ACT, SHOWN, code, at=NOON).code is Code.NONE
        assert stepup.check(session, person, ACT, SHOWN, code, at=NOON).code is Code.RIGHT
        for other in ((person, ACT, OTHER), (person, "quote OF-0001", SHOWN), (stranger, ACT, SHOWN)):
            with pytest.raises(CodeNeeded):
                stepup.redeem(session, *other, at=NOON)


def test_five_wrong_tries_wear_a_code_out(database: Database):
    with database.transaction() as session:
        person = int(a_cast(session).client.id)
        code = asked(session, person)
        verdicts = [stepup.check(session, person, ACT, SHOWN, wrong(code), at=NOON) for _ in range(5)]
        assert [one.left for one in verdicts] == [4, 3, 2, 1, 0]
        assert stepup.check(session, person, ACT, SHOWN, code, at=NOON).code is Code.WORN
        with pytest.raises(CodeRefused, match="tried five times"):
            verdicts[-1].require()


def test_a_code_lives_ten_minutes_typed_or_not(database: Database):
    with database.transaction() as session:
        person = int(a_cast(session).client.id)
        code = asked(session, person)
        assert stepup.check(session, person, ACT, SHOWN, code, at=after(minutes=10)).code is Code.OLD
        stepup.check(session, person, ACT, SHOWN, code, at=after(minutes=9)).require()
        with pytest.raises(CodeNeeded):
            stepup.redeem(session, person, ACT, SHOWN, at=after(minutes=10))


def test_a_newer_code_takes_the_place_of_an_older_one(database: Database):
    with database.transaction() as session:
        person = int(a_cast(session).client.id)
        first, second = asked(session, person), asked(session, person)
        if first != second:
            assert stepup.check(session, person, ACT, SHOWN, first, at=NOON).code is Code.WRONG
        assert stepup.check(session, person, ACT, SHOWN, second, at=NOON).code is Code.RIGHT


def test_a_code_is_mailed_by_a_job_and_kept_nowhere(database: Database):
    with database.transaction() as session:
        code = asked(session, int(a_cast(session).client.id))
        job = session.scalars(select(Job)).one()
        assert (job.kind, job.queue.value) == ("step_up", "mail")
        row = session.scalars(select(StepUp)).one()
        assert code not in repr(job.payload) + repr(vars(row))


def test_codes_are_not_asked_for_without_end(database: Database):
    with database.transaction() as session:
        person = int(a_cast(session).client.id)
        for minute in range(6):
            stepup.ask(session, person, ACT, SHOWN, at=after(minutes=minute))
        with pytest.raises(TooMany, match="Wait 54 minutes"):
            stepup.ask(session, person, ACT, SHOWN, at=after(minutes=6))
        stepup.ask(session, person, ACT, SHOWN, at=after(minutes=60))


def test_of_many_tries_at_once_five_count(database: Database):
    with database.transaction() as session:
        person = int(a_cast(session).client.id)
        code = asked(session, person)
    barrier, outcomes = threading.Barrier(8), []

    def guess() -> None:
        barrier.wait()
        with database.transaction() as session:
            outcomes.append(stepup.check(session, person, ACT, SHOWN, wrong(code), at=NOON).left)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [0, 0, 0, 0, 1, 2, 3, 4]


def test_the_house_says_beyond_which_price(database: Database):
    with database.transaction() as session:
        house = a_house(session)
        assert not stepup.required(house, Money(5_000_00, "GBP"))
        assert stepup.required(house, Money(5_000_01, "GBP"))
        assert not stepup.required(house, None)
