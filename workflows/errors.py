"""Why a step is refused. Each refusal is a class of its own where the reader would handle it differently."""

from workflows.sentences import together


class WorkflowError(Exception):
    """A step the rules do not allow; its text is a plain sentence: what, why and what to do next."""


class NotAllowed(WorkflowError):
    """This role, or this very person, may not take the step."""


class OutOfOrder(WorkflowError):
    """The milestone is not in a state in which the step makes sense."""


class Stale(WorkflowError):
    """What was said yes to is no longer what stands; `current` is the digest of what does."""

    def __init__(self, message: str, *, current: str | None) -> None:
        super().__init__(message)
        self.current = current


class GateClosed(WorkflowError):
    """A condition of the milestone is not met; `reasons` names each one in a sentence."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(together(reasons))
        self.reasons = reasons


class UnknownMilestone(WorkflowError):
    """The template of this piece has no milestone of that key."""


class BrokenTemplate(WorkflowError):
    """A workflow template that could strand a piece or let an irreversible step begin unguarded."""

    def __init__(self, template: str, faults: tuple[str, ...]) -> None:
        super().__init__(f"Template {template}: " + " ".join(faults))
        self.template = template
        self.faults = faults


class BrokenHistory(WorkflowError):
    """A chain of events in which a line was changed, lost or put in; `position` counts from 1."""

    def __init__(self, message: str, *, position: int) -> None:
        super().__init__(message)
        self.position = position
