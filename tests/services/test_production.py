"""The bench: releases by a second person, weights that are corrected and never erased, photographs, rework."""

from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.database import Database
from bespoke.models.commission import Commission
from bespoke.models.piece import Piece
from bespoke.models.production import Rework, Weight, WorkSpan
from bespoke.services import house, production, steps
from bespoke.services.balance import OutOfBalance
from bespoke.services.errors import NotPossible
from bespoke.storage.local import LocalStore
from bespoke.storage.store import Store
from tests.factories import NOON, Cast, a_cast, a_commission, after
from tests.making import ask_for_casting, bench_to, cast_it, let_begin, pass_one, take_photograph
from workflows.errors import GateClosed, NotAllowed, OutOfOrder, Stale
from workflows.roles import Role
from workflows.snapshot import Standing, Status
from workflows.stones import Whereabouts


@dataclass(slots=True)
class Workshop:
    """A commission in the workshop."""

    session: Session
    store: Store
    cast: Cast
    commission: Commission

    @property
    def piece(self) -> Piece:
        return self.commission.pieces[0]

    def to(self, milestone: str) -> Piece:
        return bench_to(self.session, self.store, self.commission, milestone, self.cast)


@pytest.fixture
def workshop(database: Database, tmp_path: Path):
    with database.transaction() as session:
        cast = a_cast(session)
        yield Workshop(session, LocalStore(tmp_path / "files"), cast, a_commission(session, cast))


def test_nothing_is_released_by_whoever_asked_or_with_another_size(workshop: Workshop):
    piece, session, cast = workshop.to("pre_cast_release"), workshop.session, workshop.cast
    with pytest.raises(OutOfOrder, match="must be done first"):
        production.start(session, piece, "casting", cast.bench, at=NOON)
    ask_for_casting(session, piece, cast)
    shown = steps.manifest(session, piece, "pre_cast_release")

    def release(who: object, gauge_mm: Decimal | None = piece.size_mm, digest: str = shown) -> None:
        production.release(session, piece, "pre_cast_release", digest, who, gauge_mm=gauge_mm, at=NOON)  # type: ignore[arg-type]

    assert piece.size_mm is not None
    with pytest.raises(NotAllowed, match="somebody other"):
        release(cast.bench)
    with pytest.raises(NotAllowed, match="somebody other"):  # the same person in another role
        release(replace(cast.bench, role=Role.LEAD))
    with pytest.raises(NotAllowed):
        release(cast.client)
    with pytest.raises(GateClosed, match="Read the size"):
        release(cast.lead, None)
    with pytest.raises(GateClosed, match="measure again"):
        release(cast.lead, piece.size_mm + Decimal("0.11"))
    with pytest.raises(Stale, match="replaced meanwhile"):
        release(cast.lead, digest="0" * 64)
    assert piece.releases == []
    release(cast.lead, piece.size_mm + Decimal("0.10"))
    row = piece.releases[0]
    assert (row.asked_by_id, row.released_by_id) == (int(cast.bench.id), int(cast.lead.id))


def test_a_sole_maker_confirms_a_second_time_after_hours(workshop: Workshop):
    piece, session, cast = workshop.to("pre_cast_release"), workshop.session, workshop.cast
    house.current(session).sole_maker = True
    ask_for_casting(session, piece, cast)
    shown = steps.manifest(session, piece, "pre_cast_release")
    told = {"gauge_mm": piece.size_mm, "gauge": "mandrel"}
    with pytest.raises(NotAllowed, match="12 hours after asking"):
        production.release(session, piece, "pre_cast_release", shown, cast.bench, at=after(hours=11.9), **told)
    production.release(session, piece, "pre_cast_release", shown, cast.bench, at=after(hours=12), **told)
    assert piece.releases[0].asked_by_id == piece.releases[0].released_by_id
    assert steps.is_done(piece, "pre_cast_release")


def test_evidence_of_a_casting_before_it_began_is_refused(workshop: Workshop):
    piece, session, cast = workshop.to("casting"), workshop.session, workshop.cast
    with pytest.raises(OutOfOrder, match="has not begun"):
        production.show(session, piece, "casting", "batch", cast.bench, at=NOON)
    with pytest.raises(NotAllowed, match="Casting is for"):
        production.start(session, piece, "casting", cast.designer, at=NOON)
    production.start(session, piece, "casting", cast.bench, at=NOON)
    with pytest.raises(OutOfOrder, match="not for marks"):
        production.show(session, piece, "casting", "marks", cast.bench, at=NOON)
    with pytest.raises(GateClosed, match=r"batch|gross"):
        production.complete(session, piece, "casting", cast.bench, at=NOON)


@pytest.mark.parametrize("grams", ["0", "-1", "10000", "NaN", "Infinity"])
def test_what_cannot_weigh_so_is_refused(workshop: Workshop, grams: str):
    piece, session, cast = workshop.to("casting"), workshop.session, workshop.cast
    production.start(session, piece, "casting", cast.bench, at=NOON)
    with pytest.raises(NotPossible, match="weigh it again"):
        production.weigh(session, piece, "casting", "net", Decimal(grams), cast.bench, at=NOON)
    assert session.scalars(select(Weight)).all() == []


def test_a_wrong_weight_is_corrected_and_never_erased(workshop: Workshop):
    piece, session, cast = workshop.to("casting"), workshop.session, workshop.cast
    with pytest.raises(OutOfOrder):
        production.weigh(session, piece, "setting", "final", Decimal("5.3"), cast.bench, at=NOON)
    production.start(session, piece, "casting", cast.bench, at=NOON)
    with pytest.raises(NotAllowed, match="the house"):
        production.weigh(session, piece, "casting", "button", Decimal(2), cast.client, at=NOON)
    with pytest.raises(NotPossible, match="gross, button"):
        production.weigh(session, piece, "casting", "brutto", Decimal(2), cast.bench, at=NOON)
    wrong = production.weigh(session, piece, "casting", "net", Decimal("56.60"), cast.bench, at=NOON)
    assert wrong.outside_expected
    with pytest.raises(NotPossible, match="Say why"):
        production.correct_weight(session, piece, wrong, Decimal("5.66"), " ", cast.bench, at=NOON)
    with pytest.raises(NotPossible, match="weigh it again"):
        production.correct_weight(session, piece, wrong, Decimal(0), "Typing.", cast.bench, at=NOON)
    with pytest.raises(NotAllowed):
        production.correct_weight(session, piece, wrong, Decimal("5.66"), "Typing.", cast.client, at=NOON)
    still = production.correct_weight(session, piece, wrong, Decimal("6.99"), "One place off.", cast.bench, at=NOON)
    assert still.outside_expected
    with pytest.raises(NotPossible, match="correct the correction"):
        production.correct_weight(session, piece, wrong, Decimal("5.66"), "Again.", cast.bench, at=NOON)
    right = production.correct_weight(session, piece, still, Decimal("5.66"), "Read upside down.", cast.lead, at=NOON)
    assert not right.outside_expected
    kept = session.scalars(select(Weight).order_by(Weight.id)).all()
    assert [(str(row.weight_g), row.corrects_id) for row in kept] == [
        ("56.60", None),
        ("6.99", wrong.id),
        ("5.66", still.id),
    ]


def test_a_photograph_is_hidden_until_somebody_of_the_house_shows_it(workshop: Workshop):
    piece, session, cast = workshop.to("clean_assembly"), workshop.session, workshop.cast
    stored = workshop.store.put([b"picture"])
    with pytest.raises(OutOfOrder, match="waiting"):
        production.photograph(session, piece, "setting", stored, cast.bench, at=NOON)
    with pytest.raises(NotAllowed):
        production.photograph(session, piece, "clean_assembly", stored, cast.client, at=NOON)
    row = production.photograph(session, piece, "clean_assembly", stored, cast.bench, at=NOON)
    assert not row.client_visible
    with pytest.raises(NotAllowed, match="which photographs"):
        production.let_see(session, piece, row, cast.client, visible=True, at=NOON)
    production.let_see(session, piece, row, cast.lead, visible=True, at=NOON)
    assert row.client_visible
    before = piece.commission.events_count
    production.let_see(session, piece, row, cast.lead, visible=True, at=NOON)
    assert piece.commission.events_count == before
    later = production.photograph(session, piece, "casting", stored, cast.bench, at=NOON, caption="x" * 400)
    assert len(later.caption) == 300
    assert steps.is_done(piece, "casting")


def test_setting_puts_the_stones_into_the_piece_and_time_is_counted(workshop: Workshop):
    piece, session = workshop.to("polish_plate"), workshop.session
    stone = next(option.stone for option in piece.options if option.chosen)
    assert stone.whereabouts is Whereabouts.SET
    spans = session.scalars(select(WorkSpan)).all()
    assert {span.milestone for span in spans} >= {"casting", "setting"}
    assert all(span.ended_at is not None for span in spans)


def test_sending_back_needs_a_cause_and_who_pays(workshop: Workshop):
    piece, session, cast = workshop.to("clean_assembly"), workshop.session, workshop.cast

    def back(to: str = "pattern", cause: str = "porosity", bearer: str = "house", who: object = cast.lead) -> Rework:
        return production.send_back(
            session,
            piece,
            "clean_assembly",
            to,
            cause,
            bearer,
            who,
            at=NOON,
            cost_minor=21_000,  # type: ignore[arg-type]
        )

    with pytest.raises(OutOfOrder, match="what caused"):
        back(cause="")
    with pytest.raises(OutOfOrder, match="who bears"):
        back(bearer=" ")
    with pytest.raises(OutOfOrder, match="can go back to"):
        back(to="quote")
    with pytest.raises(NotAllowed, match="made anew"):
        back(who=cast.bench)
    with pytest.raises(NotPossible, match="nothing or more"):
        production.send_back(
            session, piece, "clean_assembly", "pattern", "porosity", "house", cast.lead, at=NOON, cost_minor=-1
        )
    assert back().cost_minor == 21_000
    assert piece.reworks == 1


def test_a_recast_needs_pattern_yes_and_release_anew(workshop: Workshop):
    piece, session, cast, store = workshop.to("clean_assembly"), workshop.session, workshop.cast, workshop.store
    production.send_back(session, piece, "clean_assembly", "pattern", "porosity", "house", cast.lead, at=NOON)
    assert piece.milestone("pattern").status is Status.OPEN
    assert piece.milestone("casting").status is Status.WAITING
    standing = {row.milestone: row.standing for row in (*piece.approvals, *piece.releases)}
    assert standing["pattern"] is standing["pre_cast_release"] is Standing.SUPERSEDED
    assert standing["render_approval"] is Standing.LIVE
    with pytest.raises(OutOfOrder):
        production.start(session, piece, "casting", cast.bench, at=NOON)
    for key in ("pattern", "pre_cast_release"):
        pass_one(session, store, piece, key, cast)
    cast_it(session, store, piece, cast, lot="26-1200")
    assert steps.is_done(piece, "casting")


def test_a_piece_made_anew_gives_its_stones_back_to_their_bag(workshop: Workshop):
    piece, session, cast = workshop.to("polish_plate"), workshop.session, workshop.cast
    stone = next(option.stone for option in piece.options if option.chosen)
    production.send_back(session, piece, "polish_plate", "pattern", "mis-cast", "house", cast.lead, at=NOON)
    assert stone.whereabouts is Whereabouts.IN_BAG
    assert piece.milestone("setting").status is Status.WAITING


def test_rework_of_the_finish_leaves_the_stones_where_they_are(workshop: Workshop):
    piece, session, cast = workshop.to("qc"), workshop.session, workshop.cast
    production.send_back(session, piece, "qc", "polish_plate", "scratch", "house", cast.lead, at=NOON)
    stone = next(option.stone for option in piece.options if option.chosen)
    assert stone.whereabouts is Whereabouts.SET
    assert piece.milestone("polish_plate").status is Status.OPEN
    pass_one(session, workshop.store, piece, "polish_plate", cast)
    assert steps.is_done(piece, "polish_plate")


def test_a_hallmark_is_struck_only_after_its_own_release(workshop: Workshop):
    piece, session, cast = workshop.to("hallmark"), workshop.session, workshop.cast
    with pytest.raises(OutOfOrder, match="has not been released"):
        production.start(session, piece, "hallmark", cast.bench, at=NOON)
    production.ask_release(session, piece, "hallmark", cast.bench, at=NOON)
    let_begin(session, piece, "hallmark", cast)
    production.start(session, piece, "hallmark", cast.bench, at=NOON)
    take_photograph(session, workshop.store, piece, "clean_assembly", cast)
    assert piece.milestone("hallmark").status is Status.ACTIVE


def test_a_casting_that_lost_metal_stops_until_it_is_weighed_again(workshop: Workshop):
    piece, session, cast = workshop.to("casting"), workshop.session, workshop.cast
    production.start(session, piece, "casting", cast.bench, at=NOON)
    for kind in ("batch", "alloy_lot"):
        production.show(session, piece, "casting", kind, cast.bench, at=NOON)
    take_photograph(session, workshop.store, piece, "casting", cast)
    production.weigh(session, piece, "casting", "gross", Decimal("8.20"), cast.bench, at=NOON)
    production.weigh(session, piece, "casting", "net", Decimal("5.66"), cast.bench, at=NOON)
    wrong = production.weigh(session, piece, "casting", "button", Decimal("1.50"), cast.bench, at=NOON)
    with pytest.raises(OutOfBalance, match=r"1.040 g are missing, more than 2.0 % and the scale"):
        production.complete(session, piece, "casting", cast.bench, at=NOON)
    assert not steps.is_done(piece, "casting")
    production.correct_weight(session, piece, wrong, Decimal("2.50"), "Misread.", cast.bench, at=NOON)
    production.complete(session, piece, "casting", cast.bench, at=NOON)
    assert steps.is_done(piece, "casting")


def test_a_stone_astray_stops_the_setting_until_it_is_found_or_written_down(workshop: Workshop):
    piece, session, cast = workshop.to("setting"), workshop.session, workshop.cast
    production.ask_release(session, piece, "setting", cast.bench, at=NOON)
    let_begin(session, piece, "setting", cast)
    production.start(session, piece, "setting", cast.bench, at=NOON)
    take_photograph(session, workshop.store, piece, "setting", cast)
    production.show(session, piece, "setting", "stones_in", cast.bench, {"stones": 9}, at=NOON)
    production.show(session, piece, "setting", "stones_out", cast.bench, {"stones": 7, "broken": 1}, at=NOON)
    with pytest.raises(OutOfBalance, match="1 stone is missing"):
        production.complete(session, piece, "setting", cast.bench, at=NOON)
    told = {"stones": 7, "broken": 1, "lost": 1, "reason": "It sprang from the bench."}
    production.show(session, piece, "setting", "stones_out", cast.bench, told, at=NOON)
    production.complete(session, piece, "setting", cast.bench, at=NOON)
    assert steps.is_done(piece, "setting")
