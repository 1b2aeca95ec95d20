"""The house's own authority, signing certificate and clock certificate, made once and kept in a folder."""

import hashlib
import os
import shutil
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bespoke.proof.errors import KeysExist, KeysMissing, KeysUnfit

YEARS = 60  # a dossier is to prove itself within a lifetime; certificates are pinned, never fetched
BITS = 3072  # RSA: elliptic curves would lift the signed file to PDF 2.0, which PDF/A-3 does not allow
CERTIFICATES = ("authority", "signing", "clock")


@dataclass(frozen=True, slots=True)
class HouseKeys:
    """What the house signs with. `authority` is what others pin; its key is needed only for renewals."""

    authority: x509.Certificate
    signing: x509.Certificate
    signing_key: rsa.RSAPrivateKey
    clock: x509.Certificate
    clock_key: rsa.RSAPrivateKey

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the authority's certificate: what the house prints and others compare."""
        return fingerprint(self.authority)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate's DER form, as 64 hexadecimal characters."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def create(folder: Path, house: str, *, at: datetime) -> HouseKeys:
    """Make the house's three certificates with their keys (PEM, readable by the owner only) and load them.

    Raises:
        KeysExist: the folder is there already; keys are never written over.
    """
    if folder.exists():
        raise KeysExist(f"{folder} is there already; the house's keys are never written over.", folder=folder)
    making = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True, mode=0o700)
    authority_key, signing_key, clock_key = (
        rsa.generate_private_key(public_exponent=65537, key_size=BITS) for _ in CERTIFICATES
    )
    authority = _issue(f"{house}, house authority", authority_key, None, authority_key, at=at)
    signing = _issue(house, signing_key, authority, authority_key, at=at)
    clock = _issue(f"{house}, clock", clock_key, authority, authority_key, at=at, clock=True)
    for name, certificate, key in (
        ("authority", authority, authority_key),
        ("signing", signing, signing_key),
        ("clock", clock, clock_key),
    ):
        _write(making / f"{name}.pem", certificate.public_bytes(serialization.Encoding.PEM))
        _write(
            making / f"{name}-key.pem",
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )
    making.rename(folder)
    _sync(folder.parent)
    return load(folder)


def load(folder: Path) -> HouseKeys:
    """The house's keys from their folder, each checked against its certificate.

    Raises:
        KeysMissing: a file is not there.
        KeysUnfit: a file is damaged, readable by others, or key and certificate do not belong together.
    """
    authority, signing, clock = (load_certificate(folder / f"{name}.pem") for name in CERTIFICATES)
    signing_key = _load_key(folder / "signing-key.pem", signing)
    clock_key = _load_key(folder / "clock-key.pem", clock)
    for certificate, name in ((signing, "signing.pem"), (clock, "clock.pem")):
        if not issued_by(certificate, authority):
            raise KeysUnfit(f"{name} was not issued by authority.pem beside it.", path=folder / name)
    return HouseKeys(authority, signing, signing_key, clock, clock_key)


def load_certificate(path: Path) -> x509.Certificate:
    """A certificate in PEM or DER, for pinning or signing.

    Raises:
        KeysMissing: there is no such file.
        KeysUnfit: it holds no certificate.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise KeysMissing(f"{path} is not there.", path=path) from error
    try:
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificate(content)
        return x509.load_der_x509_certificate(content)
    except ValueError as error:
        raise KeysUnfit(f"{path} holds no certificate.", path=path) from error


def issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    """Whether the authority's key made the signature on the certificate."""
    try:
        certificate.verify_directly_issued_by(authority)
    except Exception:  # noqa: BLE001  the library raises four unrelated kinds; each means no
        return False
    return True


def _issue(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: rsa.RSAPrivateKey,
    *,
    at: datetime,
    clock: bool = False,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=round(365.25 * YEARS)))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=0 if issuer is None else None), True)
        .add_extension(_usage(authority=issuer is None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
    )
    if clock:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _load_key(path: Path, certificate: x509.Certificate) -> rsa.RSAPrivateKey:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise KeysMissing(f"{path} is not there.", path=path) from error
    if mode & 0o077:
        raise KeysUnfit(f"{path} may be read by others (mode {mode:04o}); set it to 0600.", path=path)
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        raise KeysUnfit(f"{path} holds no private key.", path=path) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise KeysUnfit(f"{path} holds a key of another kind than this house makes.", path=path)
    if key.public_key() != certificate.public_key():
        raise KeysUnfit(f"{path} is not the key of the certificate beside it.", path=path)
    return key


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
