"""Drawings, reports and the bench for tests: a piece brought as far as the work goes, through the real services."""

import hashlib
import struct
import zlib
from dataclasses import replace
from decimal import Decimal

from sqlalchemy.orm import Session

from bespoke.models.commission import Commission
from bespoke.models.design import Revision
from bespoke.models.piece import Piece
from bespoke.services import (
    approvals,
    checking,
    deliveries,
    designs,
    payments,
    production,
    steps,
    stones,
)
from bespoke.services.checking import Reading
from bespoke.services.deliveries import Terms
from bespoke.services.designs import Picture
from bespoke.services.stones import Arrival
from bespoke.storage.store import Store, Stored
from renders.report import (
    SCHEMA,
    AlloyWeight,
    Confidence,
    Finding,
    LengthUnit,
    Level,
    PoseReport,
    Report,
    Source,
    UnitFound,
    UnitSource,
)
from tests.factories import NOON, ORDER, Cast, brought_to
from workflows.money import Money
from workflows.roles import Actor, Role
from workflows.snapshot import Status

SYSTEM = Actor("clock", Role.SYSTEM, "The clock")
BENCH = (
    *ORDER,
    "cad",
    "render_approval",
    "pattern",
    "pre_cast_release",
    "casting",
    "clean_assembly",
    "hallmark",
    "setting",
    "polish_plate",
    "engrave_proof",
    "engrave",
    "qc",
    "pre_ship_confirmation",
    "delivery",
)
BLOCK = Finding("open_mesh", Level.BLOCK, "The surface is open in one place.")


def a_drawing(store: Store, name: str = "one") -> Stored:
    """A CAD file with one triangle; `name` makes it another file."""
    head = f"drawing {name}".encode().ljust(80, b" ")
    triangle = struct.pack("<12fH", 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0)
    return store.put([head + struct.pack("<I", 1) + triangle])


def a_report(
    digest: str,
    *,
    weight_g: float | None = 5.141,
    blocks: tuple[Finding, ...] = (),
    unit: LengthUnit = LengthUnit.MILLIMETRE,
) -> Report:
    """What was measured on a drawing, said by hand."""
    return Report(
        schema=SCHEMA,
        source=Source("ring.stl", "stl", 134, digest),
        unit=UnitFound(unit, UnitSource.GIVEN, Confidence.CERTAIN, f"The numbers are {unit.value}."),
        triangles=1,
        extents_mm=(20.0, 4.0, 22.0),
        pose=PoseReport((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
        bodies=(),
        bore=None,
        bore_reason="No hole was found.",
        metal_volume_mm3=None if weight_g is None else weight_g * 1000 / 15.5,
        metal_volume_reason=None if weight_g is not None else "The mesh is open.",
        weights=() if weight_g is None else (AlloyWeight("AU750Y", 15.5, weight_g),),
        weights_reason=None if weight_g is not None else "The mesh is open.",
        stones=(),
        findings=blocks,
        tools=(),
    )


def a_picture(words: str) -> bytes:
    """A real PNG of 64 by 48 points in a colour of its own."""
    colour = hashlib.sha256(words.encode()).digest()[:3]
    rows = b"".join(b"\0" + colour * 64 for _ in range(48))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pictures(store: Store, name: str = "one") -> tuple[Picture, ...]:
    """Two stills of a drawing, as small as a picture can be."""
    return tuple(
        Picture(
            f"still-{camera}.png", "still", store.put([a_picture(f"{name} {camera}")]), "image/png", camera, "paper"
        )
        for camera in ("front", "three-quarter")
    )


def handed_in(session: Session, store: Store, piece: Piece, cast: Cast, name: str = "one") -> Revision:
    """A revision that waits for its examination."""
    return designs.hand_in(session, store, piece, a_drawing(store, name), f"{name}.stl", cast.designer, at=NOON)


def drawn(session: Session, store: Store, piece: Piece, cast: Cast, name: str = "one", **measured: object) -> Revision:
    """A revision that was examined."""
    revision = handed_in(session, store, piece, cast, name)
    report = a_report(revision.digest, **measured)  # type: ignore[arg-type]
    designs.record_report(session, revision, report, SYSTEM, at=NOON)
    designs.record_pictures(session, revision, pictures(store, name), SYSTEM, at=NOON)
    return revision


def published(session: Session, store: Store, piece: Piece, cast: Cast, name: str = "one") -> str:
    """A revision before the client; the digest of what is shown."""
    drawn(session, store, piece, cast, name)
    designs.publish(session, piece, cast.designer, at=NOON)
    return steps.manifest(session, piece, "render_approval")


def bench_to(session: Session, store: Store, commission: Commission, milestone: str, cast: Cast) -> Piece:
    """The first piece with everything before `milestone` done; all of it where no such milestone is in `BENCH`."""
    if milestone in ORDER:
        return brought_to(session, commission, milestone, cast).pieces[0]
    piece = commission.pieces[0]
    if piece.milestone("cad").status is Status.WAITING:
        brought_to(session, commission, "cad", cast)
    wanted = BENCH.index(milestone) if milestone in BENCH else len(BENCH)
    for key in BENCH[len(ORDER) : wanted]:
        if not steps.is_past(piece, key):
            pass_one(session, store, piece, key, cast)
    return piece


def pass_one(session: Session, store: Store, piece: Piece, key: str, cast: Cast) -> None:
    """One milestone done by the bench, the designer or the office, with the yes it needs."""
    template = piece.template[key]
    if key == "cad":
        drawn(session, store, piece, cast)
        designs.finish_drawing(session, piece, cast.designer, at=NOON)
    elif key == "render_approval":
        designs.publish(session, piece, cast.designer, at=NOON)
        say_yes(session, piece, key, cast)
    elif key == "pattern":
        production.start(session, piece, key, cast.bench, at=NOON)
        take_photograph(session, store, piece, key, cast)
        production.show(session, piece, key, "caliper_check", cast.bench, {"inside_mm": "17.30"}, at=NOON)
        production.hand_in(session, piece, key, cast.bench, at=NOON)
        say_yes(session, piece, key, cast)
    elif key == "pre_cast_release":
        ask_for_casting(session, piece, cast)
        let_begin(session, piece, key, cast)
    elif key == "casting":
        cast_it(session, store, piece, cast)
    elif key in ("engrave_proof", "engrave") and not piece.engraving:
        production.skip(session, piece, key, "No engraving was ordered.", cast.lead, at=NOON)
    elif key == "setting" and not any(option.chosen for option in piece.options):
        production.skip(session, piece, key, "It has no stones.", cast.lead, at=NOON)
    elif key == "qc":
        checked(session, store, piece, cast)
        production.complete(session, piece, key, cast.lead, at=NOON)
    elif key == "pre_ship_confirmation":
        terms = Terms("collection", "Elowen Marsh", "", None)
        deliveries.recap(session, piece, terms, cast.office, at=NOON)
        say_yes(session, piece, key, cast)
    elif key == "delivery":
        pay(session, piece.commission, "balance", cast)
        told = {"identity_check": "Passport seen", "receipt": "Signed"}
        deliveries.hand_over(session, piece, cast.office, at=NOON, **told)
    else:
        by_hand(session, store, piece, key, cast, irreversible=template.irreversible)


def by_hand(session: Session, store: Store, piece: Piece, key: str, cast: Cast, *, irreversible: bool) -> None:
    """A step of the bench with plain evidence."""
    if irreversible:
        production.ask_release(session, piece, key, cast.bench, at=NOON)
        let_begin(session, piece, key, cast)
    production.start(session, piece, key, cast.bench, at=NOON)
    for kind in piece.template[key].evidence:
        if kind == "photograph":
            take_photograph(session, store, piece, key, cast)
        elif kind == "final_weight":
            production.weigh(session, piece, key, "final", Decimal("5.34"), cast.bench, at=NOON)
        else:
            facts = {"stones": 1, "broken": 0} if kind == "stones_out" else {}
            production.show(session, piece, key, kind, cast.bench, facts, at=NOON)
    production.complete(session, piece, key, cast.bench, at=NOON)


def ask_for_casting(session: Session, piece: Piece, cast: Cast) -> None:
    """Everything that is ready before the release, the money and the stones with it, and the release asked for."""
    pay(session, piece.commission, "progress", cast)
    for option in piece.options:
        stone = option.stone
        if option.chosen and stone.whereabouts.value in ("candidate", "requested"):
            seen = Arrival(stone.weight_ct, stone.length_mm, stone.width_mm, stone.depth_mm)
            stones.receive(session, stone, seen, cast.office, at=NOON)
    for kind in piece.template["pre_cast_release"].evidence:
        production.show(session, piece, "pre_cast_release", kind, cast.bench, at=NOON)
    production.ask_release(session, piece, "pre_cast_release", cast.bench, at=NOON)


def let_begin(session: Session, piece: Piece, key: str, cast: Cast) -> None:
    """The second person's release, with the gauge as ordered."""
    shown = steps.manifest(session, piece, key)
    production.release(session, piece, key, shown, cast.lead, gauge_mm=piece.size_mm, gauge="steel mandrel", at=NOON)


def cast_it(session: Session, store: Store, piece: Piece, cast: Cast, *, lot: str = "26-1187") -> None:
    """The casting, from its beginning to its weights."""
    production.start(session, piece, "casting", cast.bench, at=NOON)
    production.show(session, piece, "casting", "batch", cast.bench, {"batch": "26-118"}, at=NOON)
    production.show(session, piece, "casting", "alloy_lot", cast.bench, {"lot": lot}, at=NOON)
    production.weigh(session, piece, "casting", "gross", Decimal("8.20"), cast.bench, at=NOON)
    production.weigh(session, piece, "casting", "net", Decimal("5.66"), cast.bench, at=NOON)
    take_photograph(session, store, piece, "casting", cast)
    production.complete(session, piece, "casting", cast.bench, at=NOON)


def checked(session: Session, store: Store, piece: Piece, cast: Cast, *, surface: str = "clean") -> None:
    """A round of the final check by the lead, who made nothing of it."""
    checking.read(session, piece, readings(session, piece, surface=surface), cast.lead, at=NOON)
    take_photograph(session, store, piece, "qc", replace(cast, bench=cast.lead), client_visible=True)


def readings(session: Session, piece: Piece, *, surface: str = "clean") -> tuple[Reading, ...]:
    """Every point that is asked for, as it should be, but for the surface."""
    found = []
    for one in checking.wanted(session, piece):
        if one.measured:
            found.append(Reading(one.key, one.expected, one.expected, one.unit, passed=True))
        else:
            said = surface if one.key.startswith("surface") else "as it should be"
            passed = said != surface or surface == "clean"
            found.append(Reading(one.key, "", said, "", passed=passed))
    return tuple(found)


def take_photograph(
    session: Session, store: Store, piece: Piece, key: str, cast: Cast, *, client_visible: bool = False
) -> None:
    """A photograph of a step; few bytes, since nobody looks."""
    stored = store.put([a_picture(f"{key} {piece.reworks}")])
    production.photograph(
        session,
        piece,
        key,
        stored,
        cast.bench,
        at=NOON,
        caption=f"{key}.",
        client_visible=client_visible,
        media_type="image/png",
    )


def say_yes(session: Session, piece: Piece, key: str, cast: Cast) -> None:
    """The client's yes to what stands."""
    approvals.approve(session, piece, key, steps.manifest(session, piece, key), cast.client, at=NOON)


def pay(session: Session, commission: Commission, key: str, cast: Cast) -> None:
    """An instalment received, where it is still due."""
    for row in commission.instalments:
        if row.key == key and row.cleared_minor < row.due_minor:
            missing = Money(row.due_minor - row.cleared_minor, row.currency)
            reference = f"BANK-{commission.reference}-{key}"
            payments.receive(session, commission, key, "transfer", missing, reference, cast.office, at=NOON)
