"""The canonical form of a manifest and its digest: the same facts give the same bytes on every machine."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum

from bespoke.proof.errors import NotSealable

Sealable = str | int | bool | None | Decimal | datetime | date | Enum | Mapping[str, "Sealable"] | Sequence["Sealable"]
Json = str | int | bool | None | dict[str, "Json"] | list["Json"]

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)  # every language sorts these alike
LARGEST = 2**53 - 1  # what every JSON reader keeps exactly


def plain(value: Sealable, where: str = "manifest") -> Json:
    """The value as JSON knows it: decimals as strings with every digit kept, moments in UTC, no floats.

    Raises:
        NotSealable: a float, a moment without a time zone, a key that is not an ASCII word, a broken text.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value, where)
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise NotSealable(f"{where} holds half a character.", where=where) from error
        return str.__str__(value)  # a sentence is sealed as English has it, whoever listens
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotSealable(f"{where} is a whole number beyond 2^53; write it as text.", where=where)
        return int(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise NotSealable(f"{where} is not a finite number.", where=where)
        return format(value, "f")
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise NotSealable(f"{where} is a moment without a time zone.", where=where)
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(key, where): plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    raise NotSealable(
        f"{where} is a {type(value).__name__}, which has no canonical form; write a decimal as Decimal or text.",
        where=where,
    )


def canonical(value: Sealable) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces: the bytes that are digested, attached and signed."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Sealable) -> str:
    """SHA-256 of the canonical form, as 64 hexadecimal characters."""
    return hashlib.sha256(canonical(value)).hexdigest()


def digest_bytes(content: bytes) -> str:
    """SHA-256 of bytes as they are, as 64 hexadecimal characters."""
    return hashlib.sha256(content).hexdigest()


def short(hexadecimal: str) -> str:
    """The first eight characters of a digest as people read them: `7C41 9A0E`."""
    return f"{hexadecimal[:4]} {hexadecimal[4:8]}".upper()


def _key(key: object, where: str) -> str:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise NotSealable(f"{where} has the key {key!r}; keys are ASCII words.", where=where)
    return key
