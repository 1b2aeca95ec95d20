"""The supervisor: what dies is started again with growing pauses, and nothing outlives it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bespoke.config import Settings
from bespoke.jobs.bell import make_celery
from bespoke.jobs.supervisor import clear, web, worker

PROGRAM = """
import logging, sys
from bespoke.jobs.supervisor import Child, Supervisor
logging.basicConfig(level=logging.INFO, format="%(message)s")
Supervisor([Child(f"child{number}", [sys.executable, "-c", text], grace_s=2.0)
            for number, text in enumerate(sys.argv[1:])]).run()
"""
STAYS = "import time; time.sleep(600)"
DIES = "import sys; sys.exit(3)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
PARENT = "import subprocess, sys; subprocess.Popen(['sleep', '600']).wait()"


def until(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def begin(*children: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, *children], stderr=subprocess.PIPE, text=True)
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def below(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)


def test_a_killed_child_is_started_again(start: Start) -> None:
    supervisor = start(STAYS, STAYS)
    until(lambda: len(below(supervisor)) == 2)
    first = below(supervisor)
    first[0].kill()
    until(lambda: len(below(supervisor)) == 2 and first[0] not in below(supervisor))
    assert first[1] in below(supervisor), "the other is left alone"


def test_one_that_keeps_dying_is_started_more_and_more_rarely(start: Start) -> None:
    supervisor = start(DIES)
    time.sleep(7)  # three deaths and the pauses between them take three and a half, on a slow machine more
    supervisor.terminate()
    assert supervisor.wait(20) == 0
    assert supervisor.stderr is not None
    said = supervisor.stderr.read().splitlines()
    pauses = [float(line.split(" in ")[1].removesuffix(" s")) for line in said if "starting it again" in line]
    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert len(pauses) <= 5


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_everything_ends_with_it_even_a_deaf_child_and_grandchildren(start: Start, number: signal.Signals) -> None:
    supervisor = start(STAYS, DEAF, PARENT)
    until(lambda: len(below(supervisor)) == 4)
    time.sleep(0.3)
    everyone = below(supervisor)
    supervisor.send_signal(number)
    assert supervisor.wait(20) == 0
    until(lambda: gone(everyone))


def test_children_end_when_the_supervisor_is_killed(start: Start) -> None:
    supervisor = start(STAYS, STAYS)
    until(lambda: len(below(supervisor)) == 2)
    time.sleep(0.3)
    everyone = below(supervisor)
    supervisor.kill()
    until(lambda: gone(everyone))


def test_what_a_dead_child_started_is_not_left_behind(start: Start) -> None:
    supervisor = start(PARENT)
    until(lambda: len(below(supervisor)) == 2)
    child, grandchild = below(supervisor)
    child.kill()
    until(lambda: gone([grandchild]))


def test_the_web_listens_where_the_settings_say_and_the_worker_is_quiet() -> None:
    settings = Settings(listen="127.0.0.1:8123", web_threads=5)
    command = list(web(settings).command)
    assert command[command.index("--bind") + 1] == "127.0.0.1:8123"
    assert command[command.index("--threads") + 1] == "5"
    assert "bespoke.worker" in worker().command


def test_what_an_earlier_run_left_in_the_queue_is_thrown_away(tmp_path: Path) -> None:
    clear(tmp_path / "not there yet")
    (tmp_path / "old.render.msg").write_text("{}")
    clear(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_supervisor_itself_loads_neither_database_nor_web() -> None:
    program = "import sys, bespoke.jobs.supervisor; print([m for m in sys.modules if m in " \
              "('sqlalchemy', 'flask', 'celery', 'boto3', 'numpy')])"  # fmt: skip
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_told_twice_it_waits_for_nobody() -> None:
    program = PROGRAM.replace("grace_s=2.0", "grace_s=60.0")
    supervisor = subprocess.Popen([sys.executable, "-c", program, DEAF], stderr=subprocess.DEVNULL)
    try:
        until(lambda: len(psutil.Process(supervisor.pid).children()) == 1)
        time.sleep(1)
        child = psutil.Process(supervisor.pid).children()
        for _ in range(2):
            supervisor.send_signal(signal.SIGINT)
            time.sleep(1)
        assert supervisor.wait(20) == 0
        until(lambda: gone(child))
    finally:
        supervisor.kill()
        supervisor.wait()


def test_a_worker_that_listens_hears_soon_that_it_should_stop(tmp_path: Path) -> None:
    app = make_celery(Settings(data_folder=tmp_path))
    with app.connection_for_read() as connection, app.amqp.TaskConsumer(connection.default_channel):
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            connection.drain_events(timeout=30)
    assert time.monotonic() - began < 15
