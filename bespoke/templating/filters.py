"""How money, weights, lengths and moments are written, each number with its unit and a no-break space."""

from datetime import date, datetime, tzinfo
from decimal import Decimal

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from workflows.money import MINOR_DIGITS, Money

SPACE = "\N{NO-BREAK SPACE}"


def money(amount: Money, *, locale: Locale, minor: bool = False) -> str:
    """An amount in its currency; whole units unless it has pence or `minor` asks for them."""
    digits = MINOR_DIGITS[amount.currency]
    value = Decimal(amount.minor).scaleb(-digits)
    whole = value == value.to_integral_value() and not minor
    return str(
        format_currency(
            value,
            amount.currency,
            locale=locale,
            format=None if not whole else locale.currency_formats["standard"].pattern.replace(".00", ""),
            currency_digits=not whole,
        )
    )


def number(value: Decimal | int, *, locale: Locale, places: int | None = None) -> str:
    """A plain number; with `places` exactly that many digits after the point, else those it has."""
    if places is None:
        exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
        places = max(0, -exponent) if isinstance(exponent, int) else 0
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return str(format_decimal(value, format=pattern, locale=locale))


def grams(value: Decimal, *, locale: Locale) -> str:
    """A weight of metal, to the hundredth of a gram: `5.87 g`."""
    return number(value, locale=locale, places=2) + SPACE + "g"


def carats(value: Decimal, *, locale: Locale, places: int = 2) -> str:
    """A weight of stones: `2.04 ct`; small stones with three places."""
    return number(value, locale=locale, places=places) + SPACE + "ct"


def millimetres(value: Decimal, *, locale: Locale, places: int = 2) -> str:
    """A length: `16.71 mm`."""
    return number(value, locale=locale, places=places) + SPACE + "mm"


def day(value: date, *, locale: Locale) -> str:
    """A day with its year: `18 December 2026`."""
    return str(format_date(value, "long", locale=locale))


def day_short(value: date, *, locale: Locale) -> str:
    """A day in a narrow column: `14 Sep`."""
    return str(format_date(value, "d MMM", locale=locale)).replace("Sept", "Sep")


def day_month(value: date, *, locale: Locale) -> str:
    """A day within a known year: `18 December`."""
    return str(format_date(value, "d MMMM", locale=locale))


def weekday(value: date, *, locale: Locale) -> str:
    """A day close by, as people speak of it: `Thursday 19 November`."""
    return str(format_date(value, "EEEE d MMMM", locale=locale))


def month(value: date, *, locale: Locale) -> str:
    """A month with its year: `June 2027`."""
    return str(format_date(value, "MMMM y", locale=locale))


def moment(value: datetime, zone: tzinfo, *, locale: Locale) -> str:
    """A moment on the clock of the house: `17 Nov 2026, 18:42`.

    Raises:
        ValueError: the moment has no time zone.
    """
    if value.tzinfo is None:
        raise ValueError("A moment without a time zone cannot be shown.")
    return str(format_datetime(value, "d MMM y, HH:mm", tzinfo=zone, locale=locale)).replace("Sept", "Sep")


def unbroken(words: str) -> str:
    """Words that stay on one line: a telephone number."""
    return words.replace(" ", SPACE)


def seal(digest: str) -> str:
    """The first eight characters of a digest as people compare them: `7C41 9A0E`."""
    return f"{digest[:4]}{SPACE}{digest[4:8]}".upper()


def spaced(digest: str) -> str:
    """A whole digest in groups of eight."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))
