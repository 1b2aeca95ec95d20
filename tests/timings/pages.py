"""How long telling pages take, one after another in this process, and many at once from a house that is served.

Each page is asked for as often as it takes to warm it and then counted: the statements it sends, what the processor
spends on it, what the clock says. The board is looked at with a thousand commissions and with a hundred thousand.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from bespoke.app import create_app
from bespoke.house import House
from bespoke.jobs.supervisor import web
from bespoke.models.people import Person
from bespoke.services import links, messages, options
from tests.factories import NOON, Cast, a_commission, a_sent_quote, an_accepted_quote, brought_to
from tests.factories import a_diamond as diamond
from tests.making import published, take_photograph
from tests.services_running import free_port
from tests.timings import scenes
from tests.timings.many import multiply
from tests.timings.measure import Row
from tests.timings.serving import ROOT, cpu_seconds, wait_for

WARM, MANY = 5, 60
FEW, HUNDRED_THOUSAND = 1_000, 100_000
STATEMENTS, CPU_MS, WALL_MS, TIMES = 8, 6, 8, 1.2
WORKERS, A_SECOND = 2, 150
BOARDS = ("/studio/", "/studio/?late=1", "/studio/?whose=yours")


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking for a page often took: each time in ms of the clock and of the processor, and its statements."""

    wall: list[float]
    cpu: list[float]
    statements: int


class Browser:
    """Somebody's browser in this process, whose statements are counted."""

    def __init__(self, house: House, client: FlaskClient, link: str) -> None:
        self._house, self._client = house, client
        token = client.get(link).text.partition('name="csrf_token" value="')[2].partition('"')[0]
        client.post(link, data={"csrf_token": token})

    def ask(self, path: str, *, again: bool = False) -> Asked:
        """A page, as often as it is timed; `again` with the mark it had, so that it is not sent."""
        wall, cpu, status = [], [], 304 if again else 200
        given = {"If-None-Match": self._client.get(path).headers["ETag"]} if again else {}
        with counted(self._house) as sent:
            for number in range(WARM + MANY):
                sent.clear()
                began, used = time.perf_counter(), time.process_time()
                answer = self._client.get(path, headers=given)
                spent = (time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000
                if answer.status_code != status:
                    raise RuntimeError(f"{path}: {answer.status}")
                if number >= WARM:
                    wall.append(spent[0])
                    cpu.append(spent[1])
        return Asked(wall, cpu, len(sent))


def pages(top: Path) -> Iterator[Row]:
    """Ten pages alone, the same unchanged, many at once, and the board as the house grows."""
    with scenes.a_house(top / "var") as house, scenes.a_cast(house) as cast:
        theirs, ours, model = _furnished(house, cast)
        app = create_app(house=house)
        client = Browser(house, app.test_client(), _clients(house, cast))
        designer = Browser(house, app.test_client(), _designers(house, cast))
        for browser, paths in ((client, theirs), (designer, ours)):
            for name, path in paths.items():
                yield from _told(name, browser.ask(path))
            name, path = next(iter(paths.items()))
            yield from _told(f"{name}, unchanged", browser.ask(path, again=True))
        yield from _many_at_once(top, house, cast, [*theirs.values()])
        multiply(house, model, FEW)
        few = {path: designer.ask(path) for path in BOARDS}
        multiply(house, model, HUNDRED_THOUSAND - FEW)
        for path in BOARDS:
            yield _grown(path, few[path], designer.ask(path))


def _clients(house: House, cast: Cast) -> str:
    with house.database.transaction() as session:
        person = session.get_one(Person, int(cast.client.id))
        return f"/enter/{links.issue(session, person, cast.office, at=house.clock()).secret}"


def _designers(house: House, cast: Cast) -> str:
    with house.database.transaction() as session:
        person = session.get_one(Person, int(cast.designer.id))
        return f"/enter/staff/{links.issue_for_staff(session, person, at=house.clock()).secret}"


def _told(name: str, asked: Asked) -> Iterator[Row]:
    note = f"{asked.statements} statements" + ("" if asked.statements <= STATEMENTS else f", more than {STATEMENTS}")
    yield Row(f"page: {name}", "ms", asked.wall, WALL_MS, asked.cpu, note)
    yield Row(f"page: {name}, processor", "ms", asked.cpu, CPU_MS)


def _grown(path: str, few: Asked, many: Asked) -> Row:
    walls, cpus = ([after / before for before, after in zip(sorted(one), sorted(other), strict=True)]
                   for one, other in ((few.wall, many.wall), (few.cpu, many.cpu)))  # fmt: skip
    return Row(f"{path} of 100,000 to 1,000", "times", walls, TIMES, cpus, f"{many.statements} statements")


def _furnished(house: House, cast: Cast) -> tuple[dict[str, str], dict[str, str], int]:
    """Commissions that stand where each page has something to show; the pages by name, and one to be copied."""
    store = house.storage
    with house.database.transaction() as session:
        brief, stones, quote, pay, look = (a_commission(session, cast) for _ in range(5))
        brought_to(session, brief, "brief", cast)
        brought_to(session, stones, "stone_sourcing", cast)
        for number in range(4):
            stone = diamond(session, cast, f"P-{number}")
            options.put_forward(session, stones.pieces[0], stone, cast.designer, voice="The livelier one.", at=NOON)
        a_sent_quote(session, brought_to(session, quote, "quote", cast), cast)
        an_accepted_quote(session, brought_to(session, pay, "quote", cast), cast)
        piece = brought_to(session, look, "cad", cast).pieces[0]
        published(session, store, piece, cast)
        take_photograph(session, store, piece, "cad", cast, client_visible=True)
        for number in range(6):
            writer = (cast.client, cast.designer)[number % 2]
            messages.write(session, look, f"What was said for the {number + 1}. time.", writer, at=NOON)
        theirs = {
            "client's home": f"/my/{look.reference}/",
            "brief": f"/my/{brief.reference}/brief/for",
            "stones put forward": f"/my/{stones.reference}/stones",
            "quote": f"/my/{quote.reference}/quote",
            "pay": f"/my/{pay.reference}/pay/deposit",
            "viewing room": f"/my/{look.reference}/look/1",
            "messages": f"/my/{look.reference}/messages",
        }
        ours = {
            "studio's board": "/studio/",
            "workspace": f"/studio/{look.reference}/",
            "studio's stones": "/studio/stones/",
        }
        return theirs, ours, look.id


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    """The statements sent while the block runs."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(house.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(house.database.engine, "before_cursor_execute", note)


def _many_at_once(top: Path, house: House, cast: Cast, paths: list[str]) -> Iterator[Row]:
    """The server of `bespoke serve` with two processes instead of one, and a sender that only asks."""
    listen = f"127.0.0.1:{free_port()}"
    command = [str(word) for word in web(house.settings).command]
    command[command.index("--workers") + 1] = str(WORKERS)
    command[command.index("--bind") + 1] = listen
    given = os.environ | {"BESPOKE_DATA_FOLDER": str(house.settings.data_folder), "BESPOKE_LISTEN": listen}
    with (top / "web.log").open("wb") as log:
        serving = subprocess.Popen(command, env=given, cwd=ROOT, stdout=log, stderr=log)
        try:
            wait_for(f"http://{listen}/")
            below = subprocess.run(["pgrep", "-P", str(serving.pid)], capture_output=True, text=True, check=True)
            workers = [int(pid) for pid in below.stdout.split()]
            for _warm in (True, False):
                asking = [sys.executable, "-m", "tests.timings.asking", f"http://{listen}", _clients(house, cast)]
                before = sum(map(cpu_seconds, workers))
                told = subprocess.run([*asking, *paths], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
            found, cpu = json.loads(told), sum(map(cpu_seconds, workers)) - before
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.wait(30)
    wall = [1000 * found["seconds"] / found["pages"]]
    note = f"{1000 / wall[0]:.0f} pages a second, wanted are {A_SECOND}; the sender is on the same machine"
    yield Row("one of many full pages, two processes", "ms", wall, 1000 / A_SECOND, [500 * cpu / found["pages"]], note)
