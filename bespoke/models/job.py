"""Jobs: what is to be done because something was decided; the rows are the truth, a broker only rings."""

import enum
import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, case, literal, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from bespoke.models.base import Base, Moment

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Scalar = str | int | float | bool | None
ATTEMPTS = 5
BELLS = "bells"  # key of Session.info under which the queues to ring after the commit wait


class Queue(enum.StrEnum):
    """Which kind of worker does it: pictures and measuring, papers, or letters."""

    RENDER = "render"
    DOCUMENT = "document"
    MAIL = "mail"


class JobState(enum.StrEnum):
    """Where a job stands; the last three are final, but a person may retry a failed or cancelled one."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class UnfitPayload(ValueError):
    """A job's payload holds something else than named JSON scalars."""


class Job(Base):
    """One thing to do, written in the transaction that caused it."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("queue IN ('render', 'document', 'mail')", name="queue"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
        CheckConstraint("attempts >= 0 AND max_attempts >= 1 AND attempts <= max_attempts", name="attempts"),
        CheckConstraint("progress_percent BETWEEN 0 AND 100", name="progress"),
        CheckConstraint(
            "(state = 'running') = (owner IS NOT NULL) AND (state = 'running') = (lease_until IS NOT NULL)",
            name="lease",
        ),
        CheckConstraint("(state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)", name="finished"),
        CheckConstraint("state <> 'failed' OR error IS NOT NULL", name="reason"),
        # One waiting and one running at most for a key: what was caused while one runs is still done.
        Index(
            "uq_jobs_live_key",
            "dedupe_key",
            "state",
            unique=True,
            sqlite_where=text("dedupe_key IS NOT NULL AND state IN ('queued', 'running')"),
            postgresql_where=text("dedupe_key IS NOT NULL AND state IN ('queued', 'running')"),
        ),
        Index("ix_jobs_waiting", "state", "queue", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    queue: Mapped[Queue]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=ATTEMPTS)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(120))
    progress_percent: Mapped[int] = mapped_column(default=0)
    progress_words: Mapped[str] = mapped_column(String(200), default="")
    error: Mapped[str | None] = mapped_column(Text)  # why the last attempt failed, as a sentence
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    dedupe_key: Mapped[str | None] = mapped_column(String(120))
    commission_reference: Mapped[str | None] = mapped_column(String(40), index=True)
    subject_reference: Mapped[str | None] = mapped_column(String(80))

    @property
    def live(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in (JobState.QUEUED, JobState.RUNNING)


def enqueue(
    session: Session,
    kind: str,
    payload: "DataclassInstance | Mapping[str, Scalar]",
    *,
    queue: Queue,
    key: str | None = None,
    due_at: datetime | None = None,
    at: datetime | None = None,
    max_attempts: int = ATTEMPTS,
    commission: str | None = None,
    subject: str | None = None,
) -> Job:
    """The job row that will make `kind` happen if, and only if, this transaction commits.

    Args:
        payload: a frozen dataclass or mapping of JSON scalars; ids and digests, never content.
        key: while a job with this key waits, no second one is made: the waiting one is returned, due at
            the earlier of both moments. One that is already running does not count, for it may have
            read what this transaction changes.
        due_at: not before this moment; at once when left out.
        at: the moment of writing; the system clock when left out.
        commission, subject: references of what caused it, as people read them.

    Raises:
        UnfitPayload: the payload is not a flat mapping of JSON scalars.
    """
    now = at or datetime.now(UTC)
    due = due_at or now
    row = {
        "id": uuid4().hex,
        "kind": kind,
        "queue": Queue(queue),
        "payload": flat(payload),
        "state": JobState.QUEUED,
        "attempts": 0,
        "max_attempts": max_attempts,
        "due_at": due,
        "progress_percent": 0,
        "progress_words": "",
        "created_at": now,
        "dedupe_key": key,
        "commission_reference": commission,
        "subject_reference": subject,
    }
    if due <= now:
        session.info.setdefault(BELLS, set()).add(Queue(queue))
    if key is None:
        job = Job(**row)
        session.add(job)
        return job
    while True:
        identity = _insert_unless_waiting(session, row) or _join_waiting(session, key, due)
        if identity is not None:
            return session.get_one(Job, identity, populate_existing=True)


def flat(payload: "DataclassInstance | Mapping[str, Scalar]") -> dict[str, Any]:
    """The payload as it is stored: names to JSON scalars.

    Raises:
        UnfitPayload: it nests, or holds what JSON cannot carry unchanged.
    """
    fields = asdict(payload) if is_dataclass(payload) else dict(payload)
    for name, value in fields.items():
        if not isinstance(name, str):
            raise UnfitPayload(f"A job's payload has names, not {name!r}")
        if not isinstance(value, str | int | float | bool | None):
            raise UnfitPayload(f"{name} is a {type(value).__name__}; a job carries only JSON scalars")
    try:
        json.dumps(fields, allow_nan=False)
    except ValueError as error:
        raise UnfitPayload(f"A job's payload cannot be written as JSON: {error}") from error
    return fields


def _insert_unless_waiting(session: Session, row: dict[str, Any]) -> str | None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Job).values(row).on_conflict_do_nothing().returning(Job.id)
    return session.scalar(statement)


def _join_waiting(session: Session, key: str, due: datetime) -> str | None:
    # An UPDATE, not a SELECT: its row lock keeps a worker from claiming the job before this transaction
    # commits, else the worker would not see what the transaction changes.
    statement = (
        update(Job)
        .where(Job.dedupe_key == key, Job.state == JobState.QUEUED)
        .values(due_at=case((Job.due_at > due, literal(due, Moment())), else_=Job.due_at))
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement)
