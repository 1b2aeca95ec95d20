"""Writes a history as fast as it can and says which lines were acknowledged: `python -m tests.faults.writer`.

It forks writers one after the other, so that each death costs a fork and not a start of Python.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from bespoke.config import Settings
from bespoke.house import House, open_house
from bespoke.models.commission import Commission
from workflows.roles import Actor, Role

CLOCK = Actor("system", Role.SYSTEM, "Bespoke")
LONGEST_S = 0.12


def write(house: House, commission_id: int, told: int) -> None:
    """Append lines to the history of a commission for ever; each that was committed is told by a line."""
    while True:
        with house.database.transaction() as session:
            event = session.get_one(Commission, commission_id).record("stress", CLOCK, house.clock())
        os.write(told, f"{event.position} {event.digest}\n".encode())


def main(folder: str, commission_id: str, deaths: str, seed: str) -> None:
    """Fork and kill as many writers as are asked for, at moments by chance; what they told goes to `told`."""
    settings = Settings(data_folder=Path(folder))
    house = open_house(settings)  # all that takes time the first time is done before the first fork
    with house.database.transaction() as session:
        session.get_one(Commission, int(commission_id)).record("stress", CLOCK, house.clock())
    house.close()
    chance = random.Random(int(seed))
    told = os.open(Path(folder) / "told", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for _ in range(int(deaths)):
        child = os.fork()
        if child == 0:
            write(house, int(commission_id), told)
        time.sleep(chance.uniform(0.0, LONGEST_S))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
