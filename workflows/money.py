"""Money as integer minor units with its currency; no floats, no mixing, nothing lost in a split."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import total_ordering

from workflows.errors import WorkflowError
from workflows.sentences import sentence

# ISO 4217 minor units
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_TWO = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP "
    "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE "
    "SOS SRD SSP STN SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW"
)
_THREE = "BHD IQD JOD KWD LYD OMR TND"

MINOR_DIGITS: dict[str, int] = {
    code: digits for digits, codes in ((0, _ZERO), (2, _TWO), (3, _THREE)) for code in codes.split()
}
_SIGNS = {"GBP": "£", "EUR": "€"}  # only those that mean one currency
_MOST_DIGITS = 15  # turning 1E+999999 into a whole number would take a minute
_PLAIN_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?", re.ASCII)


class UnknownCurrency(WorkflowError):
    """Not a currency code this house can count in; `code` is what was given."""

    def __init__(self, code: str) -> None:
        super().__init__(sentence("“%(code)s” is not a currency code we know.", code=code[:20]))
        self.code = code


class MixedCurrencies(WorkflowError):
    """Two currencies in one sum; `left` and `right` are their codes."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(
            sentence("%(left)s and %(right)s cannot be added or compared without a rate.", left=left, right=right)
        )
        self.left = left
        self.right = right


class NotAnAmount(WorkflowError):
    """What was typed is not a plain amount of money; `text` is what was typed."""

    def __init__(self, message: str, *, text: str) -> None:
        super().__init__(message)
        self.text = text


class BadSplit(WorkflowError):
    """Shares that cannot divide an amount: none, negative, or all nothing."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (pence, cents) of a currency; may be negative."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("minor units are whole numbers")
        if self.currency not in MINOR_DIGITS:
            raise UnknownCurrency(self.currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, in `currency`."""
        return cls(0, currency)

    @classmethod
    def of(cls, amount: Decimal | int, currency: str) -> "Money":
        """`amount` in major units, rounded once to the minor unit, halves away from zero."""
        if currency not in MINOR_DIGITS:
            raise UnknownCurrency(currency)
        if isinstance(amount, Decimal) and not (amount.is_finite() and amount.adjusted() <= _MOST_DIGITS):
            raise NotAnAmount(
                sentence("An amount of money must be a finite number of a sensible size."), text=str(amount)
            )
        scaled = Decimal(amount).scaleb(MINOR_DIGITS[currency])
        return cls(int(scaled.to_integral_value(ROUND_HALF_UP)), currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """The amount that was typed: ASCII digits, a point, no more decimals than the currency has.

        Raises:
            NotAnAmount: anything else: signs, exponents, NaN, commas, underscores, other scripts' digits.
            UnknownCurrency: no such code.
        """
        if currency not in MINOR_DIGITS:
            raise UnknownCurrency(currency)
        stripped = text.strip()
        if not _PLAIN_AMOUNT.fullmatch(stripped):
            raise NotAnAmount(
                sentence(
                    "“%(stripped)s” is not an amount. Write it in digits, with a point before the decimals.",
                    stripped=stripped[:40],
                ),
                text=text,
            )
        digits = MINOR_DIGITS[currency]
        whole, _, decimals = stripped.partition(".")
        if len(decimals) > digits:
            raise NotAnAmount(
                sentence(
                    "%(currency)s has %(digits)s decimals, “%(stripped)s” has more.",
                    currency=currency,
                    digits=digits,
                    stripped=stripped,
                ),
                text=text,
            )
        return cls(int(whole + decimals.ljust(digits, "0")), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with the currency's decimals."""
        return Decimal(self.minor).scaleb(-MINOR_DIGITS[self.currency])

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        """For sentences: £1,377.59, −£5.00, CHF 1,377.59."""
        number = f"{abs(self.amount):,}"
        sign = "−" if self.minor < 0 else ""
        mark = _SIGNS.get(self.currency)
        return f"{sign}{mark}{number}" if mark else f"{sign}{self.currency} {number}"

    def times(self, factor: Decimal | int) -> "Money":
        """This amount times a plain number, rounded once, halves away from zero."""
        return Money.of(self.amount * factor, self.currency)

    def split(self, shares: Sequence[int]) -> tuple["Money", ...]:
        """Parts in proportion to `shares` that sum to this amount exactly; the last is the remainder.

        No part has the other sign, and each running sum is off by half a minor unit at most.

        Raises:
            BadSplit: no shares, a negative one, or all of them nothing.
        """
        if not shares or min(shares) < 0 or sum(shares) == 0:
            raise BadSplit(sentence("An amount is divided by at least one positive share and no negative one."))
        whole, parts, reached, given = sum(shares), [], 0, 0
        for share in shares:
            reached += share
            upto = _half_up(self.minor * reached, whole)
            parts.append(Money(upto - given, self.currency))
            given = upto
        return tuple(parts)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise MixedCurrencies(self.currency, other.currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum in `currency`; nothing at all sums to zero of it."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def _half_up(numerator: int, denominator: int) -> int:
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude
