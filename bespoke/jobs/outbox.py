"""The way of a job row: claimed under a lease, renewed, then done, failed or cancelled by its owner alone.

Every step is one conditional UPDATE whose row count decides, so two workers can never both hold a job, and
one that lost its lease can change nothing any more. Times come from the callers' clocks; with several
machines these must agree to well within a lease.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from bespoke.jobs.errors import AlreadyWaiting, JobOver, LeaseLost, NoSuchJob, NotOver
from bespoke.models.job import BELLS, Job, JobState, Queue, enqueue

__all__ = [
    "Claim",
    "Waiting",
    "backoff",
    "bury_next",
    "cancel",
    "claim",
    "claim_next",
    "enqueue",
    "fail",
    "finish",
    "give_back",
    "renew",
    "retry",
    "say_progress",
    "waiting",
]

LOOK_AT = 10  # candidates a worker tries in one go before it asks again
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 600.0
SILENT_END = "The worker ended without a word in each of {attempts} attempts."
REPLACED = "A newer request for the same thing took its place after this failure: {reason}"
FREE: Mapping[str, None] = MappingProxyType({"owner": None, "lease_until": None})
CLAIMED = (
    Job.kind,
    Job.queue,
    Job.payload,
    Job.attempts,
    Job.max_attempts,
    Job.commission_reference,
    Job.subject_reference,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of one worker; `owner` is the fence every later step is checked against."""

    job_id: str
    owner: str
    kind: str
    queue: Queue
    payload: Mapping[str, Any]
    attempt: int
    max_attempts: int
    commission_reference: str | None
    subject_reference: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many jobs of a queue a worker could take now, and since when the oldest has been due."""

    queue: Queue
    count: int
    since: datetime


def backoff(attempt: int) -> timedelta:
    """The pause after failed attempt number `attempt` (1, 2, …): 2 s, doubling, ten minutes at most."""
    return timedelta(seconds=min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (attempt - 1)))


def waiting(session: Session, *, at: datetime) -> list[Waiting]:
    """Queues with work that is due or whose worker has gone; reads only."""
    rows = session.execute(
        select(Job.queue, func.count(), func.min(Job.due_at)).where(_takeable(at)).group_by(Job.queue)
    )
    return [Waiting(queue, count, since) for queue, count, since in rows]


def claim(session: Session, job_id: str, owner: str, *, at: datetime, lease: timedelta) -> Claim | None:
    """The job, if this owner is the one who got it; None when it is not due, held or over."""
    other = aliased(Job)
    twin_runs = (
        select(other.id)
        .where(other.dedupe_key == Job.dedupe_key, other.state == JobState.RUNNING, other.id != Job.id)
        .exists()
    )
    taken = session.execute(
        update(Job)
        .where(Job.id == job_id, _takeable(at), Job.attempts < Job.max_attempts, ~twin_runs)
        .values(
            state=JobState.RUNNING,
            attempts=Job.attempts + 1,
            owner=owner,
            lease_until=at + lease,
            started_at=at,
            progress_percent=0,
            progress_words="",
        )
        .returning(*CLAIMED)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if taken is None else _claim(job_id, owner, tuple(taken))


def claim_next(session: Session, queue: Queue, owner: str, *, at: datetime, lease: timedelta) -> Claim | None:
    """The job of this queue that has been due longest and that this owner got; None when there is none."""
    for job_id in _candidates(session, queue, Job.attempts < Job.max_attempts, at=at):
        taken = claim(session, job_id, owner, at=at, lease=lease)
        if taken is not None:
            return taken
    return None


def bury_next(session: Session, queue: Queue, *, at: datetime) -> Claim | None:
    """A job whose every attempt ended with its worker's death, now `failed`; None when there is none.

    Whoever waits for the job is told in the same transaction, by the caller.
    """
    for job_id in _candidates(session, queue, Job.attempts >= Job.max_attempts, at=at):
        attempts, owner = session.execute(select(Job.attempts, Job.owner).where(Job.id == job_id)).one()
        buried = session.execute(
            update(Job)
            .where(Job.id == job_id, _takeable(at), Job.attempts >= Job.max_attempts)
            .values(state=JobState.FAILED, finished_at=at, error=SILENT_END.format(attempts=attempts), **FREE)
            .returning(*CLAIMED)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if buried is not None:
            return _claim(job_id, owner or "", tuple(buried))
    return None


def renew(session: Session, held: Claim, *, at: datetime, lease: timedelta) -> bool:
    """Whether the job is still this owner's; if so the lease now runs until `at + lease`."""
    return _as_owner(session, held, lease_until=at + lease)


def say_progress(session: Session, held: Claim, *, percent: int, words: str) -> None:
    """Show how far the job is.

    Raises:
        LeaseLost: the job is no longer this owner's.
    """
    percent = max(0, min(100, percent))
    if not _as_owner(session, held, progress_percent=percent, progress_words=words[:200]):
        raise LeaseLost(held.job_id, held.owner)


def finish(session: Session, held: Claim, *, at: datetime) -> None:
    """The job is done, if this transaction commits; the effects belong into the same one.

    Call it before the effects: it locks the row, so nobody can take the job over meanwhile.

    Raises:
        LeaseLost: the job is no longer this owner's, so the effects must not happen.
    """
    done = {"state": JobState.DONE, "finished_at": at, "progress_percent": 100, "error": None}
    if not _as_owner(session, held, **done, **FREE):
        raise LeaseLost(held.job_id, held.owner)


def fail(session: Session, held: Claim, reason: str, *, at: datetime, final: bool = False) -> JobState:
    """Where the job stands after a failed attempt: `queued` after a pause, or `failed` with the reason.

    With a newer job of the same key waiting it is `cancelled`, since that one will do the work.

    Raises:
        LeaseLost: the job is no longer this owner's.
    """
    if final or held.attempt >= held.max_attempts:
        after: dict[str, Any] = {"state": JobState.FAILED, "finished_at": at, "error": reason}
    elif _waiting_twin(session, held.job_id) is not None:
        error = REPLACED.format(reason=reason)
        after = {"state": JobState.CANCELLED, "finished_at": at, "error": error}
    else:
        after = {"state": JobState.QUEUED, "due_at": at + backoff(held.attempt), "error": reason}
    if not _as_owner(session, held, **after, **FREE):
        raise LeaseLost(held.job_id, held.owner)
    return JobState(after["state"])


def give_back(session: Session, held: Claim, *, at: datetime) -> bool:
    """Whether the job waits again, this attempt uncounted, because its worker has to end before it is done."""
    values = {"state": JobState.QUEUED, "attempts": Job.attempts - 1, "due_at": at, **FREE}
    return _waiting_twin(session, held.job_id) is None and _as_owner(session, held, **values)


def cancel(session: Session, job_id: str, *, at: datetime, reason: str = "Cancelled.") -> None:
    """The job will not happen; a worker that is at it can no longer record anything.

    Raises:
        NoSuchJob: the id is unknown.
        JobOver: it is done, failed or cancelled already.
    """
    live = Job.state.in_((JobState.QUEUED, JobState.RUNNING))
    values = {"state": JobState.CANCELLED, "finished_at": at, "error": reason, **FREE}
    if not _changed(session, update(Job).where(Job.id == job_id, live).values(values)):
        raise JobOver(job_id, _state(session, job_id))


def retry(session: Session, job_id: str, *, at: datetime) -> None:
    """The failed or cancelled job waits again, with all its attempts before it.

    Raises:
        NoSuchJob: the id is unknown.
        NotOver: it waits, runs or is done.
        AlreadyWaiting: a newer job with the same key waits.
    """
    twin = _waiting_twin(session, job_id)
    if twin is not None:
        raise AlreadyWaiting(job_id, twin)
    values = {
        "state": JobState.QUEUED,
        "attempts": 0,
        "due_at": at,
        "finished_at": None,
        "progress_percent": 0,
        "progress_words": "",
    }
    over = Job.state.in_((JobState.FAILED, JobState.CANCELLED))
    if not _changed(session, update(Job).where(Job.id == job_id, over).values(values)):
        raise NotOver(job_id, _state(session, job_id))
    queue = session.scalars(select(Job.queue).where(Job.id == job_id)).one()
    session.info.setdefault(BELLS, set()).add(queue)


def _takeable(at: datetime) -> ColumnElement[bool]:
    return or_(
        and_(Job.state == JobState.QUEUED, Job.due_at <= at),
        and_(Job.state == JobState.RUNNING, Job.lease_until < at),
    )


def _candidates(session: Session, queue: Queue, further: ColumnElement[bool], *, at: datetime) -> Sequence[str]:
    oldest = select(Job.id).where(Job.queue == queue, _takeable(at), further).order_by(Job.due_at, Job.id)
    return session.scalars(oldest.limit(LOOK_AT)).all()


def _claim(job_id: str, owner: str, row: Sequence[Any]) -> Claim:
    kind, queue, payload, attempt, most, commission, subject = row
    return Claim(job_id, owner, kind, queue, MappingProxyType(payload), attempt, most, commission, subject)


def _as_owner(session: Session, held: Claim, **values: Any) -> bool:
    mine = and_(Job.id == held.job_id, Job.owner == held.owner, Job.state == JobState.RUNNING)
    return _changed(session, update(Job).where(mine).values(values))


def _changed(session: Session, statement: Update) -> bool:
    # RETURNING, because it tells the number of rows alike on both databases
    returning = statement.returning(Job.id).execution_options(synchronize_session="fetch")
    return session.scalar(returning) is not None


def _waiting_twin(session: Session, job_id: str) -> str | None:
    key = select(Job.dedupe_key).where(Job.id == job_id).scalar_subquery()
    twin = select(Job.id).where(Job.dedupe_key == key, Job.state == JobState.QUEUED, Job.id != job_id)
    return session.scalar(twin)


def _state(session: Session, job_id: str) -> JobState:
    state = session.scalar(select(Job.state).where(Job.id == job_id))
    if state is None:
        raise NoSuchJob(job_id)
    return state
