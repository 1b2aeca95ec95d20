"""However much or little there is to tell, nothing is cut off and no page breaks the strict template."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from bespoke.documents.dossier import html
from bespoke.documents.facts import DossierFacts, Material, Parcel, Reading, Revision, Row, Sketch, Stone
from tests import mareel

Bind = Callable[[DossierFacts], bytes]
Text = Callable[[Path | bytes], str]

BARE: dict[str, object] = {
    "cover": None,
    "voice": "",
    "story": (),
    "portrait": None,
    "elevation": None,
    "details": (),
    "engraving": "",
    "quote": None,
    "sketches": (),
    "revisions": (),
    "stones": (),
    "parcels": (),
    "stones_note": "",
    "materials": (),
    "finished_g": None,
    "measured": None,
    "hallmarks": (),
    "hallmark_note": "",
    "steps": (),
    "milestones": (),
    "making_note": "",
    "approvals": (),
    "signatories": (),
    "care_lead": "",
    "care": (),
    "services": (),
}


def pages(content: bytes) -> int:
    with pikepdf.open(BytesIO(content)) as opened:
        return len(opened.pages)


def test_a_piece_of_which_nothing_is_known_still_makes_a_dossier(bound: Bind, text_of: Text) -> None:
    text = text_of(bound(mareel.mareel(**BARE)))
    assert "Made for Maren Aldous" in text
    assert "No stones are set in this ring." in text
    assert "How it was drawn" not in text
    assert "Nothing was put to you for approval." in text


@pytest.mark.parametrize("field", sorted(BARE))
def test_each_part_may_be_missing(field: str) -> None:
    assert "</html>" in html(mareel.mareel(**{field: BARE[field]}))


def test_a_stoneless_piece_has_no_page_of_stones(bound: Bind, text_of: Text) -> None:
    band = mareel.mareel(stones=(), parcels=(), stones_note="", title="The Sound band", kind="band")
    content = bound(band)
    assert pages(content) == 7
    assert "No stones are set in this band." in text_of(content)


def test_a_pair_tells_of_both_stones(bound: Bind, text_of: Text) -> None:
    left, right = (
        replace(mareel.SAPPHIRE, name=f"Laboratory-grown diamond, {side}", reports=()) for side in ("left", "right")
    )
    text = text_of(bound(mareel.mareel(stones=(left, right), parcels=(), kind="pair of earrings")))
    assert "Laboratory-grown diamond, left" in text
    assert "Laboratory-grown diamond, right" in text
    assert text.count("No laboratory report was made for this stone.") == 2
    assert "Finished pair of earrings" in text


def test_without_photographs_the_steps_are_told_in_words(bound: Bind, text_of: Text) -> None:
    steps = tuple(replace(step, picture=None) for step in mareel.mareel().steps)
    text = text_of(bound(mareel.mareel(steps=steps, cover=None, portrait=None)))
    assert "Printed at 25 microns" in text


def test_twelve_revisions_flow_over_pages_whole(bound: Bind, text_of: Text) -> None:
    model = mareel.mareel().revisions[2]
    revisions = tuple(
        Revision(
            number, date(2026, 9, number), f"Change number {number}. " + "It was drawn again. " * 12, model.picture
        )
        for number in range(1, 13)
    )
    content = bound(mareel.mareel(revisions=revisions))
    text = text_of(content)
    assert all(f"Change number {number}." in text for number in range(1, 13))
    assert pages(content) == 10


def test_a_usual_commission_keeps_each_section_on_a_page_of_its_own(bound: Bind) -> None:
    model = mareel.mareel()
    content = bound(
        replace(
            model,
            sketches=tuple(Sketch(model.steps[0].picture, f"Sketch {n}.", date(2026, 9, n)) for n in (1, 2)),  # type: ignore[arg-type]
            revisions=model.revisions[1:],
            steps=tuple(replace(model.steps[n % 4], title=f"Step {n}") for n in range(6)),
            approvals=tuple(replace(model.approvals[0], what=f"Yes number {n}") for n in range(13)),
        )
    )
    assert pages(content) == 8


@pytest.mark.parametrize("many", [14, 17, 20, 40])
def test_the_signatures_never_stand_on_a_page_alone(bound: Bind, text_of: Text, many: int) -> None:
    model = mareel.mareel()
    approvals = tuple(replace(model.approvals[0], what=f"Yes number {n}") for n in range(many))
    sheets = text_of(bound(replace(model, approvals=approvals))).split("\f")
    signed = [sheet for sheet in sheets if "for the house" in sheet]
    assert len(signed) == 1
    assert "Check this dossier" in signed[0]


def test_forty_stones_flow_with_their_heads_repeated(bound: Bind, text_of: Text) -> None:
    rows = tuple(
        replace(mareel.DEEPS[0], place=f"Seat {number}", diameter_mm=Decimal("1.30")) for number in range(1, 61)
    )
    stones = tuple(
        Stone(f"Sapphire {number}", (Row("Weight", f"{number}.01 ct"), Row("Origin", "not determined")))
        for number in range(1, 41)
    )
    facts = mareel.mareel(stones=stones, parcels=(Parcel("Sixty melee", rows, Decimal("1.08")),))
    text = text_of(bound(facts))
    assert all(f"Sapphire {number} " in text and f"{number}.01 ct" in text for number in range(1, 41))
    assert all(f"Seat {number} " in text for number in range(1, 61))
    assert text.count("Place Pieces Diameter") >= 2


def test_long_tables_of_materials_and_readings_are_not_cut(bound: Bind, text_of: Text) -> None:
    base = mareel.mareel()
    assert base.measured is not None
    materials = tuple(Material(f"Part {n}", "18 ct gold", "Lot " + "long " * 20, Decimal("0.10")) for n in range(50))
    readings = tuple(Reading(f"Reading {n}", None, Decimal(n)) for n in range(60))
    text = text_of(bound(replace(base, materials=materials, measured=replace(base.measured, readings=readings))))
    assert all(f"Part {n} " in text and f"Reading {n} " in text for n in range(50))
    assert text.count("Millimetres Drawn Made") >= 2
    assert "not drawn" in text


LONG = "Wilhelmina-Konstantina Featherstonehaugh-Cholmondeley von und zu Hohenlohe-Waldenburg-Schillingsfürst"


@pytest.mark.parametrize(
    "name",
    [LONG, "נועה בן־דוד", "مريم الألدوس", "田中 さくら", "Đặng Thị Ánh Nguyệt", "Zoë 💍 Åström", "x" * 300],
    ids=ascii,
)
def test_names_of_every_kind_fit(bound: Bind, name: str, tmp_path: Path) -> None:
    content = bound(mareel.mareel(client=name, title=f"The ring of {name}"))
    assert pages(content) == 8
    path = tmp_path / "name.pdf"
    path.write_bytes(content)
    done = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, check=True)
    for word in done.stdout.decode(errors="replace").splitlines():
        if "<word" in word:
            right = float(word.split('xMax="')[1].split('"')[0])
            assert right < 596, word


def test_twenty_photographs_are_bound_quickly(bound: Bind, capsys: pytest.CaptureFixture[str]) -> None:
    model = mareel.mareel()
    steps = tuple(replace(model.steps[n % 4], title=f"Step {n}") for n in range(20))
    started = time.process_time()
    content = bound(replace(model, steps=steps))
    spent = time.process_time() - started
    with capsys.disabled():
        print(f"\n20 photographs bound in {spent:.2f} CPU-s, {len(content) / 1e6:.2f} MB")  # noqa: T201
    assert pages(content) == 10
