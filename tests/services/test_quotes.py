"""Prices: what is refused, what a yes to one means for the money, and that no cost leaves the house."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from bespoke.database import Database
from bespoke.models.ledger import InstalmentRow
from bespoke.queries.quotes import client_quote, dues
from bespoke.services import options, payments, quotes
from bespoke.services.errors import Missing, NotPossible
from bespoke.services.quotes import PricedPiece, QuoteExpired
from tests.factories import (
    NOON,
    YES,
    a_cast,
    a_commission,
    a_sent_quote,
    after,
    an_accepted_quote,
    brought_to,
    inputs,
    priced,
)
from workflows.errors import NotAllowed, OutOfOrder, Stale
from workflows.money import Money
from workflows.naming import MisleadingName
from workflows.pricing import build_up
from workflows.snapshot import Standing, Status


def test_who_may_not_name_a_price_and_what_is_no_price(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast, pieces=2)
        for actor in (cast.client, cast.designer, cast.bench, cast.lead):
            with pytest.raises(NotAllowed):
                quotes.firm(session, commission, priced(commission), actor, at=NOON)
        with pytest.raises(NotPossible, match="Every piece has one price"):
            quotes.firm(session, commission, priced(commission)[:1], cast.office, at=NOON)
        with pytest.raises(NotPossible, match="in GBP"):
            quotes.firm(session, commission, priced(commission, currency="EUR"), cast.office, at=NOON)
        strange = [PricedPiece(letter, replace(inputs(), terms_version="none")) for letter in "AB"]
        with pytest.raises(NotPossible, match="no terms"):
            quotes.firm(session, commission, strange, cast.office, at=NOON)
        with pytest.raises(MisleadingName):
            quotes.firm(session, commission, priced(commission), cast.office, included="An ethical ring.", at=NOON)


def test_a_quote_is_not_sent_before_a_piece_is_ready_for_it(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "concept", cast)
        quote = quotes.firm(session, commission, priced(commission), cast.office, at=NOON)
        with pytest.raises(OutOfOrder):
            quotes.send(session, quote, cast.office, at=NOON)


def test_what_is_not_accepted(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "quote", cast)
        guess = quotes.estimate(session, commission, priced(commission), cast.office, at=NOON)
        with pytest.raises(NotPossible, match="estimate"):
            quotes.accept(session, guess, "0" * 64, cast.client, YES, at=NOON)
        with pytest.raises(NotPossible, match="estimate"):
            quotes.send(session, guess, cast.office, at=NOON)
        unsent = quotes.firm(session, commission, priced(commission), cast.office, at=NOON)
        with pytest.raises(NotPossible, match="not been sent"):
            quotes.accept(session, unsent, "0" * 64, cast.client, YES, at=NOON)
        shown = quotes.send(session, unsent, cast.office, at=NOON)
        with pytest.raises(NotPossible, match="was sent"):
            quotes.send(session, unsent, cast.office, at=NOON)
        with pytest.raises(Stale):
            quotes.accept(session, unsent, "0" * 64, cast.client, YES, at=NOON)
        with pytest.raises(NotAllowed):
            quotes.accept(session, unsent, shown, cast.designer, YES, at=NOON)
        with pytest.raises(QuoteExpired) as expired:
            quotes.accept(session, unsent, shown, cast.client, YES, at=after(days=14, seconds=1))
        assert expired.value.valid_until == NOON + timedelta(days=14)
        quotes.accept(session, unsent, shown, cast.client, YES, at=after(days=14))
        with pytest.raises(NotPossible, match="was accepted"):
            quotes.accept(session, unsent, shown, cast.client, YES, at=after(days=14))


def test_a_new_version_takes_the_place_of_one_not_yet_accepted(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "quote", cast)
        first, shown_first = a_sent_quote(session, commission, cast)
        second, shown = a_sent_quote(session, commission, cast, at=after(hours=1))
        with pytest.raises(NotPossible, match="newer"):
            quotes.accept(session, first, shown_first, cast.client, YES, at=after(hours=2))
        with pytest.raises(Stale):
            quotes.accept(session, second, shown_first, cast.client, YES, at=after(hours=2))
        quotes.accept(session, second, shown, cast.client, YES, at=after(hours=2))


def test_the_instalments_are_the_house_plan_and_add_up_exactly(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "quote", cast)
        accepted = an_accepted_quote(session, commission, cast)
        gross = build_up(inputs()).gross
        rows = commission.instalments
        assert [row.key for row in rows] == ["deposit", "progress", "balance"]
        assert sum(row.due_minor for row in rows) == gross.minor == accepted.quote.gross_minor
        assert rows[0].due_minor == gross.split([30, 40, 30])[0].minor
        assert (accepted.due_key, accepted.due_now.minor) == ("deposit", rows[0].due_minor)


def test_an_estimate_is_a_range_around_the_price(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        guess = quotes.estimate(session, commission, priced(commission), cast.office, at=NOON)
        gross = build_up(inputs()).gross.minor
        assert guess.gross_from_minor is not None
        assert guess.gross_from_minor < gross < guess.gross_minor
        assert guess.gross_from_minor % 10_000 == guess.gross_minor % 10_000 == 0


def test_two_pieces_are_one_price_and_one_yes(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast, pieces=2), "quote", cast)
        an_accepted_quote(session, commission, cast)
        assert [piece.milestone("quote").status for piece in commission.pieces] == [Status.DONE, Status.DONE]
        assert sum(row.due_minor for row in commission.instalments) == 2 * build_up(inputs()).gross.minor


def test_what_the_client_reads_has_no_cost_supplier_or_margin(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "quote", cast)
        quote, _ = a_sent_quote(session, commission, cast)
        said = repr(asdict(client_quote(quote))) + "".join(
            row.body for piece in commission.pieces for row in piece.contents
        )
        price = build_up(inputs())
        secrets = [line.cost for line in price.lines if line.cost != line.price] + [price.cost]
        assert not [cost for cost in secrets if str(cost.minor) in said]
        assert "Northmere" not in said
        assert not [word for word in ("cost", "margin", "premium", "spot") if word in said.lower()]
        assert str(price.gross.minor) in said


def test_a_change_order_says_why_and_moves_price_and_date(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "cad", cast)
        commission.promised_to = (NOON + timedelta(days=40)).date()
        before = [row.due_minor for row in commission.instalments]
        dearer = priced(commission, stones_cost="6200")
        with pytest.raises(NotPossible, match="say why"):
            quotes.firm(session, commission, dearer, cast.office, at=after(days=1))
        quote = quotes.firm(
            session,
            commission,
            dearer,
            cast.office,
            change_reason="A larger stone",
            date_delta_days=7,
            at=after(days=1),
        )
        shown = quotes.send(session, quote, cast.office, at=after(days=1))
        piece = commission.pieces[0]
        assert [row.standing for row in piece.approvals if row.milestone == "quote"] == [Standing.SUPERSEDED]
        assert piece.milestone("deposit_lock").status is Status.DONE  # the money and the stone stay
        said = client_quote(quote)
        assert said.price_change == build_up(dearer[0].inputs).gross - build_up(inputs()).gross
        accepted = quotes.accept(session, quote, shown, cast.client, YES, at=after(days=2))
        now = [row.due_minor for row in commission.instalments]
        assert now[:2] == before[:2]
        assert said.price_change is not None
        assert now[2] == before[2] + said.price_change.minor  # the difference falls on the balance
        assert (accepted.due_key, accepted.to_refund.minor) == ("progress", 0)
        assert commission.promised_to == (NOON + timedelta(days=47)).date()
        assert commission.quotes[0].superseded_at == after(days=2)


def test_a_price_that_falls_below_what_was_paid_says_what_goes_back(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "cad", cast)
        for key in ("progress", "balance"):
            due = next(row for row in commission.instalments if row.key == key)
            money = Money(due.due_minor, "GBP")
            payments.receive(session, commission, key, "transfer", money, f"B-{key}", cast.office, at=NOON)
        quote = quotes.firm(
            session,
            commission,
            priced(commission, stones_cost="3000"),
            cast.office,
            change_reason="A smaller stone",
            at=NOON,
        )
        shown = quotes.send(session, quote, cast.office, at=NOON)
        accepted = quotes.accept(session, quote, shown, cast.client, YES, at=NOON)
        assert accepted.due_key is None
        assert accepted.to_refund == build_up(inputs()).gross - build_up(inputs(stones_cost="3000")).gross
        assert sum(due.amount.minor for due in dues(commission)) == quote.gross_minor


def test_a_weight_assumed_by_the_price_is_kept_for_each_piece(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        quote = quotes.firm(session, commission, priced(commission), cast.office, at=NOON)
        assumed = quote.assumption("A")
        assert assumed is not None
        assert (str(assumed.weight_g), str(assumed.allowance_g)) == ("5.141", "0.40")
        assert quote.assumption("B") is None


def test_no_price_is_agreed_before_there_is_one(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "quote", cast)
        with pytest.raises(Missing):
            quotes.current(commission)
        assert session.query(InstalmentRow).count() == 0
        with pytest.raises(Missing):
            payments.announce(session, commission, "deposit", cast.client, at=NOON)


def test_a_stone_chosen_after_the_price_asks_for_the_stone_again(database: Database):
    with database.transaction() as session:
        cast = a_cast(session)
        commission = brought_to(session, a_commission(session, cast), "deposit_lock", cast)
        piece = commission.pieces[0]
        shown = options.chosen_options(piece)
        assert len(shown) == 1
        assert piece.milestone("deposit_lock").status is Status.OPEN
