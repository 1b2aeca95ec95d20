"""What anybody may ask for: one small frozen class an action, named as the trade says it."""

from dataclasses import dataclass
from decimal import Decimal

from workflows.template import Facet


@dataclass(frozen=True, slots=True)
class Start:
    """Begin the work of a milestone."""

    milestone: str


@dataclass(frozen=True, slots=True)
class Record:
    """Put down a piece of evidence: a weight, a photograph, a report."""

    milestone: str
    evidence: str


@dataclass(frozen=True, slots=True)
class HandIn:
    """Put the result before the person who says yes."""

    milestone: str


@dataclass(frozen=True, slots=True)
class Approve:
    """Say yes to exactly what was shown; `at_counter` when the office acts for the client in person."""

    milestone: str
    digest: str
    at_counter: bool = False


@dataclass(frozen=True, slots=True)
class AskChanges:
    """Ask for something to be different."""

    milestone: str
    note: str


@dataclass(frozen=True, slots=True)
class Complete:
    """Say that a milestone without a yes is done."""

    milestone: str


@dataclass(frozen=True, slots=True)
class AskRelease:
    """Ask a second person to let a step begin that cannot be undone."""

    milestone: str


@dataclass(frozen=True, slots=True)
class Release:
    """Release a step as the second person, reading the size from a gauge where there is one."""

    milestone: str
    digest: str
    gauge_mm: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take back what was handed in, or a release that was not used; a second person refuses a release with it."""

    milestone: str
    reason: str


@dataclass(frozen=True, slots=True)
class SendBack:
    """Send the piece back for rework, with the cause and who pays."""

    milestone: str
    to: str
    cause: str
    cost_bearer: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Leave out a milestone this piece does not have."""

    milestone: str
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """Put new content in the place of a side; None takes it away.

    Evidence about the old content goes with it, so put the new content first and record its evidence afterwards.
    """

    facet: Facet
    digest: str | None


@dataclass(frozen=True, slots=True)
class Override:
    """Answer a block of the CAD report, or accept a failed reading of the final check, by name with a reason."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Let the piece rest."""

    reason: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Take a resting piece up again."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the piece for good."""

    reason: str


Action = (
    Start
    | Record
    | HandIn
    | Approve
    | AskChanges
    | Complete
    | AskRelease
    | Release
    | Withdraw
    | SendBack
    | Skip
    | Change
    | Override
    | Pause
    | Resume
    | Cancel
)
