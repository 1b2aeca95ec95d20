"""The limited child: what it may use, what it cannot see, and that its parent survives it."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from renders import errors
from renders.sandbox import Limits, network_is_shut, run, started

SMALL = Limits(memory_mb=512, cpu_seconds=20, wall_seconds=60, file_mb=1)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Write a module a child can run; hands back a function that runs it."""
    folder = tmp_path / "folder"
    folder.mkdir()

    def go(source: str, *arguments: str, limits: Limits = SMALL):
        (tmp_path / "odd.py").write_text(source)
        monkeypatch.setattr("renders.sandbox._ROOT", f"{Path(__file__).parents[2]}{os.pathsep}{tmp_path}")
        return run("odd", arguments, folder=folder, limits=limits)

    return go


def test_a_child_runs_in_its_own_folder_and_hands_back_what_it_said(program, tmp_path):
    finished = program("import os, sys; print(os.getcwd(), *sys.argv[1:])", "a b", "c")
    assert finished.stdout.split("\n")[0] == f"{tmp_path / 'folder'} a b c"


def test_a_crash_in_native_code_is_named_and_the_parent_goes_on(program):
    with pytest.raises(errors.ChildCrashed) as caught:
        program("import ctypes; ctypes.string_at(0)")
    assert caught.value.facts["signal"] == "SIGSEGV"
    assert program("print('well')").stdout == "well\n"


def test_a_memory_bomb_ends_at_its_limit(program):
    with pytest.raises(errors.ChildOutOfMemory) as caught:
        # filling the memory costs processor time of its own, on a slow machine many seconds
        program("held = []\nwhile True: held.append(bytearray(50_000_000))", limits=Limits(512, 60, 120, 1))
    assert caught.value.facts["memory_mb"] == 512


def test_a_busy_loop_ends_with_its_cpu_seconds(program):
    with pytest.raises(errors.ChildTimedOut):
        program("while True: pass", limits=Limits(512, 1, 20, 1))


def test_a_sleeper_ends_with_its_wall_seconds(program):
    begun = time.monotonic()
    with pytest.raises(errors.ChildTimedOut):
        program("import time; time.sleep(60)", limits=Limits(512, 5, 1, 1))
    assert time.monotonic() - begun < 40


def test_endless_talk_is_cut_and_never_blocks(program):
    finished = program("import sys\nfor _ in range(300): sys.stdout.write('x' * 100_000)")
    assert len(finished.stdout) == 64 * 1024


def test_a_file_beyond_the_limit_cannot_be_written(program, tmp_path):
    with pytest.raises(errors.ChildError):
        program("with open('big', 'wb') as big:\n for _ in range(9): big.write(bytes(1_000_000))")
    assert (tmp_path / "folder" / "big").stat().st_size <= 1024 * 1024


@pytest.mark.parametrize("ending", ["", "; time.sleep(60)"], ids=["ends well", "overstays"])
def test_what_a_child_started_ends_with_it(program, tmp_path, ending):
    source = (
        "import subprocess, sys, time\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open('number', 'w').write(str(other.pid)){ending}"
    )
    try:
        program(source, limits=Limits(512, 20, 8 if ending else 60, 1))
    except errors.ChildTimedOut:
        assert ending
    number = int((tmp_path / "folder" / "number").read_text())
    until = time.monotonic() + 30
    while _alive(number) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _alive(number)


def test_a_grandchild_with_a_session_of_its_own_and_the_pipe_does_not_keep_the_parent(program, tmp_path):
    source = (
        "import subprocess, sys\n"
        "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
        "open('number', 'w').write(str(other.pid))\n"
        "print('well')"
    )
    begun = time.monotonic()
    try:
        assert program(source).stdout == "well\n"
        assert time.monotonic() - begun < 50
    finally:
        os.kill(int((tmp_path / "folder" / "number").read_text()), signal.SIGKILL)


def _alive(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_secrets_of_the_parent_are_not_in_the_child(program, monkeypatch):
    monkeypatch.setenv("BESPOKE_SECRET_KEY", "hunter2")
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    said = program("import os; print(dict(os.environ))").stdout
    assert "hunter2" not in said
    assert "postgresql" not in said


def test_a_refusal_arrives_as_the_class_it_had_in_the_child(program):
    source = (
        "import sys, pathlib\nfrom renders.errors import OpenMesh, write_refusal\n"
        "write_refusal(OpenMesh('The band is open.', edges=7), pathlib.Path()); sys.exit(3)"
    )
    with pytest.raises(errors.OpenMesh, match=r"The band is open\.") as caught:
        program(source)
    assert caught.value.facts == {"edges": 7}


def test_an_ordinary_error_is_told_with_its_last_words(program):
    with pytest.raises(errors.ChildFailed, match="ValueError: no such facet") as caught:
        program("raise ValueError('no such facet')")
    assert caught.value.facts["code"] == 1


def test_a_module_lying_in_the_working_folder_is_never_imported(program, tmp_path):
    (tmp_path / "folder" / "json.py").write_text("raise SystemExit('planted')")
    assert program("import json; print(json.dumps(1))").stdout == "1\n"


def test_a_child_reaches_no_network_where_the_kernel_lets_it_leave(program, tmp_path):
    said = program(
        "import socket\n"
        "try: socket.create_connection(('127.0.0.1', 9), 2)\n"
        "except OSError as error: print(type(error).__name__, error.errno)"
    ).stdout
    shut = network_is_shut(tmp_path)
    assert said in ({"OSError 101\n", "OSError 99\n"} if shut else {"ConnectionRefusedError 111\n"})


def test_a_child_nobody_waits_for_ends_with_its_block(program, tmp_path):
    folder = tmp_path / "folder"
    (tmp_path / "odd.py").write_text("")
    program("print('the module is found')")
    (tmp_path / "odd.py").write_text("import time; open('begun', 'w').close(); time.sleep(60)")
    with started("odd", [], folder=folder, limits=SMALL):
        until = time.monotonic() + 60
        while not (folder / "begun").exists() and time.monotonic() < until:
            time.sleep(0.02)
        running = [one for one in psutil.Process().children() if "odd" in one.cmdline()]
        assert len(running) == 1
    assert not running[0].is_running()


def test_a_talkative_child_is_stopped_without_a_word_on_the_way(program, tmp_path):
    folder = tmp_path / "folder"
    program("print('the module is found')")
    (tmp_path / "odd.py").write_text("while True: print('x' * 4000, flush=True)")
    for _ in range(5):  # a thread that reads from a closed pipe would fail this test by its warning
        with started("odd", [], folder=folder, limits=SMALL):
            time.sleep(0.15)
