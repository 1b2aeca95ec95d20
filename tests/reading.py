"""Read every file of a folder in one process and say how each ended; run in a limited child by the hostile tests."""

import json
import sys
import time
from pathlib import Path

from renders.errors import RenderError
from renders.formats import sniff_file
from renders.loading import load
from renders.sorting import sort


def outcome_of(path: Path) -> tuple[str, str]:
    """The class and the sentence of the refusal, or `read` and the number of bodies."""
    try:
        sniff_file(path)
        return "read", str(len(sort(load(path).parts).bodies))
    except RenderError as refusal:
        return type(refusal).__name__, str(refusal)


def main() -> None:
    """Write one line of JSON a file as soon as it is known: name, class, sentence, seconds."""
    with Path("outcomes.jsonl").open("w") as stream:
        for path in sorted(Path(sys.argv[1]).iterdir()):
            begun = time.monotonic()
            try:
                how, said = outcome_of(path)
            except Exception as error:  # noqa: BLE001 - an error without a name is what the tests look for
                how, said = "unnamed", f"{type(error).__name__}: {error}"
            stream.write(json.dumps([path.name, how, said, time.monotonic() - begun]) + "\n")
            stream.flush()


if __name__ == "__main__":
    main()
