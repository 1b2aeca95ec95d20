"""Design revisions: what may not be handed in, finished, published or settled, and what each of them voids."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bespoke.database import Database
from bespoke.models.design import Examination, RevisionPicture
from bespoke.models.event import Event
from bespoke.models.job import Job, JobState
from bespoke.models.piece import Piece
from bespoke.notifications import rules
from bespoke.notifications.rules import Whom
from bespoke.services import approvals, designs, metals, options, pins, quotes, sizes, steps
from bespoke.services.designs import Outdated
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.sizes import Measured
from bespoke.storage.local import LocalStore
from bespoke.storage.store import Store
from renders.errors import RenderError
from renders.report import LengthUnit
from tests.factories import (
    NOON,
    YES,
    Cast,
    a_cast,
    a_commission,
    a_diamond,
    after,
    brought_to,
    priced,
)
from tests.making import BLOCK, SYSTEM, a_drawing, a_report, drawn, handed_in, pictures, published, say_yes
from workflows.errors import GateClosed, NotAllowed, OutOfOrder, Stale
from workflows.roles import Actor, Role
from workflows.sizes import RingSize
from workflows.snapshot import Standing, Status


@dataclass(slots=True)
class Studio:
    """A piece whose deposit has cleared, ready to be drawn."""

    session: Session
    store: Store
    cast: Cast
    piece: Piece


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return LocalStore(tmp_path / "files")


@pytest.fixture
def studio(database: Database, store: Store):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "cad", cast)
        yield Studio(session, store, cast, commission.pieces[0])


def test_what_is_no_drawing_is_not_taken(studio: Studio):
    stored = studio.store.put([b"%PDF-1.4 a brochure"])
    with pytest.raises(RenderError, match="PDF"):
        designs.hand_in(studio.session, studio.store, studio.piece, stored, "ring.stl", studio.cast.designer, at=NOON)
    assert studio.piece.revisions == []


@pytest.mark.parametrize("who", ["client", "bench", "office"])
def test_only_a_designer_hands_a_drawing_in(studio: Studio, who: str):
    with pytest.raises(NotAllowed, match="designer"):
        designs.hand_in(
            studio.session,
            studio.store,
            studio.piece,
            a_drawing(studio.store),
            "ring.stl",
            getattr(studio.cast, who),
            at=NOON,
        )


def test_a_drawing_before_the_deposit_is_refused(database: Database, store: Store):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = brought_to(session, a_commission(session, cast), "deposit_lock", cast).pieces[0]
        with pytest.raises(OutOfOrder, match="deposit"):
            handed_in(session, store, piece, cast)
        session.rollback()


def test_a_unit_nobody_knows_is_refused(studio: Studio):
    stored = a_drawing(studio.store)
    with pytest.raises(NotPossible, match="furlong"):
        designs.hand_in(
            studio.session,
            studio.store,
            studio.piece,
            stored,
            "ring.stl",
            studio.cast.designer,
            at=NOON,
            unit="furlong",
        )


def test_a_file_sent_twice_is_one_revision(studio: Studio):
    handed_in(studio.session, studio.store, studio.piece, studio.cast)
    with pytest.raises(NotPossible, match="file of revision 1, byte for byte; it was handed in on 2 Mar"):
        handed_in(studio.session, studio.store, studio.piece, studio.cast)
    assert [one.number for one in studio.piece.revisions] == [1]
    assert len(studio.session.scalars(select(Job).where(Job.kind == designs.EXAMINE)).all()) == 1


def test_a_file_that_was_refused_or_is_in_another_unit_may_come_again(studio: Studio):
    first = handed_in(studio.session, studio.store, studio.piece, studio.cast)
    designs.refuse_file(studio.session, first, "The unit is not known.", SYSTEM, at=NOON)
    handed_in(studio.session, studio.store, studio.piece, studio.cast)
    stored = a_drawing(studio.store, "one")
    designer = studio.cast.designer
    designs.hand_in(studio.session, studio.store, studio.piece, stored, "one.stl", designer, at=NOON, unit="inch")
    assert [one.unit for one in studio.piece.revisions] == [None, None, "inch"]


def test_a_revision_is_followed_by_one_job_that_examines_it(studio: Studio):
    revision = handed_in(studio.session, studio.store, studio.piece, studio.cast)
    assert (revision.number, revision.examination) == (1, Examination.RUNNING)
    jobs = studio.session.scalars(select(Job).where(Job.kind == designs.EXAMINE)).all()
    assert [(job.payload, job.state) for job in jobs] == [({"revision_id": revision.id}, JobState.QUEUED)]


def test_nothing_is_finished_before_a_drawing_is_there_and_examined(studio: Studio):
    with pytest.raises(Missing, match="No drawing"):
        designs.finish_drawing(studio.session, studio.piece, studio.cast.designer, at=NOON)
    handed_in(studio.session, studio.store, studio.piece, studio.cast)
    with pytest.raises(Missing, match="still being examined"):
        designs.finish_drawing(studio.session, studio.piece, studio.cast.designer, at=NOON)


def test_a_refused_file_is_told_with_its_reason(studio: Studio):
    revision = handed_in(studio.session, studio.store, studio.piece, studio.cast)
    for _ in range(2):
        designs.refuse_file(studio.session, revision, "It holds no surface.", SYSTEM, at=NOON)
    with pytest.raises(Missing, match="It holds no surface"):
        designs.publish(studio.session, studio.piece, studio.cast.designer, at=NOON)
    kinds = studio.session.scalars(select(Event.kind).where(Event.kind == "revision_refused")).all()
    assert len(kinds) == 1


def test_the_report_of_another_file_is_not_put_down(studio: Studio):
    revision = handed_in(studio.session, studio.store, studio.piece, studio.cast)
    with pytest.raises(NotPossible, match="another file"):
        designs.record_report(studio.session, revision, a_report("0" * 64), SYSTEM, at=NOON)


def test_measuring_and_drawing_twice_changes_nothing(studio: Studio):
    revision = drawn(studio.session, studio.store, studio.piece, studio.cast)
    before = studio.piece.commission.events_count
    designs.record_report(studio.session, revision, a_report(revision.digest, weight_g=9.9), SYSTEM, at=NOON)
    designs.record_pictures(studio.session, revision, pictures(studio.store, "other"), SYSTEM, at=NOON)
    assert studio.piece.commission.events_count == before
    assert revision.weight_of("AU750Y") == Decimal("5.141")


def test_a_block_holds_the_drawing_until_the_lead_answers_it_by_name(studio: Studio):
    drawn(studio.session, studio.store, studio.piece, studio.cast, blocks=(BLOCK,))
    session, piece, cast = studio.session, studio.piece, studio.cast
    with pytest.raises(GateClosed, match="open in one place"):
        designs.finish_drawing(session, piece, cast.designer, at=NOON)
    with pytest.raises(NotAllowed, match="workshop lead"):
        designs.override(session, piece, "open_mesh", "It is printed anyway.", cast.designer, at=NOON)
    with pytest.raises(OutOfOrder, match="reason"):
        designs.override(session, piece, "open_mesh", "  ", cast.lead, at=NOON)
    with pytest.raises(OutOfOrder, match="no open block"):
        designs.override(session, piece, "thin_wall", "It is thick enough.", cast.lead, at=NOON)
    designs.override(session, piece, "open_mesh", "Closed by hand in the print.", cast.lead, at=NOON)
    designs.finish_drawing(session, piece, cast.designer, at=NOON)
    assert steps.is_done(piece, "cad")


def test_an_answer_to_a_block_is_not_an_answer_for_the_next_revision(studio: Studio):
    session, piece, cast = studio.session, studio.piece, studio.cast
    drawn(session, studio.store, piece, cast, blocks=(BLOCK,))
    designs.override(session, piece, "open_mesh", "Closed by hand.", cast.lead, at=NOON)
    drawn(session, studio.store, piece, cast, "two", blocks=(BLOCK,))
    with pytest.raises(GateClosed, match="open in one place"):
        designs.finish_drawing(session, piece, cast.designer, at=NOON)


def test_an_answered_revision_keeps_its_unit(studio: Studio):
    revision = drawn(studio.session, studio.store, studio.piece, studio.cast, blocks=(BLOCK,))
    designs.override(studio.session, studio.piece, "open_mesh", "Closed by hand.", studio.cast.lead, at=NOON)
    with pytest.raises(OutOfOrder, match="hand in a new one"):
        designs.confirm_unit(studio.session, revision, "cm", studio.cast.designer, at=NOON)


def test_a_confirmed_unit_has_the_file_measured_and_drawn_anew(studio: Studio):
    session, store, cast = studio.session, studio.store, studio.cast
    revision = drawn(session, store, studio.piece, cast)
    with pytest.raises(NotPossible, match="none of them"):
        designs.confirm_unit(session, revision, "ell", cast.designer, at=NOON)
    designs.confirm_unit(session, revision, "cm", cast.designer, at=NOON)
    assert (revision.examination, revision.report, revision.pictures) == (Examination.RUNNING, None, [])
    assert session.scalar(select(func.count()).select_from(RevisionPicture)) == 0
    with pytest.raises(Outdated, match="in cm"):
        designs.record_report(session, revision, a_report(revision.digest), SYSTEM, at=NOON)
    with pytest.raises(Outdated):
        designs.record_pictures(session, revision, pictures(store), SYSTEM, at=NOON)
    anew = a_report(revision.digest, unit=LengthUnit.CENTIMETRE, weight_g=5.2)
    designs.record_report(session, revision, anew, SYSTEM, at=NOON)
    designs.record_pictures(session, revision, pictures(store), SYSTEM, at=NOON)
    designs.finish_drawing(session, studio.piece, cast.designer, at=NOON)
    assert steps.is_done(studio.piece, "cad")


def test_the_unit_of_a_revision_that_was_followed_or_published_stays(studio: Studio):
    session, cast = studio.session, studio.cast
    first = drawn(session, studio.store, studio.piece, cast)
    second = drawn(session, studio.store, studio.piece, cast, "two")
    with pytest.raises(OutOfOrder, match="followed by another"):
        designs.confirm_unit(session, first, "cm", cast.designer, at=NOON)
    designs.publish(session, studio.piece, cast.designer, at=NOON)
    with pytest.raises(OutOfOrder, match="published"):
        designs.confirm_unit(session, second, "cm", cast.designer, at=NOON)


def test_a_drawing_outside_the_quote_needs_a_change_order(studio: Studio):
    session, piece, cast = studio.session, studio.piece, studio.cast
    drawn(session, studio.store, piece, cast, weight_g=5.60)
    with pytest.raises(GateClosed, match="a change order comes first"):
        designs.publish(session, piece, cast.designer, at=NOON)
    order = quotes.firm(
        session,
        piece.commission,
        priced(piece.commission, net_g="5.600"),
        cast.office,
        change_reason="Heavier.",
        at=NOON,
    )
    shown = quotes.send(session, order, cast.office, at=NOON)
    quotes.accept(session, order, shown, cast.client, YES, at=NOON)
    designs.publish(session, piece, cast.designer, at=NOON)
    assert piece.milestone("render_approval").status is Status.ASKED


def test_a_drawing_without_a_weight_is_published_and_says_why(studio: Studio):
    drawn(studio.session, studio.store, studio.piece, studio.cast, weight_g=None)
    designs.publish(studio.session, studio.piece, studio.cast.designer, at=NOON)
    report = studio.piece.revisions[0].report
    assert report is not None
    assert report.weights_reason == "The mesh is open."


def test_publishing_twice_is_refused(studio: Studio):
    published(studio.session, studio.store, studio.piece, studio.cast)
    with pytest.raises(OutOfOrder, match="waits for an answer"):
        designs.publish(studio.session, studio.piece, studio.cast.designer, at=NOON)


def test_a_reader_sets_no_pin_and_a_pin_has_words(studio: Studio):
    revision = drawn(studio.session, studio.store, studio.piece, studio.cast)
    reader = Actor(studio.cast.stranger.id, Role.READER, "Reader")
    with pytest.raises(NotAllowed, match="reads along"):
        pins.place(studio.session, revision, "Lower", reader, at=NOON)
    with pytest.raises(NotPossible, match="few words"):
        pins.place(studio.session, revision, "  ", studio.cast.client, at=NOON)


def test_the_client_is_told_of_an_answer_only_below_a_remark_they_may_read(studio: Studio):
    session, piece, cast = studio.session, studio.piece, studio.cast
    published(session, studio.store, piece, cast)
    revision = piece.revisions[-1]
    theirs = pins.place(session, revision, "Lower, please.", cast.client, at=NOON)
    shown = pins.place(session, revision, "Look at this side.", cast.designer, at=NOON, for_client=True)
    ours = pins.place(session, revision, "The supplier is cheaper.", cast.designer, at=NOON)
    for row in (theirs, shown, ours):
        pins.answer(session, revision, row, "Seen.", cast.office, at=NOON)
    answers = select(Event).where(Event.commission_id == piece.commission_id, Event.kind == "pin_answered")
    told = [
        {line.whom for line in rules.tellings(one.kind, one.facts, role=Role.OFFICE)}
        for one in session.scalars(answers.order_by(Event.position))
    ]
    assert told == [{Whom.CLIENT}, {Whom.CLIENT}, set()]


def test_a_remark_that_must_be_fixed_holds_the_next_revision_too(studio: Studio):
    session, piece, cast = studio.session, studio.piece, studio.cast
    published(session, studio.store, piece, cast)
    approvals.ask_changes(session, piece, "render_approval", "Lower, please.", cast.client, at=NOON, must_fix=True)
    drawn(session, studio.store, piece, cast, "two")
    with pytest.raises(GateClosed, match="1 remark is still to be answered"):
        designs.publish(session, piece, cast.designer, at=NOON)
    first = piece.revisions[0]
    with pytest.raises(NotAllowed, match="Only the house"):
        pins.settle(session, first, first.pins[0], "Done.", cast.stranger, at=NOON)
    pins.settle(session, first, first.pins[0], "Drawn 0.6 mm lower.", cast.designer, at=NOON)
    with pytest.raises(OutOfOrder, match="0.6 mm lower"):
        pins.settle(session, first, first.pins[0], "Again.", cast.designer, at=NOON)
    designs.publish(session, piece, cast.designer, at=NOON)


@pytest.mark.parametrize("what", ["design", "alloy", "size", "stones", "price"])
def test_every_change_of_what_was_approved_voids_the_yes_at_once(studio: Studio, what: str):
    session, piece, cast = studio.session, studio.piece, studio.cast
    shown = published(session, studio.store, piece, cast)
    say_yes(session, piece, "render_approval", cast)
    change(studio, what)
    session.flush()
    yes = [row for row in piece.approvals if row.milestone == "render_approval"]
    assert [(row.standing, row.ended_at is not None) for row in yes] == [(Standing.SUPERSEDED, True)]
    assert not steps.is_done(piece, "render_approval")
    with pytest.raises((Stale, OutOfOrder)):
        approvals.approve(session, piece, "render_approval", shown, cast.client, at=NOON)
    kinds = set(session.scalars(select(Event.kind).where(Event.commission_id == piece.commission_id)))
    assert "approval_superseded" in kinds


def change(studio: Studio, what: str) -> None:
    session, piece, cast = studio.session, studio.piece, studio.cast
    if what == "design":
        handed_in(session, studio.store, piece, cast, "two")
    elif what == "alloy":
        metals.choose(session, piece, "AU750R", cast.designer, at=NOON)
    elif what == "size":
        measured = Measured(RingSize.parse("UK N"), "mandrel", Decimal("2.2"))
        sizes.put_down(session, piece, measured, cast.designer, at=NOON)
    elif what == "stones":
        other = a_diamond(session, cast, "D-900")
        option = options.put_forward(session, piece, other, cast.designer, at=NOON)
        options.choose(session, option, cast.office, at=NOON)
    else:
        dearer = priced(piece.commission, stones_cost="6000")
        order = quotes.firm(session, piece.commission, dearer, cast.office, change_reason="Dearer stone.", at=NOON)
        digest = quotes.send(session, order, cast.office, at=NOON)
        quotes.accept(session, order, digest, cast.client, YES, at=after(hours=1))
