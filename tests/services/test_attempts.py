"""Tries that may be made a few times only, counted by everybody together."""

import threading

import pytest

from bespoke.database import Database
from bespoke.services import factors
from bespoke.services.attempts import TooMany
from tests.factories import NOON, a_cast, after

MOST = factors.TRYING.most


def test_many_tries_at_once_are_not_more_than_are_allowed(database: Database):
    with database.transaction() as session:
        person = int(a_cast(session).owner.id)
    together, outcomes = threading.Barrier(2 * MOST), []

    def try_once() -> None:
        together.wait()
        try:
            with database.transaction() as session:
                factors.count_try(session, person, at=NOON)
            outcomes.append("counted")
        except TooMany:
            outcomes.append("too many")

    threads = [threading.Thread(target=try_once) for _ in range(2 * MOST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["counted"] * MOST + ["too many"] * MOST


def test_after_a_while_one_may_try_again(database: Database):
    with database.transaction() as session:
        person = int(a_cast(session).owner.id)
        for _ in range(MOST):
            factors.count_try(session, person, at=NOON)
        with pytest.raises(TooMany, match="15 minutes"):
            factors.count_try(session, person, at=NOON)
        factors.count_try(session, person, at=after(minutes=16))
