"""Codes by which anybody may check a paper: random, short enough to type, hard to mistype."""

from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: without I, L, O and U
BITS = 60
GROUP = 4
ALIKE = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_code(random_bytes: Callable[[int], bytes]) -> str:
    """A code of 60 random bits in three groups: `7C41-9A0E-51DK`.

    Args:
        random_bytes: gives so many bytes nobody can guess.
    """
    number = int.from_bytes(random_bytes((BITS + 7) // 8)) & ((1 << BITS) - 1)
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(BITS - 5, -1, -5))
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))


def read_code(typed: str) -> str | None:
    """The code somebody typed, in its one spelling; None where it cannot be one."""
    plain = typed.upper().translate(ALIKE)
    letters = "".join(letter for letter in plain if letter in ALPHABET)
    if len(letters) != BITS // 5 or any(letter not in ALPHABET + "- " for letter in plain.strip()):
        return None
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))
