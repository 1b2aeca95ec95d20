"""The exported archive: files by name, the chain of events and a signed manifest in one repeatable zip."""

import hashlib
import json
import mmap
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from bespoke.proof import standalone
from bespoke.proof.errors import NotSealable
from bespoke.proof.keys import HouseKeys, fingerprint, issued_by
from bespoke.proof.seal import canonical, digest_bytes
from bespoke.proof.sign import sign_manifest
from bespoke.proof.verdict import Findings, Kind, Verdict
from workflows.errors import BrokenHistory
from workflows.history import Line, verify_chain

VERIFIER = "verify.py"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]*(/[A-Za-z0-9][A-Za-z0-9._ -]*)*", re.ASCII)
RESERVED = (*standalone.UNLISTED, standalone.EVENTS, VERIFIER)
SAME_TIME = (1980, 1, 1, 0, 0, 0)
PIECE = 1 << 20
MOST = 100_000  # entries we are ready to look at


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an archive: its name in there, and its bytes or where they lie."""

    name: str
    content: bytes | Path


def export(
    target: Path,
    *,
    reference: str,
    house: str,
    made_at: datetime,
    parts: Sequence[Part],
    events: Sequence[Line],
    keys: HouseKeys,
) -> str:
    """Write the archive and return its manifest's digest; same parts, events and keys, same bytes.

    Raises:
        NotSealable: a name is unsafe, reserved or there twice.
        BrokenHistory: the events are not a whole chain.
    """
    last = verify_chain(events)
    history = b"".join(event_line(event) + b"\n" for event in events)
    verifier = Path(standalone.__file__).read_bytes()
    listed = [*_checked(parts), Part(standalone.EVENTS, history), Part(VERIFIER, verifier)]
    listed.sort(key=lambda part: part.name)
    manifest = canonical(
        {
            "format": standalone.FORMAT,
            "reference": reference,
            "house": house,
            "made_at": made_at,
            "authority_sha256": keys.fingerprint,
            "files": [_entry(part) for part in listed],
            "events": {"count": len(events), "last": last},
        }
    )
    _pack(
        target,
        [
            Part(standalone.MANIFEST, manifest),
            Part(standalone.SIGNATURE, sign_manifest(manifest, keys)),
            Part(standalone.SIGNING, _pem(keys.signing)),
            Part(standalone.AUTHORITY, _pem(keys.authority)),
            *listed,
        ],
    )
    return digest_bytes(manifest)


def event_line(event: Line) -> bytes:
    """One event as a line of `events.jsonl`, without the line break."""
    content: Mapping[str, object] = {
        "position": event.position,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": event.kind,
        "actor": event.actor,
        "role": event.role,
        "piece": event.piece,
        "facts": event.facts,
        "previous": event.previous,
        "digest": event.digest,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def read_event(line: str) -> Line:
    """An event from a line of `events.jsonl`.

    Raises:
        ValueError, KeyError, TypeError: the line is not an event.
    """
    content = json.loads(line)
    return Line(
        position=content["position"],
        at=datetime.fromisoformat(content["at"]),
        kind=content["kind"],
        actor=content["actor"],
        role=content["role"],
        piece=content["piece"],
        facts=content["facts"],
        previous=content["previous"],
        digest=content["digest"],
    )


def check_archive(path: Path, pinned: Sequence[x509.Certificate]) -> Verdict:
    """The verdict on an exported archive; `pinned` are the house's authority certificates."""
    findings = Findings()
    try:
        with zipfile.ZipFile(path) as packed:
            if len(packed.infolist()) > MOST:
                return Verdict(Kind.UNKNOWN, ("This archive holds more files than any of ours.",))
            if not any(name in packed.namelist() for name in RESERVED):
                return Verdict(Kind.UNKNOWN, ("This zip holds no manifest; it is not one of our archives.",))
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in packed.infolist()):
                findings.add("it was packed again by another program", "the package itself")
                return _altered(findings, None)
            return _check(path, packed, pinned, findings)
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        if not _bears_our_names(path):
            return Verdict(Kind.UNKNOWN, ("This is no zip that can be opened; it is not a file of ours.",))
        findings.add(f"the package is damaged: {error}", "the package itself")
        return _altered(findings, None)


def _bears_our_names(path: Path) -> bool:
    """Whether a package that cannot be opened still names a file only our archives hold."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(name.encode()) >= 0 for name in RESERVED)


def _check(path: Path, packed: zipfile.ZipFile, pinned: Sequence[x509.Certificate], findings: Findings) -> Verdict:
    faults, manifest = standalone.contents(standalone.Zip(packed))
    for what, where in faults:
        findings.add(str(what), str(where))
    names = packed.namelist()
    reference = _reference(manifest)
    if standalone.EVENTS in names:
        _check_events(packed.read(standalone.EVENTS), findings)
    lacking = [name for name in standalone.UNLISTED if name not in names]
    for name in lacking:
        findings.add("the signature is missing", name)
    if lacking or manifest is None:
        return _altered(findings, reference)
    signing, authority = packed.read(standalone.SIGNING), packed.read(standalone.AUTHORITY)
    signature = packed.read(standalone.SIGNATURE)
    if not standalone.signature(manifest, signature, signing, authority):
        findings.add("the signature does not fit the manifest", standalone.SIGNATURE)
    elif not _as_packed(path, packed):
        findings.add("there are bytes that belong to none of the files, or it was packed again", "the package itself")
    if findings.found:
        return _altered(findings, reference)
    signer, issuer = x509.load_pem_x509_certificate(signing), x509.load_pem_x509_certificate(authority)
    if _pem(signer) != signing or _pem(issuer) != authority:
        findings.add("a certificate was rewritten", standalone.AUTHORITY)
        return _altered(findings, reference)
    return _verdict(manifest, reference, signer, issuer, pinned)


def _verdict(
    manifest: bytes,
    reference: str | None,
    signer: x509.Certificate,
    issuer: x509.Certificate,
    pinned: Sequence[x509.Certificate],
) -> Verdict:
    names = signer.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    name = str(names[0].value) if names else "-"
    if issuer not in pinned or not issued_by(signer, issuer):
        why = "is not this house." if pinned else "cannot be known: no certificate of the house was given."
        said = f"Every file is as the manifest says, but its signer, who calls itself {name!r}, {why}"
        return Verdict(Kind.UNKNOWN, (said,), signer=name, reference=reference)
    return Verdict(
        Kind.VALID,
        (f"This archive is exactly as {name} exported it: every file, and every event in its order.",),
        signer=name,
        signed_at=datetime.fromisoformat(json.loads(manifest)["made_at"]),
        fingerprint=fingerprint(issuer),
        reference=reference,
        manifest_digest=digest_bytes(manifest),
    )


def _check_events(content: bytes, findings: Findings) -> None:
    try:
        verify_chain(read_event(line) for line in content.decode().split("\n")[:-1])
    except BrokenHistory as error:
        findings.add(str(error), f"event {error.position}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        findings.add("an event cannot be read", standalone.EVENTS)


def _reference(manifest: bytes | None) -> str | None:
    try:
        return str(json.loads(manifest or b"")["reference"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _altered(findings: Findings, reference: str | None) -> Verdict:
    said = "This archive is not as it was when it was exported. Ask the house for it again."
    return Verdict(Kind.ALTERED, (said,), findings.all(), reference=reference)


def _as_packed(path: Path, packed: zipfile.ZipFile) -> bool:
    """Whether packing the same files again gives the same bytes, so nothing hides between them."""
    with tempfile.TemporaryFile() as again, path.open("rb") as original:
        with zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as copy:
            for entry in packed.infolist():
                with packed.open(entry) as file:
                    _store(copy, entry.filename, file, entry.file_size)
        again.seek(0)
        while True:
            one, other = again.read(PIECE), original.read(PIECE)
            if one != other:
                return False
            if not one:
                return True


def _pack(target: Path, parts: Iterable[Part]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for part in parts:
            if isinstance(part.content, Path):
                with part.content.open("rb") as file:
                    _store(packed, part.name, file, part.content.stat().st_size)
            else:
                _store(packed, part.name, BytesIO(part.content), len(part.content))


def _store(packed: zipfile.ZipFile, name: str, source: IO[bytes], size: int) -> None:
    info = zipfile.ZipInfo(name, SAME_TIME)
    info.create_system, info.external_attr, info.file_size = 3, 0o100644 << 16, size
    with packed.open(info, "w") as file:
        shutil.copyfileobj(source, file, PIECE)


def _entry(part: Part) -> dict[str, str | int]:
    if isinstance(part.content, bytes):
        return {"name": part.name, "sha256": digest_bytes(part.content), "bytes": len(part.content)}
    digest = hashlib.sha256()
    with part.content.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return {"name": part.name, "sha256": digest.hexdigest(), "bytes": part.content.stat().st_size}


def _checked(parts: Sequence[Part]) -> Sequence[Part]:
    seen: set[str] = set()
    for part in parts:
        name = part.name
        if not NAME.fullmatch(name) or len(name) > 200 or PurePosixPath(name).as_posix() != name:
            raise NotSealable(f"{name!r} is not a safe name for a file in an archive.", where=name)
        if name in RESERVED or name.casefold() in seen:
            raise NotSealable(f"{name!r} is there twice or belongs to the archive itself.", where=name)
        seen.add(name.casefold())
    return parts


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
