"""The final check: not by a maker, by limits and not by word, round after round, accepted by name."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bespoke.database import Database
from bespoke.models.piece import Piece
from bespoke.services import checking, house, production, steps
from bespoke.services.checking import Reading
from bespoke.services.errors import NotPossible
from bespoke.storage.local import LocalStore
from bespoke.storage.store import Store
from tests.factories import NOON, Cast, a_cast, a_commission
from tests.making import bench_to, checked, pass_one, readings, take_photograph
from workflows.errors import GateClosed, NotAllowed, OutOfOrder

SURFACE = Reading("surface", "clean", "a scratch", "", passed=False)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return LocalStore(tmp_path / "files")


@pytest.fixture
def bench(database: Database, store: Store):
    """A polished piece, made by the bench, to be checked by the lead."""
    with database.transaction() as session:
        cast = a_cast(session)
        yield session, bench_to(session, store, a_commission(session, cast), "qc", cast), cast


def a_size(found: str, *, passed: bool = True) -> Reading:
    return Reading("size", "whatever was typed", found, "mm", passed)


def test_whoever_made_it_or_showed_evidence_of_it_does_not_check_it(bench: tuple[Session, Piece, Cast], store: Store):
    session, piece, cast = bench
    with pytest.raises(NotAllowed, match="did not make the piece"):
        checking.read(session, piece, (a_size("16.71"),), cast.bench, at=NOON)
    production.send_back(session, piece, "qc", "polish_plate", "scratch", "house", cast.lead, at=NOON)
    production.start(session, piece, "polish_plate", cast.bench, at=NOON)
    # a second pair of hands: only the weighing, and that is enough
    production.show(session, piece, "polish_plate", "final_weight", cast.lead, {"weight_g": "5.34"}, at=NOON)
    take_photograph(session, store, piece, "polish_plate", cast)
    production.complete(session, piece, "polish_plate", cast.bench, at=NOON)
    session.flush()
    session.expire_all()  # as the next request would find it
    for key in ("engrave_proof", "engrave"):
        if not steps.is_past(piece, key):
            pass_one(session, store, piece, key, cast)
    with pytest.raises(NotAllowed, match="you had a hand in the polishing"):
        checking.read(session, piece, (a_size("16.71"),), cast.lead, at=NOON)
    house.current(session).sole_maker = True
    assert checking.read(session, piece, (a_size("16.71"),), cast.lead, at=NOON)


def test_a_round_without_readings_or_with_one_twice_is_refused(bench: tuple[Session, Piece, Cast]):
    session, piece, cast = bench
    with pytest.raises(NotPossible, match="has readings"):
        checking.read(session, piece, (), cast.lead, at=NOON)
    with pytest.raises(NotPossible, match="once in a round"):
        checking.read(session, piece, (SURFACE, SURFACE), cast.lead, at=NOON)
    with pytest.raises(NotPossible, match="no number"):
        checking.read(session, piece, (a_size("about M"),), cast.lead, at=NOON)
    with pytest.raises(NotPossible, match="80 letters"):
        checking.read(session, piece, (Reading("x" * 81, "", "", "", passed=True),), cast.lead, at=NOON)
    assert piece.readings == []


@pytest.mark.parametrize(
    ("found", "passes"), [("16.711", True), ("16.81", True), ("16.82", False), ("16.60", False), ("17.711", False)]
)
def test_a_measured_point_passes_by_its_limit_and_not_by_word(
    bench: tuple[Session, Piece, Cast], found: str, passes: bool
):
    session, piece, cast = bench
    rows = checking.read(session, piece, (a_size(found, passed=not passes),), cast.lead, at=NOON)
    assert (rows[0].passed, rows[0].expected) == (passes, "16.71")


def test_a_claw_below_its_limit_fails_whatever_is_said(bench: tuple[Session, Piece, Cast]):
    session, piece, cast = bench
    thin = Reading("claws", "0.60", "0.55", "mm", passed=True)
    assert not checking.read(session, piece, (thin,), cast.lead, at=NOON)[0].passed


def test_a_failed_round_holds_the_piece_until_it_is_read_again(bench: tuple[Session, Piece, Cast], store: Store):
    session, piece, cast = bench
    checked(session, store, piece, cast, surface="a scratch")
    with pytest.raises(GateClosed, match="Failed: surface"):
        production.complete(session, piece, "qc", cast.lead, at=NOON)
    checked(session, store, piece, cast)
    assert {(row.round, row.superseded) for row in piece.readings} == {(1, True), (2, False)}
    production.complete(session, piece, "qc", cast.lead, at=NOON)
    assert steps.is_done(piece, "qc")


def test_a_check_without_the_size_is_not_done(bench: tuple[Session, Piece, Cast], store: Store):
    session, piece, cast = bench
    clean = Reading("surface", "clean", "clean", "", passed=True)
    checking.read(session, piece, (clean,), cast.lead, at=NOON)
    with pytest.raises(GateClosed, match="size reading"):
        production.complete(session, piece, "qc", cast.lead, at=NOON)


def test_the_points_follow_the_piece(bench: tuple[Session, Piece, Cast]):
    session, piece, _ = bench
    asked = {one.key: one for one in checking.wanted(session, piece)}
    assert list(asked) == [
        *("size", "weight", "fineness", "surface", "edges", "stones", "tight", "level", "hallmark"),
    ]
    assert (asked["size"].expected, asked["size"].unit, asked["size"].measured) == ("16.71", "mm", True)
    assert (asked["weight"].expected, asked["level"].expected) == ("5.34", "2")
    assert not asked["tight"].measured


@pytest.mark.parametrize("left_out", ["weight", "fineness", "edges", "stones", "tight", "level", "hallmark"])
def test_a_round_that_leaves_a_point_out_does_not_pass_the_piece(
    bench: tuple[Session, Piece, Cast], store: Store, left_out: str
):
    session, piece, cast = bench
    checked(session, store, piece, cast)  # whole, and then looked at once more in part
    some = tuple(one for one in readings(session, piece) if one.point != left_out)
    checking.read(session, piece, some, cast.lead, at=NOON)
    with pytest.raises(GateClosed, match=f"Still to be checked: {left_out}"):
        production.complete(session, piece, "qc", cast.lead, at=NOON)
    checked(session, store, piece, cast)
    production.complete(session, piece, "qc", cast.lead, at=NOON)


def test_each_of_a_pair_is_checked(database: Database, store: Store):
    with database.transaction() as session:
        cast = a_cast(session)
        pair = a_commission(session, cast, template="pair").pieces[0]
        keys = [one.key for one in checking.wanted(session, pair)]
    assert {"surface, left", "surface, right", "joints, left", "joints, right"} <= set(keys)
    assert not any(key.startswith(("size", "stones", "hallmark")) for key in keys)


def test_a_point_without_a_word_or_a_number_is_refused(bench: tuple[Session, Piece, Cast]):
    session, piece, cast = bench
    for silent, said in (
        (Reading("claws", "0.60", " ", "mm", passed=True), "measured"),
        (Reading("tight", "", "", "", passed=True), "Say what was found"),
    ):
        with pytest.raises(NotPossible, match=said):
            checking.read(session, piece, (silent,), cast.lead, at=NOON)


def test_the_weight_is_judged_by_the_drawing_and_not_by_what_was_typed(bench: tuple[Session, Piece, Cast]):
    session, piece, cast = bench
    heavy = Reading("weight", "9.00", "9.00", "g", passed=True)
    (row,) = checking.read(session, piece, (heavy,), cast.lead, at=NOON)
    assert (row.expected, row.passed) == ("5.34", False)


def test_a_failed_point_is_accepted_by_another_person_with_a_reason(bench: tuple[Session, Piece, Cast], store: Store):
    session, piece, cast = bench
    checked(session, store, piece, cast, surface="a pit, out of sight")
    failed = next(row for row in piece.readings if row.point == "surface")
    passed = next(row for row in piece.readings if row.point == "edges")
    with pytest.raises(NotAllowed, match="another person"):
        checking.accept(session, piece, failed, "Out of sight.", cast.lead, at=NOON)
    with pytest.raises(NotAllowed, match="Only"):
        checking.accept(session, piece, failed, "Out of sight.", cast.office, at=NOON)
    with pytest.raises(OutOfOrder, match="reason"):
        checking.accept(session, piece, failed, " ", cast.owner, at=NOON)
    with pytest.raises(NotPossible, match="nothing to accept"):
        checking.accept(session, piece, passed, "It is fine.", cast.owner, at=NOON)
    checking.accept(session, piece, failed, "Out of sight, shown to the client.", cast.owner, at=NOON)
    assert (failed.passed, failed.accepted_by_id) == (False, int(cast.owner.id))
    with pytest.raises(NotPossible, match="nothing to accept"):
        checking.accept(session, piece, failed, "Again.", cast.owner, at=NOON)
    production.complete(session, piece, "qc", cast.lead, at=NOON)


def test_what_must_be_mended_is_never_accepted(bench: tuple[Session, Piece, Cast]):
    session, piece, cast = bench
    loose = Reading("tight", "none moves", "one moves", "", passed=False)
    (row,) = checking.read(session, piece, (loose,), cast.lead, at=NOON)
    with pytest.raises(NotPossible, match="mended, never accepted"):
        checking.accept(session, piece, row, "It will hold.", cast.owner, at=NOON)
