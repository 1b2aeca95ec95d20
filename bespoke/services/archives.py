"""A commission's whole archive: history, what was said yes to, drawings, pictures, reports and papers, sealed."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bespoke.models.approval import ApprovalRow, ReleaseRow
from bespoke.models.brief import Sketch
from bespoke.models.commission import Commission
from bespoke.models.document import Document
from bespoke.models.event import Event
from bespoke.models.file import File
from bespoke.models.piece import Piece
from bespoke.models.production import Photograph
from bespoke.proof import archive
from bespoke.proof.archive import Part
from bespoke.proof.keys import HouseKeys
from bespoke.proof.seal import Sealable, canonical
from bespoke.services.errors import Missing
from bespoke.storage.store import Store
from workflows.sentences import sentence

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "model/gltf-binary": "glb",
    "application/pdf": "pdf",
}
UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Exported:
    """An archive that was written: its manifest's digest, how many files and how many events it holds."""

    digest: str
    files: int
    events: int


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file of the store and its name in the archive, without its ending where the file's kind gives it."""

    name: str
    digest: str
    ending: str = ""


def find(session: Session, reference: str) -> Commission:
    """The commission of this reference.

    Raises:
        Missing: there is none.
    """
    found = session.scalar(select(Commission).where(Commission.reference == reference.strip().upper()))
    if found is None:
        raise Missing(sentence("There is no commission %(reference)s.", reference=reference))
    return found


def export(
    session: Session, store: Store, commission: Commission, target: Path, keys: HouseKeys, *, house: str, at: datetime
) -> Exported:
    """Write everything known of a commission into one file that proves itself; nothing of costs or suppliers.

    Raises:
        MissingFile: the store lacks a file the records name; `bespoke doctor` says which.
        BrokenHistory: the history is not whole.
    """
    events = [event.line() for event in session.scalars(_events(commission))]
    kept = list(dict.fromkeys(_kept(session, commission)))
    kinds = {
        row.digest: row.media_type
        for row in session.scalars(select(File).where(File.digest.in_({one.digest for one in kept})))
    }
    with ExitStack() as held:
        parts = [Part(_named(one, kinds[one.digest]), held.enter_context(store.local_path(one.digest))) for one in kept]
        parts += _written(session, commission)
        digest = archive.export(
            target, reference=commission.reference, house=house, made_at=at, parts=parts, events=events, keys=keys
        )
    return Exported(digest, len(parts), len(events))


def _events(commission: Commission) -> Select[Event]:
    return select(Event).where(Event.commission_id == commission.id).order_by(Event.position)


def _kept(session: Session, commission: Commission) -> Iterator[_Kept]:
    for piece in commission.pieces:
        yield from _of_piece(session, piece)
    papers = select(Document).where(Document.commission_id == commission.id, Document.digest.is_not(None))
    for paper in session.scalars(papers.order_by(Document.id)):
        letter = session.get_one(Piece, paper.piece_id).letter
        yield _Kept(f"papers/{letter}-{_safe(paper.kind)}-{paper.version}", paper.digest or "")
    for option in (option for piece in commission.pieces for option in piece.options if option.chosen):
        place = f"stones/{_safe(option.stone.reference)}"
        if option.stone.photograph is not None:
            yield _Kept(f"{place}/photograph", option.stone.photograph)
        for report in option.stone.reports:
            if report.digest is not None:
                yield _Kept(f"{place}/report-{_safe(report.laboratory)}-{_safe(report.number)}", report.digest)


def _of_piece(session: Session, piece: Piece) -> Iterator[_Kept]:
    top = f"pieces/{piece.letter}"
    for sketch in session.scalars(select(Sketch).where(Sketch.piece_id == piece.id).order_by(Sketch.number)):
        yield _Kept(f"{top}/sketches/{sketch.number:02}", sketch.digest)
    for revision in piece.revisions:
        place = f"{top}/revisions/{revision.number:02}"
        ending = _safe(Path(revision.original_name).suffix.removeprefix(".").lower())[:8] or "bin"
        yield _Kept(f"{place}/drawing.{ending}", revision.digest, ending)
        for picture in revision.pictures:
            yield _Kept(f"{place}/{_safe(picture.name)}", picture.digest, Path(picture.name).suffix)
    photographs = select(Photograph).where(Photograph.piece_id == piece.id).order_by(Photograph.id)
    for number, photograph in enumerate(session.scalars(photographs), start=1):
        yield _Kept(f"{top}/photographs/{number:03}-{_safe(photograph.milestone)}", photograph.digest)


def _written(session: Session, commission: Commission) -> Iterator[Part]:
    """What is text in the records: the contents as they were hashed, the words given to them, reports, manifests."""
    for piece in commission.pieces:
        top = f"pieces/{piece.letter}"
        for number, content in enumerate(piece.contents, start=1):
            yield Part(f"{top}/contents/{number:03}-{content.facet.value}.json", content.body.encode())
        yield Part(f"{top}/words.json", canonical(_words(piece)))
        for revision in piece.revisions:
            if revision.report_text is not None:
                yield Part(f"{top}/revisions/{revision.number:02}/report.json", revision.report_text.encode())
    sealed = select(Document).where(Document.commission_id == commission.id, Document.manifest.is_not(None))
    for paper in session.scalars(sealed.order_by(Document.id)):
        letter = session.get_one(Piece, paper.piece_id).letter
        name = f"papers/{letter}-{_safe(paper.kind)}-{paper.version}-manifest.json"
        yield Part(name, (paper.manifest or "").encode())


def _words(piece: Piece) -> dict[str, Sealable]:
    """Every yes, every release and every answered block of a piece, those that no longer count too."""
    return {
        "piece": piece.reference,
        "approvals": [{**_given(row), "by": row.person.name, "words": row.words} for row in piece.approvals],
        "releases": [
            {
                **_given(row),
                "asked_by": row.asked_by.name,
                "released_by": row.released_by.name,
                "gauge_mm": row.gauge_mm,
                "gauge": row.gauge,
            }
            for row in piece.releases
        ],
        "overrides": [
            {"code": row.code, "reason": row.reason, "by": row.person.name, "at": row.at} for row in piece.overrides
        ],
    }


def _given(row: ApprovalRow | ReleaseRow) -> dict[str, Sealable]:
    return {
        "milestone": row.milestone,
        "digest": row.digest,
        "facets": dict(row.facets),
        "at": row.at,
        "standing": row.standing.value,
    }


def _named(one: _Kept, kind: str) -> str:
    return one.name if one.ending else f"{one.name}.{ENDINGS.get(kind, 'bin')}"


def _safe(words: str) -> str:
    return UNSAFE.sub("-", words).strip("-.")
