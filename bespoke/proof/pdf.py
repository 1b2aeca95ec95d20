"""The check of a signed PDF: whole, altered (what and where), or by somebody we do not know."""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import CMSExtractionError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError

from bespoke.proof import blocks, envelope, places
from bespoke.proof.envelope import BrokenEnvelope, Envelope
from bespoke.proof.keys import fingerprint, issued_by
from bespoke.proof.seal import digest_bytes
from bespoke.proof.verdict import Findings, Kind, Verdict

MANIFEST = "manifest.json"
MARK = "%\N{RING}\n".encode()  # the second line of every dossier: four bytes that a text editor would spoil
TRACES = (b"/ByteRange", b"/ETSI.CAdES.detached", b"bespoke-blocks", b"/BSPK_Blocks", b"/SigFlags")
NO_PIN = "No certificate of the house was given to compare with, so the signer cannot be known."


for chatter in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(chatter).setLevel(logging.CRITICAL)  # what they find is in the verdict


def check_pdf(content: bytes, pinned: Sequence[x509.Certificate]) -> Verdict:
    """The verdict on a PDF's bytes; `pinned` are the authority certificates of the house."""
    spoken_of = envelope.ranges(content)
    if not spoken_of:
        return _unsigned(content)
    findings = Findings()
    seals: list[Envelope] = []
    for position, first, last, end, start in spoken_of:
        if end > len(content):
            findings.add(
                f"the end is missing: {len(content):,} bytes are there, {end:,} were signed",
                f"after byte {len(content):,}",
            )
            continue
        try:
            seals.append(envelope.read(content, position, first, last, end, start))
        except BrokenEnvelope as error:
            findings.add(str(error), f"at byte {first:,}")
    ours = [seal for seal in seals if _authority(seal.signer, pinned) is not None]
    if ours:
        return _ours(content, ours[0], pinned, findings)
    if findings.found or not all(seal.covers(content) for seal in seals):
        return _altered(content, findings)
    return _by_a_stranger(content, seals[-1], pinned)


def _ours(content: bytes, seal: Envelope, pinned: Sequence[x509.Certificate], findings: Findings) -> Verdict:
    authority = _authority(seal.signer, pinned)
    if authority is None or not seal.covers(content):
        return _altered(content, findings, seal)
    if seal.end < len(content):
        added = len(content) - seal.end
        findings.add(f"{added:,} bytes were added after the house had signed", f"from byte {seal.end:,} on")
        return _altered(content, findings, seal)
    for rider in seal.authorities:
        if rider not in pinned and not issued_by(rider, authority):
            findings.add("a certificate that is not the house's rides along", f"at byte {seal.first:,}")
    if seal.stamped_at is None:
        findings.add("the time stamp is missing", f"at byte {seal.first:,}")
    else:
        _validate(content, pinned, seal.stamped_at, findings)
    if findings.found:
        return _altered(content, findings, seal)
    files = places.attachments(content) or {}
    reference = compare_attachments(files, findings)
    if findings.found:
        return _altered(content, findings, seal)
    manifest = files.get(MANIFEST)
    return Verdict(
        Kind.VALID,
        (
            f"This file is exactly as {seal.name} issued it; not one byte has been changed.",
            f"Signed {_moment(seal.stamped_at)} by the house's own clock.",
        ),
        signer=seal.name,
        signed_at=seal.stamped_at,
        fingerprint=fingerprint(authority),
        reference=reference,
        manifest_digest=digest_bytes(manifest) if manifest is not None else None,
    )


def _validate(content: bytes, pinned: Sequence[x509.Certificate], moment: datetime, findings: Findings) -> None:
    """The full check by the signing library: chain to the pinned authority, policy, coverage, time stamp."""
    status = _library_status(content, pinned, moment)
    if status is None:
        findings.add("the signature cannot be checked", "in the signature")
        return
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    stamp = status.timestamp_validity
    if not (status.intact and status.valid):
        findings.add("the signature does not fit the file", "in the signature")
    elif not status.trusted:
        findings.add("the signing certificate was not good for this at that moment", "in the signature")
    elif stamp is None or not (stamp.valid and stamp.intact and stamp.trusted):
        findings.add("the time stamp was not made by the house's clock", "in the signature")
    elif not whole or not status.bottom_line:
        findings.add("the signature does not cover the whole file", "in the signature")


def _library_status(content: bytes, pinned: Sequence[x509.Certificate], moment: datetime) -> PdfSignatureStatus | None:
    roots = [asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)) for certificate in pinned]
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment)
    try:
        signatures = PdfFileReader(BytesIO(content), strict=False).embedded_signatures
        return validate_pdf_signature(signatures[-1], context, ts_validation_context=context)
    except (
        PdfError,
        CMSExtractionError,
        SignatureValidationError,
        PathError,
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        AttributeError,
    ):
        return None


def compare_attachments(files: dict[str, bytes], findings: Findings) -> str | None:
    """Compare attached files with the manifest among them; the reference it names, if it can be read."""
    if MANIFEST not in files:
        return None
    try:
        manifest = json.loads(files[MANIFEST])
        listed = {str(entry["name"]): str(entry["sha256"]) for entry in manifest["attachments"]}
        reference = str(manifest["reference"])
    except (ValueError, KeyError, TypeError, RecursionError):
        findings.add("the manifest cannot be read", f"the attachment {MANIFEST}")
        return None
    for name, expected in listed.items():
        if name not in files:
            findings.add("an attached file is missing", f"the attachment {name}")
        elif digest_bytes(files[name]) != expected:
            findings.add("an attached file is not the one that was sealed", f"the attachment {name}")
    for name in files:
        if name not in listed and name != MANIFEST:
            findings.add("a file was attached that was not sealed", f"the attachment {name}")
    return reference


def _by_a_stranger(content: bytes, seal: Envelope, pinned: Sequence[x509.Certificate]) -> Verdict:
    status = _library_status(content, (), seal.stamped_at or datetime.now(UTC))
    findings = Findings()
    if status is None or not (status.intact and status.valid):
        findings.add("the signature does not fit the file", f"at byte {seal.first:,}")
    elif seal.end < len(content):
        added = len(content) - seal.end
        findings.add(f"{added:,} bytes were added after it was signed", f"from byte {seal.end:,} on")
    reference = compare_attachments(places.attachments(content) or {}, findings)
    if findings.found:
        return _altered(content, findings, seal)
    who = f"Nothing was changed since it was signed, but the signer, who calls itself {seal.name!r}, "
    return Verdict(
        Kind.UNKNOWN,
        (who + ("is not this house." if pinned else "cannot be known.") + ("" if pinned else f" {NO_PIN}"),),
        signer=seal.name,
        reference=reference,
    )


def _unsigned(content: bytes) -> Verdict:
    ours = content[:64].partition(b"\n")[2].startswith(MARK)
    findings = Findings()
    if any(trace in content for trace in TRACES):
        findings.add("the signature has been damaged or taken away", "at the end of the file")
    elif ours:
        findings.add("the end with the signature is missing", f"after byte {len(content):,}")
    else:
        compare_attachments(places.attachments(content) or {}, findings)
    if findings.found:
        return _altered(content, findings)
    return Verdict(Kind.UNKNOWN, ("This PDF carries no signature; nobody can say who made it.",))


def _altered(content: bytes, findings: Findings, seal: Envelope | None = None) -> Verdict:
    if seal is not None and not seal.covers(content):
        spans = blocks.changed(content)
        for what, where in places.name_spans(content, spans or ()):
            findings.add(f"changed: {what}", where)
        if not spans:
            findings.add("changed after it was signed", f"between byte 0 and byte {seal.end:,}")
    elif not findings.found:
        spans = blocks.changed(content)
        for what, where in places.name_spans(content, spans or ()):
            findings.add(f"changed: {what}", where)
        if not spans:
            findings.add("changed after it was signed", "place not known")
    files = places.attachments(content)
    reference = compare_attachments(files, findings) if files is not None else None
    return Verdict(
        Kind.ALTERED,
        ("This file is not as it was when it was signed. Ask whoever gave it to you for the original.",),
        findings.all(),
        signer=seal.name if seal else None,
        reference=reference,
    )


def _authority(certificate: x509.Certificate, pinned: Sequence[x509.Certificate]) -> x509.Certificate | None:
    return next((authority for authority in pinned if issued_by(certificate, authority)), None)


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%-d %B %Y at %H:%M UTC") if at else "at a time not known"
