"""Letters out of the house: by an SMTP server, or as files in a folder where none is set."""

import base64
import email
import email.policy
import hashlib
import os
import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import unquote, urlsplit

PATIENCE_SECONDS = 20
KEPT = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{12}\.eml", re.ASCII)


class NotSent(Exception):
    """The letter did not leave the house; trying again later may help."""


class Refused(NotSent):
    """The server will not take this letter, today or tomorrow; the text says what it said."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person.

    Attributes:
        key: what it is about, unique to the house; a letter sent twice after a crash has the same
            Message-ID, so that a mail program shows it once.
        html: the same words with more dress, or "".
        sender: the name before the house's address, or "" for none.
        reply_to: where an answer goes, where that is another address.
        picture: a JPEG the HTML shows as `cid:picture`, or nothing.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str = ""
    sender: str = ""
    reply_to: str = ""
    picture: bytes = b""


class Mailer(Protocol):
    """A way out of the house."""

    def send(self, letter: Letter, *, at: datetime) -> None:
        """Hand a letter over. Raises NotSent or Refused."""


class OutboxMailer:
    """Letters as files which any mail program opens: `folder/<moment>-<key's digest>.eml`."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    def send(self, letter: Letter, *, at: datetime) -> None:
        """Write a letter, whole or not at all."""
        message = compose(letter, self._sender, at=at)
        name = f"{at:%Y%m%dT%H%M%SZ}-{hashlib.sha256(letter.key.encode()).hexdigest()[:12]}.eml"
        temporary = self._folder / f".{name}-{os.getpid()}"
        self._folder.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(message.as_bytes(policy=WIRE))
        temporary.rename(self._folder / name)


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter in the outbox, as it would be read; its picture stands inside the HTML."""

    name: str
    at: datetime
    sender: str
    to: str
    reply_to: str
    subject: str
    text: str
    html: str


def read_outbox(folder: Path, *, most: int) -> tuple[KeptLetter, ...]:
    """The letters in the outbox, the newest first."""
    names = sorted((path.name for path in folder.glob("*.eml")), reverse=True)[:most]
    found = (read_kept(folder, name) for name in names)
    return tuple(letter for letter in found if letter is not None)


def read_kept(folder: Path, name: str) -> KeptLetter | None:
    """One letter of the outbox by its name; None where there is none."""
    if not KEPT.fullmatch(name):
        return None
    try:
        content = (folder / name).read_bytes()
    except FileNotFoundError:
        return None
    message = email.message_from_bytes(content, policy=email.policy.default)
    plain, dressed = message.get_body(("plain",)), message.get_body(("html",))
    html = "" if dressed is None else dressed.get_content()
    for part in message.walk():
        if part.get_content_type() == "image/jpeg" and part["Content-ID"] == "<picture>":
            inside = base64.b64encode(cast(bytes, part.get_payload(decode=True))).decode()
            html = html.replace("cid:picture", f"data:image/jpeg;base64,{inside}")
    return KeptLetter(
        name=name,
        at=datetime.strptime(name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
        sender=str(message["From"]),
        to=str(message["To"]),
        reply_to=str(message["Reply-To"] or ""),
        subject=str(message["Subject"]),
        text="" if plain is None else plain.get_content(),
        html=html,
    )


class SmtpMailer:
    """Letters through a server: `smtp://` becomes TLS where the server offers it, `smtps://` begins with it.

    A password is never sent in the clear.
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = sender

    def send(self, letter: Letter, *, at: datetime) -> None:
        """Hand a letter to the server, see `Mailer.send`."""
        message = compose(letter, self._sender, at=at)
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as fault:
            ((code, said),) = fault.recipients.values()
            raise _named(code, said) from fault
        except smtplib.SMTPResponseException as fault:
            raise _named(fault.smtp_code, fault.smtp_error) from fault
        except (smtplib.SMTPException, OSError) as fault:
            raise NotSent(f"{self._host} could not be talked to: {fault}") from fault

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=PATIENCE_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=PATIENCE_SECONDS)
        try:
            server.ehlo()
            if not self._tls and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif not self._tls and self._user:
                raise Refused(f"{self._host} offers no TLS; the password is not sent in the clear.")
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def open_mailer(url: str, sender: str, outbox: Path) -> Mailer:
    """The way out these settings describe: the server at `url`, or the folder where it is ""."""
    return SmtpMailer(url, sender) if url else OutboxMailer(outbox, sender)


def compose(letter: Letter, sender: str, *, at: datetime) -> EmailMessage:
    """The mail itself. A subject or address with a line break in it is refused by the library."""
    message = EmailMessage()
    message["From"] = formataddr((letter.sender, sender)) if letter.sender else sender
    if letter.reply_to:
        message["Reply-To"] = letter.reply_to
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{hashlib.sha256(letter.key.encode()).hexdigest()}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # so that no absence note comes back
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
        dressed = message.get_body(("html",))
        if letter.picture and dressed is not None:
            dressed.add_related(letter.picture, "image", "jpeg", cid="<picture>", disposition="inline")
    return message


def _named(code: int, said: bytes | str) -> NotSent:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    kind = Refused if code >= 500 else NotSent
    return kind(f"The mail server said {code}: {words}")
