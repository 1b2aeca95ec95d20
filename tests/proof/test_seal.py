"""The canonical form: one way to write a fact, and a refusal for what has none."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke.proof.errors import NotSealable
from bespoke.proof.seal import canonical, digest, plain, short


class Alloy(StrEnum):
    GOLD = "AU750Y"


def test_the_order_of_keys_does_not_matter() -> None:
    assert digest({"size_mm": Decimal("16.71"), "alloy": "AU750Y"}) == digest(
        {"alloy": "AU750Y", "size_mm": Decimal("16.71")}
    )


def test_the_bytes_are_fixed_for_ever() -> None:
    manifest = {
        "weight_g": Decimal("5.870"),
        "at": datetime(2026, 12, 18, 15, 10, tzinfo=timezone(timedelta(hours=1))),
        "day": date(2026, 12, 18),
        "alloy": Alloy.GOLD,
        "stones": (8, None, True),
        "name": "Mareël",
    }
    assert (
        canonical(manifest)
        == (
            '{"alloy":"AU750Y","at":"2026-12-18T14:10:00.000000+00:00","day":"2026-12-18",'
            '"name":"Mareël","stones":[8,null,true],"weight_g":"5.870"}'
        ).encode()
    )


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), Decimal("NaN"), Decimal("Infinity"), datetime(2026, 1, 1), 2**60, b"raw", "\ud800", {1, 2}],  # noqa: DTZ001
    ids=repr,
)
def test_what_has_no_single_form_is_refused_with_its_place(value: object) -> None:
    with pytest.raises(NotSealable) as refused:
        canonical({"piece": {"weight_g": value}})  # type: ignore[dict-item]
    assert refused.value.where == "manifest.piece.weight_g"


@pytest.mark.parametrize("key", ["", "größe", "a b", 3])
def test_keys_are_ascii_words(key: object) -> None:
    with pytest.raises(NotSealable):
        canonical({key: 1})  # type: ignore[dict-item]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"[a-z0-9]{1,6}", fullmatch=True), inner),
    max_leaves=20,
)


@given(JSON)
def test_sealing_again_what_was_read_back_gives_the_same_bytes(value: object) -> None:
    assert canonical(plain(value)) == canonical(value)  # type: ignore[arg-type]


def test_people_read_eight_characters() -> None:
    assert short("7c419a0e51d0e7a4") == "7C41 9A0E"
