"""`make timings`: how fast the house is, as a table and as build/timings.json; a missed target fails nothing."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from bespoke.house import House
from renders.examination import examine
from tests import services_running
from tests.services_running import Unavailable
from tests.timings import children, pages, processes, scenes, uploads
from tests.timings.measure import Machine, Row, table
from tests.timings.services import services

TARGET_MS = 5
OUT = Path(__file__).parents[2] / "build" / "timings.json"
CAD = Path(__file__).parents[1] / "models" / "mareel_r2.glb"


def on_sqlite(top: Path) -> Iterator[Row]:
    """Approve, hold and record, embedded."""
    with scenes.a_house(top / "var") as house:
        yield from _services(top, house_name="SQLite", house=house)


def on_postgresql(top: Path) -> Iterator[Row]:
    """The same on PostgreSQL, where it is installed; it syncs every commit to the disk as a real one does."""
    try:
        top.chmod(0o755)
        with services_running.postgresql(top / "server") as server:
            server.execute("ALTER SYSTEM SET fsync = on")
            server.execute("SELECT pg_reload_conf()")
            server.execute("CREATE DATABASE house")
            with scenes.a_house(top / "var", database_url=server.url("house")) as house:
                yield from _services(top, house_name="PostgreSQL", house=house)
    except Unavailable as reason:
        sys.stderr.write(f"left out: {reason}\n")


def _services(top: Path, *, house_name: str, house: House) -> Iterator[Row]:
    work = top / "work"
    work.mkdir()
    for name, taken in services(house, CAD, examine(CAD, work, name=CAD.name)).items():
        wall, cpu = ([one * 1000 for one in values] for values in (taken.wall, taken.cpu))
        note = f"{taken.statements} statements"
        yield Row(f"{name}, one transaction with full sync, {house_name}", "ms", wall, TARGET_MS, cpu, note)


MEASURED: tuple[Callable[[Path], Iterator[Row]], ...] = (
    on_sqlite,
    on_postgresql,
    processes.verify,
    processes.idle,
    children.dossiers,
    children.web_model,
    children.drawing,
    uploads.uploads,
    pages.pages,
)


def main(words: list[str]) -> None:
    """Measure everything, or what is named, and print it."""
    rows: list[Row] = []
    before = Machine.now()
    for measured in MEASURED:
        if words and measured.__name__ not in words:
            continue
        with tempfile.TemporaryDirectory(prefix="timings-") as top:
            rows += measured(Path(top))
            sys.stderr.write(f"{measured.__name__} measured\n")
    after = Machine.now()
    OUT.parent.mkdir(exist_ok=True)
    told = {"before": asdict(before), "after": asdict(after), "rows": [row.as_facts() for row in rows]}
    OUT.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(rows))
    print(f"before: {before}\nafter:  {after}\nwritten to {OUT}")


if __name__ == "__main__":
    main(sys.argv[1:])
