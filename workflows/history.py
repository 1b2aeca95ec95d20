"""The chained history: each event carries the digest of the one before, so nothing can be changed unseen."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from workflows.errors import BrokenHistory
from workflows.sentences import sentence

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Line:
    """One event as it is chained; `facts` hold strings, integers, booleans, None and nestings of them."""

    position: int  # from 1, without gaps, within one commission
    at: datetime
    kind: str
    actor: str
    role: str
    piece: str | None
    facts: Mapping[str, object]
    previous: str
    digest: str


def line_digest(
    *,
    position: int,
    at: datetime,
    kind: str,
    actor: str,
    role: str,
    piece: str | None,
    facts: Mapping[str, object],
    previous: str,
) -> str:
    """SHA-256, in hex, of the canonical JSON of an event and of the digest before it."""
    content = {
        "position": position,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": kind,
        "actor": actor,
        "role": role,
        "piece": piece,
        "facts": facts,
        "previous": previous,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def verify_chain(lines: Iterable[Line]) -> str:
    """The digest of the last line of a whole chain (`GENESIS` when there is none).

    Raises:
        BrokenHistory: a line is missing, out of place or was changed after it was written.
    """
    previous = GENESIS
    for expected, line in enumerate(lines, start=1):
        if line.position != expected:
            raise BrokenHistory(
                sentence(
                    "Event %(expected)s is missing; the next one found is %(position)s.",
                    expected=expected,
                    position=line.position,
                ),
                position=expected,
            )
        if line.previous != previous:
            raise BrokenHistory(
                sentence("Event %(expected)s does not follow the one before it.", expected=expected), position=expected
            )
        found = line_digest(
            position=line.position,
            at=line.at,
            kind=line.kind,
            actor=line.actor,
            role=line.role,
            piece=line.piece,
            facts=line.facts,
            previous=line.previous,
        )
        if found != line.digest:
            raise BrokenHistory(
                sentence("Event %(expected)s was changed after it was written.", expected=expected), position=expected
            )
        previous = line.digest
    return previous
