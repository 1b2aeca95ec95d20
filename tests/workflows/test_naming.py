"""Names come from origin and treatment; a text that says more than is so is refused."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.gems import GEMS, SIMULANTS, Growth, Origin
from workflows.naming import (
    NOT_DETERMINED,
    TREATMENTS,
    MisleadingName,
    NamedStone,
    check_text,
    disclosure,
    growth_statement,
    origin_statement,
    piece_title,
    stone_name,
    weight_statement,
)

MINED = NamedStone("diamond", Origin.NATURAL)
GROWN = NamedStone("diamond", Origin.LAB_GROWN, growth=Growth.CVD)
GLASS = NamedStone("ruby", Origin.COMPOSITE)


@pytest.mark.parametrize(
    ("stone", "name"),
    [
        (MINED, "diamond"),
        (GROWN, "laboratory-grown diamond"),
        (replace(GROWN, made_by="Northmere"), "Northmere-created diamond"),
        (NamedStone("sapphire", Origin.LAB_GROWN), "laboratory-grown sapphire"),
        (NamedStone("moissanite", Origin.SIMULANT), "moissanite"),
        (NamedStone("emerald", Origin.SIMULANT), "imitation emerald"),
        (GLASS, "ruby-glass composite"),
        (NamedStone("diamond", Origin.UNKNOWN), "diamond of undetermined origin"),
    ],
)
def test_a_name_is_made_from_the_origin(stone: NamedStone, name: str) -> None:
    assert stone_name(stone) == name


def test_a_title_names_every_kind_of_stone_once() -> None:
    assert piece_title("ring", [GROWN, GROWN]) == "Laboratory-grown diamond ring"
    assert piece_title("ring", [MINED]) == "Diamond ring"
    assert piece_title("ring", []) == "Ring"
    emerald, sapphire = NamedStone("emerald", Origin.NATURAL), NamedStone("sapphire", Origin.NATURAL)
    assert piece_title("ring", [emerald, sapphire, GROWN]) == "Emerald, sapphire and laboratory-grown diamond ring"


STONES = st.builds(
    NamedStone, st.sampled_from(sorted(GEMS)), st.sampled_from(list(Origin)), made_by=st.sampled_from([None, "Acme"])
)


@given(st.lists(STONES, max_size=4))
def test_every_title_we_make_passes_our_own_check(stones: list[NamedStone]) -> None:
    check_text(piece_title("ring", stones), stones)


@given(
    st.sampled_from(sorted(set(GEMS) - SIMULANTS)),
    st.sampled_from([one for one in Origin if one is not Origin.NATURAL]),
)
def test_a_bare_name_always_means_mined(gem: str, origin: Origin) -> None:
    with pytest.raises(MisleadingName):
        check_text(f"{gem} ring", [NamedStone(gem, origin)])
    check_text(f"{gem} ring", [NamedStone(gem, Origin.NATURAL)])


@pytest.mark.parametrize(
    "title",
    [
        "Diamond ring",
        "A ring with diamonds",
        "Laboratory-grown and diamond ring",
        "Laboratory-grown stone ring, diamond",
        "Lab diamond ring",
        "Cultured diamond ring",
        "Faux diamond ring",
        "Real laboratory-grown diamond ring",
        "Genuine laboratory-grown diamonds",
        "Laboratory-grown diamond and diamond ring",
        "A precious laboratory-grown diamond",
    ],
)
def test_a_grown_diamond_is_never_called_by_a_mined_ones_name(title: str) -> None:
    with pytest.raises(MisleadingName) as refusal:
        check_text(title, [GROWN])
    assert refusal.value.rule == "R-40"


@pytest.mark.parametrize(
    "title",
    [
        "Laboratory-grown diamond ring",
        "LABORATORY-GROWN DIAMONDS in platinum",
        "Laboratory-created diamond ring",
        "Laboratory-grown diamond in precious metal",
        "Solitaire ring",
        "Emerald-cut laboratory-grown diamond",
    ],
)
def test_a_grown_diamond_with_its_qualifier_is_fine(title: str) -> None:
    check_text(title, [GROWN])


def test_beside_a_mined_diamond_the_word_is_true() -> None:
    check_text("Diamond ring", [MINED, GROWN])


def test_the_cut_of_a_stone_is_not_its_name() -> None:
    check_text("Emerald-cut ring", [NamedStone("emerald", Origin.LAB_GROWN)])


def test_the_plural_is_the_same_name() -> None:
    grown = NamedStone("ruby", Origin.LAB_GROWN)
    with pytest.raises(MisleadingName):
        check_text("A ring with rubies", [grown])
    check_text("A ring with laboratory-grown rubies", [grown])


def test_a_composite_is_not_treated() -> None:
    with pytest.raises(MisleadingName, match="composite") as refusal:
        check_text("Treated ruby ring", [GLASS])
    assert refusal.value.rule == "R-41"
    check_text("Ruby-glass composite ring", [GLASS])


@pytest.mark.parametrize("word", ["eco", "sustainable", "ethical", "conflict free"])
def test_words_of_praise_need_evidence(word: str) -> None:
    with pytest.raises(MisleadingName, match="evidence"):
        check_text(f"An {word} ring", [MINED])
    check_text(f"An {word} ring", [MINED], evidence=[word.upper()])


def test_a_decorated_ring_is_no_environmental_claim() -> None:
    check_text("An ecclesiastical ring", [])


@pytest.mark.parametrize("words", ["Pigeon's blood", "Royal blue", "Padparadscha"])
def test_a_trade_name_is_the_laboratorys_to_give(words: str) -> None:
    stone = NamedStone("sapphire", Origin.NATURAL, reported=True)
    with pytest.raises(MisleadingName, match="report"):
        check_text(f"{words} sapphire", [stone])
    check_text(f"{words} sapphire", [replace(stone, report_words=(words,))])


def test_points_stand_beside_a_decimal_weight_only() -> None:
    with pytest.raises(MisleadingName, match="decimal"):
        check_text("A 50 point diamond", [MINED])
    check_text("A 50 point diamond, 0.50 ct", [MINED])


# --- treatment -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [None, ()])
def test_what_nobody_determined_is_never_printed_as_none(nothing: tuple[str, ...] | None) -> None:
    said = disclosure(replace(MINED, treatments=nothing))
    assert said.words == NOT_DETERMINED
    assert said.codes == ()


@pytest.mark.parametrize("gem", ["ruby", "sapphire", "tanzanite", "aquamarine"])
def test_stones_usually_heated_are_taken_as_heated_without_a_report(gem: str) -> None:
    assert disclosure(NamedStone(gem, Origin.NATURAL)).codes == ("H",)
    assert "assumed" in disclosure(NamedStone(gem, Origin.NATURAL)).words
    assert disclosure(NamedStone(gem, Origin.NATURAL, reported=True)).words == NOT_DETERMINED
    assert disclosure(NamedStone(gem, Origin.LAB_GROWN)).words == NOT_DETERMINED


def test_a_determined_treatment_is_said_with_its_care() -> None:
    said = disclosure(NamedStone("emerald", Origin.NATURAL, treatments=("O",), reported=True))
    assert said.words == "clarity enhanced with oil or resin"
    assert "ultrasonic" in said.care[0]
    both = disclosure(NamedStone("ruby", Origin.NATURAL, treatments=("H", "F")))
    assert both.words == "heated and fissures filled"
    assert disclosure(replace(MINED, treatments=("N",))).words == "no indication of treatment"


@pytest.mark.parametrize("codes", [("X",), ("N", "H")])
def test_codes_that_cannot_be_are_refused(codes: tuple[str, ...]) -> None:
    with pytest.raises(MisleadingName):
        disclosure(replace(MINED, treatments=codes))


def test_every_treatment_has_words() -> None:
    assert all(one.code == code and one.words for code, one in TREATMENTS.items())


def test_growth_and_country_are_said_as_what_they_are() -> None:
    assert growth_statement(GROWN) == "Grown in a laboratory by CVD."
    assert growth_statement(MINED) is None
    assert origin_statement(GROWN) == "Grown in a laboratory by CVD."
    assert origin_statement(MINED) == "geographic origin not determined"
    emerald = NamedStone("emerald", Origin.NATURAL, geographic_origin="Colombia")
    assert origin_statement(emerald) == "Colombia, as declared by the supplier"
    assert origin_statement(replace(emerald, geographic_lab="AGL")) == "Colombia, in the opinion of AGL"
    assert origin_statement(replace(MINED, origin=Origin.UNKNOWN)) == "origin not determined"


@pytest.mark.parametrize(
    ("weight", "pieces", "estimated", "said"),
    [
        ("1.014", 1, False, "1.01 ct"),
        ("0.19", 24, False, "0.19 ct total weight, 24 stones"),
        ("0.9", 1, True, "about 0.90 ct, estimated"),
    ],
)
def test_weights_say_total_and_estimated(weight: str, pieces: int, estimated: bool, said: str) -> None:
    assert weight_statement(Decimal(weight), pieces=pieces, estimated=estimated) == said
