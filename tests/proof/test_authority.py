"""The fingerprint told without the library that signs is the one that library tells."""

from pathlib import Path

import pytest

from bespoke.proof import keys
from bespoke.proof.authority import authority_fingerprint
from bespoke.proof.errors import KeysMissing, KeysUnfit
from tests.factories import NOON


def test_the_fingerprint_is_that_of_the_certificate(tmp_path: Path) -> None:
    made = keys.create(tmp_path / "signing", "Orrell & Finch", at=NOON)
    assert authority_fingerprint(tmp_path / "signing") == made.fingerprint


def test_a_missing_or_damaged_certificate_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match="is not there"):
        authority_fingerprint(tmp_path)
    for content in (b"", b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"):
        (tmp_path / "authority.pem").write_bytes(content)
        with pytest.raises(KeysUnfit, match="holds no certificate"):
            authority_fingerprint(tmp_path)
