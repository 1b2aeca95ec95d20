"""A dossier is compiled only when all that it tells is on record."""

from dataclasses import fields, replace

import pytest

from workflows.dossier import DossierFacts, StoneFacts, missing

STONE = StoneFacts("S-1", weight_ct=True, grown=True, treatment=True, reported=True, report_attached=True)
WHOLE = DossierFacts(
    delivered=True,
    checked=True,
    client_name=True,
    title=True,
    alloy=True,
    fineness=True,
    final_weight=True,
    sized=True,
    size_measured=True,
    hallmarked=True,
    hallmark_photograph=True,
    design=True,
    stills=3,
    approved=True,
    sealed=True,
    making_steps=6,
    photographs=4,
    engraved=True,
    engraving_proof=True,
    care=True,
    chain_whole=True,
    signing_key=True,
    stones=(STONE,),
)


def test_a_whole_record_lacks_nothing() -> None:
    assert missing(WHOLE) == ()


def test_a_piece_without_stones_size_hallmark_or_engraving_lacks_nothing() -> None:
    plain = replace(
        WHOLE,
        stones=(),
        sized=False,
        size_measured=False,
        hallmarked=False,
        hallmark_photograph=False,
        engraved=False,
        engraving_proof=False,
    )
    assert missing(plain) == ()


NEEDED = [
    field.name
    for field in fields(DossierFacts)
    if field.name not in {"sized", "hallmarked", "engraved", "stones", "open_blocks"}
]


@pytest.mark.parametrize("name", NEEDED)
def test_each_thing_that_is_missing_is_told_in_one_sentence(name: str) -> None:
    (sentence,) = missing(replace(WHOLE, **{name: type(getattr(WHOLE, name))(0)}))
    assert sentence[0].isupper()
    assert sentence.endswith(".")


def test_no_two_things_share_a_sentence() -> None:
    told = [missing(replace(WHOLE, **{name: type(getattr(WHOLE, name))(0)})) for name in NEEDED]
    assert len(set(told)) == len(NEEDED)


@pytest.mark.parametrize("name", ["weight_ct", "grown", "treatment", "report_attached"])
def test_each_thing_missing_about_a_stone_names_the_stone(name: str) -> None:
    poor = replace(STONE, reference="S-2", **{name: False})
    (sentence,) = missing(replace(WHOLE, stones=(STONE, poor)))
    assert "S-2" in sentence


def test_a_stone_without_a_report_needs_none_attached() -> None:
    assert missing(replace(WHOLE, stones=(replace(STONE, reported=False, report_attached=False),))) == ()


def test_an_open_block_is_named() -> None:
    (sentence,) = missing(replace(WHOLE, open_blocks=("thin wall at the shank",)))
    assert sentence == "Thin wall at the shank is still open; answer it or mend it first."


def test_everything_missing_is_told_at_once() -> None:
    empty = replace(WHOLE, **{name: type(getattr(WHOLE, name))(0) for name in NEEDED}, stones=())
    assert len(missing(empty)) == len(NEEDED)
