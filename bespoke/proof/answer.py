"""The verdict on its way from the child that checks a stranger's file to the page that tells it."""

import json

from bespoke.proof.verdict import Finding, Kind, Verdict

CHECK = "bespoke.proof.check"  # run in the limited child; loading it here would load what reads PDFs
MOST_FINDINGS = 20


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
