"""What the timings are taken on: a house with commissions at the step that is measured, made by its own services."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bespoke.config import Settings
from bespoke.founding import found_house
from bespoke.house import House
from bespoke.jobs import outbox
from bespoke.models.job import Job
from bespoke.models.piece import Piece
from bespoke.services import designs
from bespoke.services.designs import Picture
from bespoke.storage.store import Stored, chunks_of
from renders.report import AlloyWeight, Report
from tests import factories
from tests.factories import Cast

PICTURES = 45  # three stills, a cover, a turntable of 36 and what else is drawn of a ring
PICTURE = b"the bytes of a picture nobody looks at here"


@contextmanager
def a_house(folder: Path, *, database_url: str = "") -> Iterator[House]:
    """An embedded house in a folder of its own; on another database where one is named."""
    settings = Settings(data_folder=folder)
    if database_url:
        settings = replace(settings, database_url=database_url)
    house = found_house(
        settings, name="Atelier Quillfern", reference_prefix="OF", currency="GBP", vat_rate=Decimal("0.20")
    ).house
    try:
        yield house
    finally:
        house.close()


@contextmanager
def a_cast(house: House) -> Iterator[Cast]:
    """The people of the house, taken in."""
    with house.database.transaction() as session:
        people = factories.a_cast(session)
    yield people


def before_the_client(house: House, cast: Cast, cad: Path, report: Report, many: int) -> Sequence[int]:
    """The pieces of `many` commissions, each with a design published and waiting for the client's yes."""
    with cad.open("rb") as content:
        file = house.storage.put(chunks_of(content))
    picture = house.storage.put([PICTURE])
    found = []
    for _ in range(many):
        with house.database.transaction() as session:
            commission = factories.a_commission(session, cast)
            factories.brought_to(session, commission, "cad", cast)
            found.append(commission.pieces[0].id)
            _publish(house, session, commission.pieces[0], cast, file, picture, report)
    return found


def _publish(
    house: House, session: Session, piece: Piece, cast: Cast, file: Stored, picture: Stored, report: Report
) -> None:
    at = factories.NOON
    unit = report.unit.unit.value
    revision = designs.hand_in(session, house.storage, piece, file, "ring.glb", cast.designer, at=at, unit=unit)
    weighing = AlloyWeight(piece.alloy or "", 15.4, 5.141)  # what the price assumed, so that it need not change
    same = replace(report, weights=(weighing,), findings=())
    designs.record_report(session, revision, same, cast.designer, at=at)
    drawn = tuple(Picture(f"turn-{number:02}.jpg", "turn", picture, "image/jpeg") for number in range(PICTURES))
    designs.record_pictures(session, revision, drawn, cast.designer, at=at)
    job = session.scalars(select(Job).where(Job.dedupe_key == f"examine-{revision.id}")).one()
    outbox.cancel(session, job.id, at=at, reason="Its report and pictures were put down here.")
    designs.publish(session, piece, cast.designer, at=at, note="This is how we would make it.")
