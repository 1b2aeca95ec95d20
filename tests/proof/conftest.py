"""A house with keys, a stranger with keys, and a small signed document for the checks."""

import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest
from weasyprint import HTML, Attachment

from bespoke.proof import keys, sign
from bespoke.proof.keys import HouseKeys
from bespoke.proof.seal import canonical, digest_bytes
from workflows.history import GENESIS, Line, line_digest

SIGNED_AT = datetime(2026, 12, 18, 15, 10, tzinfo=UTC)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> HouseKeys:
    return keys.create(tmp_path_factory.mktemp("house") / "keys", "Orrell & Finch", at=SIGNED_AT)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> HouseKeys:
    """Someone who calls himself as the house does."""
    return keys.create(tmp_path_factory.mktemp("stranger") / "keys", "Orrell & Finch", at=SIGNED_AT)


def bind(approvals: bytes = b'{"approvals":[]}', sealed: bytes | None = None) -> bytes:
    """A small PDF/A with a manifest and one sealed attachment."""
    digest = digest_bytes(sealed if sealed is not None else approvals)
    manifest = canonical({"reference": "OF-0412", "attachments": [{"name": "approvals.json", "sha256": digest}]})
    text = "<h1>The Mareel ring</h1>" + "<p>An oval sapphire held low in four claws.</p>" * 60
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*sRGB2014", ResourceWarning)  # the library leaves it open
        return _print(text, manifest, approvals)


def _print(text: str, manifest: bytes, approvals: bytes) -> bytes:
    content: bytes = HTML(string=f"<html lang=en><title>Dossier</title>{text}").write_pdf(
        pdf_variant="pdf/a-3a",
        attachments=[
            Attachment(string=manifest.decode(), name="manifest.json", relationship="Data"),
            Attachment(string=approvals.decode(), name="approvals.json", relationship="Supplement"),
        ],
    )
    return content


@pytest.fixture(scope="session")
def unsigned() -> bytes:
    return bind()


@pytest.fixture(scope="session")
def dossier(unsigned: bytes, house: HouseKeys) -> bytes:
    return sign.sign_pdf(unsigned, house, at=SIGNED_AT, reason="Dossier OF-0412 issued", location="Ravensbourne")


@pytest.fixture(scope="session")
def events() -> tuple[Line, ...]:
    """A chain of five events, as the house's history keeps them."""
    lines: list[Line] = []
    previous = GENESIS
    for position, kind in enumerate(("brief_sent", "stone_held", "paid", "design_approved", "cast"), start=1):
        at = datetime(2026, 9, 13 + position, 10, 0, 0, 250, tzinfo=UTC)
        facts = {"note": f"Ünïcode – line {position}", "minor": position * 100, "nested": {"yes": True, "no": None}}
        head = {"position": position, "at": at, "kind": kind, "actor": "Ines Halloran", "role": "designer"}
        digest = line_digest(**head, piece="OF-0412", facts=facts, previous=previous)  # type: ignore[arg-type]
        lines.append(Line(**head, piece="OF-0412", facts=facts, previous=previous, digest=digest))  # type: ignore[arg-type]
        previous = digest
    return tuple(lines)


@pytest.fixture
def written(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Writes bytes to a file and hands back its path."""

    def write(content: bytes, name: str = "file.pdf") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.fixture(scope="session")
def rebind():  # type: ignore[no-untyped-def]
    return bind
