"""A signed dossier is valid, altered or unknown, and an altered one says what and where."""

import asyncio
import random
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import cms_embedder
from pyhanko.sign.signers.pdf_byterange import PdfSignedData

from bespoke.proof import sign
from bespoke.proof.errors import NotSignable
from bespoke.proof.keys import HouseKeys
from bespoke.proof.verify import Kind, Verdict, verify, verify_bytes

from .conftest import SIGNED_AT


def check(content: bytes, house: HouseKeys) -> Verdict:
    return verify_bytes(content, [house.authority])


def test_an_untouched_dossier_is_valid(dossier: bytes, house: HouseKeys, written) -> None:  # type: ignore[no-untyped-def]
    verdict = verify(written(dossier), [house.authority])
    assert (verdict.kind, verdict.exit_code, verdict.findings) == (Kind.VALID, 0, ())
    assert (verdict.signed_at, verdict.reference) == (SIGNED_AT, "OF-0412")
    assert verdict.fingerprint == house.fingerprint


def test_signing_leaves_what_was_bound_untouched(unsigned: bytes, dossier: bytes) -> None:
    assert dossier.startswith(unsigned)
    with pikepdf.open(BytesIO(dossier)) as pdf, pikepdf.open(BytesIO(unsigned)) as before:
        assert pdf.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert "/Version" not in pdf.Root  # an elliptic curve would make it PDF 2.0 and break PDF/A-3


def test_without_a_pinned_certificate_nothing_is_valid(dossier: bytes) -> None:
    verdict = verify_bytes(dossier, [])
    assert (verdict.kind, verdict.exit_code) == (Kind.UNKNOWN, 2)
    assert "No certificate of the house" in verdict.text()


def test_a_stranger_of_the_same_name_is_unknown(unsigned: bytes, house: HouseKeys, stranger: HouseKeys) -> None:
    theirs = sign.sign_pdf(unsigned, stranger, at=SIGNED_AT, reason="x", location="y")
    verdict = check(theirs, house)
    assert (verdict.kind, verdict.exit_code) == (Kind.UNKNOWN, 2)
    assert verdict.signer == "Orrell & Finch"
    assert verify_bytes(theirs, [house.authority, stranger.authority]).kind is Kind.VALID


def test_one_flipped_byte_anywhere_is_found(dossier: bytes, house: HouseKeys) -> None:
    chosen = random.Random(412)
    gap = dossier.index(b"/Contents <") + len(b"/Contents <")
    offsets = {0, 5, len(dossier) - 1, len(dossier) - 2, gap - 1, gap, gap + 11, dossier.index(b"/ByteRange") + 3}
    offsets |= {chosen.randrange(len(dossier)) for _ in range(120)}
    offsets |= {chosen.randrange(gap, gap + 9000) for _ in range(30)}
    offsets |= {gap + 18300 - step for step in range(0, 60, 10)}  # in the padding behind the signature
    missed = []
    for offset in sorted(offsets):
        content = bytearray(dossier)
        content[offset] ^= 1 << chosen.randrange(8)
        if check(bytes(content), house).kind is not Kind.ALTERED:
            missed.append(offset)
    assert missed == []


def test_a_changed_digit_inside_the_signature_is_found(dossier: bytes, house: HouseKeys) -> None:
    chosen = random.Random(7)
    gap = dossier.index(b"/Contents <") + len(b"/Contents <")
    missed = []
    for _ in range(40):
        offset = gap + chosen.randrange(8000)
        content = bytearray(dossier)
        content[offset] = ord("A") if content[offset] != ord("A") else ord("5")
        if check(bytes(content), house).kind is not Kind.ALTERED:
            missed.append(offset)
    assert missed == []


def test_it_says_which_page_was_changed(dossier: bytes, house: HouseKeys) -> None:
    with pikepdf.open(BytesIO(dossier)) as pdf:
        stream = pdf.pages[0].Contents.read_raw_bytes()
    content = bytearray(dossier)
    content[dossier.index(stream) + len(stream) // 2] ^= 4
    verdict = check(bytes(content), house)
    assert verdict.kind is Kind.ALTERED
    assert any("page 1" in finding.what and "between bytes" in finding.where for finding in verdict.findings)


def test_bytes_added_after_the_signature_are_found(dossier: bytes, house: HouseKeys) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(dossier))
    writer.root["/Note"] = writer.add_object(generic.pdf_string("added later"))
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    verdict = check(out.getvalue(), house)
    assert verdict.kind is Kind.ALTERED
    assert f"from byte {len(dossier):,} on" in verdict.text()
    assert check(dossier + b"\n", house).kind is Kind.ALTERED


def test_a_stranger_signing_over_our_signature_is_found(dossier: bytes, house: HouseKeys, stranger: HouseKeys) -> None:
    with pytest.raises(NotSignable):
        sign.sign_pdf(dossier, stranger, at=SIGNED_AT, reason="x", location="y")
    flow = cms_embedder.PdfCMSEmbedder().write_cms("Stranger", IncrementalPdfFileWriter(BytesIO(dossier)))
    next(flow)
    flow.send(cms_embedder.SigObjSetup(PdfSignedData(generic.pdf_name("/Sig"), bytes_reserved=20_000)))
    prepared, output = flow.send(cms_embedder.SigIOSetup(md_algorithm="sha256"))
    flow.send(asyncio.run(sign._signer(stranger).async_sign(prepared.document_digest, "sha256")))
    over = output.getvalue()
    assert over.startswith(dossier)
    assert check(over, house).kind is Kind.ALTERED
    assert verify_bytes(over, [stranger.authority]).kind is not Kind.VALID


def test_a_swapped_attachment_is_found_by_name(dossier: bytes, house: HouseKeys) -> None:
    with pikepdf.open(BytesIO(dossier)) as pdf:
        pdf.attachments["approvals.json"] = pikepdf.AttachedFileSpec(
            pdf, b'{"approvals":["forged"]}', filename="approvals.json"
        )
        out = BytesIO()
        pdf.save(out)
    verdict = check(out.getvalue(), house)
    assert verdict.kind is Kind.ALTERED
    assert "the attachment approvals.json" in verdict.text()


def test_a_contradicted_manifest_is_altered_whoever_signed(rebind, house: HouseKeys, stranger: HouseKeys) -> None:  # type: ignore[no-untyped-def]
    forged = rebind(approvals=b'{"approvals":["forged"]}', sealed=b'{"approvals":[]}')
    assert check(forged, house).kind is Kind.ALTERED
    signed = sign.sign_pdf(forged, stranger, at=SIGNED_AT, reason="x", location="y")
    assert check(signed, house).kind is Kind.ALTERED


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.7, 0.9, 0.99, 0.9999])
def test_a_file_cut_short_is_never_valid(dossier: bytes, house: HouseKeys, kept: float) -> None:
    verdict = check(dossier[: int(len(dossier) * kept)], house)
    assert verdict.kind is not Kind.VALID
    if kept > 0.98:
        assert verdict.kind is Kind.ALTERED


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7\nnothing here"], ids=["empty", "text", "png", "stub"]
)
def test_what_is_no_dossier_is_unknown(content: bytes, house: HouseKeys) -> None:
    assert check(content, house).kind is Kind.UNKNOWN


def test_an_unsigned_document_is_unknown(unsigned: bytes, house: HouseKeys) -> None:
    assert check(unsigned, house).kind is Kind.UNKNOWN


def test_a_signature_cut_out_and_moved_to_another_file_is_found(
    rebind,
    dossier: bytes,
    house: HouseKeys,  # type: ignore[no-untyped-def]
) -> None:
    other = rebind(approvals=b'{"approvals":["other"]}')
    signed = sign.sign_pdf(other, house, at=SIGNED_AT, reason="Dossier OF-0412 issued", location="Ravensbourne")
    start, ours = signed.index(b"/Contents <"), dossier.index(b"/Contents <")
    moved = signed[:start] + dossier[ours : ours + 18000] + signed[start + 18000 :]
    assert check(moved, house).kind is Kind.ALTERED


def test_a_missing_file_is_an_error_of_its_own(tmp_path: Path, house: HouseKeys) -> None:
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "nothing.pdf", [house.authority])
