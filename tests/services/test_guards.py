"""What there may be one of is kept so by the database; each guard with the race that happens without it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bespoke.database import Conflict, Database
from bespoke.models.approval import ApprovalRow, ReleaseRow
from bespoke.models.base import Base
from bespoke.models.ledger import InstalmentRow, Payment, PaymentState
from bespoke.models.piece import Content
from tests.factories import NOON, a_cast, a_commission, an_accepted_quote, brought_to
from workflows.roles import Role
from workflows.snapshot import Standing
from workflows.template import Facet

MANY = 4
DIGEST = "a" * 64


@dataclass(frozen=True, slots=True)
class Place:
    """Rows the rivals write beside."""

    commission_id: int
    piece_id: int
    person_id: int
    instalment_id: int


def an_approval(place: Place, number: int) -> Base:
    return ApprovalRow(
        piece_id=place.piece_id,
        milestone="cad",
        digest=DIGEST,
        facets={},
        words=f"Yes, said by {number}.",
        person_id=place.person_id,
        role=Role.CLIENT,
        at=NOON,
        standing=Standing.LIVE,
    )


def a_release(place: Place, number: int) -> Base:
    return ReleaseRow(
        piece_id=place.piece_id,
        milestone="casting",
        digest=DIGEST,
        facets={},
        asked_by_id=place.person_id,
        released_by_id=place.person_id,
        gauge=f"mandrel {number}",
        at=NOON,
        standing=Standing.LIVE,
    )


def a_content(place: Place, number: int) -> Base:
    body = f'{{"revision":{number}}}'
    return Content(piece_id=place.piece_id, facet=Facet.DESIGN, digest=DIGEST, body=body, created_at=NOON, current=True)


def a_payment(place: Place, number: int) -> Base:
    return Payment(
        commission_id=place.commission_id,
        instalment_id=place.instalment_id,
        method="transfer",
        reference=f"OF-DEPOSIT-{number}",
        provider_reference="BANK-1",
        amount_minor=100,
        currency="GBP",
        state=PaymentState.CLEARED,
        announced_at=NOON,
        cleared_at=NOON,
    )


GUARDS = {
    "one live yes": ("uq_approvals_live", ApprovalRow, ApprovalRow.milestone == "cad", an_approval),
    "one live release": ("uq_releases_live", ReleaseRow, ReleaseRow.milestone == "casting", a_release),
    "one current content": ("uq_contents_current", Content, Content.facet == Facet.DESIGN, a_content),
    "money counted once": ("uq_payments_provider", Payment, Payment.provider_reference == "BANK-1", a_payment),
}


@pytest.fixture
def place(database: Database) -> Place:
    with database.transaction() as session:
        cast = a_cast(session)
        commission = a_commission(session, cast)
        brought_to(session, commission, "quote", cast)
        an_accepted_quote(session, commission, cast)
        instalment = session.scalars(select(InstalmentRow.id).where(InstalmentRow.commission_id == commission.id))
        return Place(commission.id, commission.pieces[0].id, int(cast.client.id), next(iter(instalment)))


def race(database: Database, row: type[Base], mine: object, write: Callable[[int], Base]) -> tuple[int, int]:
    """How many of the rivals thought they won, and how many rows there are: each looks, then writes."""
    looked, won = threading.Barrier(MANY), []

    def count(session: Session) -> int:
        return session.scalar(select(func.count()).select_from(row).where(mine)) or 0  # type: ignore[arg-type]

    def run(number: int) -> None:
        with database.reading() as session:
            free = count(session) == 0
        looked.wait()
        try:
            with database.transaction() as session:
                if free:
                    session.add(write(number))
        except Conflict:
            return
        won.append(number)

    rivals = [threading.Thread(target=run, args=(number,)) for number in range(MANY)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()
    with database.reading() as session:
        return len(won), count(session)


@pytest.mark.parametrize("name", GUARDS)
def test_of_many_at_once_exactly_one_is_written(database: Database, place: Place, name: str) -> None:
    _, row, mine, make = GUARDS[name]
    assert race(database, row, mine, lambda number: make(place, number)) == (1, 1)


@pytest.mark.parametrize("name", GUARDS)
def test_without_the_guard_the_same_race_writes_several(database: Database, place: Place, name: str) -> None:
    index, row, mine, make = GUARDS[name]
    with database.transaction() as session:
        session.execute(text(f"DROP INDEX {index}"))
    won, there = race(database, row, mine, lambda number: make(place, number))
    assert won > 1
    assert there == won
