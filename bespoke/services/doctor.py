"""Whether what the house remembers holds together: each invariant is one check, each breach one sentence."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from bespoke.models.approval import ApprovalRow, ReleaseRow
from bespoke.models.commission import Commission, CommissionState
from bespoke.models.design import Revision
from bespoke.models.document import Document
from bespoke.models.event import Event
from bespoke.models.file import File
from bespoke.models.house import HouseRow
from bespoke.models.job import Job, JobState
from bespoke.models.ledger import InstalmentRow
from bespoke.models.piece import Content, Piece
from bespoke.models.stone import StoneHold, StoneOption, StoneRow
from bespoke.proof.seal import digest_bytes
from bespoke.services import auditing
from bespoke.storage.store import CHUNK_BYTES, Store
from workflows.errors import WorkflowError
from workflows.history import GENESIS, Line, verify_chain
from workflows.milestone import Facet, release_of
from workflows.snapshot import Approval, House, Released, Snapshot, Standing, Status, manifest_digest

STUCK_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that does not hold: which check, where, and what is wrong in a sentence."""

    check: str
    where: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Examined:
    """The outcome: how many things each check looked at, and every breach."""

    looked_at: dict[str, int]
    breaches: tuple[Breach, ...]


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined; `deep` reads every file through."""

    session: Session
    store: Store
    at: datetime
    deep: bool


def examine(session: Session, store: Store, *, at: datetime, deep: bool = False) -> Examined:
    """Look at everything; nothing is changed."""
    patient = Patient(session, store, at, deep)
    looked_at: dict[str, int] = {}
    breaches: list[Breach] = []
    for name, check in CHECKS.items():
        looked_at[name] = 0
        for found in check(patient):
            looked_at[name] += 1
            breaches += [Breach(name, found.where, sentence) for sentence in found.sentences]
    return Examined(looked_at, tuple(breaches))


@dataclass(frozen=True, slots=True)
class Look:
    """One thing looked at; no sentences where it is as it should be."""

    where: str
    sentences: tuple[str, ...] = ()


def _holds(patient: Patient) -> Iterator[Look]:
    live = select(StoneHold.stone_id, func.count()).where(StoneHold.ended_at.is_(None)).group_by(StoneHold.stone_id)
    for stone_id, many in patient.session.execute(live):
        fault = (f"{many} live holds on one stone; one of them must be ended by hand.",) if many > 1 else ()
        yield Look(f"stone {stone_id}", fault)
    ended = (
        select(StoneHold, Commission.reference)
        .join(Commission, Commission.id == StoneHold.commission_id)
        .where(StoneHold.ended_at.is_(None), Commission.state == CommissionState.CANCELLED)
    )
    for hold, reference in patient.session.execute(ended):
        yield Look(f"stone {hold.stone_id}", (f"It is still held for {reference}, which was cancelled.",))


def _ledger(patient: Patient) -> Iterator[Look]:
    return (Look(where, told) for where, told in auditing.ledger(patient.session))


def _invoices(patient: Patient) -> Iterator[Look]:
    return (Look(where, told) for where, told in auditing.invoices(patient.session))


def _money(patient: Patient) -> Iterator[Look]:
    return (Look(where, told) for where, told in auditing.commissions(patient.session))


def _approvals(patient: Patient) -> Iterator[Look]:
    bodies = {
        (piece_id, facet, digest): body
        for piece_id, facet, digest, body in patient.session.execute(
            select(Content.piece_id, Content.facet, Content.digest, Content.body)
        )
    }
    references = _references(patient.session)
    rows: list[ApprovalRow | ReleaseRow] = [
        *patient.session.scalars(select(ApprovalRow)),
        *patient.session.scalars(select(ReleaseRow)),
    ]
    for row in rows:
        where = f"{references[row.piece_id]} {row.milestone}"
        yield Look(where, tuple(_content_faults(row, references[row.piece_id], bodies)))


def _content_faults(
    row: ApprovalRow | ReleaseRow, reference: str, bodies: dict[tuple[int, Facet, str], str]
) -> Iterator[str]:
    facets = {Facet(name): digest for name, digest in row.facets.items()}
    if manifest_digest(reference, row.milestone, facets) != row.digest:
        yield "What it covers no longer has the digest that was said yes to."
    for facet, digest in facets.items():
        if digest is None:
            continue
        body = bodies.get((row.piece_id, facet, digest))
        if body is None:
            yield f"The {facet.value} it covers is gone."
        elif digest_bytes(body.encode()) != digest:
            yield f"The {facet.value} it covers was changed after the yes."


def _contents(patient: Patient) -> Iterator[Look]:
    references = _references(patient.session)
    for row in patient.session.scalars(select(Content)):
        whole = digest_bytes(row.body.encode()) == row.digest
        fault = () if whole else (f"Its {row.facet.value} was changed after it was written.",)
        yield Look(references[row.piece_id], fault)


def _chains(patient: Patient) -> Iterator[Look]:
    written: dict[int, list[Line]] = defaultdict(list)
    for event in patient.session.scalars(select(Event).order_by(Event.commission_id, Event.position)):
        written[event.commission_id].append(event.line())
    for commission in patient.session.scalars(select(Commission)):
        lines = written[commission.id]
        try:
            last = verify_chain(lines)
        except WorkflowError as broken:
            yield Look(commission.reference, (str(broken),))
            continue
        missing = last != (commission.events_digest or GENESIS) or len(lines) != commission.events_count
        fault = ("Events at the end of its history are missing.",) if missing else ()
        yield Look(commission.reference, fault)


def _files(patient: Patient) -> Iterator[Look]:
    kept = set(patient.store.digests())
    for row in patient.session.scalars(select(File)):
        if row.digest not in kept:
            yield Look(row.digest, ("Its bytes are not in the store; bring them back from a backup.",))
        elif patient.deep and _sha256(patient.store, row.digest) != row.digest:
            yield Look(row.digest, ("Its bytes are no longer those its digest names.",))
        elif patient.store.size(row.digest) != row.size:
            yield Look(row.digest, ("Its length is not the one that was written down.",))
        else:
            yield Look(row.digest)


def _pieces(patient: Patient) -> Iterator[Look]:
    house = patient.session.get(HouseRow, 1)
    rules = House() if house is None else house.rules()
    for piece in patient.session.scalars(select(Piece).options(*WHOLE)):
        rows = {row.key for row in piece.milestones}
        if rows != {milestone.key for milestone in piece.template.milestones}:
            yield Look(piece.reference, ("Its milestones are not those of its template.",))
        else:
            yield Look(piece.reference, tuple(_piece_faults(piece, piece.snapshot(rules))))


def _piece_faults(row: Piece, piece: Snapshot) -> Iterator[str]:
    released = {given.milestone for given in piece.releases}
    for milestone in piece.template.milestones:
        state = piece.state(milestone.key)
        missing = set(milestone.evidence) - set(milestone.only_with_stones) - state.evidence
        if state.status is Status.DONE and missing:
            yield f"{milestone.title} is done without {', '.join(sorted(missing)).replace('_', ' ')}."
        release = release_of(piece.template, milestone.key)
        if milestone.irreversible and piece.begun(milestone.key) and release not in {None, *released}:
            yield f"{milestone.title} was begun and nobody released it."
    words: tuple[Approval | Released, ...] = (*piece.approvals, *piece.releases)
    for given in words:
        if given.standing is Standing.LIVE and given.digest != piece.manifest(given.milestone):
            title = piece.template[given.milestone].title
            yield f"What stands at {title.lower()} is not what was said yes to, and the yes still counts."
    designs = [content.body for content in row.contents if content.facet is Facet.DESIGN]
    for revision in row.revisions:
        report = digest_bytes((revision.report_text or "").encode())
        if revision.published_at is not None and not any(report in body for body in designs):
            yield f"The report of revision {revision.number} was changed after it was published."
    for facet in Facet:
        if sum(content.facet is facet and content.current for content in row.contents) > 1:
            yield f"It has two contents of its {facet.value} at once."


def _jobs(patient: Patient) -> Iterator[Look]:
    live = select(Job).where(Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
    for job in patient.session.scalars(live):
        waits = job.state is JobState.QUEUED and job.due_at < patient.at - STUCK_AFTER
        lost = job.lease_until is not None and job.lease_until < patient.at - STUCK_AFTER
        fault = (f"It has been {job.state.value} for too long; is a worker running?",) if waits or lost else ()
        yield Look(f"job {job.kind} {job.id[:8]}", fault)
    for job in patient.session.scalars(select(Job).where(Job.state == JobState.FAILED)):
        yield Look(f"job {job.kind} {job.id[:8]}", (f"It failed: {job.error}",))


def _documents(patient: Patient) -> Iterator[Look]:
    for row in patient.session.scalars(select(Document).where(Document.issued_at.is_not(None))):
        whole = row.manifest is not None and digest_bytes(row.manifest.encode()) == row.manifest_digest
        fault = () if whole else ("Its manifest is not the one that was sealed.",)
        yield Look(f"{row.kind} {row.code or row.id}", fault)


WHOLE = (
    joinedload(Piece.commission).options(
        selectinload(Commission.quotes), selectinload(Commission.instalments).selectinload(InstalmentRow.payments)
    ),
    selectinload(Piece.milestones),
    selectinload(Piece.contents),
    selectinload(Piece.approvals),
    selectinload(Piece.releases),
    selectinload(Piece.overrides),
    selectinload(Piece.readings),
    selectinload(Piece.options).joinedload(StoneOption.stone).selectinload(StoneRow.holds),
    selectinload(Piece.revisions).selectinload(Revision.pins),
)
"""All that the snapshot of a piece reads, so that a house of any size is a dozen questions to the database."""

CHECKS: dict[str, Callable[[Patient], Iterator[Look]]] = {
    "one live hold a stone": _holds,
    "ledger adds up": _ledger,
    "invoices were booked": _invoices,
    "what is asked, paid and invoiced agrees": _money,
    "contents have their digest": _contents,
    "approvals have their content": _approvals,
    "history is whole": _chains,
    "files have their bytes": _files,
    "pieces follow their template": _pieces,
    "documents have their manifest": _documents,
    "no job is stuck": _jobs,
}


def _references(session: Session) -> dict[int, str]:
    pairs = select(Piece.id, Commission.reference, Piece.letter).join(Commission)
    return {piece_id: f"{reference}-{letter}" for piece_id, reference, letter in session.execute(pairs)}


def _sha256(store: Store, digest: str) -> str:
    found = hashlib.sha256()
    with store.open(digest) as content:
        while chunk := content.read(CHUNK_BYTES):
            found.update(chunk)
    return found.hexdigest()
