"""Codes of issued papers: random, short enough to type, without letters that look like figures."""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
LENGTH, GROUP = 12, 4  # 60 random bits
CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}", re.ASCII)
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """A code of 60 random bits in three groups, e.g. `7C41-9A0E-KMTP`."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def read_code(typed: str) -> str | None:
    """The code somebody typed, however spaced, in small letters, or with O for 0; None when it is none."""
    bare = re.sub(r"[\s\-‐-―]", "", typed[:100]).upper().translate(MISREAD)
    return _grouped(bare) if CODE.fullmatch(bare) else None


def _grouped(bare: str) -> str:
    return "-".join(bare[start : start + GROUP] for start in range(0, LENGTH, GROUP))
