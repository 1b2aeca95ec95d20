"""Bind a dossier: facts from the record, pages in the limited child, signature, and its line in the record."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bespoke.documents import dossier
from bespoke.dossiers.compile import Compiled, compile_dossier
from bespoke.dossiers.record import Unfinished
from bespoke.house import House
from bespoke.jobs.errors import CannotSucceed
from bespoke.jobs.run import Run, Task
from bespoke.jobs.workplace import folder_for
from bespoke.models.document import Document
from bespoke.models.piece import Piece
from bespoke.proof.authority import authority_fingerprint
from bespoke.services import dossiers
from bespoke.services import house as houses
from bespoke.services.holds import CLOCK
from bespoke.storage.store import chunks_of
from renders import sandbox
from renders.errors import ChildFailed
from workflows.sentences import sentence

REENCODE = "bespoke.documents.images"
BIND = "bespoke.documents.bind"
SIGN = "bespoke.proof.signing"
REASON = "Dossier issued"
SIGNED = "signed.pdf"


def bind(run: Run) -> None:
    """Bind, sign and put down one issued dossier."""
    house, document_id = run.house, int(run.payload["document_id"])
    with house.database.reading() as session:
        compiled, issued_at, place = _compile(session, house, document_id, authority_fingerprint(house.signing_folder))
    with folder_for(house.settings, "bind") as top:
        run.progress(20, "Gathering the pictures")
        pictures, reports = _gather(house, compiled, top)
        laid = top / "laid"
        laid.mkdir()
        prepared = dossier.prepare(compiled.facts, laid, pictures=pictures, reports=reports)
        run.progress(50, "Binding")
        sandbox.run(BIND, [str(laid / dossier.FACTS), str(laid)], folder=laid, limits=_limits(house))
        run.progress(80, "Signing")
        stored = house.storage.put([_signed(house, laid, at=issued_at, location=place)])
    with run.record() as session:
        document = session.get_one(Document, document_id)
        dossiers.record_bound(session, document, stored, prepared.manifest, CLOCK, at=house.clock())


TASK = Task(dossiers.BIND, bind)


def _compile(session: Session, house: House, document_id: int, authority: str) -> tuple[Compiled, datetime, str]:
    document = session.get_one(Document, document_id)
    piece = session.get_one(Piece, document.piece_id)
    own = houses.current(session)
    try:
        compiled = compile_dossier(session, house.storage, own, piece, document, authority=authority)
    except Unfinished as reason:
        raise CannotSucceed(str(reason)) from reason
    return compiled, document.created_at, own.strapline or own.name


def _gather(house: House, compiled: Compiled, top: Path) -> tuple[dict[str, Path], dict[str, Path]]:
    """Pictures decoded and written again in the limited child; reports byte for byte."""
    raw, clean, reports = (top / name for name in ("raw", "clean", "reports"))
    for folder in (raw, clean, reports):
        folder.mkdir()
    pictures = {}
    for name, digest in compiled.files.pictures.items():
        _copy(house, digest, raw / name)
        pictures[name] = clean / name
    try:
        sandbox.run(REENCODE, [str(raw), str(clean)], folder=clean, limits=_limits(house))
    except ChildFailed as reason:  # a picture that cannot be decoded will not be the next time
        said = reason.facts.get("said") or reason
        raise CannotSucceed(sentence("A picture of the dossier cannot be used: %(said)s", said=said)) from reason
    attached = {}
    for name, digest in compiled.files.attachments.items():
        _copy(house, digest, reports / name)
        attached[name] = reports / name
    return pictures, attached


def _signed(house: House, laid: Path, *, at: datetime, location: str) -> bytes:
    """The bound PDF, signed in a child of its own: what lays pages out never sees the keys."""
    signed = laid / SIGNED
    files = [str(path.resolve()) for path in (house.signing_folder, laid / dossier.PDF, signed)]
    told = [f"--at={at.isoformat()}", f"--reason={REASON}", f"--location={location}"]
    sandbox.run(SIGN, [*files, *told], folder=laid, limits=_limits(house))
    return signed.read_bytes()


def _copy(house: House, digest: str, target: Path) -> None:
    with house.storage.open(digest) as content, target.open("wb") as copy:
        for chunk in chunks_of(content):
            copy.write(chunk)


def _limits(house: House) -> sandbox.Limits:
    seconds = house.settings.child_cpu_seconds
    return sandbox.Limits(
        memory_mb=house.settings.child_memory_mb, cpu_seconds=seconds, wall_seconds=3 * seconds, file_mb=256
    )
