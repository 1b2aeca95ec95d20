"""Alloys: the house's twelve, densities with a source, and the weights a piece goes through."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.alloys import (
    ALLOYS,
    KARAT_FINENESS,
    AlreadyScaled,
    Metal,
    MetalColour,
    UnknownAlloy,
    alloy,
    fineness_of_karat,
    mass_by_casting_factor,
    mass_from_pattern,
    mass_of_volume,
    nickel_warning,
    shrinkage_scale,
    swap_metal,
    weight_chain,
)
from workflows.sizes import System, number_of, parse_size

MASSES = st.integers(1, 10**6).map(lambda n: Decimal(n).scaleb(-3))
CODES = st.sampled_from(sorted(ALLOYS))


@pytest.mark.parametrize(
    ("code", "density", "fineness", "metal"),
    [
        ("AU375Y", "11.2", 375, Metal.GOLD),
        ("AU417Y", "11.57", 417, Metal.GOLD),
        ("AU585Y", "13.07", 585, Metal.GOLD),
        ("AU585W", "12.61", 585, Metal.GOLD),
        ("AU585R", "13.26", 585, Metal.GOLD),
        ("AU750Y", "15.58", 750, Metal.GOLD),
        ("AU750W_PD", "15.9", 750, Metal.GOLD),
        ("AU750R", "15.18", 750, Metal.GOLD),
        ("AU916Y", "17.8", 916, Metal.GOLD),
        ("PT950RU", "20.7", 950, Metal.PLATINUM),
        ("PD950", "11.9", 950, Metal.PALLADIUM),
        ("AG925", "10.40", 925, Metal.SILVER),
    ],
)
def test_the_demonstration_alloys_are_these(code: str, density: str, fineness: int, metal: Metal) -> None:
    found = alloy(code)
    assert (found.density_g_cm3, found.fineness_ppt, found.metal) == (Decimal(density), fineness, metal)


@pytest.mark.parametrize("code", sorted(ALLOYS))
def test_every_alloy_is_plausible_and_names_its_source(code: str) -> None:
    found = alloy(code)
    assert found.code == code
    assert found.density_source
    assert found.name
    assert 10 <= found.density_g_cm3 <= 22
    assert code.startswith({"gold": "AU", "platinum": "PT", "palladium": "PD", "silver": "AG"}[found.metal])
    assert found.melts_c is None or 700 < found.melts_c[0] <= found.melts_c[1] < 1900
    assert not found.nickel or found.colour is MetalColour.WHITE
    if found.casting_factor is not None and code != "AU585W":  # the caster's white 14 ct is another alloy
        assert 1 < found.casting_factor / found.density_g_cm3 < Decimal("1.11")


def test_an_unknown_alloy_is_refused() -> None:
    with pytest.raises(UnknownAlloy, match="AU999999"):
        alloy("AU999999")


@pytest.mark.parametrize(("karat", "fineness"), [(9, 375), (10, 417), (14, 585), (18, 750), (22, 916)])
def test_a_karat_means_the_legal_fineness(karat: int, fineness: int) -> None:
    assert fineness_of_karat(karat) == KARAT_FINENESS[karat] == fineness


def test_no_standard_no_fineness() -> None:
    with pytest.raises(UnknownAlloy):
        fineness_of_karat(13)


def test_a_lot_brings_its_own_density() -> None:
    lot = alloy("AU750Y").weighed_as(Decimal("15.45"), "certificate 88-1")
    assert (lot.density_g_cm3, lot.density_source, lot.code) == (Decimal("15.45"), "certificate 88-1", "AU750Y")
    assert alloy("AU750Y").density_g_cm3 == Decimal("15.58")


def test_the_worked_weights_hold() -> None:
    net = mass_of_volume(Decimal(330), alloy("AU750Y").density_g_cm3)
    weights = weight_chain(net)
    shown = [str(round(each, 3)) for each in (weights.cad_g, weights.cast_g, weights.poured_g)]
    assert shown == ["5.141", "5.588", "5.674"]
    assert weights.finished_g is None


@given(MASSES, st.integers(0, 30), st.integers(0, 10), MASSES)
def test_metal_only_ever_grows_from_design_to_crucible(
    mass: Decimal, finishing: int, melt: int, sprue: Decimal
) -> None:
    weights = weight_chain(mass, finishing_loss=Decimal(finishing) / 100, melt_loss=Decimal(melt) / 100, sprue_g=sprue)
    assert mass == weights.cad_g <= weights.cast_g < weights.poured_g
    assert abs(weights.cast_g * (100 - finishing) / 100 - mass) < Decimal("1e-18")


@given(MASSES, CODES, CODES)
def test_swapping_metal_there_and_back_changes_nothing(mass: Decimal, old: str, new: str) -> None:
    there = swap_metal(mass, alloy(old), alloy(new))
    assert abs(swap_metal(there, alloy(new), alloy(old)) - mass) < Decimal("1e-18")


def test_platinum_is_about_sixty_per_cent_heavier_than_fourteen_carat() -> None:
    assert round(swap_metal(Decimal(1), alloy("AU585Y"), alloy("PT950RU")), 1) == Decimal("1.6")


def test_a_wax_gives_metal_by_the_ratio_of_densities() -> None:
    assert mass_from_pattern(Decimal(1), alloy("AU750Y"), pattern_density_g_cm3=Decimal(1)) == Decimal("15.58")
    resin = mass_from_pattern(Decimal(1), alloy("AU750Y"), pattern_density_g_cm3=Decimal("1.1"))
    assert round(resin, 3) == Decimal("14.164")


def test_a_casters_factor_is_used_as_it_is_or_not_at_all() -> None:
    assert mass_by_casting_factor(Decimal(2), alloy("AU750Y")) == Decimal("32.844")
    assert mass_by_casting_factor(Decimal(2), alloy("PT900IR")) is None


def test_shrinkage_is_compensated_once() -> None:
    scale = shrinkage_scale(Decimal(1))
    assert scale == Decimal("1.010101")
    with pytest.raises(AlreadyScaled) as refusal:
        shrinkage_scale(Decimal(1), applied=scale)
    assert refusal.value.applied == scale
    assert shrinkage_scale(Decimal(1), applied=Decimal(1)) == scale


def test_a_caster_who_scales_himself_gets_the_file_as_it_is() -> None:
    assert shrinkage_scale(Decimal("1.5"), caster_scales=True) == 1


@pytest.mark.parametrize(("percent", "us"), [(1, "6.79"), (2, "6.57")])
def test_uncompensated_shrinkage_costs_a_visible_part_of_a_size(percent: int, us: str) -> None:
    shrunk = parse_size("US 7").diameter_mm * (100 - percent) / 100
    assert round(number_of(System.US, shrunk), 2) == Decimal(us)


@pytest.mark.parametrize(
    ("code", "market", "pierced", "limit"),
    [
        ("AU750W_NI", "UK", False, "0.5"),
        ("AU585W", "EU", False, "0.5"),
        ("AU585W", "US", True, "0.2"),
        ("AU585W", "US", False, None),
        ("AU750W_PD", "EU", True, None),
        ("AU750Y", "UK", True, None),
    ],
)
def test_nickel_is_flagged_where_it_is_limited(code: str, market: str, pierced: bool, limit: str | None) -> None:
    warning = nickel_warning(alloy(code), market=market, pierced=pierced)
    assert (warning is None) if limit is None else (warning is not None and f"within {limit} " in warning)
