"""How long a drawing of 300 MB takes to come in parts, beside a copy on the same disk, and the memory it takes."""

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from bespoke.app import create_app
from bespoke.house import House
from bespoke.models.people import Person
from bespoke.services import links
from bespoke.storage.uploads import PART_BYTES
from tests.factories import Cast, a_commission, brought_to
from tests.timings import scenes
from tests.timings.measure import Row

SIZE = 300_000_000
RUNS = 3
ROOT = Path(__file__).parents[2]


def uploads(top: Path) -> Iterator[Row]:
    """Parts through the routes, the end through the service, whose limit is the house's and not that of drawings."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.timings.uploads", str(top)], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    found = json.loads(told.stdout.splitlines()[-1])
    (copied, copied_cpu), (sent, sent_cpu) = (zip(*found[name], strict=True) for name in ("copies", "uploads"))
    yield Row("copy of 300 MB, hashed and synced", "s", copied, None, copied_cpu)
    yield Row("upload of 300 MB, hashed, synced and kept", "s", sent, None, sent_cpu)
    ratios = [one / other for one, other in zip(sent, copied, strict=True)]
    cpus = [one / other for one, other in zip(sent_cpu, copied_cpu, strict=True)]
    yield Row(
        "upload to copy, each after the other",
        "times",
        ratios,
        1.5,
        cpus,
        "the sender works in the same process, in turns",
    )
    both = "the test browser too, which lets its requests go late; the web alone is not told apart here"
    yield Row("sender and web in one process, peak", "MB", [found["peak_mb"]], note=both)


def measure(top: Path) -> dict[str, object]:
    """Both by turns, in a process of its own."""
    source = top / "source"
    with source.open("wb") as file:
        for start in range(0, SIZE, PART_BYTES):
            file.write(os.urandom(min(PART_BYTES, SIZE - start)))
        os.fsync(file.fileno())
    copies, sent = [], []
    with scenes.a_house(top / "var") as house, scenes.a_cast(house) as cast:
        sender = Sender(house, cast)
        for _ in range(RUNS):
            copies.append(_timed(lambda: _copy(source, top / "copy")))
            sent.append(_timed(lambda: sender.send(source)))
            (top / "copy").unlink()
            for kept in house.settings.files_folder.glob("??/??/*"):
                kept.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    return {"copies": copies, "uploads": sent, "peak_mb": peak}


class Sender:
    """A designer's browser."""

    def __init__(self, house: House, cast: Cast) -> None:
        self.house, self.browser = house, create_app(house=house).test_client()
        with house.database.transaction() as session:
            person = session.get_one(Person, int(cast.designer.id))
            link = f"/enter/staff/{links.issue_for_staff(session, person, at=house.clock()).secret}"
            self.reference = brought_to(session, a_commission(session, cast), "cad", cast).reference
        self.browser.post(link, data={"csrf_token": self._token(link)})
        self.headers = {"X-CSRFToken": self._token("/studio/"), "Accept": "application/json"}
        self.owner = f"{cast.designer.id}/{self.reference}/A"

    def send(self, source: Path) -> None:
        """The whole file, until it is kept."""
        upload = self.house.uploads.begin(self.owner, "ring.stl", SIZE, at=self.house.clock())
        with source.open("rb") as file:
            for number in range(1, upload.parts + 1):
                part = file.read(PART_BYTES)
                address = f"/studio/{self.reference}/A/uploads/{upload.identifier}/{number}"
                announced = {"X-Part-SHA256": hashlib.sha256(part).hexdigest()}
                with BytesIO(part) as body:  # closed, so that what keeps the request does not keep the part
                    answer = self.browser.put(
                        address, input_stream=body, content_length=len(part), headers=self.headers | announced
                    )
                if answer.status_code != 200:
                    raise RuntimeError(answer.text)
        self.house.uploads.finish(upload, self.house.storage)
        self.house.uploads.discard(upload)

    def _token(self, path: str) -> str:
        return self.browser.get(path).text.partition('name="csrf_token" value="')[2].partition('"')[0]


def _copy(source: Path, copy: Path) -> None:
    hashed = hashlib.sha256()
    with source.open("rb") as file, copy.open("wb") as target:
        while chunk := file.read(1 << 20):
            hashed.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())


def _timed(done: Callable[[], None]) -> tuple[float, float]:
    began, used = time.perf_counter(), time.process_time()
    done()
    return time.perf_counter() - began, time.process_time() - used


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
