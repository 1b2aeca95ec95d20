"""The dossier of a made-up ring, as complete as a dossier gets; people, house and laboratory do not exist."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from bespoke.documents.facts import (
    Approval,
    CareItem,
    DossierFacts,
    Drawing,
    Hallmark,
    House,
    Material,
    Measured,
    Milestone,
    Parcel,
    ParcelRow,
    Picture,
    Quote,
    Reading,
    Report,
    Revision,
    Row,
    Service,
    Signatory,
    Step,
    Stone,
)

HERE = Path(__file__).parent / "documents"
DEMO = Path(__file__).parent.parent / "bespoke" / "demo" / "pictures"
REPORT = "report-cgl-40718.pdf"

PICTURES = {
    "cover.jpg": HERE / "pictures" / "reference-cover.jpg",
    "portrait.jpg": DEMO / "bench-finished-dark.jpg",
    "revision-2.jpg": HERE / "pictures" / "reference-front.jpg",
    "revision-3.jpg": HERE / "pictures" / "reference-dark.jpg",
    "sapphire.jpg": DEMO / "stone-oval-cornflower.jpg",
    "pattern.jpg": DEMO / "bench-pattern.jpg",
    "casting.jpg": DEMO / "bench-casting.jpg",
    "setting.jpg": DEMO / "bench-setting.jpg",
    "finished.jpg": DEMO / "bench-finished-light.jpg",
}
SEALS = {
    "quote": "b20f118c51d0e7a47c419a0ee93b04d70a66c1f23c9d771184fe02b6d15a9037",
    "stone": "51d0e7a47c419a0eb20f118ce93b04d70a66c1f23c9d771184fe02b6d15a9037",
    "design": "7c419a0e51d0e7a4b20f118ce93b04d70a66c1f23c9d771184fe02b6d15a9037",
    "wax": "e93b04d77c419a0e51d0e7a4b20f118c0a66c1f23c9d771184fe02b6d15a9037",
    "check": "0a66c1f27c419a0e51d0e7a4b20f118ce93b04d73c9d771184fe02b6d15a9037",
}
BOTSWANA = {"colour": "F", "clarity": "VS", "origin": "Botswana"}
DEEPS = tuple(
    ParcelRow(place=place, pieces=2, diameter_mm=Decimal(wide), each_ct=Decimal(weight), **BOTSWANA)
    for place, wide, weight in (
        ("Lowest", "1.62", "0.018"),
        ("Second", "1.54", "0.017"),
        ("Third", "1.45", "0.016"),
        ("Beside the sapphire", "1.36", "0.014"),
    )
)


def drawn(name: str, alt: str, units_per_mm: Decimal | None = None) -> Drawing:
    return Drawing((HERE / "drawings" / f"{name}.svg").read_text(encoding="utf-8"), alt, units_per_mm)


def at(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def step(title: str, when: date, people: str, text: str, file: str) -> Step:
    return Step(title, when, people, text, Picture(file, f"{title}: photograph from the bench", "50% 42%"))


HOUSE = House(
    name="Orrell & Finch",
    trade="Goldsmiths, Ravensbourne",
    address="11 Tallow Court, Ravensbourne",
    telephone="01632 960 144",
    site="orrellfinch.example",
    authority="e69c0567903d07ccb321089771cd283836c2fc5fd0cea3a7972d59788b9261f7",
    contact="Ask for Ines, or whoever answers.",
)
SAPPHIRE = Stone(
    name="Sapphire",
    rows=(
        Row("Weight", "2.04 ct"),
        Row("Cut", "Oval, mixed brilliant, very good"),
        Row("Measures", "8.30 × 6.75 × 4.55 mm"),
        Row("Colour", "Cornflower blue, medium"),
        Row("Clarity", "Eye-clean"),
    ),
    reports=(
        Report(
            "Report CGL 40718",
            (
                Row("Laboratory", "Crown Gem Laboratory"),
                Row("Origin", "Sri Lanka, in the laboratory’s opinion"),
                Row("Treatment", "No indications of heating"),
                Row("Inscription", "OF 40718, girdle"),
                Row("Issued", "3 August 2026"),
            ),
            REPORT,
        ),
    ),
    crown=drawn("crown", "Crown of the oval, 6.75 by 8.30 mm", Decimal(21)),
    pavilion=drawn("pavilion", "Pavilion of the oval", Decimal(21)),
    picture=Picture("sapphire.jpg", "The sapphire, seen from above"),
)


def mareel(**changes: object) -> DossierFacts:
    """The whole dossier; name a field to change it."""
    facts: dict[str, object] = {
        "locale": "en_GB",
        "zone": "Europe/London",
        "house": HOUSE,
        "reference": "OF-0412",
        "code": "7C41-9A0E-KMTP",
        "title": "The Mareel ring",
        "kind": "ring",
        "client": "Maren Aldous",
        "finished": date(2026, 12, 18),
        "cover": Picture("cover.jpg", "The finished ring, standing, seen from slightly above"),
        "voice": "Mareel: the glow of the sea on a summer night.",
        "lead": "An oval sapphire held low in four claws, between shoulders that rise out of the band and carry "
        "eight small diamonds.",
        "story": (
            "Maren came to us in September with her grandmother’s brooch and one sentence about light on water. "
            "The stone was chosen from four in October, on a grey morning, by the window. The ring was drawn "
            "three times, each time a little lower on the finger.",
        ),
        "portrait": Picture("portrait.jpg", "The sapphire in its claws, near", "50% 45%"),
        "elevation": drawn("elevation", "Front elevation of the ring with its measures in millimetres"),
        "details": (
            Row("Finger size", "UK M, 16.71 mm inside"),
            Row("Metal", "18 ct yellow gold, recycled, 5.87 g"),
        ),
        "engraving": "for the long light",
        "quote": Quote(
            "Something that holds the last light of summer, that I can wear under a glove.",
            "From the brief",
            date(2026, 9, 14),
        ),
        "sketches": (),
        "revisions": (
            Revision(
                1,
                date(2026, 10, 2),
                "A line drawing only: high basket, plain shoulders. Maren liked the band and found the stone too tall.",
                drawing=drawn("elevation-plain", "Line drawing of the first revision"),
            ),
            Revision(
                2,
                date(2026, 10, 30),
                "Four claws, diamonds on the shoulders, engraving added inside. The stone stood 6.0 mm above the "
                "finger.",
                Picture("revision-2.jpg", "Revision 2, from the front"),
            ),
            Revision(
                3,
                date(2026, 11, 17),
                "The stone came down 0.6 mm on a plain lower gallery.",
                Picture("revision-3.jpg", "Revision 3, three-quarter view", "46% 42%"),
                approved_by="Maren",
                approved_at=at(11, 17, 18, 42),
                digest=SEALS["design"],
            ),
        ),
        "stones": (SAPPHIRE,),
        "parcels": (Parcel("Eight diamonds on the shoulders", DEEPS, Decimal("0.13")),),
        "stones_note": "The laboratory’s report is carried inside this file. The number can be checked with the "
        "laboratory at any time; the inscription needs a loupe of ten times.",
        "materials": (
            Material("Band, shoulders", "18 ct yellow gold, 750", "Recycled, refiner lot 26-1187", Decimal("5.41")),
            Material("Claws, galleries", "18 ct yellow gold, 750", "Same lot", Decimal("0.46")),
            Material("Centre stone", "Sapphire, oval", "Sri Lanka, CGL 40718", stones_ct=Decimal("2.04"), pieces=1),
            Material(
                "Shoulder stones",
                "Diamonds, brilliant",
                "Botswana, sealed parcel 8812",
                stones_ct=Decimal("0.13"),
                pieces=8,
            ),
        ),
        "finished_g": Decimal("6.30"),
        "measured": Measured(
            (
                Reading("Inside diameter", Decimal("16.71"), Decimal("16.70")),
                Reading("Stone above finger", Decimal("5.40"), Decimal("5.43")),
                Reading("Band width, base", Decimal("2.36"), Decimal("2.34")),
                Reading("Band width, top", Decimal("1.76"), Decimal("1.75")),
                Reading("Band thickness, base", Decimal("1.72"), Decimal("1.70")),
                Reading("Claw, thinnest", Decimal("0.80"), Decimal("0.82")),
            ),
            "Dora Finch",
            date(2026, 12, 16),
            "at 20 °C",
        ),
        "hallmarks": (
            Hallmark("O&F", "octagon", "maker’s mark"),
            Hallmark("750", "barrel", "fineness 750"),
            Hallmark("R", "shield", "assay office, Ravensbourne"),
            Hallmark("b", "arch", "date letter"),
        ),
        "hallmark_note": "Struck inside the band: maker’s mark, fineness 750, assay office, date letter.",
        "steps": (
            step(
                "Wax",
                date(2026, 11, 25),
                "Kofi Mensa",
                "Printed at 25 microns, cleaned by hand. Maren tried it on the next day and kept the size.",
                "pattern.jpg",
            ),
            step(
                "Casting",
                date(2026, 12, 2),
                "Kofi Mensa",
                "Vacuum cast at 1,020 °C. 8.92 g from the flask with its sprue, 6.24 g after cutting.",
                "casting.jpg",
            ),
            step(
                "Goldsmithing and setting",
                date(2026, 12, 10),
                "Petra Vance",
                "Claws opened to 0.80 mm, stones seated under the microscope. No stone moved under test.",
                "setting.jpg",
            ),
            step(
                "Finished",
                date(2026, 12, 15),
                "Lio Marsh",
                "Four grades of paper, then rouge. Weight 5.87 g in gold, checked against the drawing.",
                "finished.jpg",
            ),
        ),
        "milestones": tuple(
            Milestone(mark, name, date(2026, month, day))
            for mark, name, month, day in (
                ("brief", "Brief", 9, 14),
                ("stone", "Stone", 10, 9),
                ("deposit", "Locked", 10, 12),
                ("render", "Drawn", 11, 17),
                ("wax", "Wax", 11, 25),
                ("casting", "Cast", 12, 2),
                ("setting", "Set", 12, 10),
                ("polish", "Polished", 12, 15),
                ("check", "Checked", 12, 16),
                ("ready", "Ready", 12, 18),
            )
        ),
        "making_note": "Fourteen weeks from the first conversation. Thirty-one hours at the bench, by five people: "
        "Ines Halloran drew it; Kofi Mensa printed and cast it; Tobias Wren made it up; Petra Vance set it; Lio "
        "Marsh polished it.",
        "approvals": (
            Approval(at(10, 7, 19, 15), "Firm quote, version 2", "Maren Aldous", SEALS["quote"]),
            Approval(at(10, 9, 10, 2), "Sapphire CGL 40718", "Maren Aldous", SEALS["stone"]),
            Approval(at(11, 17, 18, 42), "Revision 3, yellow gold, size M", "Maren Aldous", SEALS["design"]),
            Approval(at(11, 26, 12, 30), "Wax model, tried on at the studio", "Maren Aldous", SEALS["wax"]),
            Approval(at(12, 16, 15, 10), "Final check, 22 of 22 points", "Dora Finch", SEALS["check"]),
        ),
        "signatories": (Signatory("Ines Halloran", "designer"), Signatory("Dora Finch", "for the house")),
        "care_lead": "Wear it. Gold and sapphire are made for it.",
        "care": (
            CareItem(
                "hand-soap",
                "At home",
                "Warm water, a drop of washing-up liquid, a soft brush behind the stone. Dry with the cloth in the "
                "box.",
            ),
            CareItem(
                "prohibit",
                "Take it off for",
                "The gym, the garden, chlorine, and heavy lifting. Claws bend before they break.",
            ),
            CareItem(
                "sparkle",
                "Once a year",
                "Bring it in. We clean it, test every stone and tighten claws, free for as long as you own it. "
                "About 40 minutes.",
            ),
            CareItem(
                "ruler",
                "If your size changes",
                "The first resize is free within two years, up to two sizes either way. The engraving will be kept.",
            ),
            CareItem(
                "shield-check",
                "Insurance",
                "Ask us for a dated letter for your insurer, and for a new one every three years.",
            ),
            CareItem(
                "package",
                "Sending it back",
                "Write to us first. We send a sealed, insured box, and follow it by name at each hand-over.",
            ),
        ),
        "services": (Service(date(2027, 6, 1), "First cleaning, on us"),),
    }
    return DossierFacts(**{**facts, **changes})  # type: ignore[arg-type]
