"""Money: a double-entry ledger. Balances are derived, corrections are counter-entries, nothing is erased."""

import enum
from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bespoke.models.base import Base, Minor
from bespoke.models.commission import Commission
from workflows.deposits import Due, allocated
from workflows.money import Money
from workflows.snapshot import Instalment

STORAGE = "storage"  # asked for beside the price, while nobody collects a finished piece
STANDS = text("credits_id IS NULL AND credited_at IS NULL")
LIVE_CARD = text("method = 'card' AND state IN ('announced', 'authorised')")


class Account(enum.StrEnum):
    """Where money is, seen from the house. Debits are positive, credits negative."""

    BANK = "bank"  # money the house has
    CASH = "cash"  # notes in the drawer
    CARD_CLEARING = "card_clearing"  # taken by the provider, not yet paid out
    CLIENT = "client"  # what the client owes (+) or has paid ahead (-)
    SALES = "sales"
    TAX = "tax"
    FORFEIT = "forfeit"  # kept when a commission ends


class PaymentState(enum.StrEnum):
    """How far a payment is."""

    ANNOUNCED = "announced"  # the client says it was sent
    AUTHORISED = "authorised"
    CLEARED = "cleared"
    FAILED = "failed"
    REVERSED = "reversed"  # by a counter-entry, with a reason
    REFUNDED = "refunded"


class InstalmentRow(Base):
    """One part of what a client is asked for and what has cleared of it: of the accepted price, or beside it."""

    __tablename__ = "instalments"
    __table_args__ = (UniqueConstraint("commission_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    key: Mapped[str] = mapped_column(String(20))  # deposit, progress, balance; storage beside the price
    rank: Mapped[int]
    due_minor: Mapped[int] = mapped_column(Minor)
    currency: Mapped[str] = mapped_column(String(3))

    commission: Mapped[Commission] = relationship(back_populates="instalments")
    payments: Mapped[list["Payment"]] = relationship(back_populates="instalment", order_by="Payment.id")

    @property
    def cleared_minor(self) -> int:
        """What of it has been received and cleared, in minor units; money fills the instalments in their order."""
        rows = sorted(self.commission.instalments, key=lambda row: row.rank)
        received = sum(payment.cleared_minor for row in rows for payment in row.payments)
        dues = [Due(row.key, Money(row.due_minor, row.currency), Money.zero(row.currency)) for row in rows]
        laid = allocated(dues, Money(received, self.currency))
        return next(due.cleared.minor for due in laid if due.key == self.key)

    def fact(self) -> Instalment:
        """As the rules read it."""
        return Instalment(self.key, self.due_minor, self.cleared_minor, self.currency)


class Payment(Base):
    """Money on its way or here; what the provider calls it is unique, so that nothing is counted twice."""

    __tablename__ = "payments"
    __table_args__ = (
        Index(
            "uq_payments_provider",
            "method",
            "provider_reference",
            unique=True,
            sqlite_where=text("provider_reference IS NOT NULL"),
            postgresql_where=text("provider_reference IS NOT NULL"),
        ),
        Index(
            "uq_payments_live_card",
            "instalment_id",
            unique=True,
            sqlite_where=LIVE_CARD,
            postgresql_where=LIVE_CARD,
        ),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("refunded_minor BETWEEN 0 AND amount_minor", name="refunded"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    instalment_id: Mapped[int] = mapped_column(ForeignKey("instalments.id"), index=True)
    method: Mapped[str] = mapped_column(String(20))  # transfer, card, cash
    reference: Mapped[str] = mapped_column(String(60), index=True)  # what the client writes on the transfer
    provider_reference: Mapped[str | None] = mapped_column(String(120))
    amount_minor: Mapped[int] = mapped_column(Minor)
    refunded_minor: Mapped[int] = mapped_column(Minor, default=0)  # what of it went back
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[PaymentState]
    announced_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    capture_before: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300), default="")

    instalment: Mapped[InstalmentRow] = relationship(back_populates="payments")
    commission: Mapped[Commission] = relationship()

    @property
    def amount(self) -> Money:
        """What was announced, or what came."""
        return Money(self.amount_minor, self.currency)

    @property
    def refunded(self) -> Money:
        """What of it went back."""
        return Money(self.refunded_minor, self.currency)

    @property
    def cleared_minor(self) -> int:
        """What of it counts as received: cleared, and not paid back."""
        return self.amount_minor - self.refunded_minor if self.state is PaymentState.CLEARED else 0


class Entry(Base):
    """One booking; its postings add up to nothing."""

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), index=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(30))  # received, refunded, reversed, invoiced, forfeited
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(40))

    postings: Mapped[list["Posting"]] = relationship(back_populates="entry", order_by="Posting.id")


class Invoice(Base):
    """An instalment as it was invoiced, or the credit note that takes an invoice back; numbered without a gap."""

    __tablename__ = "invoices"
    __table_args__ = (
        Index(
            "uq_invoices_standing", "commission_id", "key", unique=True, sqlite_where=STANDS, postgresql_where=STANDS
        ),
        CheckConstraint("(gross_minor > 0) = (credits_id IS NULL)", name="sign"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commission_id: Mapped[int] = mapped_column(ForeignKey("commissions.id"), index=True)
    number: Mapped[str] = mapped_column(String(30), unique=True)  # OF-INV-00001
    key: Mapped[str] = mapped_column(String(20))  # deposit, progress, balance; storage-1, storage-2
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), unique=True)
    credits_id: Mapped[int | None] = mapped_column(
        ForeignKey("invoices.id"), unique=True
    )  # a credit note takes it back
    gross_minor: Mapped[int] = mapped_column(Minor)
    tax_minor: Mapped[int] = mapped_column(Minor)
    price_minor: Mapped[int] = mapped_column(Minor)  # the whole price at the time, tax included
    advances_minor: Mapped[int] = mapped_column(Minor, default=0)  # invoiced before, taken off the balance
    tax_name: Mapped[str] = mapped_column(String(20))
    tax_rate: Mapped[Decimal]  # 0.20 for twenty in a hundred
    reason: Mapped[str] = mapped_column(String(300), default="")  # of a credit note
    currency: Mapped[str] = mapped_column(String(3))
    issued_at: Mapped[datetime]
    credited_at: Mapped[datetime | None]
    digest: Mapped[str | None] = mapped_column(ForeignKey("files.digest"))  # of the paper, once bound

    @property
    def gross(self) -> Money:
        """What it asks for, tax included; less than nothing for a credit note."""
        return Money(self.gross_minor, self.currency)

    @property
    def tax(self) -> Money:
        """The tax that is in it."""
        return Money(self.tax_minor, self.currency)


class Posting(Base):
    """One side of a booking."""

    __tablename__ = "postings"
    __table_args__ = (CheckConstraint("amount_minor <> 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    account: Mapped[Account]
    amount_minor: Mapped[int] = mapped_column(Minor)
    currency: Mapped[str] = mapped_column(String(3))

    entry: Mapped[Entry] = relationship(back_populates="postings")
