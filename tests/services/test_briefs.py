"""Enquiry, brief, size and sketches: what is refused, and that every yes is to exactly what was shown."""

from datetime import date
from decimal import Decimal

import pytest

from bespoke.database import Database
from bespoke.services import briefs, enquiries, sizes, sketches
from bespoke.services.briefs import Picture, Wish
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.sizes import Measured, MeasuredLength
from tests.factories import NOON, YES, a_cast, a_commission, a_file, brought_to
from workflows.errors import GateClosed, NotAllowed, OutOfOrder, Stale
from workflows.sizes import RingSize
from workflows.snapshot import Standing, Status

SIZE = Measured(RingSize.parse("UK M"), "mandrel", Decimal("2.2"))


def test_an_enquiry_needs_how_they_came_and_the_words_of_their_consent(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        with pytest.raises(GateClosed):
            enquiries.complete(session, commission, cast.office, at=NOON)
        with pytest.raises(NotPossible):
            enquiries.note_contact(session, commission, " ", cast.office, at=NOON)
        enquiries.note_contact(session, commission, "by letter", cast.office, at=NOON)
        with pytest.raises(NotPossible):
            enquiries.note_consent(session, commission, "", cast.office, at=NOON)
        with pytest.raises(GateClosed, match="consent"):
            enquiries.complete(session, commission, cast.office, at=NOON)
        with pytest.raises(NotAllowed):
            enquiries.note_consent(session, commission, "Yes", cast.client, at=NOON)


def test_what_is_no_brief(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "brief", cast)
        for wish in (
            Wish(" "),
            Wish("A ring", budget_from_minor=500, budget_to_minor=400),
            Wish("A ring", budget_to_minor=-1),
            Wish("A ring", needed_by=date(2026, 3, 1)),
        ):
            with pytest.raises(NotPossible):
                briefs.write(session, commission, wish, cast.client, at=NOON)
        with pytest.raises(Missing):
            briefs.write(session, commission, Wish("A ring", pictures=(Picture("0" * 64),)), cast.client, at=NOON)
        with pytest.raises(NotAllowed):
            briefs.write(session, commission, Wish("A ring"), cast.bench, at=NOON)
        with pytest.raises(Missing):
            briefs.hand_in(session, commission, cast.designer, at=NOON)


def test_a_brief_without_a_size_is_not_handed_in(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "brief", cast)
        briefs.write(session, commission, Wish("A ring"), cast.client, at=NOON)
        with pytest.raises(GateClosed, match="size"):
            briefs.hand_in(session, commission, cast.designer, at=NOON)


def test_a_new_version_voids_the_yes_to_the_one_before(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "concept", cast)
        piece = commission.pieces[0]
        assert piece.milestone("brief").status is Status.DONE
        second = briefs.write(session, commission, Wish("A higher ring"), cast.client, at=NOON)
        assert second.number == 2
        assert piece.milestone("brief").status is Status.OPEN
        assert [row.standing for row in piece.approvals] == [Standing.SUPERSEDED]
        shown = briefs.hand_in(session, commission, cast.designer, at=NOON)
        with pytest.raises(NotAllowed):
            briefs.approve(session, commission, shown, cast.office, YES, at=NOON)
        briefs.approve(session, commission, shown, cast.office, YES, at=NOON, at_counter=True)


def test_a_yes_to_a_brief_that_was_rewritten_meanwhile_is_stale(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast, pieces=2), "brief", cast)
        briefs.write(session, commission, Wish("A ring"), cast.client, at=NOON)
        for piece in commission.pieces:
            sizes.put_down(session, piece, SIZE, cast.designer, at=NOON)
        shown = briefs.hand_in(session, commission, cast.designer, at=NOON)
        briefs.write(session, commission, Wish("Another ring"), cast.designer, at=NOON)
        again = briefs.hand_in(session, commission, cast.designer, at=NOON)
        with pytest.raises(Stale):
            briefs.approve(session, commission, shown, cast.client, YES, at=NOON)
        assert len(briefs.approve(session, commission, again, cast.client, YES, at=NOON)) == 2
        with pytest.raises(OutOfOrder, match="already"):
            briefs.approve(session, commission, again, cast.client, YES, at=NOON)


def test_sizes_that_are_refused(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = a_commission(session, cast).pieces[0]
        with pytest.raises(NotPossible, match="how the size"):
            sizes.put_down(session, piece, Measured(SIZE.size, "by eye", Decimal(2)), cast.designer, at=NOON)
        with pytest.raises(NotPossible, match="wide"):
            sizes.put_down(session, piece, Measured(SIZE.size, "mandrel", Decimal(0)), cast.designer, at=NOON)
        with pytest.raises(NotAllowed):
            sizes.put_down(session, piece, SIZE, cast.bench, at=NOON)
        with pytest.raises(Missing):
            sizes.confirm(session, piece, cast.client, at=NOON)
        sizes.put_down(session, piece, SIZE, cast.designer, at=NOON)
        for actor in (cast.stranger, cast.designer, cast.office):
            with pytest.raises(NotAllowed):
                sizes.confirm(session, piece, actor, at=NOON)
        other = a_commission(session, cast, template="repair").pieces[0]
        with pytest.raises(NotPossible, match="no finger size"):
            sizes.put_down(session, other, SIZE, cast.office, at=NOON)


def test_a_changed_size_is_unconfirmed_again_and_the_same_one_is_not(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = a_commission(session, cast).pieces[0]
        sizes.put_down(session, piece, SIZE, cast.designer, at=NOON)
        sizes.confirm(session, piece, cast.client, at=NOON)
        sizes.put_down(session, piece, SIZE, cast.designer, at=NOON)
        assert piece.size_confirmed_at == NOON
        larger = Measured(RingSize.parse("UK N"), "mandrel", Decimal("2.2"))
        sizes.put_down(session, piece, larger, cast.designer, at=NOON)
        assert piece.size_confirmed_at is None
        sizes.confirm(session, piece, cast.office, at=NOON, at_counter=True)
        assert piece.size_confirmed_at == NOON


def test_the_allowance_for_a_wide_band_is_applied_once(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        piece = a_commission(session, cast).pieces[0]
        wide = Measured(RingSize.parse("US 5¼"), "finger_gauge", Decimal("6.5"))
        fitted = sizes.put_down(session, piece, wide, cast.designer, at=NOON)
        assert sizes.put_down(session, piece, wide, cast.designer, at=NOON) == fitted
        ordered = sizes.ordered(piece)
        assert ordered.nominal_mm == wide.size.diameter_mm
        assert (
            ordered.made_to_mm == piece.size_mm == wide.size.diameter_mm + Decimal("0.4064").quantize(Decimal("0.001"))
        )
        assert ordered.label == piece.size_label == "US 5¼"


def test_a_bracelet_is_measured_by_length_and_a_ring_is_not(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        ring = a_commission(session, cast).pieces[0]
        bracelet = a_commission(session, cast, template="bracelet").pieces[0]
        wrist = MeasuredLength(Decimal(165), "tape", Decimal(10))
        with pytest.raises(NotPossible):
            sizes.put_down_length(session, ring, wrist, cast.designer, at=NOON)
        for wrong in (MeasuredLength(Decimal(12), "tape"), MeasuredLength(Decimal(165), "by eye")):
            with pytest.raises(NotPossible):
                sizes.put_down_length(session, bracelet, wrong, cast.designer, at=NOON)
        ordered = sizes.put_down_length(session, bracelet, wrist, cast.designer, at=NOON)
        assert ordered.made_to_mm == Decimal("55.704")  # 175 mm around, closed
        sizes.confirm(session, bracelet, cast.client, at=NOON)
        assert (bracelet.size_mm, bracelet.size_label) == (ordered.made_to_mm, "165 mm")


def test_a_sketch_is_picked_by_the_client_and_only_as_shown(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "concept", cast)
        piece = commission.pieces[0]
        with pytest.raises(NotAllowed):
            sketches.add(session, piece, a_file(session, "one"), cast.bench, at=NOON)
        with pytest.raises(GateClosed):
            sketches.hand_in(session, piece, cast.designer, at=NOON)
        sketches.add(session, piece, a_file(session, "one"), cast.designer, at=NOON)
        with pytest.raises(NotPossible):
            sketches.add(session, piece, a_file(session, "one"), cast.designer, at=NOON)
        shown = sketches.hand_in(session, piece, cast.designer, at=NOON)
        with pytest.raises(Missing):
            sketches.pick(session, piece, 2, shown, cast.client, YES, at=NOON)
        with pytest.raises(NotAllowed):
            sketches.pick(session, piece, 1, shown, cast.designer, YES, at=NOON)
        sketches.add(session, piece, a_file(session, "two"), cast.designer, at=NOON)
        again = sketches.hand_in(session, piece, cast.designer, at=NOON)
        with pytest.raises(Stale):
            sketches.pick(session, piece, 1, shown, cast.client, YES, at=NOON)
        row = sketches.pick(session, piece, 2, again, cast.client, YES, at=NOON)
        chosen = sketches.picked(session, piece)
        assert chosen is not None
        assert chosen.number == 2
        assert chosen.digest in row.words


def test_asking_for_another_sketch_says_what_should_be_different(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "concept", cast)
        piece = commission.pieces[0]
        sketches.add(session, piece, a_file(session, "one"), cast.designer, at=NOON)
        sketches.hand_in(session, piece, cast.designer, at=NOON)
        with pytest.raises(OutOfOrder):
            sketches.ask_another(session, piece, "", cast.client, at=NOON)
        sketches.ask_another(session, piece, "Lower, please.", cast.client, at=NOON)
        assert piece.milestone("concept").status is Status.OPEN
        sketches.add(session, piece, a_file(session, "two"), cast.designer, at=NOON)
        shown = sketches.hand_in(session, piece, cast.designer, at=NOON)
        sketches.pick(session, piece, 1, shown, cast.client, YES, at=NOON)
