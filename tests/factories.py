"""A house, its people, commissions and stones for tests, brought as far as a test needs through the real services."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.file import File
from bespoke.models.house import HouseRow
from bespoke.models.people import Person
from bespoke.models.piece import Piece
from bespoke.models.quote import Quote
from bespoke.models.stone import StoneOption, StoneRow
from bespoke.services import (
    briefs,
    commissions,
    enquiries,
    house,
    metals,
    options,
    payments,
    people,
    quotes,
    sizes,
    sketches,
    stones,
)
from bespoke.services.briefs import Wish
from bespoke.services.quotes import Acceptance, PricedPiece
from bespoke.services.sizes import Measured
from bespoke.services.steps import Circumstances
from bespoke.services.stones import NewReport, NewStone
from workflows.alloys import alloy
from workflows.gems import Lab, Origin, Shape, StoneFacts
from workflows.money import Money
from workflows.quote_inputs import (
    LabourInput,
    Markups,
    OutsideInput,
    QuoteInputs,
    Spot,
    StoneInput,
    metal_assumed,
)
from workflows.roles import Actor, Role
from workflows.sizes import RingSize

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
YES = Circumstances("I have read it and say yes.", "127.0.0.1", "a test")
ORDER = ("enquiry", "brief", "concept", "stone_sourcing", "quote", "deposit_lock")


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of a house and one client, each in the role they act in."""

    client: Actor
    stranger: Actor
    designer: Actor
    bench: Actor
    lead: Actor
    office: Actor
    owner: Actor


def after(**span: float) -> datetime:
    """A moment after noon: `after(hours=2)`."""
    return NOON + timedelta(**span)


def a_house(session: Session, *, currency: str = "GBP", sole_maker: bool = False) -> HouseRow:
    """The house, founded where it is not."""
    row = session.get(HouseRow, 1)
    if row is not None:
        return row
    return house.found(
        session,
        name="Atelier Quillfern",
        reference_prefix="OF",
        currency=currency,
        vat_rate=Decimal("0.20"),
        sole_maker=sole_maker,
    )


def a_person(session: Session, name: str, *roles: Role) -> Person:
    """Somebody the house knows."""
    email = f"{name.lower().replace(' ', '.')}@example.org"
    return people.take_in(session, name=name, email=email, roles=roles, at=NOON)


def a_cast(session: Session) -> Cast:
    """The house and everybody in it."""
    a_house(session)
    return Cast(
        client=a_person(session, "Elowen Marsh").acting(Role.CLIENT),
        stranger=a_person(session, "Cassian Rook").acting(Role.CLIENT),
        designer=a_person(session, "Tobias Lindqvist", Role.DESIGNER).acting(Role.DESIGNER),
        bench=a_person(session, "Wes Harrowgate", Role.BENCH).acting(Role.BENCH),
        lead=a_person(session, "Imani Castellane", Role.LEAD).acting(Role.LEAD),
        office=a_person(session, "Jonah Veldt", Role.OFFICE).acting(Role.OFFICE),
        owner=a_person(session, "Maren Oduya", Role.OWNER).acting(Role.OWNER),
    )


def a_commission(
    session: Session, cast: Cast, *, template: str = "ring", pieces: int = 1, client: Actor | None = None
) -> Commission:
    """A commission of the client, with pieces of one template."""
    person = session.get_one(Person, int((client or cast.client).id))
    row = commissions.open_commission(session, person, "The Mareel ring", cast.office, at=NOON)
    for number in range(pieces):
        commissions.add_piece(session, row, template, f"Piece {number + 1}", cast.office, at=NOON, alloy="AU750Y")
    return row


def a_file(session: Session, name: str) -> File:
    """The row of a file whose bytes nobody looks at; `name` makes its digest."""
    digest = name.encode().hex().ljust(64, "0")[:64]
    row = session.get(File, digest)
    if row is None:
        row = File(digest=digest, size=1, media_type="image/png", created_at=NOON)
        session.add(row)
        session.flush()
    return row


def a_diamond(session: Session, cast: Cast, reference: str = "D-001", *, number: str | None = None) -> StoneRow:
    """A natural diamond of 1.01 ct with its report."""
    facts = StoneFacts(
        gem="diamond",
        shape=Shape.ROUND,
        origin=Origin.NATURAL,
        weight_ct=Decimal("1.01"),
        length_mm=Decimal("6.48"),
        width_mm=Decimal("6.46"),
        depth_mm=Decimal("3.97"),
        treatments=("N",),
    )
    stone = stones.register(
        session,
        NewStone(
            reference=reference,
            facts=facts,
            country="Botswana",
            supplier="Northmere Gems",
            cost=Money(420_000, "GBP"),
        ),
        cast.office,
        at=NOON,
    )
    report = NewReport(laboratory=Lab.GIA.value, number=number or f"DEMO-{reference}", issued="2026-01-05")
    stones.add_report(session, stone, report, cast.office, at=NOON)
    return stone


def inputs(*, currency: str = "GBP", stones_cost: str = "5200", net_g: str = "5.141") -> QuoteInputs:
    """What the price of a ring is reckoned from; the trade's worked example with its weight assumed."""
    spot = Spot(Decimal("3000.00"), currency, NOON, "demo")
    return QuoteInputs(
        currency=currency,
        metals=(metal_assumed(alloy("AU750Y"), Decimal(net_g), Decimal("0.40"), spot, premium_per_g=Decimal("4.50")),),
        stones=(StoneInput("diamond", Decimal("1.01"), per_carat=Decimal(stones_cost)),),
        labour=(LabourInput("Making", Decimal("14"), Decimal("90")),),
        outside=(OutsideInput("Hallmark", Decimal("25")),),
        overhead=Decimal("0.35"),
        markups=Markups(metal=Decimal("0.25"), stones=Decimal("0.40"), labour=Decimal(1)),
        tax_name="VAT",
        tax_rate=Decimal("0.20"),
        terms_version="2026-1",
    )


def priced(commission: Commission, **changes: str) -> tuple[PricedPiece, ...]:
    """One price for every piece."""
    return tuple(PricedPiece(piece.letter, inputs(**changes)) for piece in commission.pieces)


def a_chosen_stone(session: Session, piece: Piece, cast: Cast, stone: StoneRow, *, at: datetime = NOON) -> StoneOption:
    """A stone put forward, chosen and held for the piece."""
    option = options.put_forward(session, piece, stone, cast.designer, voice="The livelier one.", at=at)
    options.choose(session, option, cast.client, at=at)
    return option


def a_sent_quote(session: Session, commission: Commission, cast: Cast, *, at: datetime = NOON) -> tuple[Quote, str]:
    """A firm quote before the client, and the digest of what is shown."""
    quote = quotes.firm(session, commission, priced(commission), cast.office, at=at)
    return quote, quotes.send(session, quote, cast.office, at=at)


def an_accepted_quote(session: Session, commission: Commission, cast: Cast, *, at: datetime = NOON) -> Acceptance:
    """A price the client said yes to."""
    quote, shown = a_sent_quote(session, commission, cast, at=at)
    return quotes.accept(session, quote, shown, cast.client, YES, at=at)


def brought_to(
    session: Session, commission: Commission, milestone: str, cast: Cast, *, stone: StoneRow | None = None
) -> Commission:
    """The commission with everything before `milestone` done; `deposit_lock` and all before it, "cad" beyond.

    Args:
        stone: the stone of the first piece; one of its own is made for each piece that has none.
    """
    wanted = ORDER.index(milestone) if milestone in ORDER else len(ORDER)
    for key in ORDER[:wanted]:
        _PASS[key](session, commission, cast, stone)
    return commission


def _enquiry(session: Session, commission: Commission, cast: Cast, stone: StoneRow | None) -> None:
    enquiries.take(session, commission, cast.office, contact="in the shop", consent="You may write to me.", at=NOON)


def _brief(session: Session, commission: Commission, cast: Cast, stone: StoneRow | None) -> None:
    briefs.write(session, commission, Wish("A ring that sits low.", occasion="Engagement"), cast.client, at=NOON)
    for piece in commission.pieces:
        metals.choose(session, piece, "AU750Y", cast.designer, at=NOON)
        if piece.template.sized:
            measured = Measured(RingSize.parse("UK M"), "mandrel", Decimal("2.2"))
            sizes.put_down(session, piece, measured, cast.designer, at=NOON)
            sizes.confirm(session, piece, cast.client, at=NOON)
    shown = briefs.hand_in(session, commission, cast.designer, at=NOON)
    briefs.approve(session, commission, shown, cast.client, YES, at=NOON)


def _concept(session: Session, commission: Commission, cast: Cast, stone: StoneRow | None) -> None:
    for piece in commission.pieces:
        file = a_file(session, f"sketch {piece.reference}")
        sketches.add(session, piece, file, cast.designer, at=NOON)
        shown = sketches.hand_in(session, piece, cast.designer, at=NOON)
        sketches.pick(session, piece, 1, shown, cast.client, YES, at=NOON)


def _stone_sourcing(session: Session, commission: Commission, cast: Cast, stone: StoneRow | None) -> None:
    for piece in commission.pieces:
        chosen = stone if piece.letter == "A" and stone is not None else _next_diamond(session, cast)
        a_chosen_stone(session, piece, cast, chosen)
        shown = options.hand_in(session, piece, cast.designer, at=NOON)
        options.approve(session, piece, shown, cast.client, YES, at=NOON)


def _quote(session: Session, commission: Commission, cast: Cast, stone: StoneRow | None) -> None:
    an_accepted_quote(session, commission, cast)


def _deposit_lock(session: Session, commission: Commission, cast: Cast, stone: StoneRow | None) -> None:
    due = Money(commission.instalments[0].due_minor, commission.currency)
    reference = f"BANK-{commission.reference}"
    payments.receive(session, commission, "deposit", "transfer", due, reference, cast.office, at=NOON)


def _next_diamond(session: Session, cast: Cast) -> StoneRow:
    many = len(session.scalars(select(StoneRow.id)).all())
    return a_diamond(session, cast, f"T-{many + 1:03d}")


_PASS = {
    "enquiry": _enquiry,
    "brief": _brief,
    "concept": _concept,
    "stone_sourcing": _stone_sourcing,
    "quote": _quote,
    "deposit_lock": _deposit_lock,
}
