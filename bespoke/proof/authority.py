"""The fingerprint of the house's authority, told without loading what signs."""

import hashlib
import ssl
from pathlib import Path

from bespoke.proof.errors import KeysMissing, KeysUnfit


def authority_fingerprint(folder: Path) -> str:
    """SHA-256 of the authority's certificate in a folder of the house's keys, as `bespoke.proof.keys` tells it.

    Raises:
        KeysMissing: there is no such certificate.
        KeysUnfit: the file holds none.
    """
    path = folder / "authority.pem"
    try:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(path.read_text(encoding="ascii"))).hexdigest()
    except FileNotFoundError as error:
        raise KeysMissing(f"{path} is not there.", path=path) from error
    except ValueError as error:
        raise KeysUnfit(f"{path} holds no certificate.", path=path) from error
