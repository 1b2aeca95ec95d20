"""A table of small digests laid beside the signature, so that an altered file can be told *where* it was altered.

It proves nothing by itself (the signature does); it only points.
"""

import hashlib
import re
from dataclasses import dataclass

SIZE = 2048  # bytes in a block
WIDTH = 16  # hexadecimal characters kept of each block's SHA-256
TABLE = re.compile(rb"bespoke-blocks 1 (\d{1,12}) (\d{1,12})\n([0-9a-f\n]+)end-blocks")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of bytes that differ from what was signed: `start` up to, not including, `end`."""

    start: int
    end: int


def table(content: bytes) -> bytes:
    """The table for the bytes given: a head line with block size and length, then one digest a line."""
    lines = [f"bespoke-blocks 1 {SIZE} {len(content)}", *_digests(content, SIZE), "end-blocks"]
    return "\n".join(lines).encode()


def changed(content: bytes) -> tuple[Span, ...] | None:
    """Where a file differs from the table it carries, neighbours joined; None when it carries none to read."""
    tables = list(TABLE.finditer(content))
    if not tables:
        return None
    found = tables[-1]  # the one written beside the signature
    size, length = int(found[1]), int(found[2])
    expected = found[3].decode().split()
    if size <= 0 or length > len(content) or len(expected) != -(-length // size):
        return None
    spans: list[Span] = []
    for index, (was, now) in enumerate(zip(expected, _digests(content[:length], size), strict=True)):
        if was == now:
            continue
        start, end = index * size, min((index + 1) * size, length)
        if spans and spans[-1].end == start:
            start = spans.pop().start
        spans.append(Span(start, end))
    return tuple(spans)


def _digests(content: bytes, size: int) -> list[str]:
    return [hashlib.sha256(content[start : start + size]).hexdigest()[:WIDTH] for start in range(0, len(content), size)]
