"""The house's signature: PAdES B-T on a PDF with the house's own clock, RSA on a manifest."""

from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from bespoke.proof import blocks
from bespoke.proof.errors import NotSignable
from bespoke.proof.keys import HouseKeys

FIELD = "House"


def sign_pdf(content: bytes, keys: HouseKeys, *, at: datetime, reason: str, location: str) -> bytes:
    """The PDF with the house's certifying signature appended; any change after it is detected.

    Args:
        content: an unsigned PDF, kept byte for byte at the front of the result.
        at: the moment the house's clock attests.
        reason: shown by PDF readers, e.g. `Dossier OF-0412 issued`.
        location: shown by PDF readers.

    Raises:
        NotSignable: the bytes are no PDF, or one that is signed or encrypted already.
    """
    if b"/ByteRange" in content:
        raise NotSignable("This PDF carries a signature already.")
    try:
        writer: Any = _Appender(BytesIO(content), strict=True)
        if writer.prev.encrypted:
            raise NotSignable("This PDF is encrypted.")
        table = generic.StreamObject(stream_data=blocks.table(content))
        writer.root["/BSPK_Blocks"] = writer.add_object(table)
        writer.update_root()
        signer, clock = _signer(keys), _clock(keys, at)
        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            reason=reason,
            location=location,
        )
        signed = signers.PdfSigner(metadata, signer=signer, timestamper=clock).sign_pdf(writer)
    except (PdfError, ValueError, KeyError) as error:
        raise NotSignable(f"This file cannot be signed: {error}") from error
    return bytes(signed.getbuffer())


def sign_manifest(content: bytes, keys: HouseKeys) -> bytes:
    """A detached RSA signature (PKCS #1, SHA-256) over a manifest's bytes; openssl can check it too."""
    return keys.signing_key.sign(content, padding.PKCS1v15(), hashes.SHA256())


class _Appender(IncrementalPdfFileWriter):
    """Adds the signature and leaves title, dates and the PDF/A claim as they were bound."""

    def _update_meta(self) -> None:
        """Nothing: the library would write its own name and the time of day into the metadata."""


def _signer(keys: HouseKeys) -> signers.SimpleSigner:
    return signers.SimpleSigner(
        signing_cert=_certificate(keys.signing),
        signing_key=_private_key(keys.signing_key),
        cert_registry=_store(keys),
    )


def _clock(keys: HouseKeys, at: datetime) -> DummyTimeStamper:
    return DummyTimeStamper(
        tsa_cert=_certificate(keys.clock),
        tsa_key=_private_key(keys.clock_key),
        certs_to_embed=_store(keys),
        fixed_dt=at,
    )


def _store(keys: HouseKeys) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register(_certificate(keys.authority))
    return store


def _certificate(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _private_key(key: rsa.RSAPrivateKey) -> asn1_keys.PrivateKeyInfo:
    return asn1_keys.PrivateKeyInfo.load(
        key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
