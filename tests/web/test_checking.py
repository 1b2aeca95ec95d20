"""The check of a file: valid, altered or unknown, read in a child that may use only so much."""

import io
import warnings

import pytest
from weasyprint import HTML, Attachment

from bespoke.proof import answer, sign
from bespoke.proof.keys import HouseKeys
from bespoke.proof.seal import canonical, digest_bytes
from bespoke.proof.verdict import Finding, Kind, Verdict
from bespoke.web.public import checking
from tests.factories import NOON
from tests.web.conftest import Website, token_of


@pytest.fixture
def dossier(signing_keys: HouseKeys) -> bytes:
    """A small signed dossier of the house."""
    approvals = b'{"approvals":[]}'
    sealed = [{"name": "approvals.json", "sha256": digest_bytes(approvals)}]
    manifest = canonical({"reference": "OF-0001", "attachments": sealed})
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*sRGB2014", ResourceWarning)  # the library leaves it open
        page: bytes = HTML(string="<html lang=en><title>Dossier</title><h1>The Mareel ring</h1>").write_pdf(
            pdf_variant="pdf/a-3a",
            attachments=[
                Attachment(string=manifest.decode(), name="manifest.json", relationship="Data"),
                Attachment(string=approvals.decode(), name="approvals.json", relationship="Supplement"),
            ],
        )
    return sign.sign_pdf(page, signing_keys, at=NOON, reason="Dossier OF-0001 issued", location="Here")


def sent(website: Website, content: bytes, name: str = "dossier.pdf"):  # type: ignore[no-untyped-def]
    browser = website.browser()
    data = {"file": (io.BytesIO(content), name), "csrf_token": token_of(browser, "/v/")}
    return browser.post("/v/file", data=data)


def test_the_houses_own_file_is_true(website: Website, dossier: bytes):
    answer = sent(website, dossier)
    assert answer.status_code == 200
    assert "This dossier is true" in answer.text


def test_a_changed_letter_is_seen(website: Website, dossier: bytes):
    place = len(dossier) // 3
    changed = dossier[:place] + bytes([dossier[place] ^ 1]) + dossier[place + 1 :]
    assert "This file was altered" in sent(website, changed).text


@pytest.mark.parametrize("content", [b"hello", b"%PDF-1.7\n%%EOF"])
@pytest.mark.usefixtures("signing_keys")
def test_a_strangers_file_is_unknown(website: Website, content: bytes):
    answer = sent(website, content)
    assert answer.status_code == 200
    assert "We do not know this file" in answer.text


def test_without_a_file_there_is_a_sentence(website: Website):
    browser = website.browser()
    answer = browser.post("/v/file", data={"csrf_token": token_of(browser, "/v/")})
    assert answer.status_code == 422
    assert "Choose the dossier" in answer.text


@pytest.mark.usefixtures("signing_keys")
def test_only_so_many_are_checked_at_a_time(website: Website):
    taken = [checking._places.acquire(blocking=False) for _ in range(checking.AT_ONCE)]
    try:
        assert all(taken)
        assert sent(website, b"hello").status_code == 503
    finally:
        for _ in taken:
            checking._places.release()


def test_a_verdict_survives_the_way_out_of_the_child():
    verdict = Verdict(Kind.ALTERED, ("One thing was changed.",), (Finding("A letter", "page 2"),), manifest_digest="ab")
    assert answer.from_json(answer.to_json(verdict)) == verdict


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "valid"}'])
def test_an_answer_that_is_none_is_not_believed(text: str):
    with pytest.raises(ValueError, match=r"."):
        answer.from_json(text)
