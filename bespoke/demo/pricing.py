"""The acts of the office: estimate, firm quote, money, stones locked by it."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from bespoke.demo.cast import CURRENCY, VAT
from bespoke.demo.making import show_the_rest
from bespoke.demo.stage import Stage
from bespoke.models.piece import Piece
from bespoke.services import approvals, payments, production, promises, quotes, steps, stones
from bespoke.services.quotes import PricedPiece
from bespoke.services.steps import Circumstances
from bespoke.services.stones import Arrival
from workflows.alloys import ALLOYS
from workflows.deposits import REFUNDS_2026
from workflows.money import Money
from workflows.quote_inputs import LabourInput, Markups, MetalInput, OutsideInput, QuoteInputs, Spot, StoneInput
from workflows.snapshot import Status

SPOT_PER_OUNCE = {"gold": "2050", "platinum": "780", "palladium": "790", "silver": "24.50"}  # invented, GBP
ALLOWANCE = Decimal("0.15")  # of the assumed weight
ASSUMED_G = Decimal("4.5")  # where the drawing has no weight


def estimate(stage: Stage) -> None:
    """`estimate`: the range and the risk of a remount, before the stone is taken out; agreed to."""
    office, client, clock = stage.cast.actor("office"), stage.cast.actor("client"), stage.house.clock
    with stage.step() as (session, piece):
        priced = (PricedPiece(piece.letter, _inputs(stage, piece, clock())),)
        given = quotes.estimate(session, piece.commission, priced, office, at=clock())
        show_the_rest(stage, session, piece, "estimate", office)
        production.hand_in(session, piece, "estimate", office, at=clock())
        low, high = Money(given.gross_from_minor or 0, given.currency), Money(given.gross_minor, given.currency)
    with stage.step() as (session, piece):
        shown = steps.manifest(session, piece, "estimate")
        approvals.approve(session, piece, "estimate", shown, client, at=clock())
    stage.say("estimate", f"{low} to {high}, and what may happen to the stone; agreed")


def quote(stage: Stage) -> None:
    """`quote`: an estimate as a range, then the firm price on an assumed weight; accepted."""
    office, client, clock = stage.cast.actor("office"), stage.cast.actor("client"), stage.house.clock
    with stage.step() as (session, piece):
        priced = (PricedPiece(piece.letter, _inputs(stage, piece, clock())),)
        first = quotes.estimate(session, piece.commission, priced, office, at=clock())
        low = Money(first.gross_from_minor or first.gross_minor, first.currency)
        high = Money(first.gross_minor, first.currency)
    stage.say("quote", f"estimate: {low} to {high}")
    with stage.step() as (session, piece):
        priced = (PricedPiece(piece.letter, _inputs(stage, piece, clock())),)
        firm = quotes.firm(
            session, piece.commission, priced, office, included="The box and a year of care.", at=clock()
        )
        shown = quotes.send(session, firm, office, at=clock())
    stage.refused(
        "the office accepts its own price",
        lambda session, piece: quotes.accept(
            session, quotes.current(piece.commission), shown, office, Circumstances(""), at=clock()
        ),
    )
    with stage.step() as (session, piece):
        current = quotes.current(piece.commission)
        words = f"Firm price {Money(current.gross_minor, current.currency)}"
        quotes.accept(session, current, shown, client, Circumstances(words), at=clock())
        plan = ", ".join(f"{row.key} {Money(row.due_minor, row.currency)}" for row in piece.commission.instalments)
        assumed = current.assumption(piece.letter)
    weight = "" if assumed is None else f", on {assumed.weight_g} g more or less {assumed.allowance_g} g"
    stage.say("quote", f"{words}{weight}; accepted: {plan}")


def deposit(stage: Stage) -> None:
    """`deposit_lock`: announced, cleared; the stones are locked and in the house."""
    stage.refused(
        "the deposit counts because the client says it was sent",
        lambda session, piece: _announce_and_draw(stage, session, piece),
    )
    _pay(stage, "deposit")
    with stage.step() as (session, piece):
        _receive(stage, session, piece)
        office = stage.cast.actor("office")
        offered = promises.give(session, piece.commission, office, at=stage.house.clock())
    with stage.house.database.reading() as session:
        row = session.get_one(Piece, stage.piece_id).milestone("deposit_lock")
        locked = [option.stone.reference for option in session.get_one(Piece, stage.piece_id).options if option.chosen]
    done = "done" if row.status is Status.DONE else row.status.value
    said = f"{done}; {', '.join(locked) or 'no stones'} locked by cleared money; ready {offered.range_words}"
    stage.say("deposit_lock", said)


def pay(stage: Stage, key: str) -> None:
    """An instalment by transfer, where the plan has it and it is still due."""
    with stage.house.database.reading() as session:
        rows = {row.key: row for row in session.get_one(Piece, stage.piece_id).commission.instalments}
        due = key in rows and rows[key].cleared_minor < rows[key].due_minor
    if due:
        _pay(stage, key)


def _pay(stage: Stage, key: str) -> None:
    client, office, clock = stage.cast.actor("client"), stage.cast.actor("office"), stage.house.clock
    with stage.step() as (session, piece):
        payment = payments.announce(session, piece.commission, key, client, at=clock())
        payment_id, amount = payment.id, Money(payment.amount_minor, payment.currency)
    with stage.step() as (session, piece):
        announced = next(one for one in payments.of(piece.commission) if one.id == payment_id)
        reference = f"BANK-{announced.reference}"
        payments.clear(session, announced, amount, reference, office, at=clock())
        again = payments.clear(session, announced, amount, reference, office, at=clock())
        counted = payments.cleared(piece.commission)
    twice = "clicked twice, counted once" if again.payment.id == payment_id else ""
    stage.say("payment", f"{key} {amount} by transfer, cleared ({twice}); received so far {counted}")


def _announce_and_draw(stage: Stage, session: Session, piece: Piece) -> None:
    at = stage.house.clock()
    payments.announce(session, piece.commission, "deposit", stage.cast.actor("client"), at=at)
    production.complete(session, piece, "deposit_lock", stage.cast.actor("office"), at=at)


def _receive(stage: Stage, session: Session, piece: Piece) -> None:
    for option in piece.options:
        if option.chosen:
            stone = option.stone
            seen = Arrival(stone.weight_ct, stone.length_mm, stone.width_mm, stone.depth_mm, stone.inscription)
            stones.receive(session, stone, seen, stage.cast.actor("office"), at=stage.house.clock())


def _inputs(stage: Stage, piece: Piece, at: datetime) -> QuoteInputs:
    alloy = ALLOYS[stage.alloy]
    report = stage.reports[0]
    drawn = report.weight_g(stage.alloy)
    net_g = ASSUMED_G if drawn is None else Decimal(f"{drawn:.2f}")
    spot = Spot(Decimal(SPOT_PER_OUNCE[alloy.metal.value]), CURRENCY, at, "demo price, invented")
    chosen = [option.stone for option in piece.options if option.chosen]
    return QuoteInputs(
        currency=CURRENCY,
        metals=(
            MetalInput(
                alloy=alloy.code,
                fineness_ppt=alloy.fineness_ppt,
                density_g_cm3=alloy.density_g_cm3,
                net_g=net_g,
                spot=spot,
                premium_per_g=Decimal("3.50"),
                allowance_g=(net_g * ALLOWANCE).quantize(Decimal("0.01")),
            ),
        ),
        stones=tuple(
            StoneInput(
                label=stone.reference,
                weight_ct=stone.weight_ct,
                each=Decimal(stone.cost_minor or 0) / 100 / stone.pieces,
                pieces=stone.pieces,
            )
            for stone in chosen
        ),
        labour=(
            LabourInput("Drawing", Decimal(6), Decimal(60)),
            LabourInput("Making up and polishing", Decimal(9), Decimal(55)),
            *((LabourInput("Setting", Decimal(4), Decimal(65)),) if chosen else ()),
        ),
        outside=(OutsideInput("Casting", Decimal(58)), OutsideInput("Hallmark", Decimal(22))),
        overhead=Decimal("0.35"),
        markups=Markups(metal=Decimal("0.25"), stones=Decimal("0.40"), labour=Decimal("1.0")),
        tax_name="VAT",
        tax_rate=VAT,
        terms_version=REFUNDS_2026.version,
    )
