"""Gems: the sample stones make sense, the bad rows are caught, and nothing is guessed."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.gems import (
    GEMS,
    SHAPE_WORDS,
    Assessment,
    Bench,
    BenchStep,
    Clarity,
    Colour,
    Finding,
    Fluorescence,
    Girdle,
    Grade,
    Growth,
    Lab,
    Level,
    NoWeightFactor,
    Origin,
    Shape,
    StoneFacts,
    UnknownGem,
    UnknownWord,
    bench_advice,
    check_report_numbers,
    check_stone,
    clarity_of,
    daily_wear,
    estimate_weight,
    export_block,
    fluorescence_of,
    gem,
    girdle_of,
    heat_after_setting,
    melee_weight,
    shape_of,
)

Row = dict[str, Any]
ROWS: list[Row] = json.loads(
    (Path(__file__).parent / "data" / "sample_stones.json").read_text(), parse_float=Decimal, parse_int=Decimal
)
STONES = [row for row in ROWS if row.get("kind") != "parcel"]


def facts(row: Row) -> StoneFacts:
    return StoneFacts(
        gem=row.get("variety") or row["species"],
        shape=shape_of(row["shape"]),
        origin=Origin(row["origin"]),
        growth=Growth(row["growth"]) if row.get("growth") else None,
        weight_ct=row["carat"],
        length_mm=row["length_mm"],
        width_mm=row["width_mm"],
        depth_mm=row["depth_mm"],
        table_pct=row.get("table_pct"),
        depth_pct=row["depth_pct"],
        crown_angle=row.get("crown_angle"),
        pavilion_angle=row.get("pavilion_angle"),
        girdle_pct=row.get("girdle_pct"),
        colour=Colour(row["color"]) if row.get("color") else None,
        clarity=clarity_of(row["clarity"]) if row.get("clarity") else None,
        cut=Grade(row["cut"]) if row.get("cut") else None,
        fluorescence=Fluorescence(row["fluorescence"]) if row.get("fluorescence") else None,
        lab=Lab(row["lab"]) if row.get("lab") else None,
        report_number=row.get("report_no"),
        assessment=Assessment(row["assessment"]) if row.get("assessment") else None,
    )


def stone(identifier: str, **changes: Any) -> StoneFacts:
    return replace(facts(next(row for row in STONES if row["id"] == identifier)), **changes)


def blocks(found: tuple[Finding, ...]) -> set[str]:
    return {one.rule for one in found if one.level is Level.BLOCK}


def rules(found: tuple[Finding, ...]) -> set[str]:
    return {one.rule for one in found}


@pytest.mark.parametrize("row", STONES, ids=lambda row: row["id"])
def test_every_sample_stone_adds_up(row: Row) -> None:
    assert [one for one in check_stone(facts(row)) if one.level is not Level.INFO] == []


@pytest.mark.parametrize("row", STONES, ids=lambda row: row["id"])
def test_every_sample_weight_is_estimated_as_the_trade_does(row: Row) -> None:
    kind = gem(row.get("variety") or row["species"])
    sizes = (row["length_mm"], row["width_mm"], row["depth_mm"])
    estimate = estimate_weight(kind, shape_of(row["shape"]), *sizes)
    assert abs(estimate.weight_ct - row["est_ct"]) <= Decimal("0.0006")
    assert estimate.words == "estimated, mounted"


def test_the_parcel_weighs_what_its_count_says() -> None:
    row = next(row for row in ROWS if row.get("kind") == "parcel")
    each = melee_weight(row["diameter_mm"], row["depth_pct"] / 100).weight_ct
    assert round(each, 4) == row["est_each_ct"]
    assert round(each * row["pieces"], 2) == row["carat"]


def test_the_published_example_of_a_round_holds() -> None:
    sizes = (Decimal("6.51"), Decimal("6.48"), Decimal("3.96"))
    assert round(estimate_weight(gem("diamond"), Shape.ROUND, *sizes).weight_ct, 2) in (
        Decimal("1.01"),
        Decimal("1.02"),
    )


@pytest.mark.parametrize(
    ("diameter", "low", "high"),
    [
        ("1.0", ".003", ".005"), ("1.3", ".008", ".01"), ("1.5", ".012", ".015"), ("2.0", ".029", ".031"),
        ("2.5", ".055", ".06"), ("3.0", ".09", ".10"), ("3.5", ".15", ".17"), ("4.0", ".23", ".25"),
    ],
)  # fmt: skip
def test_small_rounds_weigh_what_charts_without_misprints_say(diameter: str, low: str, high: str) -> None:
    assert Decimal(low) <= melee_weight(Decimal(diameter)).weight_ct <= Decimal(high)


@pytest.mark.parametrize(
    ("shape", "ratio", "factor"),
    [
        (Shape.EMERALD, "1.00", ".0080"),
        (Shape.EMERALD, "1.25", ".0086"),
        (Shape.EMERALD, "1.50", ".0092"),
        (Shape.EMERALD, "3.00", ".0106"),
        (Shape.MARQUISE, "2.00", ".0058"),
        (Shape.PEAR, "1.66", ".0059"),
        (Shape.PEAR, "1.00", ".00615"),
    ],
)
def test_factors_are_read_off_between_the_points_and_level_beyond(shape: Shape, ratio: str, factor: str) -> None:
    width = Decimal(1)
    estimate = estimate_weight(gem("diamond"), shape, Decimal(ratio), width, Decimal(1))
    assert abs(estimate.weight_ct - Decimal(ratio) * Decimal(factor)) < Decimal("1e-20")


SIDES = st.integers(500, 20_000).map(lambda n: Decimal(n).scaleb(-3))
ESTIMATED = [
    Shape.ROUND, Shape.OVAL, Shape.CUSHION, Shape.PRINCESS, Shape.EMERALD, Shape.ASSCHER, Shape.RADIANT, Shape.PEAR,
    Shape.MARQUISE, Shape.HEART, Shape.BAGUETTE,
]  # fmt: skip


@given(st.sampled_from(ESTIMATED), SIDES, SIDES, SIDES, st.sampled_from(["diamond", "sapphire", "emerald"]))
def test_a_stone_twice_as_large_weighs_eight_times_as_much(
    shape: Shape, one: Decimal, other: Decimal, depth: Decimal, name: str
) -> None:
    width, length = sorted((one, other))
    small = estimate_weight(gem(name), shape, length, width, depth).weight_ct
    large = estimate_weight(gem(name), shape, 2 * length, 2 * width, 2 * depth).weight_ct
    assert abs(large - 8 * small) <= large * Decimal("1e-20")
    thick = estimate_weight(gem(name), shape, length, width, depth, bulge_percent=Decimal(10)).weight_ct
    assert abs(thick - small * Decimal("1.1")) <= large * Decimal("1e-20")


@pytest.mark.parametrize("shape", [Shape.OTHER, Shape.KITE, Shape.HALF_MOON, Shape.ROSE, Shape.TAPERED_BAGUETTE])
@pytest.mark.parametrize("name", ["diamond", "sapphire"])
def test_shapes_without_a_factor_are_weighed_not_guessed(shape: Shape, name: str) -> None:
    with pytest.raises(NoWeightFactor, match="weigh it"):
        estimate_weight(gem(name), shape, Decimal(5), Decimal(4), Decimal(3))


# --- the bad rows of an import ---------------------------------------------------------------------------------


def test_a_table_of_157_per_cent_is_stopped() -> None:
    assert "R-30" in blocks(check_stone(stone("D-001", table_pct=Decimal(157))))
    assert "R-36" in blocks(check_stone(stone("D-005", table_pct=Decimal(157))))


def test_a_depth_from_the_wrong_column_is_stopped() -> None:
    assert {"R-32"} <= blocks(check_stone(stone("D-001", depth_pct=Decimal("6.14"))))
    found = blocks(check_stone(stone("D-001", depth_mm=Decimal("6.14"))))
    assert {"R-32", "R-37"} <= found


def test_a_two_carat_stone_weighing_a_fifth_is_stopped() -> None:
    assert "R-37" in blocks(check_stone(stone("D-006", weight_ct=Decimal("0.20"))))


def test_centimetres_for_millimetres_are_stopped() -> None:
    changed = stone("D-001", length_mm=Decimal("0.648"), width_mm=Decimal("0.646"), depth_mm=Decimal("0.397"))
    assert "R-37" in blocks(check_stone(changed))


def test_a_round_one_and_a_half_times_as_long_as_wide_is_no_round() -> None:
    found = check_stone(stone("D-005", shape=Shape.ROUND))
    assert "R-34" in rules(found)
    assert "R-32" in blocks(found)


def test_gia_grades_no_cut_of_an_oval() -> None:
    assert "cut" in blocks(check_stone(stone("D-005", cut=Grade.EX)))
    assert "cut" not in rules(check_stone(stone("D-008", cut=Grade.EX)))  # IGI may


def test_ideal_is_no_gia_word() -> None:
    assert "cut" in blocks(check_stone(stone("D-001", cut=Grade.ID)))


def test_si3_is_taken_from_a_list_and_flagged_and_refused_from_gia() -> None:
    listed = check_stone(stone("D-001", clarity=Clarity.SI3, lab=None))
    assert [(one.rule, one.level) for one in listed] == [("clarity", Level.WARN)]
    assert "clarity" in blocks(check_stone(stone("D-001", clarity=Clarity.SI3)))


def test_a_report_number_is_recorded_once_per_laboratory() -> None:
    twice = [(Lab.GIA, "DEMO-1"), (Lab.IGI, "DEMO-1"), (Lab.GIA, "demo-1 ")]
    found = check_report_numbers(twice)
    assert [one.rule for one in found] == ["R-38"]
    assert check_report_numbers(twice[:2]) == ()


# --- the rules at their edges ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "low", "high", "step"),
    [
        ("table_pct", "44", "72", "0.1"),
        ("crown_angle", "20", "41.5", "0.1"),
        ("pavilion_angle", "37.2", "43.8", "0.1"),
        ("star_pct", "35", "75", "1"),
        ("lower_half_pct", "60", "95", "1"),
        ("girdle_pct", "1.5", "11", "0.1"),
    ],
)
def test_a_round_brilliant_stays_within_what_facetware_computes(name: str, low: str, high: str, step: str) -> None:
    base = StoneFacts(gem="diamond", shape=Shape.ROUND)
    for value, stopped in (
        (Decimal(low), False),
        (Decimal(high), False),
        (Decimal(low) - Decimal(step), True),
        (Decimal(high) + Decimal(step), True),
    ):
        changed = replace(base, **{name: value})
        assert (blocks(check_stone(changed)) == {"R-30"}) is stopped
        assert blocks(check_stone(replace(changed, other_cutting_style=True))) == set()
        assert check_stone(replace(changed, shape=Shape.OVAL, table_pct=None)) == ()


@pytest.mark.parametrize(
    ("name", "value", "warned"),
    [
        ("table_pct", "62", False),
        ("table_pct", "62.1", True),
        ("crown_angle", "31.4", True),
        ("crown_angle", "36.5", False),
        ("pavilion_angle", "40.5", True),
        ("pavilion_angle", "41.8", False),
    ],
)
def test_excellent_outside_its_band_is_looked_at(name: str, value: str, warned: bool) -> None:
    base = StoneFacts(gem="diamond", shape=Shape.ROUND, cut=Grade.EX)
    assert ("R-31" in rules(check_stone(replace(base, **{name: Decimal(value)})))) is warned
    assert check_stone(replace(base, cut=Grade.VG, **{name: Decimal(value)})) == ()


@pytest.mark.parametrize(("off", "level"), [("0.2", None), ("0.5", Level.WARN), ("1.2", Level.BLOCK)])
def test_a_stated_depth_is_recomputed(off: str, level: Level | None) -> None:
    base = StoneFacts(
        gem="diamond", shape=Shape.OVAL, length_mm=Decimal(8), width_mm=Decimal(6), depth_mm=Decimal("3.6")
    )
    found = [one for one in check_stone(replace(base, depth_pct=Decimal(60) + Decimal(off))) if one.rule == "R-32"]
    assert [one.level for one in found] == ([level] if level else [])


def test_crown_girdle_and_pavilion_add_up_to_the_depth() -> None:
    assert "R-33" in rules(check_stone(stone("D-001", pavilion_angle=Decimal("42.5"))))


def test_a_round_is_round_and_a_fancy_longer_than_wide() -> None:
    base = StoneFacts(gem="diamond", shape=Shape.ROUND, length_mm=Decimal("6.60"), width_mm=Decimal("6.46"))
    assert rules(check_stone(base)) == {"R-34"}
    assert check_stone(replace(base, length_mm=Decimal("6.58"))) == ()
    swapped = StoneFacts(gem="diamond", shape=Shape.CUSHION, length_mm=Decimal(5), width_mm=Decimal(6))
    assert rules(check_stone(swapped)) == {"R-34"}
    assert check_stone(replace(swapped, shape=Shape.HEART)) == ()


def test_an_unusual_ratio_is_only_told() -> None:
    slim = StoneFacts(gem="diamond", shape=Shape.OVAL, length_mm=Decimal(9), width_mm=Decimal(5))
    assert [(one.rule, one.level) for one in check_stone(slim)] == [("R-35", Level.INFO)]


@pytest.mark.parametrize(
    ("shape", "identifier", "share", "level"),
    [
        (Shape.ROUND, "D-001", "1.03", None), (Shape.ROUND, "D-001", "1.06", Level.WARN),
        (Shape.ROUND, "D-001", "1.12", Level.BLOCK), (Shape.OVAL, "D-005", "1.11", None),
        (Shape.OVAL, "D-005", "1.2", Level.WARN), (Shape.OVAL, "D-005", "0.70", Level.BLOCK),
    ],
)  # fmt: skip
def test_a_stated_weight_answers_to_the_measurements(
    shape: Shape, identifier: str, share: str, level: Level | None
) -> None:
    base = stone(identifier)
    assert base.shape is shape
    row = next(row for row in STONES if row["id"] == identifier)
    found = check_stone(replace(base, weight_ct=row["est_ct"] * Decimal(share)))
    assert [one.level for one in found if one.rule == "R-37"] == ([level] if level else [])


def test_a_shape_that_cannot_be_estimated_is_not_judged_by_weight() -> None:
    assert check_stone(stone("D-005", shape=Shape.KITE)) == ()


def test_a_growth_method_belongs_to_a_laboratory_diamond() -> None:
    assert "origin" in blocks(check_stone(stone("D-001", growth=Growth.CVD)))


def test_gia_gives_laboratory_diamonds_two_words_since_october_2025() -> None:
    graded = stone("L-011", lab=Lab.GIA)
    assert check_stone(replace(graded, reported_on=date(2025, 9, 30))) == ()
    assert rules(check_stone(replace(graded, reported_on=date(2025, 10, 1)))) == {"assessment"}


def test_nothing_known_is_nothing_found() -> None:
    assert check_stone(StoneFacts(gem="diamond", shape=Shape.ROUND)) == ()


def test_the_gravest_finding_comes_first() -> None:
    found = check_stone(stone("D-001", depth_pct=Decimal("6.14"), cut=Grade.EX, table_pct=Decimal(63)))
    assert [one.level for one in found] == sorted((one.level for one in found), key=list(Level).index)


# --- words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("R", Shape.RADIANT), ("P", Shape.PEAR), ("rb", Shape.ROUND), (" PC ", Shape.PRINCESS), ("MQ", Shape.MARQUISE),
        ("A", Shape.ASSCHER), ("CMB", Shape.CUSHION), ("old european", Shape.OLD_EUROPEAN), ("Emerald", Shape.EMERALD),
    ],
)  # fmt: skip
def test_suppliers_spellings_are_mapped_whole(written: str, shape: Shape) -> None:
    assert shape_of(written) is shape


def test_every_shape_has_a_spelling_and_none_two_meanings() -> None:
    assert set(SHAPE_WORDS.values()) == set(Shape)


@pytest.mark.parametrize("written", ["RO", "PEA", "", "X"])
def test_a_spelling_that_is_not_known_is_never_guessed(written: str) -> None:
    with pytest.raises(UnknownWord):
        shape_of(written)


def test_other_laboratories_words_are_understood() -> None:
    assert clarity_of("LC") is Clarity.IF
    assert clarity_of("p2") is Clarity.I2
    assert fluorescence_of("nil") is Fluorescence.NON
    assert fluorescence_of("slight") is Fluorescence.FNT
    assert girdle_of("MED-STK") == (Girdle.MED, Girdle.STK)
    assert girdle_of("thk") == (Girdle.THK, Girdle.THK)


@pytest.mark.parametrize(
    ("grade", "group"),
    [("D", "colourless"), ("G", "near colourless"), ("K", "faint"), ("R", "very light"), ("S", "light")],
)
def test_colours_have_a_plain_name(grade: str, group: str) -> None:
    assert Colour(grade).group == group


# --- species and the bench -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(GEMS))
def test_every_gem_is_physically_plausible(name: str) -> None:
    found = gem(name.upper())
    assert 2 <= found.mohs[0] <= found.mohs[1] <= 10
    assert 2 < found.gravity < 6
    assert Decimal("1.3") < found.index < Decimal("2.8")
    assert found.dispersion is None or Decimal("0.01") < found.dispersion[0] <= found.dispersion[1] < Decimal("0.11")


def test_an_unknown_gem_is_refused() -> None:
    with pytest.raises(UnknownGem, match="kryptonite"):
        gem("kryptonite")


@pytest.mark.parametrize(
    ("name", "warned"),
    [("diamond", False), ("sapphire", False), ("emerald", False), ("tanzanite", True), ("opal", True), ("pearl", True),
     ("topaz", True), ("kunzite", True), ("amethyst", False)],
)  # fmt: skip
def test_soft_and_cleaving_stones_are_warned_of_in_daily_rings(name: str, warned: bool) -> None:
    found = daily_wear(gem(name))
    assert (found is not None) is warned
    assert found is None or "protecting head" in found.text


@pytest.mark.parametrize("name", ["emerald", "tanzanite", "opal", "pearl", "turquoise"])
def test_delicate_stones_stand_nothing(name: str) -> None:
    advice = bench_advice(gem(name))
    assert {advice.ultrasonic, advice.steam, advice.torch} == {Bench.NO}


@pytest.mark.parametrize("treatment", ["F", "U", "C"])
def test_a_filled_or_diffused_stone_stands_nothing_either(treatment: str) -> None:
    assert bench_advice(gem("ruby")).torch is Bench.OK
    assert bench_advice(gem("ruby"), [treatment]).torch is Bench.NO


def test_heat_comes_before_a_stone_that_cannot_bear_it() -> None:
    emerald, diamond = (gem("emerald"),), (gem("diamond"),)
    solder, set_emerald = BenchStep("soldering", heats=True), BenchStep("setting", sets=emerald)
    assert heat_after_setting((solder, set_emerald)) == ()
    assert heat_after_setting((BenchStep("setting", sets=diamond), solder)) == ()
    found = heat_after_setting((set_emerald, solder))
    assert [(one.rule, one.field, one.level) for one in found] == [("R-46", "soldering", Level.BLOCK)]
    assert "emerald" in found[0].text


def test_a_stone_of_which_no_source_speaks_is_kept_from_the_torch() -> None:
    assert heat_after_setting((BenchStep("setting", sets=(gem("moissanite"),)), BenchStep("solder", heats=True)))


def test_protected_materials_need_a_permit_to_leave() -> None:
    assert "Appendix II" in (export_block("Black coral", permit=None) or "")
    assert export_block("black coral", permit="P-1") is None
    assert export_block("sapphire", permit=None) is None
