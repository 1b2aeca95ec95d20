"""The suite itself: no network, and no server left behind."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import order
from tests.services_running import PostgreSQL, free_ports

HOLDS_A_SERVER = """
import sys, time
from pathlib import Path
from tests import order
from tests.services_running import postgresql
with postgresql(Path(sys.argv[1])) as server:
    print(server.port, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80), ("house.example", 443)])
def test_no_test_reaches_beyond_this_machine(address: tuple[str, int]):
    with pytest.raises(Exception, match="only this machine"):
        socket.create_connection(address, timeout=1)
    with pytest.raises(Exception, match="only this machine"):
        socket.getaddrinfo(*address)


def test_the_order_of_the_suite_names_files_that_are_there():
    assert order.unknown() == []


def test_free_ports_are_different_ones():
    assert len(set(free_ports(20))) == 20


def answers(port: int) -> bool:
    try:
        psycopg.connect(host="127.0.0.1", port=port, user="postgres", connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder which PostgreSQL, a user of its own, can enter."""
    with tempfile.TemporaryDirectory(prefix="bespoke-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_server_ends_with_the_suite_even_when_that_is_killed(postgres: PostgreSQL, open_folder: Path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_SERVER, str(open_folder / "server")],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    assert holder.stdout is not None
    port = int(holder.stdout.readline())
    assert answers(port)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    until = time.monotonic() + 20
    while answers(port):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert answers(postgres.port)
