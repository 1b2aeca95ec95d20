"""Binds dossiers and looks into them with tools that are not ours."""

import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from bespoke.documents import dossier
from bespoke.documents.bind import bind
from bespoke.documents.facts import DossierFacts
from tests import mareel

Bind = Callable[[DossierFacts], bytes]


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A laboratory's PDF, as it would come from outside: taken in byte for byte."""
    path = tmp_path_factory.mktemp("report") / mareel.REPORT
    path.write_bytes(b"%PDF-1.4\n% report CGL 40718, as the laboratory sent it\n%%EOF\n")
    return path


@pytest.fixture(scope="session")
def bound(tmp_path_factory: pytest.TempPathFactory, report: Path) -> Bind:
    """Prepares a folder from facts and binds it in this process."""

    def make(facts: DossierFacts) -> bytes:
        folder = tmp_path_factory.mktemp("binding")
        prepared = dossier.prepare(facts, folder, pictures=mareel.PICTURES, reports={mareel.REPORT: report})
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*sRGB2014", ResourceWarning)  # the library leaves it open
            return bind(prepared.facts, folder)

    return make


@pytest.fixture(scope="session")
def pdf(bound: Bind, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dossier of the Mareel ring."""
    path = tmp_path_factory.mktemp("pdf") / "dossier.pdf"
    path.write_bytes(bound(mareel.mareel()))
    return path


@pytest.fixture(scope="session")
def text_of() -> Callable[[Path | bytes], str]:
    """What a reader can select on the pages, words in their order."""

    def text(source: Path | bytes) -> str:
        content = source.read_bytes() if isinstance(source, Path) else source
        done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
        return " ".join(done.stdout.decode().split())

    return text
