"""Opening a commission, its pieces and readers, letting it rest and ending it."""

import threading

import pytest

from bespoke.database import Conflict, Database
from bespoke.models.commission import CommissionState
from bespoke.models.people import Person
from bespoke.services import commissions, steps
from bespoke.services.errors import NotPossible
from tests.factories import NOON, a_cast, a_commission
from workflows.actions import Cancel
from workflows.errors import NotAllowed, OutOfOrder
from workflows.snapshot import Course


def test_only_the_house_opens_a_commission_and_adds_pieces(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        client = session.get_one(Person, int(cast.client.id))
        with pytest.raises(NotAllowed, match="send an enquiry"):
            commissions.open_commission(session, client, "A ring", cast.client, at=NOON)
        row = a_commission(session, cast)
        with pytest.raises(NotAllowed, match="The house adds"):
            commissions.add_piece(session, row, "ring", "Another", cast.client, at=NOON)
        with pytest.raises(NotPossible, match="at least once"):
            commissions.add_piece(session, row, "ring", "None", cast.office, at=NOON, quantity=0)
        with pytest.raises(NotPossible, match="no alloy TIN"):
            commissions.add_piece(session, row, "ring", "Tin", cast.office, at=NOON, alloy="TIN")
        assert [piece.reference for piece in row.pieces] == [f"{row.reference}-A"]


def test_the_alphabet_ends(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        row = a_commission(session, cast, pieces=26)
        with pytest.raises(NotPossible, match="up to 26"):
            commissions.add_piece(session, row, "ring", "Too many", cast.office, at=NOON)


def test_two_openings_at_once_get_two_references(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        client_id = int(cast.client.id)
    found: list[str] = []

    def open_one() -> None:
        try:
            with database.transaction() as session:
                client = session.get_one(Person, client_id)
                row = commissions.open_commission(session, client, "A ring", cast.office, at=NOON)
            found.append(row.reference)
        except Conflict:
            found.append("conflict")

    threads = [threading.Thread(target=open_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    references = [one for one in found if one != "conflict"]
    assert references
    assert len(set(references)) == len(references)


def test_a_reader_is_let_in_once_by_the_client_or_the_house(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        row, other = a_commission(session, cast), session.get_one(Person, int(cast.stranger.id))
        with pytest.raises(NotAllowed, match="Only the client"):
            commissions.let_read(session, row, other, cast.stranger, at=NOON)
        commissions.let_read(session, row, other, cast.client, at=NOON)
        with pytest.raises(NotPossible, match="already"):
            commissions.let_read(session, row, other, cast.office, at=NOON)


def test_resting_and_ending_are_done_once_and_leave_out_what_has_ended(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        row = a_commission(session, cast, pieces=2)
        steps.act(session, row.pieces[1], Cancel("Only one is wanted."), cast.office, at=NOON)
        with pytest.raises(OutOfOrder, match="is open"):
            commissions.resume(session, row, cast.office, at=NOON)
        with pytest.raises(OutOfOrder, match="Say why"):
            commissions.pause(session, row, " ", cast.office, at=NOON)
        commissions.pause(session, row, "The client travels.", cast.office, at=NOON)
        with pytest.raises(OutOfOrder, match="is paused"):
            commissions.pause(session, row, "Again.", cast.office, at=NOON)
        with pytest.raises(NotPossible, match="no piece is added"):
            commissions.add_piece(session, row, "ring", "Late", cast.office, at=NOON)
        commissions.resume(session, row, cast.office, at=NOON)
        commissions.cancel_pieces(session, row, "Changed their mind.", cast.office, at=NOON)
        assert row.state is CommissionState.CANCELLED
        assert [piece.course for piece in row.pieces] == [Course.CANCELLED, Course.CANCELLED]
        with pytest.raises(OutOfOrder, match="is cancelled"):
            commissions.pause(session, row, "Too late.", cast.office, at=NOON)
