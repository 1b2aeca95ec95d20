"""The steps of a demo commission, told one after the other through the services, each at its own moment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from sqlalchemy.orm import Session

from bespoke.demo.cast import CURRENCY, VAT, Cast
from bespoke.demo.pricing import SPOT_PER_OUNCE
from bespoke.demo.stock import PICTURES
from bespoke.house import House
from bespoke.models.commission import Commission
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.models.quote import Quote
from bespoke.models.stone import StoneRow
from bespoke.services import (
    briefs,
    commissions,
    enquiries,
    files,
    metals,
    options,
    payments,
    people,
    production,
    quotes,
    sizes,
    sketches,
    stones,
    together,
)
from bespoke.services.briefs import Wish
from bespoke.services.quotes import PricedPiece
from bespoke.services.sizes import Measured
from bespoke.services.steps import Circumstances
from bespoke.services.stones import Arrival
from workflows.alloys import ALLOYS
from workflows.deposits import REFUNDS_2026
from workflows.money import Money
from workflows.pricing import build_up
from workflows.quote_inputs import LabourInput, Markups, OutsideInput, QuoteInputs, Spot, StoneInput, metal_assumed
from workflows.roles import Actor, Role
from workflows.sizes import RingSize

ROUND_MINOR = 50_00  # the house's prices before tax; every part of its plan is then whole pounds
CONSENT = "You may write to me about this piece."
SKETCHES = (("sketch-1.png", "A high basket, plain shoulders."), ("sketch-2.png", "Low, in four claws."))
ACROSS = (("sketch-across-1.png", "A closed edge all round."), ("sketch-across-2.png", "Eight claws, open below."))
BRACELETS = (("sketch-bracelet-1.png", "Each stone in a square."), ("sketch-bracelet-2.png", "Round by round."))


@dataclass(slots=True)
class Tale:
    """One commission as it is told: who, in which house, and which moment it is."""

    session: Session
    house: House
    cast: Cast
    stock: Mapping[str, StoneRow]
    client: Person
    commission: Commission
    piece: Piece
    at: datetime

    @property
    def buyer(self) -> Actor:
        """The client, deciding."""
        return self.client.acting(Role.CLIENT)

    def later(self, **span: float) -> None:
        """Let some time pass: `later(days=3)`."""
        self.at += timedelta(**span)

    def enquire(self, contact: str) -> None:
        """They asked, and may be written to."""
        office = self.cast.actor("office")
        enquiries.take(self.session, self.commission, office, contact=contact, consent=CONSENT, at=self.at)

    def write_brief(
        self,
        wish: Wish,
        *,
        alloy: str | None = None,
        size: Measured | None = None,
        confirmed: bool = True,
        measures: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    ) -> None:
        """The wish in the client's words, the metal, the size and what else is measured; put before them."""
        designer = self.cast.actor("designer")
        metal = () if alloy is None else (alloy,)
        briefs.write(self.session, self.commission, replace(wish, metals=metal), self.buyer, at=self.at)
        if alloy is not None:
            metals.choose(self.session, self.piece, alloy, designer, at=self.at)
        if size is not None:
            sizes.put_down(self.session, self.piece, size, designer, at=self.at)
            if confirmed:
                sizes.confirm(self.session, self.piece, self.buyer, at=self.at)
        for kind, facts in measures.items():
            production.show(self.session, self.piece, briefs.BRIEF, kind, designer, facts, at=self.at)
        briefs.hand_in(self.session, self.commission, designer, at=self.at)

    def agree_brief(self) -> None:
        """The client says that this is it."""
        said = Circumstances("The brief as written.")
        shown = together.shown(self.session, self.commission, briefs.BRIEF)
        briefs.approve(self.session, self.commission, shown, self.buyer, said, at=self.at)

    def sketch(self, drawn: tuple[tuple[str, str], ...] = SKETCHES) -> str:
        """Two sketches, put before the client."""
        designer = self.cast.actor("designer")
        for name, note in drawn:
            file = files.keep(self.session, self.house.storage, PICTURES / name, "image/png", at=self.at)
            sketches.add(self.session, self.piece, file, designer, note=note, at=self.at)
        return sketches.hand_in(self.session, self.piece, designer, at=self.at)

    def pick(self, shown: str, number: int = 2) -> None:
        """The client picks one of them."""
        said = Circumstances("I like this one.")
        sketches.pick(self.session, self.piece, number, shown, self.buyer, said, at=self.at)

    def put_forward(self, reference: str, voice: str, *, role: str = "centre", price_minor: int | None = None) -> None:
        """A stone is put before the client, with the price of the finished piece where it was reckoned."""
        stone, designer = self.stock[reference], self.cast.actor("designer")
        options.put_forward(
            self.session,
            self.piece,
            stone,
            designer,
            role=role,
            voice=voice,
            piece_price_minor=price_minor,
            at=self.at,
        )

    def choose(self, *references: str) -> None:
        """The stones are chosen, held and agreed."""
        for option in list(self.piece.options):
            if option.stone.reference in references:
                options.choose(self.session, option, self.buyer, at=self.at)
        shown = options.hand_in(self.session, self.piece, self.cast.actor("designer"), at=self.at)
        said = Circumstances("The stones as shown.")
        options.approve(self.session, self.piece, shown, self.buyer, said, at=self.at)

    def send_quote(self, net_g: str, *, work_h: str = "15", valid_days: int = 14) -> tuple[Quote, str]:
        """A firm price on an assumed weight is before the client."""
        office = self.cast.actor("office")
        priced = (PricedPiece(self.piece.letter, self._inputs(Decimal(net_g), Decimal(work_h))),)
        included = "The box and a year of care."
        quote = quotes.firm(
            self.session, self.commission, priced, office, included=included, valid_days=valid_days, at=self.at
        )
        return quote, quotes.send(self.session, quote, office, at=self.at)

    def accept(self, quote: Quote, shown: str) -> None:
        """The client accepts it."""
        words = Circumstances(f"Firm price {Money(quote.gross_minor, quote.currency)}.")
        quotes.accept(self.session, quote, shown, self.buyer, words, at=self.at)

    def pay_deposit(self) -> None:
        """Announced, and two days later on the account; the stones are locked and come in."""
        office = self.cast.actor("office")
        payment = payments.announce(self.session, self.commission, "deposit", self.buyer, at=self.at)
        self.later(days=2)
        amount = Money(payment.amount_minor, payment.currency)
        payments.clear(self.session, payment, amount, f"BANK-{payment.reference}", office, at=self.at)
        for option in self.piece.options:
            if option.chosen:
                stone = option.stone
                seen = Arrival(stone.weight_ct, stone.length_mm, stone.width_mm, stone.depth_mm, stone.inscription)
                stones.receive(self.session, stone, seen, office, at=self.at)

    def _inputs(self, net_g: Decimal, work_h: Decimal) -> QuoteInputs:
        alloy = ALLOYS[self.piece.alloy or "AU750Y"]
        spot = Spot(Decimal(SPOT_PER_OUNCE[alloy.metal.value]), CURRENCY, self.at, "demo price, invented")
        allowance = (net_g * Decimal("0.15")).quantize(Decimal("0.01"))
        chosen = [option.stone for option in self.piece.options if option.chosen]
        inputs = QuoteInputs(
            currency=CURRENCY,
            metals=(metal_assumed(alloy, net_g, allowance, spot, premium_per_g=Decimal("3.50")),),
            stones=tuple(
                StoneInput(
                    stone.reference,
                    stone.weight_ct,
                    each=Decimal(stone.cost_minor or 0) / 100 / stone.pieces,
                    pieces=stone.pieces,
                )
                for stone in chosen
            ),
            labour=(LabourInput("Drawing", Decimal(6), Decimal(60)), LabourInput("Making", work_h, Decimal(55))),
            outside=(OutsideInput("Casting", Decimal(58)), OutsideInput("Hallmark", Decimal(22))),
            overhead=Decimal("0.35"),
            markups=Markups(metal=Decimal("0.25"), stones=Decimal("0.40"), labour=Decimal("1.0")),
            tax_name="VAT",
            tax_rate=VAT,
            terms_version=REFUNDS_2026.version,
        )
        net = build_up(inputs).net
        return replace(inputs, adjustment=Money(round(net.minor / ROUND_MINOR) * ROUND_MINOR - net.minor, CURRENCY))


def begin(
    session: Session,
    house: House,
    cast: Cast,
    stock: Mapping[str, StoneRow],
    client: str | Person,
    title: str,
    *,
    at: datetime,
    template: str = "ring",
    reference: str | None = None,
    quantity: int = 1,
    engraving: str = "",
    fixed_size: bool = False,
) -> Tale:
    """A new commission of an invented client, with its one piece."""
    office = cast.actor("office")
    if isinstance(client, str):
        address = f"{client.lower().replace(' ', '.')}@example.org"
        client = people.take_in(session, name=client, email=address, at=at)
    row = commissions.open_commission(session, client, title, office, at=at, reference=reference)
    piece = commissions.add_piece(
        session, row, template, title, office, at=at, quantity=quantity, engraving=engraving, fixed_size=fixed_size
    )
    return Tale(session, house, cast, stock, client, row, piece, at)


def measured(size: str, width_mm: str, *, method: str = "mandrel", comfort: bool = False) -> Measured:
    """A size as it was taken."""
    return Measured(RingSize.parse(size), method, Decimal(width_mm), comfort)
