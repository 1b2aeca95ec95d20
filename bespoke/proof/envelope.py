"""The signature inside a PDF taken apart: what it covers, who made it, and that nothing rides along with it.

The envelope of a signature is not covered by the signature. Here every part of it must be the one part that can
stand there, so that no byte of a signed file can be changed without notice.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, core, tsp
from cryptography import x509

SIGNED_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s*\]")
HEXADECIMAL = re.compile(rb"[0-9A-F]*")
LARGEST = 1 << 20  # bytes of a signature we are ready to parse


class BrokenEnvelope(Exception):
    """The signature cannot be read, or something rides along with it; the text says what."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One signature of a file: the bytes it covers and what it says of itself."""

    first: int  # start of the gap that holds the signature itself
    last: int  # end of that gap
    end: int  # end of what is covered
    position: int  # where its /ByteRange stands
    contents: bytes  # the DER of the signature, without padding
    signer: x509.Certificate
    authorities: tuple[x509.Certificate, ...]  # the other certificates it brings
    digest: bytes  # what the covered bytes had as SHA-256
    stamped_at: datetime | None

    @property
    def name(self) -> str:
        """The common name of who signed, as their certificate claims it."""
        return common_name(self.signer)

    def covers(self, content: bytes) -> bool:
        """Whether the bytes it covers are still what they were."""
        view = memoryview(content)
        covered = hashlib.sha256(view[: self.first])
        covered.update(view[self.last : self.end])
        return covered.digest() == self.digest


def ranges(content: bytes) -> list[tuple[int, int, int, int, int]]:
    """Each signed range a file speaks of: position, gap start, gap end, end, and where the range begins."""
    found = []
    for match in SIGNED_RANGE.finditer(content):
        start, length, second, rest = (int(number) for number in match.groups())
        found.append((match.start(), start + length, second, second + rest, start))
    return found


def read(content: bytes, position: int, first: int, last: int, end: int, start: int) -> Envelope:
    """The signature whose range was found at `position`.

    Raises:
        BrokenEnvelope: the range is not a whole file with one gap, or the gap does not hold one clean signature.
    """
    if start != 0 or not 0 < first < position < last + LARGEST or not first < last <= end:
        raise BrokenEnvelope("the range the signature covers is not a whole file")
    gap = content[first:last]
    if len(gap) < 4 or gap[:1] != b"<" or gap[-1:] != b">" or not HEXADECIMAL.fullmatch(gap[1:-1]):
        raise BrokenEnvelope("the place of the signature does not hold one")
    if len(gap) % 2 or len(gap) > 2 * LARGEST:
        raise BrokenEnvelope("the place of the signature does not hold one")
    padded = bytes.fromhex(gap[1:-1].decode())
    try:
        return _read(padded, position, first, last, end)
    except BrokenEnvelope:
        raise
    except Exception as error:
        raise BrokenEnvelope("the signature itself is damaged") from error


def common_name(certificate: x509.Certificate) -> str:
    """The common name in a certificate, or a dash."""
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else "-"


def _read(padded: bytes, position: int, first: int, last: int, end: int) -> Envelope:
    info = cms.ContentInfo.load(padded)
    contents = info.dump()
    if padded[: len(contents)] != contents or padded[len(contents) :].strip(b"\0"):
        raise BrokenEnvelope("something stands behind the signature in its place")
    data, signer_info = _single(info, "data")
    attributes = {attribute["type"].native: attribute["values"] for attribute in signer_info["signed_attrs"]}
    if data["encap_content_info"]["content"].native is not None:
        raise BrokenEnvelope("the signature brings content of its own")
    certificates = _certificates(data)
    signer = _of(signer_info, certificates)
    stamped_at, clock_certificates = _stamp(signer_info, signer_info["signature"].native)
    _exact(info, contents)
    others = tuple(other for other in (*certificates, *clock_certificates) if other != signer)
    return Envelope(
        first, last, end, position, contents, signer, others, attributes["message_digest"][0].native, stamped_at
    )


def _single(info: cms.ContentInfo, content_type: str) -> tuple[cms.SignedData, cms.SignerInfo]:
    if info["content_type"].native != "signed_data":
        raise BrokenEnvelope("the signature is of another kind")
    data = info["content"]
    if (
        len(data["signer_infos"]) != 1
        or len(data["crls"])
        or data["encap_content_info"]["content_type"].native != content_type
        or data["version"].native != ("v1" if content_type == "data" else "v3")
    ):
        raise BrokenEnvelope("the signature holds more than one signature")
    signer = data["signer_infos"][0]
    algorithms = [entry["algorithm"].native for entry in data["digest_algorithms"]]
    own = signer["digest_algorithm"]["algorithm"].native
    if algorithms != ["sha256"] or own != "sha256" or signer["version"].native != "v1":
        raise BrokenEnvelope("the signature uses another digest than SHA-256")
    if signer["signature_algorithm"]["algorithm"].native not in ("rsassa_pkcs1v15", "sha256_rsa", "sha256_ecdsa"):
        raise BrokenEnvelope("the signature uses an unexpected algorithm")
    return data, signer


def _certificates(data: cms.SignedData) -> tuple[x509.Certificate, ...]:
    found = tuple(x509.load_der_x509_certificate(entry.chosen.dump()) for entry in data["certificates"])
    if len(set(found)) != len(found) or len(found) > 4:
        raise BrokenEnvelope("the signature brings certificates it does not need")
    return found


def _of(signer_info: cms.SignerInfo, certificates: tuple[x509.Certificate, ...]) -> x509.Certificate:
    named = signer_info["sid"].chosen
    for certificate in certificates:
        same_issuer = certificate.issuer.public_bytes() == named["issuer"].dump()
        if same_issuer and certificate.serial_number == named["serial_number"].native:
            return certificate
    raise BrokenEnvelope("the signature does not bring the certificate of its signer")


def _stamp(signer_info: cms.SignerInfo, signature: bytes) -> tuple[datetime | None, tuple[x509.Certificate, ...]]:
    unsigned = signer_info["unsigned_attrs"]
    if isinstance(unsigned, core.Void) or len(unsigned) == 0:
        return None, ()
    if len(unsigned) != 1 or unsigned[0]["type"].native != "signature_time_stamp_token":
        raise BrokenEnvelope("something rides along with the signature")
    if len(unsigned[0]["values"]) != 1:
        raise BrokenEnvelope("something rides along with the signature")
    data, stamper = _single(unsigned[0]["values"][0], "tst_info")
    if not isinstance(stamper["unsigned_attrs"], core.Void):
        raise BrokenEnvelope("something rides along with the time stamp")
    info = tsp.TSTInfo.load(data["encap_content_info"]["content"].contents)
    if info["message_imprint"]["hashed_message"].native != hashlib.sha256(signature).digest():
        raise BrokenEnvelope("the time stamp belongs to another signature")
    certificates = _certificates(data)
    _of(stamper, certificates)
    moment: datetime = info["gen_time"].native
    return moment, certificates


def _exact(info: cms.ContentInfo, contents: bytes) -> None:
    """Written again from its parsed parts it must be the same bytes: one way to say a thing."""
    if cms.ContentInfo.load(contents).dump(force=True) != contents:
        raise BrokenEnvelope("the signature is not in its one proper form")
