"""The house's own settings, made once and read by everything."""

from decimal import Decimal

from sqlalchemy.orm import Session

from bespoke.models.house import HouseRow
from bespoke.services.errors import Missing
from workflows import snapshot
from workflows.sentences import sentence


def found(
    session: Session,
    *,
    name: str,
    reference_prefix: str,
    currency: str,
    vat_rate: Decimal,
    plan_key: str = "30/40/30",
    sole_maker: bool = False,
) -> HouseRow:
    """Put the house's first settings down; the rest is edited later.

    Raises:
        ValueError: there is a house already.
    """
    if session.get(HouseRow, 1) is not None:
        raise ValueError("The house has been founded already.")
    row = HouseRow(
        id=1,
        name=name,
        reference_prefix=reference_prefix,
        currency=currency,
        vat_rate=vat_rate,
        plan_key=plan_key,
        sole_maker=sole_maker,
        size_tolerance_mm=Decimal("0.10"),
        finishing_loss=Decimal("0.08"),
        melt_loss=Decimal("0.015"),
    )
    session.add(row)
    session.flush()
    return row


def current(session: Session) -> HouseRow:
    """The house.

    Raises:
        Missing: it was never founded.
    """
    row = session.get(HouseRow, 1)
    if row is None:
        raise Missing(sentence("The house has not been set up; run `bespoke init` first."))
    return row


def rules(session: Session) -> snapshot.House:
    """What the rules need to know of the house."""
    return current(session).rules()
