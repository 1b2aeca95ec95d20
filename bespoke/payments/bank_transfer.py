"""Paying by transfer: the payment code a bank's app reads from the screen, where a scheme for one exists."""

import re

from workflows.money import Money

IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
NAME_MOST, REFERENCE_MOST = 70, 140
LARGEST = 99_999_999_999  # cents: 999,999,999.99 euro


def is_iban(text: str) -> bool:
    """Whether it is an international account number with the right check digits."""
    plain = text.replace(" ", "").upper()
    if not IBAN.fullmatch(plain):
        return False
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def epc_code(name: str, account: str, amount: Money, reference: str) -> str | None:
    """The text of a SEPA payment code (EPC069-12, version 2); None where the scheme does not carry the payment.

    Args:
        account: an IBAN; the scheme knows no other accounts.
        amount: in euro; it knows no other currency.
    """
    if amount.currency != "EUR" or not is_iban(account) or not 0 < amount.minor <= LARGEST:
        return None
    euros, cents = divmod(amount.minor, 100)
    lines = (
        *("BCD", "002", "1", "SCT", ""),
        _line(name, NAME_MOST),
        account.replace(" ", "").upper(),
        f"EUR{euros}.{cents:02}",
        *("", ""),
        _line(reference, REFERENCE_MOST),
    )
    return "\n".join(lines)


def _line(text: str, most: int) -> str:
    return " ".join(text.split())[:most]
