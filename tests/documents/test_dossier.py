"""The bound dossier: everything in it comes from its facts, and it is the file it claims to be."""

import hashlib
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from bespoke.documents import codec, dossier
from bespoke.documents.drawings import safe_svg, size_of
from bespoke.documents.errors import MissingPicture, UnreadableFacts, UnsafeDrawing
from bespoke.documents.facts import DossierFacts, Drawing, Picture, Row, Version
from bespoke.proof import keys, seal, sign
from bespoke.proof.verify import Kind, verify_bytes
from renders import linework, sandbox
from tests import mareel

Bind = Callable[[DossierFacts], bytes]
Text = Callable[[Path | bytes], str]


def changed(value: object, mark: str) -> object:
    """The same facts with every text, number and day made another, so that nothing may stay as it was."""
    if isinstance(value, Drawing):
        return replace(value, svg='<svg viewBox="0 0 9 9"><path d="M0 0L9 9" stroke="currentColor"/></svg>')
    if is_dataclass(value) and not isinstance(value, type):
        kept = {
            "file",
            "alt",
            "focus",
            "icon",
            "outline",
            "mark",
            "locale",
            "zone",
            "attachment",
            "units_per_mm",
        }
        return replace(
            value,
            **{
                field.name: changed(getattr(value, field.name), mark)
                for field in fields(value)
                if field.name not in kept
            },
        )
    if isinstance(value, tuple):
        return tuple(changed(item, mark) for item in value)
    if isinstance(value, str):
        return mark if value else value
    if isinstance(value, datetime | date):
        return value + timedelta(days=400, hours=7) if isinstance(value, datetime) else value + timedelta(days=400)
    if isinstance(value, Decimal):
        return value + 71
    return value


def test_no_fact_stands_in_the_template(bound: Bind, text_of: Text) -> None:
    before = text_of(bound(mareel.mareel()))
    facts = changed(mareel.mareel(), "Zwerchfell")
    assert isinstance(facts, DossierFacts)
    after = text_of(bound(facts))
    assert "Zwerchfell" in after
    for told in re.findall(
        r"\d{4}|\d+\.\d+|Mareel|Maren|Aldous|Orrell|Finch|[Ss]apphire|gold|Sri Lanka|Ines|CGL", before
    ):
        if told not in ("2027",):
            assert not re.search(rf"(?<![\d.,]){re.escape(told)}(?!\d)", after), told


def test_changing_a_fact_changes_the_page(bound: Bind, text_of: Text) -> None:
    text = text_of(
        bound(
            mareel.mareel(
                title="The Hjaltland ring",
                client="Sunniva Rendall",
                finished_g=Decimal("7.12"),
                finished=date(2027, 2, 3),
                engraving="sea and sky",
                code="QQQQ-9A0E-KMTP",
            )
        )
    )
    for shown in (
        "The Hjaltland ring, OF-0412",
        "Made for Sunniva Rendall. Finished 3 February 2027.",
        "7.12 g",
        "sea and sky",
        "and type QQQQ-9A0E-KMTP",
    ):
        assert shown in text


def test_what_is_not_so_is_said(bound: Bind, text_of: Text) -> None:
    text = text_of(
        bound(
            mareel.mareel(
                hallmarks=(),
                hallmark_note="Below the weight that must be marked.",
                version=2,
                versions=(Version(2, date(2027, 1, 5), "A spelling was put right."),),
                measured=None,
            )
        )
    )
    assert "Below the weight that must be marked." in text
    assert "version 2" in text
    assert "A spelling was put right." in text
    assert "It was not measured again" in text


def test_eight_sections_on_eight_pages(pdf: Path, text_of: Text) -> None:
    with pikepdf.open(pdf) as opened, opened.open_outline() as outline:
        assert len(opened.pages) == 8
        assert [item.title for item in outline.root] == [
            "The Mareel ring",
            "The piece",
            "How it was drawn",
            "Stones",
            "What it is made of",
            "How it was made",
            "What you approved",
            "Care and service",
        ]
    text = text_of(pdf)
    assert "drawn 5.8 times life size" in text
    assert "Inside diameter 16.71 16.70" in text  # what was measured, beside what was drawn
    assert "Approved by Maren, 17 Nov 2026, 18:42, seal 7C41 9A0E." in text


def test_nothing_in_it_is_a_price_or_a_value(pdf: Path, text_of: Text) -> None:
    text = text_of(pdf)
    assert not re.search(r"[£€$¥]|\b(price|cost|paid|deposit|worth|value|supplier|GBP|EUR|USD)\b", text, re.IGNORECASE)


def test_it_is_a_tagged_pdf_a_3a_with_its_enclosures(pdf: Path, report: Path) -> None:
    with pikepdf.open(pdf) as opened:
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
            assert metadata["dc:title"] == "The Mareel ring, OF-0412"
        root = opened.Root
        assert bool(root.MarkInfo.Marked)
        assert root.StructTreeRoot is not None
        assert str(root.Lang) == "en-GB"
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        relations = {str(file.UF): str(file.AFRelationship) for file in root.AF}
        assert len(root.AF) == 3
        assert relations == {
            "manifest.json": "/Data",
            "approvals.json": "/Data",
            mareel.REPORT: "/Supplement",
        }
        assert opened.attachments[mareel.REPORT].get_file().read_bytes() == report.read_bytes()


def test_every_picture_has_words_for_who_cannot_see_it(pdf: Path) -> None:
    with pikepdf.open(pdf) as opened:
        described = [
            str(item.Alt) for item in opened.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item
        ]
    assert "The sapphire, seen from above" in described
    assert "Front elevation of the ring with its measures in millimetres" in described


def test_the_typefaces_are_embedded_and_none_is_type_3(pdf: Path) -> None:
    done = subprocess.run(["pdffonts", str(pdf)], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()[2:]
    assert len(lines) >= 4
    for line in lines:
        assert "Type 3" not in line
        assert re.search(r"TrueType +Identity-H +yes yes yes", line), line
    assert "DejaVu" not in done.stdout  # every letter of it is in our own faces


def test_the_code_on_paper_can_be_read(pdf: Path, tmp_path: Path) -> None:
    for dpi in (72, 150):
        target = tmp_path / f"page-{dpi}"
        subprocess.run(["pdftoppm", "-r", str(dpi), "-f", "7", "-l", "7", "-png", str(pdf), str(target)], check=True)
        (page,) = tmp_path.glob(f"page-{dpi}*.png")
        read = subprocess.run(["zbarimg", "-q", "--raw", str(page)], capture_output=True, text=True, check=True)
        assert read.stdout.strip() == "https://orrellfinch.example/v/7C41-9A0E-KMTP"


def test_the_same_facts_give_the_same_bytes(pdf: Path, bound: Bind) -> None:
    assert bound(mareel.mareel()) == pdf.read_bytes()


def test_the_manifest_inside_seals_everything_else(pdf: Path, text_of: Text) -> None:
    with pikepdf.open(pdf) as opened:
        files = {name: opened.attachments[name].get_file().read_bytes() for name in opened.attachments}
    manifest = json.loads(files["manifest.json"])
    assert seal.canonical(manifest) == files["manifest.json"]
    for entry in manifest["attachments"]:
        assert hashlib.sha256(files[entry["name"]]).hexdigest() == entry["sha256"]
    assert {entry["name"] for entry in manifest["pictures"]} == set(mareel.PICTURES)
    assert manifest["facts"]["client"] == "Maren Aldous"
    digest = seal.digest(manifest)
    assert digest in text_of(pdf).replace(" ", "")


def test_signed_it_is_valid_and_a_swapped_report_is_found(pdf: Path, tmp_path: Path) -> None:
    at = datetime.fromisoformat("2026-12-18T15:10:00+00:00")
    house = keys.create(tmp_path / "keys", "Orrell & Finch", at=at)
    signed = sign.sign_pdf(pdf.read_bytes(), house, at=at, reason="Dossier OF-0412 issued", location="Ravensbourne")
    verdict = verify_bytes(signed, [house.authority])
    assert (verdict.kind, verdict.reference) == (Kind.VALID, "OF-0412")
    with pikepdf.open(BytesIO(signed)) as opened:
        assert (
            verdict.manifest_digest
            == hashlib.sha256(opened.attachments["manifest.json"].get_file().read_bytes()).hexdigest()
        )
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
        (picture, *_) = (image.read_raw_bytes() for image in opened.pages[5].get_images().values())
    flipped = bytearray(signed)
    flipped[signed.index(picture) + len(picture) // 2] ^= 1
    assert "a picture on page 6" in verify_bytes(bytes(flipped), [house.authority]).text()
    cut = verify_bytes(signed[: len(signed) // 3], [house.authority])
    assert cut.kind is Kind.ALTERED  # known for ours by its second line


def test_a_picture_that_was_not_handed_over_is_refused(tmp_path: Path) -> None:
    facts = mareel.mareel(cover=Picture("../../etc/passwd", "no"))
    with pytest.raises(MissingPicture):
        dossier.prepare(facts, tmp_path, pictures=mareel.PICTURES, reports={})


@pytest.mark.parametrize(
    "svg",
    [
        "<svg viewBox='0 0 1 1'><script>1</script></svg>",
        "<svg viewBox='0 0 1 1'><image href='file:///etc/passwd'/></svg>",
        "<svg viewBox='0 0 1 1'><path d='M0 0' style='fill:url(http://x)'/></svg>",
        "<svg viewBox='0 0 1 1'><path d='M0 0' onload='x'/></svg>",
        "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg viewBox='0 0 1 1'>&a;</svg>",
        "<svg><path d='M0 0'/></svg>",
        "no drawing",
    ],
)
def test_a_drawing_is_lines_and_figures_only(bound: Bind, svg: str) -> None:
    facts = mareel.mareel()
    assert facts.elevation is not None
    with pytest.raises(UnsafeDrawing):
        bound(replace(facts, elevation=replace(facts.elevation, svg=svg)))


def test_the_drawings_of_our_own_pipeline_are_let_in() -> None:
    lines = [linework.dimension((0, 0), (6.3, 0), "6.30", 0.6), linework.dimension((0, 0), (0, 8), "8.10", 0.6)]
    drawn = linework.drawing((-1.5, -1, 9, 10), lines, "Facets <of> a stone", {"length-mm": "8.100"})
    checked = safe_svg(drawn).decode()
    assert "currentColor" not in checked
    assert "data-" not in checked
    assert size_of(drawn) == (9, 10)


def test_words_from_outside_stay_words(bound: Bind, text_of: Text) -> None:
    hostile = "<img src=file:///etc/passwd> {{ facts }} <script>"
    text = text_of(bound(mareel.mareel(client=hostile, details=(Row(hostile, "x"),))))
    assert "Made for <img src=file:///etc/passwd> {{ facts }} <script>." in text


def test_facts_travel_as_canonical_json() -> None:
    facts = mareel.mareel()
    written = codec.write(codec.to_json(facts))
    assert codec.read(written, DossierFacts) == facts
    assert seal.canonical(json.loads(written)) == written
    value = json.loads(written)
    for broken in ({**value, "extra": 1}, {**value, "finished": "soon"}, {**value, "title": 3}, {"title": "x"}, []):
        with pytest.raises(UnreadableFacts):
            codec.read(json.dumps(broken).encode(), DossierFacts)


def test_the_child_binds_what_was_prepared(tmp_path: Path, report: Path, pdf: Path) -> None:
    dossier.prepare(mareel.mareel(), tmp_path, pictures=mareel.PICTURES, reports={mareel.REPORT: report})
    limits = sandbox.Limits(memory_mb=2048, cpu_seconds=60, wall_seconds=240, file_mb=64)
    sandbox.run("bespoke.documents.bind", [str(tmp_path / "facts.json"), str(tmp_path)], folder=tmp_path, limits=limits)
    assert (tmp_path / "dossier.pdf").read_bytes() == pdf.read_bytes()


def test_a_stone_is_drawn_as_large_as_it_says() -> None:
    plotted = dossier.plots(mareel.SAPPHIRE)
    assert plotted is not None
    assert plotted.times is not None
    pavilion = plotted.drawn[1]  # its field is the stone's 6.75 mm and a quarter millimetre on either side
    assert pavilion.width * Decimal("25.4") / 96 == pytest.approx(plotted.times * Decimal("7.25"), rel=Decimal("0.01"))
    mixed = replace(mareel.SAPPHIRE, pavilion=replace(mareel.SAPPHIRE.pavilion or Drawing("", ""), units_per_mm=None))
    assert (dossier.plots(mixed) or plotted).times is None
