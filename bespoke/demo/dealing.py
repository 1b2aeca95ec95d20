"""The acts of the first meetings: enquiry, brief, sketches, stones."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.demo.making import PHOTOGRAPHS, show_the_rest
from bespoke.demo.stage import Stage
from bespoke.models.commission import Commission
from bespoke.models.stone import StoneRow
from bespoke.services import (
    briefs,
    commissions,
    engravings,
    enquiries,
    files,
    holds,
    identities,
    metals,
    options,
    production,
    sizes,
    sketches,
    stones,
)
from bespoke.services.briefs import Wish
from bespoke.services.identities import Seen
from bespoke.services.sizes import Measured
from bespoke.services.steps import Circumstances
from bespoke.services.stones import NewReport, NewStone
from renders.report import StoneReport
from workflows.gems import Lab, Origin, Shape, StoneFacts
from workflows.money import Money
from workflows.sizes import RingSize, System, size_of_diameter
from workflows.stones import Ownership

LAB = Lab.SSEF.value  # its reports here are invented, and their numbers say so
BAND_WIDTH_MM = Decimal("2.4")
WISH = "Something that holds the last light of summer, that I can wear under a glove."
ENGRAVING = "for the long light"
SHAPES = {shape.value: shape for shape in Shape}


def enquire(stage: Stage) -> None:
    """`enquiry`: who asked, and that they agree to be written to."""
    with stage.step() as (session, piece):
        enquiries.take(
            session,
            piece.commission,
            stage.cast.actor("office"),
            contact="Came into the shop with a photograph.",
            consent="You may write to me about this piece.",
            at=stage.house.clock(),
        )
    stage.say("enquiry", f"{stage.cast.client.name} asked for a piece and may be written to")


def brief(stage: Stage) -> None:
    """`brief`: the wish in the client's words, the size, the metal; approved."""
    client, designer, clock = stage.cast.actor("client"), stage.cast.actor("designer"), stage.house.clock
    wish = Wish(wish=WISH, occasion="A birthday", lifestyle="Gloves in winter, garden in summer.")
    write_down(stage, wish)
    with stage.step() as (session, piece):
        show_the_rest(stage, session, piece, "brief", designer)
        shown = briefs.hand_in(session, piece.commission, client, at=clock())
        briefs.approve(session, piece.commission, shown, client, Circumstances("The brief as written."), at=clock())
        told = f"size {piece.size_label}, {piece.size_mm} mm inside" if piece.template.sized else "not worn by size"
    stage.say("brief", f"“{WISH}” {told}, in {stage.alloy}; approved")


def write_down(stage: Stage, wish: Wish) -> None:
    """The wish in the client's words, the metal, the engraving, and a size that the client confirms."""
    client, designer, clock = stage.cast.actor("client"), stage.cast.actor("designer"), stage.house.clock
    with stage.step() as (session, piece):
        briefs.write(session, piece.commission, replace(wish, metals=(stage.alloy,)), client, at=clock())
        metals.choose(session, piece, stage.alloy, client, at=clock())
        if "engrave" in piece.template:
            engravings.word(session, piece, ENGRAVING, client, at=clock(), face="hand, italic")
        if piece.template.sized:
            sizes.put_down(session, piece, Measured(_size(stage), "mandrel", BAND_WIDTH_MM), designer, at=clock())
    with stage.step() as (session, piece):
        if piece.template.sized:
            sizes.confirm(session, piece, client, at=clock())


def sketch(stage: Stage) -> None:
    """`concept`: two sketches, one picked."""
    client, designer, clock = stage.cast.actor("client"), stage.cast.actor("designer"), stage.house.clock
    with stage.step() as (session, piece):
        for name, note in (
            ("sketch-1.png", "A high basket, plain shoulders."),
            ("sketch-2.png", "Low, in four claws."),
        ):
            file = files.keep(session, stage.house.storage, PHOTOGRAPHS / name, "image/png", at=clock())
            sketches.add(session, piece, file, designer, note=note, at=clock())
        shown = sketches.hand_in(session, piece, designer, at=clock())
    with stage.step() as (session, piece):
        sketches.pick(session, piece, 2, shown, client, Circumstances("I like this one."), at=clock())
    stage.say("concept", "two sketches; the client picked the second")


def choose_stones(stage: Stage) -> None:
    """`stone_sourcing`: two centre stones compared, one chosen and held; small stones as a parcel."""
    client, designer, clock = stage.cast.actor("client"), stage.cast.actor("designer"), stage.house.clock
    if not stage.has_stones:
        with stage.step() as (session, piece):
            production.skip(session, piece, "stone_sourcing", "The design has no stones.", designer, at=clock())
        stage.say("stone_sourcing", "left out: the design has no stones")
        return
    with stage.step() as (session, piece):
        centre, *small = sorted(stage.reports[0].stones, key=lambda drawn: -drawn.length_mm * drawn.width_mm)
        own = "unset" in piece.template  # a client's own stone has no rival
        wanted = _centre(stage, session, centre, Decimal(1))
        first = _register(stage, session, _of_client(wanted, piece.commission) if own else wanted)
        if own:
            identities.note_intake(session, first, seen(stage, session, first, weighed=True), designer, at=clock())
        options.put_forward(session, piece, first, designer, voice="The livelier of the two.", at=clock())
        names = f"{first.reference} ({first.weight_ct} ct)"
        if not own:
            second = _register(stage, session, _centre(stage, session, centre, Decimal("0.97")))
            options.put_forward(session, piece, second, designer, voice="A little quieter.", at=clock())
            names += f" beside {second.reference} ({second.weight_ct} ct)"
        for parcel in _parcels(stage, session, small):
            row = _register(stage, session, parcel)
            option = options.put_forward(session, piece, row, designer, role="accent", at=clock())
            options.choose(session, option, designer, at=clock())
    with stage.step() as (session, piece):
        option = next(one for one in piece.options if one.role == "centre")
        options.choose(session, option, client, at=clock())
        chosen = option.stone.reference
    stage.refused(
        "another commission takes the same stone",
        lambda session, piece: _rival(stage, session, chosen),
    )
    with stage.step() as (session, piece):
        show_the_rest(stage, session, piece, "stone_sourcing", designer)
        shown = options.hand_in(session, piece, designer, at=clock())
        options.approve(session, piece, shown, client, Circumstances("The stones as shown."), at=clock())
    stage.say("stone_sourcing", f"{names}; {chosen} chosen and held")


def seen(stage: Stage, session: Session, stone: StoneRow, *, weighed: bool) -> Seen:
    """A client's own stone as it is seen under the microscope; set, it cannot be weighed."""
    at = stage.house.clock()
    photograph = files.keep(session, stage.house.storage, PHOTOGRAPHS / "bench-setting.jpg", "image/jpeg", at=at)
    return Seen(
        length_mm=stone.length_mm,
        width_mm=stone.width_mm,
        weight_ct=stone.weight_ct if weighed else None,
        inclusions="a feather by the girdle at four o'clock",
        inscription=stone.inscription,
        photograph=photograph.digest,
    )


def _size(stage: Stage) -> RingSize:
    if stage.size is not None:
        return RingSize.parse(stage.size)
    bore = stage.reports[0].bore
    if bore is None:
        raise ValueError("The drawing has no opening for a finger; say the size with --size.")
    return size_of_diameter(Decimal(f"{bore.diameter_mm:.2f}"), System.UK)


def _register(stage: Stage, session: Session, new: NewStone) -> StoneRow:
    office, at = stage.cast.actor("office"), stage.house.clock()
    row = stones.register(session, new, office, at=at)
    if new.pieces == 1:
        number = f"DEMO-{new.reference.removeprefix('R-')}"
        stones.add_report(session, row, NewReport(laboratory=LAB, number=number, issued="2026-08-03"), office, at=at)
    return row


def _centre(stage: Stage, session: Session, drawn: StoneReport, scale: Decimal) -> NewStone:
    weight = drawn.estimated_ct or drawn.estimated_ct_if_diamond or 1.0
    return NewStone(
        reference=_reference(session),
        facts=StoneFacts(
            gem=drawn.species or "diamond",
            shape=SHAPES.get(drawn.shape, Shape.OTHER),
            origin=Origin.NATURAL,
            weight_ct=(Decimal(f"{weight:.3f}") * scale**3).quantize(Decimal("0.001")),
            length_mm=(Decimal(f"{drawn.length_mm:.2f}") * scale).quantize(Decimal("0.01")),
            width_mm=(Decimal(f"{drawn.width_mm:.2f}") * scale).quantize(Decimal("0.01")),
            depth_mm=(Decimal(f"{drawn.depth_mm:.2f}") * scale).quantize(Decimal("0.01")),
            lab=Lab.GIA,
            treatments=("N",),
        ),
        country="Sri Lanka" if drawn.species == "sapphire" else "Botswana",
        supplier="Northmere Gems",
        cost=Money(900_00, "GBP"),
    )


def _of_client(new: NewStone, commission: Commission) -> NewStone:
    return replace(new, ownership=Ownership.CLIENT, owner=commission, supplier="", cost=None)


def _parcels(stage: Stage, session: Session, small: list[StoneReport]) -> Iterator[NewStone]:
    """One parcel for each size of a gem, each built when the one before has been entered."""
    alike: dict[tuple[str, str], list[StoneReport]] = {}
    for drawn in small:
        size = f"{drawn.length_mm:.2f} × {drawn.width_mm:.2f}"
        alike.setdefault((drawn.species or "diamond", size), []).append(drawn)
    for (gem, _), drawn_stones in alike.items():
        largest = drawn_stones[0]
        weight = sum(drawn.estimated_ct or drawn.estimated_ct_if_diamond or 0.0 for drawn in drawn_stones)
        yield (
            NewStone(
                reference=_reference(session),
                facts=StoneFacts(
                    gem=gem,
                    shape=SHAPES.get(largest.shape, Shape.OTHER),
                    origin=Origin.NATURAL,
                    weight_ct=Decimal(f"{weight:.3f}"),
                    length_mm=Decimal(f"{largest.length_mm:.2f}"),
                    width_mm=Decimal(f"{largest.width_mm:.2f}"),
                    treatments=("N",),
                ),
                pieces=len(drawn_stones),
                weight_source="measured",
                colour="F-G",
                country="Botswana",
                supplier="Northmere Gems",
                cost=Money(120_00, "GBP"),
            )
        )


def _reference(session: Session) -> str:
    return f"R-{1 + len(session.scalars(select(StoneRow.id)).all()):03d}"


def _rival(stage: Stage, session: Session, reference: str) -> None:
    office, at = stage.cast.actor("office"), stage.house.clock()
    other = commissions.open_commission(session, stage.cast.other_client, "Another ring", office, at=at)
    stone = session.scalars(select(StoneRow).where(StoneRow.reference == reference)).one()
    holds.hold(session, session.get_one(Commission, other.id), stone, office, at=at)
