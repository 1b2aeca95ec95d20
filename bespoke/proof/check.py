"""`python -m bespoke.proof.check FILE CERTIFICATE`: the verdict on a stranger's file as one line of JSON.

It runs in the limited child of `renders.sandbox`, so that no byte of the file is read in the process that asks.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from bespoke.proof import answer, keys
from bespoke.proof.verify import verify


def main(words: Sequence[str]) -> int:
    """Print the verdict; always 0 where one was reached."""
    path, certificate = words
    verdict = verify(Path(path), [keys.load_certificate(Path(certificate))])
    sys.stdout.write(answer.to_json(verdict) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
