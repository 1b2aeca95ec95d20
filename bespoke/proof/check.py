"""`python -m bespoke.proof.check FILE CERTIFICATE`: the verdict on a stranger's file as one line of JSON.

It runs in the limited child of `renders.sandbox`, so that no byte of the file is read in the process that asks.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bespoke.proof import keys
from bespoke.proof.verdict import Finding, Kind, Verdict
from bespoke.proof.verify import verify

MODULE = "bespoke.proof.check"
MOST_FINDINGS = 20


def main(words: Sequence[str]) -> int:
    """Print the verdict; always 0 where one was reached."""
    path, certificate = words
    verdict = verify(Path(path), [keys.load_certificate(Path(certificate))])
    sys.stdout.write(to_json(verdict) + "\n")
    return 0


def to_json(verdict: Verdict) -> str:
    """What a page tells of a verdict, in one line."""
    return json.dumps(
        {
            "kind": verdict.kind.value,
            "sentences": list(verdict.sentences),
            "findings": [[one.what, one.where] for one in verdict.findings[:MOST_FINDINGS]],
            "manifest_digest": verdict.manifest_digest,
        }
    )


def from_json(text: str) -> Verdict:
    """The verdict that a child printed.

    Raises:
        ValueError: it printed something else.
    """
    told = json.loads(text)
    if not isinstance(told, dict) or set(told) != {"kind", "sentences", "findings", "manifest_digest"}:
        raise ValueError("The check did not answer.")
    return Verdict(
        kind=Kind(told["kind"]),
        sentences=tuple(str(one) for one in told["sentences"]),
        findings=tuple(Finding(str(what), str(where)) for what, where in told["findings"]),
        manifest_digest=None if told["manifest_digest"] is None else str(told["manifest_digest"]),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
