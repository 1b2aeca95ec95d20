"""Writers killed at any moment: every commit that was acknowledged is there, in its place in an unbroken chain."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from bespoke.models.event import Event
from bespoke.services import doctor
from tests import factories
from tests.timings import scenes

DEATHS = 240


@pytest.mark.slow
def test_no_acknowledged_commit_is_lost_in_two_hundred_and_forty_deaths(tmp_path: Path) -> None:
    with scenes.a_house(tmp_path / "var") as house:
        with house.database.transaction() as session:
            commission = factories.a_commission(session, factories.a_cast(session)).id
        house.database.close()
        command = [
            sys.executable,
            "-m",
            "tests.faults.writer",
            str(tmp_path / "var"),
            str(commission),
            str(DEATHS),
            "7",
        ]
        subprocess.run(command, check=True, cwd=Path(__file__).parents[2], timeout=240)
        acknowledged = dict(line.split() for line in (tmp_path / "var" / "told").read_text().splitlines())
        with house.database.reading() as session:
            kept = dict(
                session.execute(select(Event.position, Event.digest).where(Event.commission_id == commission)).all()
            )
            found = doctor.examine(session, house.storage, at=house.clock(), deep=True)
        assert len(acknowledged) > DEATHS
        lost = {position for position, digest in acknowledged.items() if kept.get(int(position)) != digest}
        assert lost == set()
        assert found.breaches == ()
