"""/studio/REF/quote: line items to an estimate or a firm price; sent, it is locked and only followed by another."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from bespoke.models.commission import Commission
from bespoke.models.piece import Piece
from bespoke.queries import pricing_desk, seen
from bespoke.queries.commissions import NotFound
from bespoke.queries.pricing_desk import FIELDS, MARKUPS, Reckoned
from bespoke.queries.quotes import inputs_of
from bespoke.services import promises, quotes
from bespoke.services.errors import NotPossible
from bespoke.services.quotes import PRICERS, PricedPiece
from bespoke.templating.catalogue import _
from bespoke.web.access import current_actor, house_row, the_house
from bespoke.web.database import db, transaction
from bespoke.web.studio.asked import clean, number, one_of, required, typed, whole
from bespoke.web.studio.workspace import furniture, loaded
from workflows.alloys import ALLOYS
from workflows.deposits import PLANS, REFUNDS_2026
from workflows.errors import WorkflowError
from workflows.money import Money
from workflows.pricing import Stage, build_up
from workflows.quote_inputs import LabourInput, Markups, MetalInput, OutsideInput, QuoteInputs, Spot, StoneInput
from workflows.snapshot import Course

bp = Blueprint("quotes", __name__, url_prefix="/studio")
MOST_ROWS = 60
STAGES = {stage.value: stage for stage in Stage}
DOES = {"reckon": "reckon", "estimate": "estimate", "firm": "firm"}
TAX = {"GB": "VAT"}


@bp.get("/<reference>/quote")
def page(reference: str) -> str:
    """The versions there are, and for those who price: the rows of the next one."""
    return redraw(reference)


@bp.post("/<reference>/quote")
def make(reference: str) -> Answer | str:
    """The rows are reckoned and shown again, or become an estimate or a firm price."""
    form, actor, at = request.form, current_actor(), the_house().clock()
    does = one_of(form, "do", _("what to do with the rows"), DOES)
    if does == "reckon":
        return redraw(reference, kept=form)
    with transaction() as session:
        commission = seen.get(session, reference, actor)
        priced = priced_of(commission, form, at)
        included, days = (
            typed(form, "included"),
            whole(form, "valid_days", _("The days it is valid"), least=1, most=365),
        )
        if does == "estimate":
            stage = STAGES[one_of(form, "stage", _("how well the piece is known"), STAGES)]
            quotes.estimate(session, commission, priced, actor, stage=stage, included=included, valid_days=days, at=at)
        else:
            quotes.firm(
                session,
                commission,
                priced,
                actor,
                included=included,
                valid_days=days,
                plan_key=one_of(form, "plan", _("the plan of payment"), {**PLANS, house_row().plan_key: None}),
                change_reason=typed(form, "reason", most=300),
                date_delta_days=whole(form, "date_delta_days", _("The days it moves the date"), least=0, most=365),
                at=at,
            )
    return redirect(url_for(".page", reference=reference), 303)


@bp.post("/<reference>/quote/<int:version>/send")
def send(reference: str, version: int) -> Answer:
    """A firm price is put before the client."""
    actor = current_actor()
    with transaction() as session:
        commission = seen.get(session, reference, actor)
        row = next((one for one in commission.quotes if one.number == version), None)
        if row is None:
            raise NotFound("price")
        quotes.send(session, row, actor, at=the_house().clock())
    return redirect(url_for(".page", reference=reference), 303)


def redraw(reference: str, refusal: str = "", kept: Mapping[str, str] | None = None, **_address: Any) -> str:
    """The page with the rows as they were typed, what they come to, and what was refused."""
    found, at, actor = loaded(reference), the_house().clock(), current_actor()
    commission, prices = found.whole.commission, actor.role in PRICERS
    fields: Mapping[str, str] = {}
    reckoned: tuple[Reckoned, ...] = ()
    if prices:
        fields = kept if kept else pricing_desk.starting(commission, house_row())
        if kept and not refusal:
            try:
                reckoned = _reckoned(commission, fields, at)
            except (NotPossible, WorkflowError) as reason:
                refusal = str(reason)
        elif not kept and commission.quotes:
            reckoned = tuple(
                Reckoned(letter, build_up(inputs)) for letter, inputs in inputs_of(commission.quotes[-1]).items()
            )
    return render_template(
        "studio/quote.html",
        **furniture(found),
        versions=pricing_desk.versions(commission, at, sees_money=prices),
        prices=prices,
        fields=fields,
        rows_of=pricing_desk.rows_of,
        pieces=pricing_desk.priced_pieces(commission),
        reckoned={one.letter: one for one in reckoned},
        total=_total(reckoned, commission.currency),
        fixes=pricing_desk.fixes(commission, at),
        alloys=ALLOYS,
        markups=MARKUPS,
        stages=STAGES,
        plans=dict.fromkeys((house_row().plan_key, *PLANS)),
        offered=promises.reckon(db.session(), commission, at=at) if prices and _may_be_promised(commission) else None,
        refusal=refusal,
    )


def _may_be_promised(commission: Commission) -> bool:
    living = any(piece.course is not Course.CANCELLED for piece in commission.pieces)
    return living and commission.promised_to is None and any(quote.firm for quote in commission.quotes)


def priced_of(commission: Commission, form: Mapping[str, str], at: datetime) -> tuple[PricedPiece, ...]:
    """What each piece of a commission is priced from, as the form says it.

    Raises:
        NotPossible: a number that is none, a row without its name.
    """
    known = inputs_of(commission.quotes[-1]) if commission.quotes else {}
    pieces = pricing_desk.priced_pieces(commission)
    return tuple(PricedPiece(one.letter, _inputs(one, form, known.get(one.letter), at)) for one in pieces)


def _reckoned(commission: Commission, form: Mapping[str, str], at: datetime) -> tuple[Reckoned, ...]:
    return tuple(Reckoned(one.letter, build_up(one.inputs)) for one in priced_of(commission, form, at))


def _total(reckoned: tuple[Reckoned, ...], currency: str) -> tuple[Money, Money, Money, Money] | None:
    """Cost, net, tax and gross of all pieces together."""
    if not reckoned:
        return None
    nothing = Money.zero(currency)
    builds = [one.build for one in reckoned]
    sums = ((b.cost for b in builds), (b.net for b in builds), (b.tax for b in builds), (b.gross for b in builds))
    cost, net, tax, gross = (sum(amounts, nothing) for amounts in sums)
    return cost, net, tax, gross


def _inputs(piece: Piece, form: Mapping[str, str], known: QuoteInputs | None, at: datetime) -> QuoteInputs:
    letter, house = piece.letter, house_row()
    currency = piece.commission.currency
    markup = {name: _rate(form, f"{letter}-markup-{name}", _("The mark-up")) for name in MARKUPS}
    return QuoteInputs(
        currency=currency,
        metals=tuple(_metal(form, name, known, row, currency, at) for row, name in _rows(form, letter, "metal")),
        stones=tuple(_stone(form, name) for _row, name in _rows(form, letter, "stone")),
        labour=tuple(
            LabourInput(_label(form, name), *_hours_and_rate(form, name))
            for _row, name in _rows(form, letter, "labour")
            if form.get(f"{name}-hours", "").strip() or form.get(f"{name}-rate", "").strip()
        ),
        outside=tuple(
            OutsideInput(_label(form, name), required(form, f"{name}-cost", _("What others charge")))
            for _row, name in _rows(form, letter, "outside")
            if form.get(f"{name}-cost", "").strip()
        ),
        overhead=_rate(form, f"{letter}-overhead", _("The overhead")),
        markups=Markups(**markup),
        tax_name=TAX.get(house.market, "VAT"),
        tax_rate=house.vat_rate,
        terms_version=REFUNDS_2026.version,
        adjustment=_adjustment(form, f"{letter}-adjustment", currency),
    )


def _rows(form: Mapping[str, str], letter: str, part: str) -> Iterator[tuple[int, str]]:
    """The rows of a part that say anything: their place among those, and the beginning of their fields' names."""
    found = 0
    for row in range(MOST_ROWS):
        name = f"{letter}-{part}-{row}"
        if any(form.get(f"{name}-{field}", "").strip() for field in FIELDS[part]):
            yield found, name
            found += 1


def _metal(
    form: Mapping[str, str], name: str, known: QuoteInputs | None, row: int, currency: str, at: datetime
) -> MetalInput:
    alloy = ALLOYS[one_of(form, f"{name}-alloy", _("the alloy"), ALLOYS)]
    price = required(form, f"{name}-spot", _("The price of an ounce of fine metal"), least="0.01")
    house = house_row()
    spot = Spot(price, currency, at, _("read by %(who)s", who=current_actor().name))
    if known is not None and row < len(known.metals) and known.metals[row].spot.per_ounce == price:
        spot = known.metals[row].spot  # the same fix: its moment stays
    return MetalInput(
        alloy=alloy.code,
        fineness_ppt=alloy.fineness_ppt,
        density_g_cm3=alloy.density_g_cm3,
        net_g=required(form, f"{name}-net_g", _("The weight of the metal"), least="0.01", most="5000"),
        spot=spot,
        premium_per_g=number(form, f"{name}-premium", _("The premium"), needed=False) or Decimal(0),
        allowance_g=number(form, f"{name}-allowance_g", _("The allowance"), most="1000", needed=False),
        finishing_loss=house.finishing_loss,
        melt_loss=house.melt_loss,
    )


def _stone(form: Mapping[str, str], name: str) -> StoneInput:
    per_carat = number(form, f"{name}-per_carat", _("The price of a carat"), needed=False)
    each = number(form, f"{name}-each", _("The price of a stone"), needed=False)
    label = _label(form, name)
    if (per_carat is None) is (each is None):
        raise NotPossible(_("%(stone)s is priced either by the carat or by the piece.", stone=label))
    return StoneInput(
        label=label,
        weight_ct=required(form, f"{name}-weight_ct", _("The weight of a stone"), least="0.001", most="10000"),
        per_carat=per_carat,
        each=each,
        pieces=whole(form, f"{name}-pieces", _("The number of stones"), least=1, most=10_000),
        breakage=_rate(form, f"{name}-breakage", _("The reserve for breakage")),
    )


def _label(form: Mapping[str, str], name: str) -> str:
    return typed(form, f"{name}-label", most=120, needed=_("Every row that costs something has a name."))


def _hours_and_rate(form: Mapping[str, str], name: str) -> tuple[Decimal, Decimal]:
    hours = required(form, f"{name}-hours", _("The hours"), most="2000")
    return hours, required(form, f"{name}-rate", _("The rate of an hour"), most="10000")


def _rate(form: Mapping[str, str], name: str, words: str) -> Decimal:
    found = number(form, name, words, most="1000", needed=False)
    return Decimal(0) if found is None else found / 100


def _adjustment(form: Mapping[str, str], name: str, currency: str) -> Money | None:
    text = clean(form.get(name, ""))
    if not text:
        return None
    below = text[:1] in "-−"
    amount = Money.parse(text[1:] if below else text, currency)
    return -amount if below else amount


FORMS = {"studio.quotes.make": redraw, "studio.quotes.send": redraw}
"""Where a refusal is answered with the page its form stood on."""
