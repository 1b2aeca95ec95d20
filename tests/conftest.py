"""What every test may ask for: real servers, a database on each of the two engines, and no network."""

import os
import shutil
import socket
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bespoke import schema
from bespoke.config import Settings
from bespoke.database import Database
from bespoke.house import House, open_house, prepare
from bespoke.storage.store import Store
from tests import kept, order, services_running
from tests.services_running import PostgreSQL, SeaweedFS, Unavailable, Valkey

SERVERS = frozenset({"postgres", "valkey", "seaweedfs"})
Server = TypeVar("Server")


class NetworkUsed(Exception):
    """A test reached for an address outside this machine."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where the slow ones are left out, their files need not be read either."""
    return True if "not slow" in config.option.markexpr and order.is_slow(collection_path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server and what is slow, so that `make check` can leave it out; the long files come first."""
    for item in items:
        if SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker("services")
        if order.is_slow(item.path):
            item.add_marker("slow")
    items.sort(key=lambda item: order.place_of(item.path))


def pytest_collection_finish() -> None:
    """Everything is imported now."""
    kept.settle()


def pytest_unconfigure() -> None:
    """Nothing is needed any longer."""
    kept.unsettle()


def _stay_inside(address: Any) -> None:
    if isinstance(address, tuple):
        host = str(address[0])
        try:
            inside = ip_address(host).is_loopback
        except ValueError:
            inside = host in ("", "localhost")
        if not inside:
            raise NetworkUsed(f"a test reached for {address!r}; only this machine may be talked to")


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse connections and look-ups that leave this machine."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _stay_inside(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _stay_inside(address)
        return connect_ex(self, address)

    def guarded_look_up(host: Any, *rest: Any, **options: Any) -> Any:
        _stay_inside((host.decode() if isinstance(host, bytes) else host or "",))
        return look_up(host, *rest, **options)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Statements, templates and addresses are the same in every house of the tests."""
    patch = pytest.MonkeyPatch()
    kept.keep(patch)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """The settings of whoever runs the tests are not those of the tests."""
    patch = pytest.MonkeyPatch()
    for name in [name for name in os.environ if name.startswith(("BESPOKE_", "AWS_"))]:
        patch.delenv(name)
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield
    patch.undo()


def _served(server: Callable[[Path], AbstractContextManager[Server]]) -> Iterator[Server]:
    """A server for the whole session; where its program is missing, CI fails and a workplace skips."""
    folder = Path(tempfile.mkdtemp(prefix="bespoke-"))
    folder.chmod(0o755)  # PostgreSQL enters as a user of its own
    try:
        with server(folder / "server") as running:
            yield running
    except Unavailable as reason:
        if os.environ.get("CI"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgreSQL]:
    """A real PostgreSQL, started once for this process of the suite."""
    yield from _served(services_running.postgresql)


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """A real Valkey, started once for this process of the suite."""
    yield from _served(services_running.valkey)


@pytest.fixture(scope="session")
def seaweedfs() -> Iterator[SeaweedFS]:
    """A real S3 server, started once for this process of the suite."""
    yield from _served(services_running.seaweedfs)


@pytest.fixture
def postgres_url(postgres: PostgreSQL) -> Iterator[str]:
    """The address of an empty PostgreSQL database, dropped at the end."""
    name = f"empty_{uuid.uuid4().hex}"
    postgres.execute(f"CREATE DATABASE {name}")
    yield postgres.url(name)
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "bespoke.sqlite3"
    _make_tables(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture(scope="session")
def _postgres_template(postgres: PostgreSQL) -> str:
    postgres.execute("CREATE DATABASE bespoke_template")
    _make_tables(postgres.url("bespoke_template"))
    return "bespoke_template"


def _make_tables(url: str) -> None:
    database = Database(url)
    schema.upgrade(database)
    database.close()


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """The address of an SQLite database with our tables, empty."""
    path = tmp_path / "bespoke.sqlite3"
    shutil.copyfile(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with our tables, empty; the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: PostgreSQL = request.getfixturevalue("postgres")
    template: str = request.getfixturevalue("_postgres_template")
    name = f"test_{uuid.uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with our tables, empty; the test runs on SQLite and on PostgreSQL."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The embedded settings, with everything in a folder of the test's own."""
    return Settings(data_folder=tmp_path / "var")


@pytest.fixture
def house(settings: Settings, sqlite_url: str) -> Iterator[House]:
    """An embedded house with its tables: SQLite and local files, nobody in it."""
    prepare(settings)
    shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), settings.data_folder / "bespoke.sqlite3")
    house = open_house(settings)
    yield house
    house.close()


@pytest.fixture
def storage(house: House) -> Store:
    """A local folder for files, empty."""
    return house.storage
