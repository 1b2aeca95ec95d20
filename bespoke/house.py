"""The house: what it runs on, opened from its settings; one object for web, jobs and commands alike."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from bespoke.config import Settings
from bespoke.database import Database
from bespoke.mailing import Mailer, open_mailer
from bespoke.payments.card_kept import KeptCards
from bespoke.storage.local import LocalStore, sync_folder
from bespoke.storage.local_parts import LocalParts
from bespoke.storage.store import Parts, Store
from bespoke.storage.uploads import Uploads

SECRET_KEY = "secret-key"
CARDS = "cards.json"
MEGABYTE = 1_000_000

Clock = Callable[[], datetime]


class NotPrepared(Exception):
    """The house has no secret key yet."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"There is no secret key in {file}. Run `bespoke init` first.")
        self.file = file


@dataclass(frozen=True, slots=True)
class House:
    """What everything runs on.

    Attributes:
        storage: where files are kept by their digest.
        uploads: files on their way.
        clock: the moment it is, aware and in UTC; the only clock there is.
        secret_key: signs cookies; the keys that sign addresses of parts and card notices are derived from it; at
            least 32 characters.
    """

    settings: Settings
    database: Database
    storage: Store
    uploads: Uploads
    clock: Clock
    secret_key: str = field(repr=False)

    @property
    def mailer(self) -> Mailer:
        """The way letters leave the house."""
        return open_mailer(self.settings.smtp_url, self.settings.mail_from, self.settings.outbox_folder)

    @property
    def cards(self) -> KeptCards:
        """The card provider of a house whose row names "fake": it takes no money, and is one to every process."""
        site = f"{self.settings.address}/cards"
        return KeptCards(self.settings.data_folder / CARDS, _key_for("cards", self.secret_key), site)

    @property
    def signing_folder(self) -> Path:
        """Where the house's signing key and certificate lie."""
        return self.settings.keys_folder / "signing"

    def close(self) -> None:
        """Give back the database's connections."""
        self.database.close()


def utc_now() -> datetime:
    """The moment it is by the clock of this machine, aware and in UTC."""
    return datetime.now(UTC)


def prepare(settings: Settings) -> None:
    """Make the folders the house keeps things in, and its secret key; what is there is left alone."""
    # letters in the outbox hold sign-in links, and the database whatever clients said
    settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (settings.queue_folder, settings.outbox_folder, settings.keys_folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.secret_key:
        _make_secret(settings.keys_folder / SECRET_KEY)


def open_house(settings: Settings, *, clock: Clock = utc_now) -> House:
    """The house these settings describe; nothing is asked of a server yet.

    Its folders are absolute from here on: children work in folders of their own, where `var` would be another place.

    Raises:
        NotPrepared: the secret key was never made, see `prepare`.
    """
    settings = replace(settings, data_folder=settings.data_folder.absolute())
    secret_key = settings.secret_key or _read_secret(settings.keys_folder / SECRET_KEY)
    storage, parts = _places(settings)
    uploads = Uploads(parts, _key_for("uploads", secret_key), limit_bytes=settings.upload_limit_mb * MEGABYTE)
    return House(settings, Database(settings.database), storage, uploads, clock, secret_key)


def _places(settings: Settings) -> tuple[Store, Parts]:
    if not settings.s3_bucket:
        return LocalStore(settings.files_folder), LocalParts(settings.uploads_folder)
    in_bucket = import_module("bespoke.storage.s3")  # boto3 is large: only a house with a bucket loads it
    places: tuple[Store, Parts] = in_bucket.open_places(
        settings.s3_bucket,
        endpoint=settings.s3_endpoint,
        public_endpoint=settings.s3_public_endpoint,
        region=settings.s3_region,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
    )
    return places


def _key_for(purpose: str, secret_key: str) -> bytes:
    """A key for one purpose, so that what is signed for it is worth nothing for another."""
    return hmac.new(secret_key.encode(), f"bespoke: {purpose}".encode(), hashlib.sha256).digest()


def _make_secret(file: Path) -> None:
    """Write a secret whole or not at all, readable by its owner only; two at once agree on one."""
    if file.exists():
        return
    temporary = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as secret:
        secret.write(secrets.token_urlsafe(48))
        secret.flush()
        os.fsync(secret.fileno())
    try:
        file.hardlink_to(temporary)  # fails where another was quicker
    except FileExistsError:
        return
    finally:
        temporary.unlink()
    sync_folder(file.parent)


def _read_secret(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise NotPrepared(file) from None
