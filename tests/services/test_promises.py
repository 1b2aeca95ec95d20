"""A promise is a range reckoned from what is left to do; it moves only with a reason."""

from datetime import UTC, date, datetime

import pytest

from bespoke.database import Database
from bespoke.models.commission import Commission
from bespoke.services import promises
from bespoke.services.errors import Missing
from tests import factories
from workflows.errors import NotAllowed
from workflows.schedule import ReasonMissing

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def commission_id(database: Database) -> int:
    with database.transaction() as session:
        factories.a_house(session)
        cast = factories.a_cast(session)
        return factories.a_commission(session, cast).id


def test_the_office_promises_a_range_and_the_history_says_so(database: Database, commission_id: int) -> None:
    with database.transaction() as session:
        commission = session.get_one(Commission, commission_id)
        offered = promises.give(session, commission, factories.a_cast(session).office, at=MONDAY)
        assert commission.promised_from == offered.expected_on < offered.promised_on == commission.promised_to
        assert offered.internal_due_on < offered.promised_on


def test_only_the_office_promises(database: Database, commission_id: int) -> None:
    with database.transaction() as session:
        commission, designer = session.get_one(Commission, commission_id), factories.a_cast(session).designer
        with pytest.raises(NotAllowed):
            promises.give(session, commission, designer, at=MONDAY)


def test_what_was_promised_is_not_promised_again_without_a_reason(database: Database, commission_id: int) -> None:
    with database.transaction() as session:
        commission, office = session.get_one(Commission, commission_id), factories.a_cast(session).office
        promises.give(session, commission, office, at=MONDAY)
        with pytest.raises(ReasonMissing):
            promises.give(session, commission, office, at=MONDAY)


def test_a_moved_day_keeps_its_reason_for_the_client(database: Database, commission_id: int) -> None:
    with database.transaction() as session:
        commission, office = session.get_one(Commission, commission_id), factories.a_cast(session).office
        with pytest.raises(Missing):
            promises.move_to(session, commission, date(2027, 1, 4), date(2027, 1, 8), "x", "shop", office, at=MONDAY)
        promises.give(session, commission, office, at=MONDAY)
        first, last = date(2027, 3, 1), date(2027, 3, 5)
        with pytest.raises(ReasonMissing):
            promises.move_to(session, commission, first, last, " ", "shop", office, at=MONDAY)
        promises.move_to(session, commission, first, last, "A claw broke.", "shop", office, at=MONDAY)
        assert (commission.promised_to, commission.promise_reason) == (last, "A claw broke.")
