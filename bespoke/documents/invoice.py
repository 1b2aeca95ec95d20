"""An invoice or a credit note as a paper: its facts, and its page. All of it is the house's own words and figures."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel import Locale
from markupsafe import Markup

from bespoke.documents.typefaces import font_faces
from bespoke.templating import environment
from workflows.money import Money


@dataclass(frozen=True, slots=True)
class Seller:
    """The house as an invoice names it."""

    name: str
    address: str
    telephone: str
    email: str
    tax_number: str
    bank_name: str
    bank_account: str


@dataclass(frozen=True, slots=True)
class Piece:
    """What is supplied, as the trade's rules name it; a line for each stone, with its treatment."""

    title: str
    described: str
    stones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An invoice this one takes off, or takes back."""

    number: str
    day: date
    gross_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that had come in for it."""

    day: date
    how: str  # transfer, card, cash
    amount_minor: int


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """All that an invoice says; sums in minor units of its currency, tax included where nothing else is said.

    Attributes:
        key: deposit, progress, balance, storage.
        credits: the invoice that a credit note takes back.
        price_minor: the whole price, of which it is a part.
        advances: invoiced before, taken off the balance.
        paid: what had come in for it when it was issued.
        open_minor: what of it was still to be paid then.
    """

    number: str
    day: date
    currency: str
    locale: str
    seller: Seller
    client: str
    client_address: str
    reference: str
    title: str
    key: str
    gross_minor: int
    tax_minor: int
    tax_name: str
    tax_rate: Decimal
    price_minor: int
    price_tax_minor: int
    pieces: tuple[Piece, ...]
    advances: tuple[Earlier, ...]
    paid: tuple[Paid, ...]
    open_minor: int
    pay_reference: str
    credits: Earlier | None
    reason: str

    def money(self, minor: int) -> Money:
        """A sum of it in its currency."""
        return Money(minor, self.currency)

    @property
    def percent(self) -> Decimal:
        """The rate of its tax, as a per cent without needless noughts."""
        rate = (self.tax_rate * 100).normalize()
        return rate.quantize(Decimal(1)) if rate == rate.to_integral_value() else rate


def html(facts: InvoiceFacts) -> str:
    """The page as HTML that asks for nothing but the fonts on the shelf."""
    return (
        environment(facts.locale)
        .get_template("documents/invoice.html")
        .render(
            facts=facts,
            language=str(Locale.parse(facts.locale)).replace("_", "-"),
            fonts=Markup(font_faces()),
        )
    )
