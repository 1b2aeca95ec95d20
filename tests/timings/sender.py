"""A designer's browser in a process of its own: what `upload.js` does, with nothing but sockets.

`python -m tests.timings.sender ADDRESS LINK PIECE FILE` signs in by the link, sends the file in parts, three at a time,
each announced by its SHA-256, and prints the seconds from the first request of the upload to the answer to the last.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlencode, urlsplit

AT_ONCE = 3
FORM = "application/x-www-form-urlencoded"


class Refused(Exception):
    """The house answered something else than was hoped for."""


class Browser:
    """One connection that is kept, and the cookies of a visitor."""

    def __init__(self, address: str, cookies: dict[str, str] | None = None) -> None:
        self.host = urlsplit(address).netloc
        self.connection = HTTPConnection(self.host, timeout=60)
        self.cookies = {} if cookies is None else cookies

    def ask(self, method: str, path: str, body: bytes | memoryview | None = None, **headers: str) -> bytes:
        """The body of the answer. Raises Refused for anything but 2xx and 303."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.connection.request(method, path, body, given)
        answer = self.connection.getresponse()
        told = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status not in (200, 201, 303):
            raise Refused(f"{method} {path}: {answer.status} {told[:400].decode(errors='replace')}")
        return told

    def token(self, path: str) -> str:
        """The secret of the forms on a page."""
        return self.ask("GET", path).decode().partition('name="csrf_token" value="')[2].partition('"')[0]

    def enter(self, link: str) -> None:
        """Sign in by a link."""
        token = self.token(link)
        self.ask("POST", link, urlencode({"csrf_token": token}).encode(), Content_Type=FORM)


def send(address: str, link: str, piece: str, source: Path) -> dict[str, float]:
    """The whole file, until it is kept and entered as a revision."""
    browser = Browser(address)
    browser.enter(link)
    headers = {"X_CSRFToken": browser.token("/studio/"), "Accept": "application/json"}
    began, used = time.perf_counter(), time.process_time()
    size = source.stat().st_size
    asked = urlencode({"name": "ring.glb", "size": size}).encode()
    upload = json.loads(browser.ask("POST", f"{piece}/uploads", asked, Content_Type=FORM, **headers))
    numbers: SimpleQueue[int] = SimpleQueue()
    for number in range(1, upload["parts"] + 1):
        numbers.put(number)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sending = [
            pool.submit(_send_parts, Browser(address, browser.cookies), headers, upload, source, numbers)
            for _ in range(AT_ONCE)
        ]
        for one in sending:
            one.result()
    browser.connection.close()  # the house has let it go meanwhile
    browser.ask("POST", f"{upload['address']}/finish", b"unit=mm", Content_Type=FORM, **headers)
    return {"wall": time.perf_counter() - began, "cpu": time.process_time() - used}


def _send_parts(
    browser: Browser, headers: dict[str, str], upload: dict[str, Any], source: Path, numbers: SimpleQueue[int]
) -> None:
    length = upload["part_bytes"]
    with source.open("rb") as file:
        for number in _taken(numbers):
            part = os.pread(file.fileno(), length, (number - 1) * length)
            digest = hashlib.sha256(part).hexdigest()
            browser.ask("PUT", f"{upload['address']}/{number}", part, X_Part_SHA256=digest, **headers)


def _taken(numbers: SimpleQueue[int]) -> Iterator[int]:
    while True:
        try:
            yield numbers.get_nowait()
        except Empty:
            return


if __name__ == "__main__":
    print(json.dumps(send(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))))
