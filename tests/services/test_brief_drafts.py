"""A brief as it is typed: what two devices keep at once is kept both."""

import threading

import pytest

from bespoke.database import Database
from bespoke.models.commission import Commission
from bespoke.services import brief_drafts
from bespoke.services.brief_drafts import Draft
from tests.factories import NOON, a_cast, a_commission, brought_to

ANSWERS = {"wish": "A ring with a sapphire.", "story": "It was her grandmother's.", "occasion": "a birthday"}


def test_answers_kept_at_the_same_moment_are_all_kept(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "brief", cast)
        brief_drafts.save(session, commission, {"links": ""}, cast.client, at=NOON)
        number, client = commission.id, cast.client
    together = threading.Barrier(len(ANSWERS))

    def keep(question: str, text: str) -> None:
        together.wait()
        with database.transaction() as session:
            commission = session.get_one(Commission, number)
            brief_drafts.save(session, commission, {question: text}, client, at=NOON)

    threads = [threading.Thread(target=keep, args=one) for one in ANSWERS.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.transaction() as session:
        kept = brief_drafts.save(session, session.get_one(Commission, number), {}, client, at=NOON)
        assert {question: kept.answers.get(question) for question in ANSWERS} == ANSWERS


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 1), ("GBP", 100), ("KWD", 1000)])
def test_a_budget_is_counted_in_the_decimals_of_its_currency(currency: str, minor: int):
    typed = Draft({"wish": "A ring.", "budget_from": "7,000", "budget_to": "9500"}, (), None)
    ticked = Draft({"wish": "A ring.", "band": "1"}, (), None)
    wishes = [brief_drafts.wish_of(draft, currency, NOON) for draft in (typed, ticked)]
    assert [(one.budget_from_minor, one.budget_to_minor) for one in wishes] == [
        (7000 * minor, 9500 * minor),
        (2000 * minor, 4000 * minor),
    ]
