"""Letters leave the house by a real SMTP conversation, or lie in the outbox to be read."""

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest

from bespoke.house import House
from bespoke.mailing import Letter, NotSent, OutboxMailer, Refused, SmtpMailer, open_mailer

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SENDER = "house@house.example"
LETTER = Letter("job:17", "ase@house.example", "Ihr Entwurf – bitte ansehen", "Grüße\n", "<p>Grüße</p>")


class Conversation(socketserver.StreamRequestHandler):
    """As much of an SMTP server as a letter needs; it refuses who is called nobody or busy."""

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "EHLO":
                self.say("250 SMTPUTF8")
            elif verb == "DATA":
                self.say("354 go on")
                self.server.letters.append(b"".join(iter(self.rfile.readline, b".\r\n")))  # type: ignore[attr-defined]
                self.say("250 taken")
            elif "nobody@" in line:
                self.say("550 no such person")
            elif "busy@" in line:
                self.say("451 try later")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def server() -> Iterator[Any]:
    """A mail server of this machine that keeps its letters."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
    server.letters = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def address(server: Any, user: str = "") -> str:
    return f"smtp://{user}127.0.0.1:{server.server_address[1]}"


def parsed(content: bytes) -> EmailMessage:
    return cast(EmailMessage, email.message_from_bytes(content, policy=email.policy.default))


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return found.get_content()


def test_a_letter_arrives_as_it_was_written(server: Any):
    SmtpMailer(address(server), SENDER).send(LETTER, at=NOW)
    (content,) = server.letters
    message = parsed(content)
    assert message["Subject"] == LETTER.subject
    assert (message["From"], message["To"]) == (SENDER, LETTER.to)
    assert part(message, "plain").strip() == "Grüße"
    assert "<p>Grüße</p>" in part(message, "html")


def test_a_letter_sent_twice_has_one_message_id(server: Any):
    mailer = SmtpMailer(address(server), SENDER)
    mailer.send(LETTER, at=NOW)
    mailer.send(LETTER, at=NOW)
    assert len({parsed(content)["Message-ID"] for content in server.letters}) == 1


@pytest.mark.parametrize(("who", "error"), [("nobody", Refused), ("busy", NotSent)])
def test_a_refusal_says_whether_trying_again_may_help(server: Any, who: str, error: type[NotSent]):
    letter = Letter("job:18", f"{who}@house.example", "Hello", "Hello")
    with pytest.raises(NotSent) as refusal:
        SmtpMailer(address(server), SENDER).send(letter, at=NOW)
    assert type(refusal.value) is error
    assert server.letters == []


def test_a_password_is_not_sent_in_the_clear(server: Any):
    with pytest.raises(Refused, match="no TLS"):
        SmtpMailer(address(server, "user:secret@"), SENDER).send(LETTER, at=NOW)
    assert server.letters == []


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(NotSent, match="127.0.0.1"):
        SmtpMailer("smtp://127.0.0.1:9", SENDER).send(LETTER, at=NOW)


@pytest.mark.parametrize("field", ["to", "subject"])
def test_a_line_break_cannot_smuggle_a_header_in(tmp_path: Path, field: str):
    given = {"to": LETTER.to, "subject": LETTER.subject, field: "x\r\nBcc: everybody@house.example"}
    with pytest.raises(ValueError, match="linefeed|newline|line"):
        OutboxMailer(tmp_path, SENDER).send(Letter("job:19", given["to"], given["subject"], "text"), at=NOW)
    assert list(tmp_path.iterdir()) == []


def test_without_a_server_letters_lie_in_the_outbox(house: House):
    house.mailer.send(LETTER, at=NOW)
    (path,) = house.settings.outbox_folder.iterdir()
    assert path.suffix == ".eml"
    assert parsed(path.read_bytes())["Subject"] == LETTER.subject


def test_the_address_of_a_server_is_what_decides(tmp_path: Path):
    assert isinstance(open_mailer("", SENDER, tmp_path), OutboxMailer)
    assert isinstance(open_mailer("smtps://mail.example", SENDER, tmp_path), SmtpMailer)
