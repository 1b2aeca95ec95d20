"""Links: what does not open, that looking changes nothing, and that of two at once one is let in."""

import threading

import pytest
from sqlalchemy import text

from bespoke.database import Database
from bespoke.models.people import Person
from bespoke.services import links
from bespoke.services.errors import NotPossible
from bespoke.services.links import LinkRefused, Why
from tests.factories import NOON, a_cast, after
from workflows.errors import NotAllowed


def client_of(session, cast) -> Person:
    return session.get_one(Person, int(cast.client.id))


def refused(look, *arguments, **options) -> Why:
    with pytest.raises(LinkRefused) as refusal:
        look(*arguments, **options)
    return refusal.value.why


def test_who_makes_no_link_and_for_whom_none_is_made(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        person = client_of(session, cast)
        with pytest.raises(NotAllowed):
            links.issue(session, person, cast.client, at=NOON)
        with pytest.raises(NotPossible):
            links.issue(session, session.get_one(Person, int(cast.office.id)), cast.office, at=NOON)
        with pytest.raises(NotPossible):
            links.issue_for_staff(session, person, at=NOON)
        person.active = False
        with pytest.raises(NotPossible):
            links.issue(session, person, cast.office, at=NOON)


def test_a_link_that_is_unknown_spent_old_or_taken_back_does_not_open(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        person = client_of(session, cast)
        first, second, third = (links.issue(session, person, cast.office, at=NOON) for _ in range(3))
        assert len({one.secret for one in (first, second, third)}) == 3
        assert refused(links.spend, session, "guessed", at=NOON) is Why.UNKNOWN
        assert refused(links.spend, session, first.secret[:-1], at=NOON) is Why.UNKNOWN
        assert refused(links.look, session, "\ud800", at=NOON) is Why.UNKNOWN
        assert refused(links.spend, session, first.secret, at=after(days=7)) is Why.EXPIRED
        assert links.spend(session, second.secret, at=after(days=6)).id == person.id
        assert refused(links.spend, session, second.secret, at=after(days=6)) is Why.SPENT
        assert links.revoke(session, person, cast.office, at=after(days=6)) == 2
        assert refused(links.look, session, third.secret, at=after(days=6)) is Why.REVOKED
        assert refused(links.spend, session, third.secret, at=after(days=6)) is Why.REVOKED


def test_looking_changes_nothing(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        secret = links.issue(session, client_of(session, cast), cast.office, at=NOON).secret
    with database.reading() as session:
        for _ in range(3):
            assert links.look(session, secret, at=NOON).name == "Elowen Marsh"
    with database.transaction() as session:
        assert links.spend(session, secret, at=NOON).name == "Elowen Marsh"


def test_the_secret_is_kept_nowhere(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        secret = links.issue(session, client_of(session, cast), cast.office, at=NOON).secret
        session.flush()
        rows = session.execute(text("SELECT * FROM client_links")).all()
        assert secret not in repr(rows)
        assert links.hash_of(secret) in repr(rows)


def test_of_many_at_once_one_spends_the_link(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        secret = links.issue(session, client_of(session, cast), cast.office, at=NOON).secret
    barrier, outcomes = threading.Barrier(5), []

    def click() -> None:
        barrier.wait()
        try:
            with database.transaction() as session:
                links.spend(session, secret, at=NOON)
        except LinkRefused as refusal:
            outcomes.append(refusal.why)
        else:
            outcomes.append("in")

    threads = [threading.Thread(target=click) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", *[Why.SPENT] * 4]


def test_a_sign_in_link_is_for_a_quarter_of_an_hour_and_one_use(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        person = session.get_one(Person, int(cast.bench.id))
        first, second = (links.issue_for_staff(session, person, at=NOON) for _ in range(2))
        assert refused(links.spend_as_staff, session, first.secret, at=after(minutes=15)) is Why.EXPIRED
        assert refused(links.spend, session, second.secret, at=NOON) is Why.UNKNOWN  # no client link
        assert links.spend_as_staff(session, second.secret, at=after(minutes=14)).id == person.id
        assert refused(links.spend_as_staff, session, second.secret, at=after(minutes=14)) is Why.SPENT
        person.active = False
        assert refused(links.look_as_staff, session, first.secret, at=NOON) is Why.REVOKED
