"""One stone, one commission: refused holds first, then holding, extending, lapsing, locking, and the race itself."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from bespoke.database import Conflict, Database
from bespoke.models.commission import Commission
from bespoke.models.stone import StoneHold, StoneRow
from bespoke.services import commissions, holds, options, payments, stones
from bespoke.services.errors import NotPossible
from bespoke.services.holds import Lapse
from tests.factories import (
    NOON,
    a_cast,
    a_chosen_stone,
    a_commission,
    a_diamond,
    a_person,
    a_sent_quote,
    after,
    brought_to,
)
from workflows.errors import NotAllowed, OutOfOrder
from workflows.stones import BadHold, NotHoldable, StoneStep, StoneTaken, WrongStep


def kinds(commission: Commission, session) -> list[str]:
    rows = session.execute(
        text("SELECT kind FROM events WHERE commission_id = :id ORDER BY position"), {"id": commission.id}
    )
    return [kind for (kind,) in rows]


def test_a_stone_held_for_somebody_else_is_refused_with_the_moment_it_frees(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        stone = a_diamond(session, cast)
        first, second = a_commission(session, cast), a_commission(session, cast, client=cast.stranger)
        holds.hold(session, first, stone, cast.office, at=NOON)
        with pytest.raises(StoneTaken) as refusal:
            holds.hold(session, second, stone, cast.office, at=after(hours=1))
        assert refusal.value.until == NOON + timedelta(hours=72)
        with pytest.raises(StoneTaken):
            options.put_forward(session, second.pieces[0], stone, cast.designer, at=after(hours=1))


def test_who_may_not_hold_and_what_cannot_be_held(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        stone, broken = a_diamond(session, cast), a_diamond(session, cast, "D-002")
        commission = a_commission(session, cast)
        with pytest.raises(NotAllowed):
            holds.hold(session, commission, stone, cast.client, at=NOON)
        with pytest.raises(BadHold):
            holds.hold(session, commission, stone, cast.office, at=NOON, until=NOON)
        with pytest.raises(BadHold):
            holds.hold(session, commission, stone, cast.office, at=NOON, until=after(days=30))
        stones.step(session, broken, StoneStep.RECEIVE, cast.office, at=NOON)
        stones.step(session, broken, StoneStep.BREAK, cast.office, reason="dropped", at=NOON)
        with pytest.raises(NotHoldable):
            holds.hold(session, commission, broken, cast.office, at=NOON)
        commissions.cancel_pieces(session, commission, "changed their mind", cast.office, at=NOON)
        with pytest.raises(NotPossible):
            holds.hold(session, commission, stone, cast.office, at=NOON)


def test_holding_twice_for_the_same_commission_is_one_hold(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        stone, commission = a_diamond(session, cast), a_commission(session, cast)
        first = holds.hold(session, commission, stone, cast.office, at=NOON)
        assert holds.hold(session, commission, stone, cast.office, at=after(hours=1)).id == first.id
        assert kinds(commission, session).count("stone_held") == 1


def test_a_lapsed_hold_frees_the_stone_by_itself(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        stone = a_diamond(session, cast)
        first, second = a_commission(session, cast), a_commission(session, cast, client=cast.stranger)
        holds.hold(session, first, stone, cast.office, at=NOON)
        taken = holds.hold(session, second, stone, cast.office, at=after(hours=72))
        assert taken.commission_id == second.id
        assert "stone_hold_lapsed" in kinds(first, session)


def test_the_clock_ends_what_is_due_and_nothing_else(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        due, later, locked = (a_diamond(session, cast, f"D-{number}") for number in range(3))
        commission = a_commission(session, cast)
        holds.hold(session, commission, due, cast.office, at=NOON, until=after(hours=1))
        holds.hold(session, commission, later, cast.office, at=NOON)
        holds.hold(session, commission, locked, cast.office, at=NOON, until=after(hours=1))
        assert holds.lock(session, commission, locked, cast.office, at=NOON)
    with database.transaction() as session:
        assert holds.lapse_due(session, at=after(hours=2)) == (Lapse("D-0", commission.reference),)
        assert holds.lapse_due(session, at=after(hours=2)) == ()


def test_a_hold_is_extended_once_by_an_announced_transfer(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "deposit_lock", cast)
        (held,) = holds.of(session, commission)
        before = held.until
        payments.announce(session, commission, "deposit", cast.client, at=after(hours=70))
        assert before is not None
        assert held.until == after(hours=70 + 72)
        assert not holds.extend(session, held, cast.office, at=after(hours=71))


def test_only_the_office_frees_a_locked_stone_and_says_why(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        stone, commission = a_diamond(session, cast), a_commission(session, cast)
        held = holds.hold(session, commission, stone, cast.office, at=NOON)
        assert holds.lock(session, commission, stone, cast.office, at=NOON)
        assert held.until is None
        with pytest.raises(NotAllowed):
            holds.release(session, held, "want another", cast.designer, at=NOON)
        with pytest.raises(NotPossible):
            holds.release(session, held, " ", cast.office, at=NOON)
        holds.release(session, held, "the client wants another", cast.office, at=NOON)
        with pytest.raises(NotPossible):
            holds.release(session, held, "again", cast.office, at=NOON)
        assert holds.live(session, stone) is None


def test_a_hold_that_lapsed_is_taken_up_by_a_lock_unless_somebody_else_was_quicker(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        free, gone = a_diamond(session, cast, "D-1"), a_diamond(session, cast, "D-2")
        first, second = a_commission(session, cast), a_commission(session, cast, client=cast.stranger)
        for stone in (free, gone):
            holds.hold(session, first, stone, cast.office, at=NOON)
        holds.lapse_due(session, at=after(days=4))
        holds.hold(session, second, gone, cast.office, at=after(days=4))
        assert holds.lock(session, first, free, cast.office, at=after(days=5))
        assert not holds.lock(session, first, gone, cast.office, at=after(days=5))


def test_a_stone_that_breaks_is_replaced_and_the_lock_passes_on(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        stone, other = a_diamond(session, cast), a_diamond(session, cast, "D-002")
        commission = brought_to(session, a_commission(session, cast), "cad", cast, stone=stone)
        piece = commission.pieces[0]
        old = next(one for one in piece.options if one.chosen)
        new = options.put_forward(session, piece, other, cast.designer, at=NOON)
        with pytest.raises(NotAllowed):
            options.replace(session, old, new, "chipped", cast.client, at=NOON)
        with pytest.raises(NotPossible):
            options.replace(session, old, new, "", cast.bench, at=NOON)
        options.replace(session, old, new, "chipped at the girdle", cast.bench, at=NOON)
        held = holds.live(session, other)
        assert held is not None
        assert held.locked_at is not None
        assert holds.live(session, stone) is None
        assert stone.whereabouts == "broken"
        assert piece.milestone("stone_sourcing").status == "open"  # the client is asked about the new one


def test_choosing_another_centre_stone_lets_the_first_one_go(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        stone, other = a_diamond(session, cast), a_diamond(session, cast, "D-002")
        commission = brought_to(session, a_commission(session, cast), "stone_sourcing", cast)
        piece = commission.pieces[0]
        first = a_chosen_stone(session, piece, cast, stone)
        a_chosen_stone(session, piece, cast, other)
        assert not first.chosen
        assert holds.live(session, stone) is None
        held = holds.live(session, other)
        assert held is not None
        options.withdraw(session, first, cast.designer, at=NOON)
        with pytest.raises(NotPossible):
            options.choose(session, first, cast.client, at=NOON)


def test_a_stone_locked_by_money_is_exchanged_by_the_office_only(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "cad", cast)
        piece, other = commission.pieces[0], a_diamond(session, cast, "D-9")
        option = options.put_forward(session, piece, other, cast.designer, at=NOON)
        for actor in (cast.client, cast.designer):
            with pytest.raises(NotAllowed, match="locked by the deposit"):
                options.choose(session, option, actor, at=NOON)
        options.choose(session, option, cast.office, at=NOON)
        held = holds.live(session, other)
        assert held is not None
        assert held.locked_at is not None


def test_a_stone_is_not_exchanged_without_a_yes_to_it(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "quote", cast)
        piece = commission.pieces[0]
        a_chosen_stone(session, piece, cast, a_diamond(session, cast, "D-9"))
        with pytest.raises(OutOfOrder):
            a_sent_quote(session, commission, cast)


def test_a_stone_comes_in_once_and_as_itself(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        stone = a_diamond(session, cast)
        measures = {"length_mm": Decimal("6.48"), "width_mm": Decimal("6.46"), "depth_mm": Decimal("3.97")}
        with pytest.raises(NotPossible, match="not this stone"):
            stones.receive(session, stone, stones.Arrival(Decimal("0.91"), **measures), cast.office, at=NOON)
        told = stones.receive(
            session,
            stone,
            stones.Arrival(Decimal("1.01"), Decimal("6.58"), Decimal("6.46"), inscription="GIA 1"),
            cast.office,
            at=NOON,
        )
        assert told == ("The length was measured as 6.58 mm, the record says 6.48 mm.",)
        with pytest.raises(WrongStep):
            stones.receive(session, stone, stones.Arrival(Decimal("1.01"), **measures), cast.office, at=NOON)


# the race, and the control that shows it is one


def rivals(database: Database, many: int) -> tuple[int, list[int]]:
    with database.transaction() as session:
        cast = a_cast(session)
        stone = a_diamond(session, cast)
        found = []
        for number in range(many):
            client = a_person(session, f"Rival {number}")
            row = commissions.open_commission(session, client, "A ring", cast.office, at=NOON)
            found.append(row.id)
        return stone.id, found


def together(many: int, work) -> list[str]:
    barrier, outcomes = threading.Barrier(many), []

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except StoneTaken:
            outcomes.append("taken")
        else:
            outcomes.append("won")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_of_many_at_once_exactly_one_holds_the_stone(database: Database):
    many = 6
    stone_id, commission_ids = rivals(database, many)
    with database.transaction() as session:
        office = a_cast(session).office

    def hold(number: int) -> None:
        with database.transaction() as session:
            commission = session.get_one(Commission, commission_ids[number])
            holds.hold(session, commission, session.get_one(StoneRow, stone_id), office, at=NOON)

    assert together(many, hold) == ["taken"] * (many - 1) + ["won"]
    with database.reading() as session:
        assert session.query(StoneHold).filter(StoneHold.ended_at.is_(None)).count() == 1


def test_without_the_guard_the_same_race_sells_a_stone_twice(database: Database):
    """The control: read, then write, on a table of the same shape without the index."""
    many = 4
    with database.transaction() as session:
        session.execute(text("CREATE TABLE unguarded_holds (stone_id INTEGER, commission_id INTEGER)"))
    looked = threading.Barrier(many)

    def naive(number: int) -> None:
        # looked at in one transaction and written in the next, as a page that reads and a click that writes
        with database.reading() as session:
            free = session.scalar(text("SELECT count(*) FROM unguarded_holds WHERE stone_id = 1")) == 0
        looked.wait()
        if not free:
            raise StoneTaken("D-001", None)
        with database.transaction() as session:
            session.execute(text("INSERT INTO unguarded_holds VALUES (1, :number)"), {"number": number})

    assert together(many, naive).count("won") > 1
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM unguarded_holds WHERE stone_id = 1")) > 1


def test_the_same_naive_writing_cannot_sell_twice_where_the_index_is(database: Database):
    many = 4
    stone_id, commission_ids = rivals(database, many)
    looked = threading.Barrier(many)

    def naive(number: int) -> None:
        with database.reading() as session:
            free = session.scalar(text("SELECT count(*) FROM stone_holds WHERE ended_at IS NULL")) == 0
        looked.wait()
        assert free
        try:
            with database.transaction() as session:
                session.add(
                    StoneHold(
                        stone_id=stone_id,
                        commission_id=commission_ids[number],
                        created_at=NOON,
                        until=after(hours=1),
                    )
                )
        except Conflict:
            raise StoneTaken("D-001", None) from None

    assert together(many, naive) == ["taken"] * (many - 1) + ["won"]
