"""What a check found: one of three words, with sentences for people and findings with their place."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """The three answers there are, and the exit code of each."""

    VALID = "valid"
    ALTERED = "altered"
    UNKNOWN = "unknown"

    @property
    def exit_code(self) -> int:
        """0 for valid, 1 for altered, 2 for unknown."""
        return (Kind.VALID, Kind.ALTERED, Kind.UNKNOWN).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed: what, and where in the file."""

    what: str
    where: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to `is this file as the house issued it?`"""

    kind: Kind
    sentences: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    signer: str | None = None  # the name in the signer's certificate; trust it only when `kind` is valid
    signed_at: datetime | None = None  # by the house's own clock
    fingerprint: str | None = None  # SHA-256 of the authority the file was checked against, when valid
    reference: str | None = None
    manifest_digest: str | None = None

    @property
    def exit_code(self) -> int:
        """0 for valid, 1 for altered, 2 for unknown."""
        return self.kind.exit_code

    def text(self) -> str:
        """The verdict as lines for a terminal: the word, the sentences, then each finding."""
        lines = [self.kind.value, *self.sentences]
        lines += [f"- {finding.what} ({finding.where})" for finding in self.findings]
        return "\n".join(lines)


@dataclass(slots=True)
class Findings:
    """Findings as they are gathered; the first of its kind and place counts."""

    found: list[Finding] = field(default_factory=list)

    def add(self, what: str, where: str) -> None:
        """Note one finding, once."""
        finding = Finding(what, where)
        if finding not in self.found:
            self.found.append(finding)

    def all(self) -> tuple[Finding, ...]:
        """All of them, in the order they were found."""
        return tuple(self.found)
