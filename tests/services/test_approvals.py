"""A yes to exactly what was shown: who may give it, what it binds, and that twenty at once are one."""

import threading
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from bespoke.database import Conflict, Database
from bespoke.models.approval import ApprovalRow
from bespoke.models.event import Event
from bespoke.models.piece import Piece
from bespoke.models.stone import StoneRow
from bespoke.proof.seal import digest_bytes
from bespoke.queries import desk
from bespoke.services import allowances, approvals, designs, steps
from bespoke.services.errors import Missing
from bespoke.services.steps import Circumstances
from bespoke.storage.local import LocalStore
from bespoke.storage.store import Store
from tests.factories import NOON, Cast, a_cast, a_commission, brought_to
from tests.making import drawn, published
from workflows.errors import NotAllowed, OutOfOrder, Stale, WorkflowError
from workflows.money import Money
from workflows.snapshot import Standing, Status
from workflows.template import Facet

AT_ONCE = 20
BOUND = {Facet.DESIGN, Facet.STONES, Facet.ALLOY, Facet.SIZE, Facet.QUOTE}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return LocalStore(tmp_path / "files")


@pytest.fixture
def shown(database: Database, store: Store) -> tuple[Cast, int, str]:
    """A design before the client: the cast, the piece's id and the digest of what is shown."""
    with database.transaction() as session:
        cast = a_cast(session)
        piece = brought_to(session, a_commission(session, cast), "cad", cast).pieces[0]
        return cast, piece.id, published(session, store, piece, cast)


def test_whoever_is_not_asked_may_not_say_yes(database: Database, shown: tuple[Cast, int, str]):
    cast, piece_id, digest = shown
    with database.transaction() as session:
        piece = session.get_one(Piece, piece_id)
        for who in (cast.designer, cast.lead, cast.office, cast.owner):
            with pytest.raises(NotAllowed, match="Only the client"):
                approvals.approve(session, piece, "render_approval", digest, who, at=NOON)
        with pytest.raises(NotAllowed, match="Only the client"):  # the counter is the office's
            approvals.approve(session, piece, "render_approval", digest, cast.designer, at=NOON, at_counter=True)
        with pytest.raises(OutOfOrder, match="not something to approve"):
            approvals.approve(session, piece, "casting", digest, cast.client, at=NOON)
        with pytest.raises(OutOfOrder, match="must be done first"):
            approvals.approve(session, piece, "pattern", digest, cast.client, at=NOON)
        assert piece.milestone("render_approval").status is Status.ASKED


def test_a_replaced_drawing_cannot_be_approved(database: Database, store: Store, shown: tuple[Cast, int, str]):
    cast, piece_id, first = shown
    with database.transaction() as session:
        piece = session.get_one(Piece, piece_id)
        drawn(session, store, piece, cast, "two")
        with pytest.raises(OutOfOrder, match="must be done first"):
            approvals.approve(session, piece, "render_approval", first, cast.client, at=NOON)
        designs.publish(session, piece, cast.designer, at=NOON)
        second = steps.manifest(session, piece, "render_approval")
        with pytest.raises(Stale, match="has been replaced meanwhile") as told:
            approvals.approve(session, piece, "render_approval", first, cast.client, at=NOON)
        assert told.value.current == second != first


def test_a_yes_binds_file_report_pictures_stones_alloy_size_and_price(database: Database, shown: tuple[Cast, int, str]):
    cast, piece_id, digest = shown
    with database.transaction() as session:
        piece = session.get_one(Piece, piece_id)
        row = approvals.approve(session, piece, "render_approval", digest, cast.client, at=NOON)
        assert (row.digest, row.standing, row.person_id) == (digest, Standing.LIVE, int(cast.client.id))
        assert set(row.facets) == {facet.value for facet in BOUND}
        bodies = {}
        for facet in BOUND:
            content = piece.content(facet)
            assert content is not None
            assert content.digest == row.facets[facet.value] == digest_bytes(content.body.encode())
            bodies[facet] = content.body
        revision = piece.revisions[-1]
        assert revision.report_text is not None
        assert revision.digest in bodies[Facet.DESIGN]
        assert digest_bytes(revision.report_text.encode()) in bodies[Facet.DESIGN]
        assert all(picture.digest in bodies[Facet.DESIGN] for picture in revision.pictures)
        assert "AU750Y" in bodies[Facet.ALLOY]
        assert "T-001" in bodies[Facet.STONES]


def test_the_five_facts_are_kept_in_the_words_of_the_trade(database: Database, shown: tuple[Cast, int, str]):
    cast, piece_id, digest = shown
    with database.transaction() as session:
        piece = session.get_one(Piece, piece_id)
        stone = session.scalars(select(StoneRow).where(StoneRow.reference == "T-001")).one()
        assert approvals.read_back(session, piece).stone == "diamond T-001, round, 1.01 ct"
        stone.origin = "lab_grown"
        facts = approvals.read_back(session, piece)
        assert facts.stone == "laboratory-grown diamond T-001, round, 1.01 ct"
        assert facts.size.startswith("UK M")
        assert facts.metal == "18 ct yellow gold"
        row = approvals.approve(session, piece, "render_approval", digest, cast.client, at=NOON)
        assert row.words == facts.text()
        assert facts.price in row.words


def test_the_office_says_yes_at_the_counter_and_it_is_told_so(database: Database, shown: tuple[Cast, int, str]):
    cast, piece_id, digest = shown
    with database.transaction() as session:
        piece = session.get_one(Piece, piece_id)
        given = Circumstances("Size M, yellow gold", "10.0.0.7", "tablet")
        row = approvals.approve(
            session, piece, "render_approval", digest, cast.office, at=NOON, circumstances=given, at_counter=True
        )
        assert (row.at_counter, row.person_id, row.words, row.device) == (
            True,
            int(cast.office.id),
            "Size M, yellow gold",
            "tablet",
        )
        with pytest.raises(OutOfOrder, match="approved already"):
            approvals.approve(session, piece, "render_approval", digest, cast.client, at=NOON)


def test_changes_are_asked_with_words_and_leave_a_pin(database: Database, shown: tuple[Cast, int, str]):
    cast, piece_id, digest = shown
    with database.transaction() as session:
        piece = session.get_one(Piece, piece_id)
        with pytest.raises(NotAllowed):
            approvals.ask_changes(session, piece, "render_approval", "Lower.", cast.designer, at=NOON)
        session.rollback()
    with database.transaction() as session:
        piece = session.get_one(Piece, piece_id)
        place = (1.25, -0.5, 9.0)
        approvals.ask_changes(session, piece, "render_approval", "Lower.", cast.client, at=NOON, place_mm=place)
        pin = piece.revisions[0].pins[0]
        assert ((pin.x_mm, pin.y_mm, pin.z_mm), pin.text, pin.must_fix) == (place, "Lower.", False)
        assert piece.milestone("cad").status is Status.OPEN
        with pytest.raises((OutOfOrder, Stale)):
            approvals.approve(session, piece, "render_approval", digest, cast.client, at=NOON)


def test_the_price_is_read_back_as_it_is_owed(database: Database, shown: tuple[Cast, int, str]):
    cast, piece_id, _ = shown
    with database.transaction() as session:
        piece = session.get_one(Piece, piece_id)
        quote = piece.commission.quotes[-1]
        gross, margin = quote.gross_minor, desk.price_view([quote], NOON).margin
        allowances.allow(session, piece.commission, Money(50_00, "GBP"), "A late day.", cast.office, at=NOON)
        assert approvals.read_back(session, piece).price == str(Money(gross - 50_00, "GBP"))
        lower = desk.price_view([quote], NOON).margin
        assert margin is not None
        assert lower == margin - Money(41_67, "GBP")  # without its tax


def test_days_are_read_back_in_words(database: Database, shown: tuple[Cast, int, str]):
    with database.transaction() as session:
        piece = session.get_one(Piece, shown[1])
        for first, last, said in (
            (None, None, "date not yet promised"),
            (None, date(2026, 12, 18), "ready by 18 December 2026"),
            (date(2026, 12, 18), date(2026, 12, 18), "ready by 18 December 2026"),
            (date(2026, 12, 25), date(2027, 1, 8), "ready between 25 December 2026 and 8 January 2027"),
        ):
            piece.commission.promised_from, piece.commission.promised_to = first, last
            assert approvals.read_back(session, piece).ready_by == said


def test_there_is_nothing_to_read_back_without_a_price(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = a_commission(session, cast).pieces[0]
        with pytest.raises(Missing, match="No firm price"):
            approvals.read_back(session, piece)


def test_twenty_approvals_at_once_are_one(database: Database, shown: tuple[Cast, int, str]):
    cast, piece_id, digest = shown
    outcomes: list[str] = []
    together = threading.Barrier(AT_ONCE)

    def say() -> None:
        together.wait()
        try:
            with database.transaction() as session:
                piece = session.get_one(Piece, piece_id)
                approvals.approve(session, piece, "render_approval", digest, cast.client, at=NOON)
            outcomes.append("approved")
        except (WorkflowError, Conflict) as refusal:
            outcomes.append(type(refusal).__name__)

    threads = [threading.Thread(target=say) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = Counter(outcomes)
    assert counted["approved"] == 1
    assert set(counted) <= {"approved", "OutOfOrder", "Conflict"}
    assert len(outcomes) == AT_ONCE
    with database.reading() as session:
        of_design = ApprovalRow.milestone == "render_approval"
        assert len(session.scalars(select(ApprovalRow).where(of_design)).all()) == 1
        said = session.scalars(select(Event).where(Event.kind == "approved")).all()
        assert [event.facts["milestone"] for event in said].count("render_approval") == 1
