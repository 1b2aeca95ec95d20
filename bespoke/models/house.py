"""What the house decided for itself: one row, edited in its settings."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bespoke.models.base import Base, Minor
from workflows import snapshot


class HouseRow(Base):
    """The house: its name on paper, its money, its limits. There is one."""

    __tablename__ = "house"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    name: Mapped[str] = mapped_column(String(120))
    strapline: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    telephone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    public_address: Mapped[str] = mapped_column(String(200), default="")  # printed under the dossier's code
    reference_prefix: Mapped[str] = mapped_column(String(8))
    next_number: Mapped[int] = mapped_column(default=1)
    next_invoice: Mapped[int] = mapped_column(default=1)
    currency: Mapped[str] = mapped_column(String(3))
    vat_rate: Mapped[Decimal]  # 0.20 for twenty in a hundred
    tax_number: Mapped[str] = mapped_column(String(40), default="")  # "GB 123 4567 89", printed on invoices
    market: Mapped[str] = mapped_column(String(2), default="GB")
    time_zone: Mapped[str] = mapped_column(String(40), default="Europe/London")
    bank_name: Mapped[str] = mapped_column(String(120), default="")
    bank_account: Mapped[str] = mapped_column(String(60), default="")
    card_provider: Mapped[str] = mapped_column(String(20), default="")  # none, or "fake", which takes no money
    plan_key: Mapped[str] = mapped_column(String(20), default="30/40/30")
    hold_hours: Mapped[int] = mapped_column(default=72)
    hold_extension_hours: Mapped[int] = mapped_column(default=72)
    sole_maker: Mapped[bool] = mapped_column(default=False)
    reconfirm_after_hours: Mapped[int] = mapped_column(default=12)
    size_tolerance_mm: Mapped[Decimal]
    finishing_loss: Mapped[Decimal]  # 0.08: eight in a hundred of the cast weight is filed and polished away
    melt_loss: Mapped[Decimal]
    step_up_above_minor: Mapped[int] = mapped_column(Minor, default=5_000_00)  # a mailed code beyond this price
    storage_fee_minor: Mapped[int] = mapped_column(Minor, default=0)  # a week, tax included, uncollected; 0: none

    def rules(self) -> snapshot.House:
        """What the rules need to know of the house."""
        return snapshot.House(
            sole_maker=self.sole_maker,
            reconfirm_after_hours=self.reconfirm_after_hours,
            size_tolerance_mm=self.size_tolerance_mm,
            market=self.market,
        )
