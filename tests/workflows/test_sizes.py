"""Ring sizes: every vector of the trade's table, every way of writing them, and one allowance only."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.sizes import (
    LARGEST_MM,
    QUARTER_US_MM,
    SMALLEST_MM,
    RingSize,
    System,
    UnreadableSize,
    diameter_of,
    fit,
    nearest_label,
    number_of,
    parse_size,
    size_of_circumference,
    size_of_diameter,
    within_tolerance,
)

VECTORS = json.loads((Path(__file__).parent / "data" / "ring_size_vectors.json").read_text(), parse_float=Decimal)
DIAMETERS = st.integers(11_000, 27_000).map(lambda n: Decimal(n).scaleb(-3))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"US {vector['us']}")
def test_every_vector_holds(vector: dict[str, Decimal | str | None]) -> None:
    us = Decimal(str(vector["us"]))
    diameter = diameter_of(System.US, us)
    tenth = Decimal("0.0006")
    assert abs(diameter - Decimal(str(vector["inner_d_mm"]))) <= tenth
    size = size_of_diameter(diameter, System.US)
    assert number_of(System.US, diameter).quantize(Decimal("0.01")) == us
    assert abs(size.circumference_mm - Decimal(str(vector["inner_c_mm"]))) <= Decimal("0.0021")
    for system, column in ((System.CH, "ch"), (System.JP, "jp_exact"), (System.HK, "hk_exact")):
        assert abs(number_of(system, diameter) - Decimal(str(vector[column]))) <= Decimal("0.008")
    if vector["uk_metric"] is not None:
        assert size.said_in(System.UK).label == f"UK {vector['uk_metric']}"
    if vector["iso8653"] is not None:
        assert size.said_in(System.ISO).label == f"ISO {vector['iso8653']}"


@pytest.mark.parametrize(
    ("us", "diameter", "uk", "iso", "jp", "hk"),
    [
        ("3", "14.07", "F½", "44.2", "4", "6"),
        ("4", "14.88", "H½", "46.8", "7", "8"),
        ("4½", "15.29", "I½", "48.0", "8", "9½"),
        ("5", "15.70", "J½", "49.3", "9", "10½"),
        ("5½", "16.10", "K½", "50.6", "10", "11½"),
        ("6", "16.51", "L½", "51.9", "12", "13"),
        ("6½", "16.92", "M½", "53.1", "13", "14"),
        ("7", "17.32", "N½", "54.4", "14", "15"),
        ("7½", "17.73", "O½", "55.7", "15", "16½"),
        ("8", "18.14", "P½", "57.0", "16", "17½"),
        ("9", "18.95", "R½", "59.5", "19", "20"),
        ("10", "19.76", "T½", "62.1", "21", "22"),
        ("11", "20.57", "V½", "64.6", "24", "24½"),
        ("12", "21.39", "Y", "67.2", "26", None),
        ("13", "22.20", "Z+1", "69.7", "29", None),
    ],
)
def test_the_printed_check_table_holds(us: str, diameter: str, uk: str, iso: str, jp: str, hk: str | None) -> None:
    size = parse_size(f"US {us}")
    assert size.diameter_mm.quantize(Decimal("0.01")) == Decimal(diameter)
    assert size.circumference_mm.quantize(Decimal("0.1")) == Decimal(iso)
    assert size.said_in(System.UK).label == f"UK {uk}"
    assert size.said_in(System.JP).label == f"JP {jp}"
    if hk is not None:
        assert nearest_label(size.diameter_mm, System.HK, step=Decimal("0.5")).label == f"HK {hk}"


def test_uk_m_is_the_metric_one() -> None:
    assert parse_size("UK M").diameter_mm == Decimal("16.711")


def test_a_whole_us_size_sits_on_a_uk_half_letter() -> None:
    assert parse_size("US 7").said_in(System.UK).label == "UK N½"


@pytest.mark.parametrize(
    ("written", "system", "label", "diameter"),
    [
        ("UK M½", System.UK, "UK M½", "16.910"),
        ("uk m 1/2", System.UK, "UK M½", "16.910"),
        ("M", System.UK, "UK M", "16.711"),
        ("AU M", System.UK, "AU M", "16.711"),
        ("UK Z+1", System.UK, "UK Z+1", "22.282"),
        ("Z+1½", System.UK, "UK Z+1½", "22.481"),
        ("US 6 1/4", System.US, "US 6¼", "16.713"),
        ("US 6¼", System.US, "US 6¼", "16.713"),
        ("us6.25", System.US, "US 6¼", "16.713"),
        ("US 0", System.US, "US 0", "11.633"),
        ("US 0.5", System.US, "US ½", "12.040"),
        ("ISO 54", System.ISO, "ISO 54", "17.189"),
        ("RING-SIZE ISO8653-54", System.ISO, "ISO 54", "17.189"),
        ("EU 54", System.ISO, "EU 54", "17.189"),
        ("54", System.ISO, "ISO 54", "17.189"),
        ("54.5", System.ISO, "ISO 54.5", "17.348"),
        ("IT 14", System.CH, "IT 14", "17.189"),
        ("CH 14", System.CH, "CH 14", "17.189"),
        ("JP 13", System.JP, "JP 13", "17.000"),
        ("HK 14", System.HK, "HK 14", "16.920"),
        ("16.71 mm", System.MM, "16.71 mm", "16.710"),
        ("Ø16.711mm", System.MM, "16.71 mm", "16.711"),
        ("54 mm", System.ISO, "ISO 54", "17.189"),
    ],
)
def test_sizes_are_read_as_people_write_them(written: str, system: System, label: str, diameter: str) -> None:
    size = RingSize.parse(written)
    assert (size.system, size.label, size.diameter_mm) == (system, label, Decimal(diameter))


@pytest.mark.parametrize(
    "written",
    [
        "", "6", "6.5", "40", "77", "54,5", "UK M¼", "UK 7", "UK Y+1", "UK Z+8", "UK", "US M", "US 17", "US -1", "JP 0",
        "JP 31", "HK 26", "CH 0", "ISO 40", "ISO 77", "XX 7", "5 mm", "28 mm", "99 mm", "US 6.25½", "US NaN", "US 1e1",
        "US ٦", "US 11/4", "US", "16.71", "16.71 cm", "M½½", "ISO",
    ],
)  # fmt: skip
def test_what_is_no_size_or_two_is_refused(written: str) -> None:
    with pytest.raises(UnreadableSize) as refusal:
        parse_size(written)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("system", list(System))
@given(diameter=DIAMETERS)
def test_a_label_is_read_back_as_itself(system: System, diameter: Decimal) -> None:
    label = nearest_label(diameter, system)
    read = parse_size(label.label)
    assert read.label == label.label
    assert abs(read.diameter_mm - label.diameter_mm) <= Decimal("0.0005")


@pytest.mark.parametrize("system", list(System))
@given(one=DIAMETERS, other=DIAMETERS)
def test_a_wider_finger_never_has_a_smaller_number(system: System, one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert number_of(system, low) <= number_of(system, high)
    assert nearest_label(low, system).diameter_mm <= nearest_label(high, system).diameter_mm


@given(st.integers(12_200, 20_700).map(lambda n: Decimal(n).scaleb(-3)))
def test_within_their_range_the_finest_labels_stand_alone(diameter: Decimal) -> None:
    for system in (System.US, System.UK, System.JP, System.HK):
        if number_of(system, diameter) >= 1:
            label = nearest_label(diameter, system)
            assert abs(label.error_mm) <= QUARTER_US_MM
            assert label.neighbours == ()


def test_a_label_shows_its_error() -> None:
    assert parse_size("US 7").said_in(System.UK).statement == "UK N½, −0.0 mm"


def test_a_label_that_is_far_off_shows_both_neighbours() -> None:
    label = nearest_label(Decimal("16.87"), System.US, step=Decimal(1))
    assert label.neighbours == ("US 6", "US 7")
    assert label.statement == "US 6, −0.4 mm (between US 6 and US 7)"


def test_beyond_the_end_of_a_system_the_error_says_so() -> None:
    label = nearest_label(Decimal("26.5"), System.HK)
    assert label.label == "HK 25"
    assert label.error_mm < -5
    assert label.neighbours == ()


@pytest.mark.parametrize("diameter", [SMALLEST_MM - Decimal("0.001"), LARGEST_MM + Decimal("0.001")])
def test_no_finger_is_that_small_or_large(diameter: Decimal) -> None:
    with pytest.raises(UnreadableSize, match="no finger"):
        size_of_diameter(diameter)


@pytest.mark.parametrize("measured", [float("nan"), float("inf"), Decimal("NaN"), Decimal("1E+999"), -16.7, 0.0])
def test_a_failed_measurement_is_no_size(measured: float | Decimal) -> None:
    with pytest.raises(UnreadableSize):
        size_of_diameter(measured)


def test_a_measured_bore_becomes_a_size() -> None:
    assert size_of_diameter(16.7112345, System.UK).label == "UK M"
    assert size_of_diameter(16.7112345).diameter_mm == Decimal("16.711")
    assert size_of_circumference(Decimal("52.5"), System.UK).label == "UK M"


@pytest.mark.parametrize(
    ("width", "comfort", "allowance"),
    [
        ("2.4", False, "0"),
        ("5", False, "0"),
        ("5.1", False, "0.25"),
        ("6", False, "0.25"),
        ("7", False, "0.5"),
        ("9", False, "0.75"),
        ("12", False, "1"),
        ("4", True, "-0.25"),
        ("7", True, "0.25"),
    ],
)
def test_a_wide_band_is_made_larger_and_a_comfort_fit_smaller(width: str, comfort: bool, allowance: str) -> None:
    nominal = parse_size("US 5¼")
    fitted = fit(nominal, width_mm=Decimal(width), comfort=comfort)
    assert fitted.allowance_us == Decimal(allowance)
    assert fitted.nominal == nominal
    moved = fitted.made_to_mm - nominal.diameter_mm
    assert abs(moved - Decimal(allowance) * Decimal("0.8128")) <= Decimal("0.0005")


def test_the_allowance_says_why() -> None:
    assert fit(parse_size("US 5¼"), width_mm=Decimal(6)).reason == "0.25 US size more for a band of 6 mm"
    assert fit(parse_size("US 5¼"), width_mm=Decimal(3)).reason == "no allowance needed"


@pytest.mark.parametrize(
    ("measured", "good"), [("16.611", True), ("16.811", True), ("16.610", False), ("16.812", False)]
)
def test_a_tenth_of_a_millimetre_is_allowed_either_way(measured: str, good: bool) -> None:
    assert within_tolerance(Decimal(measured), parse_size("UK M").diameter_mm) is good
