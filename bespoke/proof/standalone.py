#!/usr/bin/env python3
"""Checks an exported archive of Bespoke: every file, the chain of events, and the house's signature.

It needs Python 3.9 or newer and nothing else. The signature is checked with the `cryptography` package or the
`openssl` command, whichever is there; when neither is, it says so.

    python verify.py [ARCHIVE.zip or FOLDER] [--house FINGERPRINT]

FINGERPRINT is the SHA-256 of the house's authority certificate, as the house prints it. Get it from the house, not
from the archive. Exit code: 0 valid, 1 altered, 2 unknown.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Union

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
except ImportError:
    HAS_CRYPTOGRAPHY = False
else:
    HAS_CRYPTOGRAPHY = True

FORMAT = "bespoke.archive/1"
MANIFEST, SIGNATURE, SIGNING, AUTHORITY = "manifest.json", "manifest.sig", "signing.pem", "authority.pem"
EVENTS = "events.jsonl"
UNLISTED = (MANIFEST, SIGNATURE, SIGNING, AUTHORITY)
CHAINED = ("position", "at", "kind", "actor", "role", "piece", "facts", "previous")
GENESIS = "0" * 64
ONE_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/\n]+={0,2}\n)-----END CERTIFICATE-----\n?")


class Folder:
    """An unpacked archive: names with slashes, and their bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> list[str]:
        """All files below the folder."""
        files = (file for file in self.path.rglob("*") if file.is_file())
        return sorted(file.relative_to(self.path).as_posix() for file in files)

    def open(self, name: str) -> IO[bytes]:
        """One file, for reading."""
        return (self.path / name).open("rb")


class Zip:
    """A packed archive."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self.zip = packed

    def names(self) -> list[str]:
        """All files in it, as often as they stand there."""
        return sorted(entry.filename for entry in self.zip.infolist() if not entry.is_dir())

    def open(self, name: str) -> IO[bytes]:
        """One file, for reading."""
        return self.zip.open(name)


Source = Union[Folder, Zip]  # noqa: UP007  older Pythons are to read this
Fault = tuple[str, str]


def read(source: Source, name: str) -> bytes:
    """All bytes of one file."""
    with source.open(name) as file:
        return file.read()


def sha256(file: IO[bytes]) -> str:
    """The digest of an open file, read in pieces."""
    digest = hashlib.sha256()
    for piece in iter(lambda: file.read(1 << 20), b""):
        digest.update(piece)
    return digest.hexdigest()


def chain_fault(lines: Iterable[str]) -> tuple[Fault | None, str]:
    """The first fault in a chain of events as `(what, where)`, or None, and the digest of the last good one."""
    previous = GENESIS
    for expected, line in enumerate(lines, start=1):
        where = f"event {expected}"
        try:
            event = json.loads(line)
            content = {key: event[key] for key in CHAINED}
            found = event["digest"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return ("an event cannot be read", where), previous
        if set(event) != {*CHAINED, "digest"}:
            return ("an event holds more than was sealed", where), previous
        if content["position"] != expected:
            return ("an event is missing", where), previous
        if content["previous"] != previous:
            return ("an event does not follow the one before it", where), previous
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if hashlib.sha256(text.encode()).hexdigest() != found:
            return ("an event was changed after it was written", where), previous
        previous = found
    return None, previous


def contents(source: Source) -> tuple[list[Fault], bytes | None]:
    """Every fault of the files against the manifest as `(what, where)`, and the manifest's bytes or None."""
    names = source.names()
    if MANIFEST not in names:
        return [("the manifest is missing", MANIFEST)], None
    raw = read(source, MANIFEST)
    try:
        manifest = json.loads(raw)
        listed = {entry["name"]: (entry["sha256"], entry["bytes"]) for entry in manifest["files"]}
        events = manifest["events"]["count"], manifest["events"]["last"]
        if manifest["format"] != FORMAT:
            return [("the manifest is of another kind", MANIFEST)], raw
    except (ValueError, KeyError, TypeError, RecursionError):
        return [("the manifest cannot be read", MANIFEST)], raw
    faults = []
    for name in sorted({name for index, name in enumerate(names) if name in names[index + 1 : index + 2]}):
        faults.append(("a file stands there twice", name))
    for name in sorted(set(listed) - set(names)):
        faults.append(("a file is missing", name))
    for name in sorted(set(names) - set(listed) - set(UNLISTED)):
        faults.append(("a file was put in that was not sealed", name))
    for name in sorted(set(listed) & set(names)):
        try:
            with source.open(name) as file:
                same = sha256(file) == listed[name][0]
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
            same = False
        if not same:
            faults.append(("a file is not the one that was sealed", name))
    if EVENTS in listed and EVENTS in names:
        lines = read(source, EVENTS).decode("utf-8", "replace").split("\n")[:-1]
        fault, last = chain_fault(lines)
        if fault:
            faults.append(fault)
        elif (len(lines), last) != events:
            faults.append(("the chain of events does not end where the manifest says", EVENTS))
    return faults, raw


def der(pem: bytes) -> bytes:
    """The DER bytes of a file that holds one certificate and nothing else.

    Readers disagree on which certificate counts where a file holds several, so such a file is refused.
    """
    one = ONE_CERTIFICATE.fullmatch(pem)
    if not one:
        raise ValueError("not exactly one certificate")
    return base64.b64decode(one[1].replace(b"\n", b""), validate=True)


def signature(raw: bytes, signed: bytes, signing: bytes, authority: bytes) -> bool | None:
    """Whether the signing certificate made the signature and the authority issued it; None when not checkable."""
    try:
        der(signing), der(authority)
    except ValueError:
        return False
    if HAS_CRYPTOGRAPHY:
        return _with_cryptography(raw, signed, signing, authority)
    if shutil.which("openssl"):
        return _with_openssl(raw, signed, signing, authority)
    return None


def _with_cryptography(raw: bytes, signed: bytes, signing: bytes, authority: bytes) -> bool:
    try:
        signer, issuer = x509.load_pem_x509_certificate(signing), x509.load_pem_x509_certificate(authority)
        signer.verify_directly_issued_by(issuer)
        key: Any = signer.public_key()
        key.verify(signed, raw, padding.PKCS1v15(), hashes.SHA256())
    except Exception:  # noqa: BLE001  many unrelated kinds; each means no
        return False
    return True


def _with_openssl(raw: bytes, signed: bytes, signing: bytes, authority: bytes) -> bool:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in (("raw", raw), ("sig", signed), ("signing", signing), ("authority", authority)):
            (folder / file).write_bytes(content)

        def openssl(*arguments: str) -> subprocess.CompletedProcess[bytes]:
            return subprocess.run(["openssl", *arguments], cwd=name, capture_output=True, check=False)

        key = openssl("x509", "-in", "signing", "-pubkey", "-noout")
        (folder / "key").write_bytes(key.stdout)
        steps = (
            openssl("verify", "-no_check_time", "-trusted", "authority", "signing"),  # and none of the system's own
            openssl("dgst", "-sha256", "-verify", "key", "-signature", "sig", "raw"),
        )
        return all(step.returncode == 0 for step in (key, *steps))


def check(source: Source, house: str | None) -> tuple[int, list[str]]:
    """Exit code and the lines to print for an archive; `house` is the authority's fingerprint or None."""
    faults, raw = contents(source)
    missing = [name for name in (SIGNATURE, SIGNING, AUTHORITY) if name not in source.names()]
    faults += [("the signature is missing", name) for name in missing]
    if faults or raw is None:
        return 1, ["altered"] + [f"- {what} ({where})" for what, where in faults]
    signed, signing, authority = (read(source, name) for name in (SIGNATURE, SIGNING, AUTHORITY))
    try:
        found = hashlib.sha256(der(authority)).hexdigest()
    except ValueError:
        return 1, ["altered", f"- the certificate cannot be read ({AUTHORITY})"]
    good = signature(raw, signed, signing, authority)
    said = ["Every file and every event is as the manifest says."]
    if good is None:
        said.append("The signature was NOT checked: neither the cryptography package nor openssl is here.")
        return 2, ["unknown", *said]
    if not good:
        return 1, ["altered", *said, f"- the signature does not fit the manifest ({SIGNATURE})"]
    said.append(f"The manifest is signed under the authority {found}.")
    if house is None:
        said.append("Whose that is was NOT checked: compare it with what the house prints, or give it as --house.")
        return 2, ["unknown", *said]
    if re.sub(r"[^0-9a-f]", "", house.lower()) != found:
        said.append("That is not the house whose fingerprint was given.")
        return 2, ["unknown", *said]
    return 0, ["valid", *said, "That is the house whose fingerprint was given."]


def main(arguments: list[str]) -> int:
    """The command line; returns the exit code."""
    house = None
    if "--house" in arguments:
        index = arguments.index("--house")
        if index + 1 == len(arguments):
            sys.stdout.write(__doc__ or "")
            return 2
        house = arguments[index + 1]
        arguments = arguments[:index] + arguments[index + 2 :]
    path = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        if path.is_dir():
            code, lines = check(Folder(path), house)
        else:
            with zipfile.ZipFile(path) as packed:
                code, lines = check(Zip(packed), house)
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        code, lines = 1, ["altered", f"- the archive cannot be read: {error}"]
    sys.stdout.write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
