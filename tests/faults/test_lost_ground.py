"""A disk that is full and a broker that is gone: a sentence, no damage, and it goes on where it was."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from bespoke.config import Settings
from bespoke.house import open_house, prepare
from bespoke.jobs.bell import ring_after_commit
from bespoke.jobs.runner import Runner
from bespoke.jobs.sweeper import Sweeper
from bespoke.jobs.tasks import TASKS
from bespoke.models.job import Job, JobState, Queue, enqueue
from bespoke.services import doctor, holds
from bespoke.storage.store import StorageError
from tests import factories, services_running
from tests.services_running import free_port
from tests.timings import scenes

FULL = """
import resource, signal, sys
from pathlib import Path
from bespoke.config import Settings
from bespoke.database import DatabaseError
from bespoke.house import open_house, prepare
from bespoke.models.commission import Commission
from bespoke.storage.store import StorageError
from workflows.roles import Actor, Role

house = open_house(Settings(data_folder=Path(sys.argv[1])))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then a write fails, as it does on a full disk
said = []
with house.database.reading() as session:
    session.get_one(Commission, 1)
limit = max(path.stat().st_size for path in Path(sys.argv[1]).glob("bespoke.sqlite3*")) + 20_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    house.storage.put(bytes(65536) for _ in range(1000))
except StorageError as refusal:
    print("file", type(refusal).__module__, refusal, sep="|")
try:
    for _ in range(2000):
        with house.database.transaction() as session:
            commission = session.get_one(Commission, 1)
            event = commission.record("stress", Actor("system", Role.SYSTEM, "x"), house.clock(), text="x" * 5000)
        print("kept", event.position, event.digest, sep="|")
except DatabaseError as refusal:
    print("row", type(refusal).__module__, refusal, sep="|")
"""


def test_a_full_disk_refuses_with_a_sentence_and_harms_nothing(tmp_path: Path) -> None:
    with scenes.a_house(tmp_path / "var") as house, house.database.transaction() as session:
        factories.a_commission(session, factories.a_cast(session))
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "var")],
        capture_output=True, text=True, timeout=120, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    lines = [line.split("|") for line in done.stdout.splitlines()]
    refused = {line[0]: line[1:] for line in lines if line[0] != "kept"}
    assert refused.keys() == {"file", "row"}, done.stdout[-500:] + done.stderr
    for module, sentence in refused.values():
        assert module.startswith("bespoke."), sentence
        assert sentence.endswith(".")
    house = open_house(Settings(data_folder=tmp_path / "var"))
    with house.database.reading() as session:
        found = doctor.examine(session, house.storage, at=house.clock(), deep=True)
    assert found.breaches == ()
    assert list((tmp_path / "var" / "files" / "incoming").glob("*")) == []
    with house.database.transaction() as session:  # with room again it goes on
        enqueue(session, holds.LAPSE, {}, queue=Queue.MAIL, at=house.clock())
    house.close()


@pytest.mark.services
def test_a_full_disk_of_the_file_server_refuses_with_a_sentence_and_harms_nothing(tmp_path: Path) -> None:
    with services_running.seaweedfs(tmp_path / "server") as server:
        ours = f"-dir={tmp_path}"
        weed = next(one for one in psutil.Process().children(recursive=True) if ours in " ".join(one.cmdline()))
        settings = Settings(
            data_folder=tmp_path / "var",
            s3_bucket=server.bucket,
            s3_endpoint=server.endpoint,
            s3_access_key=server.access_key,
            s3_secret_key=server.secret_key,
        )
        prepare(settings)
        house = open_house(settings)
        kept = house.storage.put([b"kept before the disk was full"])
        large = [os.urandom(1_000_000), os.urandom(1_000_000)]
        hard = weed.rlimit(psutil.RLIMIT_FSIZE)[1]
        weed.rlimit(psutil.RLIMIT_FSIZE, (200_000, hard))  # its volume cannot grow, as on a full disk
        with pytest.raises(StorageError, match="room on its disk, then try again") as refused:
            house.storage.put(large)
        assert str(refused.value).endswith(".")
        assert set(house.storage.digests()) == {kept.digest}
        with house.storage.open(kept.digest) as content:
            assert content.read() == b"kept before the disk was full"
        weed.rlimit(psutil.RLIMIT_FSIZE, (hard, hard))
        stored = house.storage.put(large)  # with room again it goes on
        with house.storage.local_path(stored.digest) as checked:
            assert checked.stat().st_size == 2_000_000
        house.close()


def test_a_lost_broker_loses_no_work(tmp_path: Path) -> None:
    with scenes.a_house(tmp_path / "var"):
        pass
    gone = f"redis://127.0.0.1:{free_port()}/0"
    house = open_house(Settings(data_folder=tmp_path / "var", broker_url=gone))
    bell = ring_after_commit(house)
    with house.database.transaction() as session:
        job_id = enqueue(session, holds.LAPSE, {}, queue=Queue.MAIL, at=house.clock()).id
    assert Sweeper(house, bell).sweep() == 0
    assert Runner(TASKS, house).answer(Queue.MAIL) == 1
    with house.database.reading() as session:
        assert session.get_one(Job, job_id).state is JobState.DONE
    house.close()
