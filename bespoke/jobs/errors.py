"""What the job system refuses, and how a task says that trying again is of no use."""


class JobError(Exception):
    """Root of the refusals about jobs."""


class NoSuchJob(JobError):
    """There is no job with this id."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job {job_id}.")
        self.job_id = job_id


class LeaseLost(JobError):
    """The worker no longer holds the job: another took it over, or it was cancelled. Nothing is kept."""

    def __init__(self, job_id: str, owner: str) -> None:
        super().__init__(f"Job {job_id} is no longer held by {owner}; its result was not kept.")
        self.job_id = job_id
        self.owner = owner


class AlreadyRecorded(JobError):
    """A task asked for the transaction of its result a second time."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"The result of job {job_id} has been recorded already.")
        self.job_id = job_id


class JobOver(JobError):
    """The job is done, failed or cancelled, so it cannot be cancelled."""

    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(f"The job is {state} already, so there is nothing to cancel.")
        self.job_id = job_id
        self.state = state


class NotOver(JobError):
    """Only a failed or cancelled job can be tried again."""

    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(f"The job is {state}; only a failed or cancelled one can be tried again.")
        self.job_id = job_id
        self.state = state


class AlreadyWaiting(JobError):
    """A newer job for the same thing waits, so the old one need not be tried again."""

    def __init__(self, job_id: str, waiting_id: str) -> None:
        super().__init__("A newer request for the same thing is waiting already.")
        self.job_id = job_id
        self.waiting_id = waiting_id


class CannotSucceed(JobError):
    """Raised by a task when no further attempt can help; its text is the reason people read."""


class UnknownKind(CannotSucceed):
    """No task is registered for this kind of job."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"This worker knows no task called “{kind}”.")
        self.kind = kind
