"""`python -m bespoke.proof.signing KEYS IN OUT`: a PDF signed with the house's keys, in a limited child of its own.

Standard input is closed there, so reason, place and moment come as words; of the keys it gets only their folder.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from bespoke.proof import keys
from bespoke.proof.sign import sign_pdf


def main(words: Sequence[str]) -> int:
    """Write the signed PDF; a refusal leaves as an exception."""
    parser = argparse.ArgumentParser(prog="python -m bespoke.proof.signing", description=__doc__)
    for name in ("keys", "unsigned", "signed"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--at", type=datetime.fromisoformat, required=True, help="the moment, with its zone")
    parser.add_argument("--reason", required=True)
    parser.add_argument("--location", required=True)
    told = parser.parse_args(words)
    house = keys.load(told.keys)
    signed = sign_pdf(told.unsigned.read_bytes(), house, at=told.at, reason=told.reason, location=told.location)
    told.signed.write_bytes(signed)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
