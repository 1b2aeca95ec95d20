"""The codes that open the public check."""

import pytest

from bespoke.proof.codes import ALPHABET, new_code, read_code


def test_a_code_is_random_and_survives_being_typed() -> None:
    codes = {new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert len(ALPHABET) ** 12 >= 2**50
    for code in list(codes)[:50]:
        assert read_code(code) == code
        assert read_code(f"  {code.lower().replace('-', ' ')} ") == code
        assert read_code(code.replace("0", "O").replace("1", "l")) == code


@pytest.mark.parametrize("typed", ["", "7C41", "7C41-9A0E-KMTU", "7C41-9A0E-KMTP-1", "'; drop table", "٧C41-9A0E-KMTP"])
def test_anything_else_is_no_code(typed: str) -> None:
    assert read_code(typed) is None
