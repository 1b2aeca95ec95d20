"""Settings: what the house is told by its environment, read once, checked whole, frozen."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

PREFIX = "BESPOKE_"
SECRETS = frozenset(
    {"BESPOKE_DATABASE_URL", "BESPOKE_BROKER_URL", "BESPOKE_SECRET_KEY", "BESPOKE_SMTP_URL"}
    | {"BESPOKE_S3_ACCESS_KEY", "BESPOKE_S3_SECRET_KEY"}
)
"""Settings that may also come from a file named by NAME_FILE, as container secrets do."""

DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")
BROKERS = ("filesystem://", "redis://", "rediss://")
HOST = re.compile(r"\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|\[[0-9a-f:]+\](:\d{1,5})?", re.IGNORECASE)
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class Misconfigured(Exception):
    """The environment cannot be worked with; `faults` has a sentence for each thing to put right."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("The settings cannot be used:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the house is told from outside. Field `data_folder` is BESPOKE_DATA_FOLDER, and so on.

    With an empty environment the house is embedded: SQLite, a local folder and the queue in files, all
    under `data_folder`. An empty text means "not set", and the properties give what is then used.
    """

    data_folder: Path = Path("var")
    database_url: str = field(default="", repr=False)
    broker_url: str = field(default="filesystem://", repr=False)
    secret_key: str = field(default="", repr=False)
    listen: str = "127.0.0.1:8765"
    base_url: str = ""
    trusted_hosts: tuple[str, ...] = ()
    proxies: int = 0
    s3_bucket: str = ""
    s3_endpoint: str = ""
    s3_public_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = field(default="", repr=False)
    s3_secret_key: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)
    mail_from: str = "house@localhost"
    web_threads: int = 8
    worker_concurrency: int = 1
    job_lease_seconds: int = 60
    upload_limit_mb: int = 512
    child_memory_mb: int = 4096
    child_cpu_seconds: int = 60
    picture_cpu_seconds: int = 900
    turntable_frames: int = 36

    @property
    def database(self) -> str:
        """The address of the database: the one set, else the SQLite file in the data folder."""
        if not self.database_url:
            return f"sqlite:///{(self.data_folder / 'bespoke.sqlite3').absolute()}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def address(self) -> str:
        """The house's public address, without a closing slash; links in mails begin with it."""
        return (self.base_url or f"http://{self.listen}").rstrip("/")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The Host headers answered: those set, else that of the public address and this machine."""
        own = urlsplit(self.address).hostname or "localhost"
        return self.trusted_hosts or tuple(dict.fromkeys((own, "127.0.0.1", "localhost")))

    @property
    def secure(self) -> bool:
        """Whether the public address is https, so that cookies are for https only."""
        return self.address.startswith("https://")

    @property
    def files_folder(self) -> Path:
        """Files by digest, when they are kept on this machine."""
        return self.data_folder / "files"

    @property
    def uploads_folder(self) -> Path:
        """Parts of files still being sent, when files are kept on this machine."""
        return self.data_folder / "uploads"

    @property
    def keys_folder(self) -> Path:
        """The secret key, and the house's signing key and certificate."""
        return self.data_folder / "keys"

    @property
    def queue_folder(self) -> Path:
        """The embedded queue."""
        return self.data_folder / "queue"

    @property
    def outbox_folder(self) -> Path:
        """Mails as files, where no SMTP server is set."""
        return self.data_folder / "outbox"

    @property
    def work_folder(self) -> Path:
        """What jobs have in hand: one folder a job, taken away with it."""
        return self.data_folder / "work"

    @property
    def backups_folder(self) -> Path:
        """Copies of the database made before each upgrade of its schema."""
        return self.data_folder / "backups"


def variable(field: str) -> str:
    """The environment variable of a field of `Settings`."""
    return PREFIX + field.upper()


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of this environment; names that do not begin with BESPOKE_ are not looked at.

    Raises:
        Misconfigured: with every fault at once: a malformed value, an unknown name, a secret given
            twice or from a file that cannot be read, or settings that do not go together.
    """
    faults: list[str] = []
    given = _given(environment, faults)
    values: dict[str, object] = {}
    for name, text in given.items():
        try:
            values[name] = READERS[name](text)
        except ValueError as fault:
            faults.append(f"{variable(name)} {fault}.")
    settings = Settings(**values)  # type: ignore[arg-type]  # each reader gives its field's type
    faults += _contradictions(settings)
    if faults:
        raise Misconfigured(tuple(faults))
    return settings


def _given(environment: Mapping[str, str], faults: list[str]) -> dict[str, str]:
    known = {variable(each.name): each.name for each in fields(Settings)}
    known_files = {f"{name}_FILE": name for name in SECRETS}
    given: dict[str, str] = {}
    for name in sorted(name for name in environment if name.startswith(PREFIX)):
        text = environment[name].strip()
        if not text:
            continue
        if name in known:
            given[known[name]] = text
        elif name in known_files:
            secret = known_files[name]
            if environment.get(secret, "").strip():
                faults.append(f"{secret} and {name} are both set; keep one.")
            try:
                given[known[secret]] = Path(text).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as fault:
                faults.append(f"{name} names {text}, which cannot be read: {fault}.")
        else:
            near = difflib.get_close_matches(name, [*known, *known_files], n=1)
            hint = f"; did you mean {near[0]}" if near else ""
            faults.append(f"{name} is not a setting{hint}.")
    return given


def _contradictions(settings: Settings) -> list[str]:
    faults = []
    if settings.s3_bucket and not (settings.s3_access_key and settings.s3_secret_key):
        faults.append("BESPOKE_S3_BUCKET needs BESPOKE_S3_ACCESS_KEY and BESPOKE_S3_SECRET_KEY beside it.")
    if (settings.s3_endpoint or settings.s3_public_endpoint) and not settings.s3_bucket:
        faults.append("BESPOKE_S3_ENDPOINT is set without BESPOKE_S3_BUCKET, so files would stay local.")
    return faults


def _text(text: str) -> str:
    return text


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"is {text!r}, which is not {what}")
        return text

    return read


def _database(text: str) -> str:
    _parts_of_secret(text, DATABASES)
    if text.startswith("sqlite:") and text.removeprefix(DATABASES[0]) in ("", ":memory:"):
        raise ValueError("must name a file; a house in memory would be gone with the process")
    return text


def _broker(text: str) -> str:
    _parts_of_secret(text, BROKERS)
    return text


def _parts_of_secret(text: str, beginnings: tuple[str, ...]) -> SplitResult:
    """The parts of an address that may hold a password, which no refusal repeats, not even the library's."""
    if not text.startswith(beginnings):
        raise ValueError(f"must begin with {' or '.join(beginnings)}")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("is no address: its host or its port cannot be read") from None
    return parts


def _whole(least: int, most: int, unit: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            raise ValueError(f"is {text!r}; it must be a whole number of {unit} from {least} to {most}")
        return int(text)

    return read


def _secret_key(text: str) -> str:
    if len(text) < 32:
        raise ValueError(f"has {len(text)} characters; it needs at least 32 random ones")
    return text


def _web_address(text: str) -> str:
    parts = _parts_of_secret(text, ("http://", "https://"))
    if parts.username or parts.password:
        raise ValueError("must not hold a password")
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"is {text!r}, which is not an address such as https://house.example")
    return text


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 1 <= int(port) <= 65535:
        raise ValueError(f"is {text!r}; it must be an address and a port such as 127.0.0.1:8765")
    return text


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in text.split(",") if host.strip())
    wrong = [host for host in hosts if not HOST.fullmatch(host)]
    if wrong or not hosts:
        raise ValueError(f"is {text!r}; it must be host names with commas between them")
    return hosts


def _mail_server(text: str) -> str:
    if not _parts_of_secret(text, ("smtp://", "smtps://")).hostname:
        raise ValueError("must look like smtp://user:password@mail.example:587 or smtps://…")
    return text


READERS: dict[str, Callable[[str], object]] = {
    "data_folder": Path,
    "database_url": _database,
    "broker_url": _broker,
    "secret_key": _secret_key,
    "listen": _listen,
    "base_url": _web_address,
    "trusted_hosts": _hosts,
    "proxies": _whole(0, 8, "proxies"),
    "s3_bucket": _matching(BUCKET, "a bucket's name"),
    "s3_endpoint": _web_address,
    "s3_public_endpoint": _web_address,
    "s3_region": _matching(re.compile(r"[a-z0-9-]{1,40}"), "a region's name"),
    "s3_access_key": _text,
    "s3_secret_key": _text,
    "smtp_url": _mail_server,
    "mail_from": _matching(re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+"), "a mail address"),
    "web_threads": _whole(1, 256, "threads"),
    "worker_concurrency": _whole(1, 64, "jobs at a time"),
    "job_lease_seconds": _whole(1, 3600, "seconds"),
    "upload_limit_mb": _whole(1, 4096, "MB"),
    "child_memory_mb": _whole(512, 262144, "MB"),
    "child_cpu_seconds": _whole(1, 3600, "seconds"),
    "picture_cpu_seconds": _whole(10, 36000, "seconds"),
    "turntable_frames": _whole(4, 120, "pictures"),
}
"""How each field is read from its text; a reader raises ValueError with the rest of a sentence."""
