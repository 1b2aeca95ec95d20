"""Invoices as papers: one child for all that wait, everything on them that has to be, each bound once."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from bespoke.config import Settings
from bespoke.house import House, open_house, prepare
from bespoke.jobs.runner import Runner
from bespoke.jobs.tasks import TASKS
from bespoke.models.commission import Commission
from bespoke.models.job import Queue
from bespoke.models.ledger import Invoice
from bespoke.models.people import Person
from bespoke.services import allowances, invoices
from bespoke.services import house as houses
from tests.factories import NOON, Cast, a_cast, a_commission
from tests.making import bench_to
from workflows.money import Money


@pytest.fixture
def owing(sqlite_url: str, tmp_path: Path) -> Iterator[tuple[House, Cast]]:
    """A house in which a ring is finished, its advances are paid, and its balance was asked for."""
    settings = Settings(data_folder=tmp_path / "var", database_url=sqlite_url)
    prepare(settings)
    with closing(open_house(settings, clock=lambda: NOON)) as house:
        with house.database.transaction() as session:
            cast = a_cast(session)
            own = houses.current(session)
            own.address, own.tax_number, own.bank_account = "4 Quay Lane\nRavensbourne", "GB 123 4567 89", "GB29 NWBK"
            session.get_one(Person, int(cast.client.id)).address = "12 Mill Street\nRavensbourne"
            bench_to(session, house.storage, a_commission(session, cast), "delivery", cast)
        yield house, cast


def papers(house: House) -> dict[str, str]:
    """What can be read on each invoice, by its number."""
    said = {}
    with house.database.reading() as session:
        for row in session.scalars(select(Invoice).order_by(Invoice.id)):
            assert row.digest is not None
            with house.storage.open(row.digest) as content:
                read = subprocess.run(
                    ["pdftotext", "-layout", "-", "-"], input=content.read(), capture_output=True, check=True
                )
            said[row.number] = " ".join(read.stdout.decode().split())
    return said


def test_invoices_are_laid_out_with_all_that_has_to_be_on_them(owing: tuple[House, Cast]):
    house, cast = owing
    runner = Runner(TASKS, house)
    assert runner.run_next(Queue.DOCUMENT)
    assert not runner.run_next(Queue.DOCUMENT)  # one job for the three of them
    deposit, progress, balance = (papers(house)[f"OF-INV-0000{n}"] for n in (1, 2, 3))
    for told in (deposit, progress, balance):
        for words in (
            *("Atelier Quillfern", "4 Quay Lane", "VAT number GB 123 4567 89", "VAT 20 %", "2 March 2026"),
            *("Elowen Marsh", "12 Mill Street", "OF-0001", "Piece 1"),
            *("1.01 ct", "report GIA DEMO-T-001", "no indication of treatment (N)"),
        ):
            assert words in told, words
    assert "Received on 2 March 2026 by transfer" in deposit
    assert "Paid in full" in deposit
    assert "Invoiced before, OF-INV-00001 of 2 March 2026" in balance
    assert "Please pay to Atelier Quillfern Account GB29 NWBK" in balance
    assert "so we know it is you OF-0001-BALANCE" in balance
    with house.database.transaction() as session:
        commission = session.scalars(select(Commission)).one()
        sums = [one.gross_minor for one in invoices.of(session, commission)]
        allowances.allow(session, commission, Money(50_00, "GBP"), "A scratch on the box.", cast.office, at=NOON)
    assert str(Money(sums[2], "GBP")) in balance
    assert runner.run_next(Queue.DOCUMENT)
    told = papers(house)
    assert told["OF-INV-00003"] == balance  # a paper that is out is never made anew
    assert "takes invoice OF-INV-00003 of 2 March 2026 back: A scratch on the box." in told["OF-INV-00004"]
    assert f"-{Money(sums[2], 'GBP')}" in told["OF-INV-00004"]
    assert str(Money(sums[2] - 50_00, "GBP")) in told["OF-INV-00005"]
