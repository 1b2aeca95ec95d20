"""Whether the address to listen at is free, asked before anything is started there."""

import socket

from bespoke.cli import CommandRefused
from bespoke.config import Settings


def require_free(settings: Settings) -> None:
    """Return where nobody listens yet.

    Raises:
        CommandRefused: something does; another address can be chosen by a setting.
    """
    host, _, port = settings.listen.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host.strip("[]"), int(port)))
        except OSError as fault:
            raise CommandRefused(
                f"The house cannot listen at {settings.listen}: {fault.strerror}. "
                "Stop what runs there, or set BESPOKE_LISTEN to another address, such as 127.0.0.1:8790."
            ) from fault
